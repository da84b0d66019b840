/**
 * The host simulator under load: so many terminals on real links, each signed on with keys of its own, PIN and MAC on,
 * against the host in a process of its own. The terminals live in processes too (host-terminals.ts).
 *
 * Full: as many inquiries as the machine takes, a fixed number under way at any time; in turn with it the same frames,
 * over as many connections, to a bare TCP echo. Paced: so many a second by the clock, over all terminals, each measured
 * from the moment it was due, so that a host that falls behind is seen to.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Load, Measured, Order } from './host-terminals.ts';
import type { BenchResult } from './iso8583.ts';
import { hundredths, percentile } from './statistics.ts';

const TERMINALS_SCRIPT = path.resolve(import.meta.dirname, 'host-terminals.ts');
const HOST_SCRIPT = path.resolve(import.meta.dirname, '../../protocol/host/run.ts');

const TERMINALS = 1000;
const WORKERS = 2;
const INQUIRIES = 30_000;
/** Each of a share of the inquiries and, right after it, as many echoes. */
const ROUNDS = 3;
const WARM_UP = 5000;
const MEMBERS = 10_000;
/** Inquiries under way at any time, of all workers together. */
const WINDOW = 96;
/** A second, of the paced run: the bar. */
const PACE = 5000;
const READY_MS = 120_000;

interface Told {
  readonly ready?: boolean;
  readonly port?: number;
  readonly error?: string;
  readonly measured?: Measured;
}

/** Seconds of processor that a process has used, where the system tells (Linux, in its clock ticks of 10 ms). */
function processorSeconds(child: ChildProcess): number {
  try {
    const fields = readFileSync(`/proc/${child.pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return Number.NaN;
  }
}

/** The next message that `holds`. Fails when the process ends before it. */
function told(child: ChildProcess, holds: (message: Told) => boolean): Promise<Told> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      child.off('message', hear);
      child.off('exit', gone);
    };
    const hear = (message: unknown): void => {
      if (!holds(message as Told)) return;
      stop();
      resolve(message as Told);
    };
    const gone = (): void => {
      stop();
      reject(new Error('a process of the benchmark ended'));
    };
    const timer = setTimeout(() => {
      stop();
      reject(new Error('a process of the benchmark does not answer'));
    }, READY_MS);
    child.on('message', hear);
    child.on('exit', gone);
  });
}

/** Together: as if it were one run of all workers. */
async function runAll(workers: readonly ChildProcess[], order: (share: number) => Order): Promise<Measured> {
  const all = await Promise.all(
    workers.map(async (worker) => {
      const answer = told(worker, ({ measured }) => measured !== undefined);
      worker.send(order(workers.length));
      const { measured } = await answer;
      if (measured === undefined) throw new Error('nothing was measured');
      return measured;
    }),
  );
  const wrong: Record<string, number> = {};
  for (const one of all) for (const [how, count] of Object.entries(one.wrong)) wrong[how] = (wrong[how] ?? 0) + count;
  return {
    ms: all.flatMap(({ ms }) => ms),
    from: Math.min(...all.map(({ from }) => from)),
    to: Math.max(...all.map(({ to }) => to)),
    wrong,
  };
}

const perSecond = ({ ms, from, to }: Measured): number => Math.round((ms.length * 1000) / (to - from));

function checked(measured: Measured): Measured {
  const wrong = Object.entries(measured.wrong);
  if (wrong.length > 0)
    throw new Error(`answers that were not right: ${wrong.map(([how, count]) => `${how} ${count} times`).join(', ')}`);
  return measured;
}

export async function benchHost(options: {
  /** Inquiries of all full runs; default 30,000. */
  readonly count?: number;
  readonly terminals?: number;
  readonly workers?: number;
  readonly say: (line: string) => void;
}): Promise<BenchResult[]> {
  const { say, count = INQUIRIES, workers = WORKERS } = options;
  const terminals = Math.max(workers, options.terminals ?? TERMINALS);
  const children: ChildProcess[] = [];
  const start = (script: string, ...args: string[]): ChildProcess => {
    const child = fork(script, args, {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    children.push(child);
    return child;
  };
  const ready = (child: ChildProcess): Promise<Told> => told(child, (message) => message.ready !== undefined);
  try {
    const hostProcess = start(HOST_SCRIPT, '--port', '0', '--members', String(MEMBERS), '--quiet');
    const [host, echoServer] = await Promise.all([ready(hostProcess), ready(start(TERMINALS_SCRIPT, '--echo'))]);
    if (host.ready !== true) throw new Error(host.error ?? 'the host did not start');
    const { port = 0 } = host;
    const loads = Array.from({ length: workers }, (_, index): Load => {
      const first = Math.floor((terminals * index) / workers);
      return {
        port,
        echoPort: echoServer.port ?? 0,
        members: MEMBERS,
        first,
        terminals: Math.floor((terminals * (index + 1)) / workers) - first,
      };
    });
    const crew = loads.map((load) => start(TERMINALS_SCRIPT, '--terminals', JSON.stringify(load)));
    await Promise.all(crew.map(ready));
    say(`${terminals} terminals in service, in ${workers} processes`);
    const window = Math.min(WINDOW, terminals);
    const run = (kind: 'full' | 'echo', of: number): Promise<Measured> =>
      runAll(crew, (share) => ({ kind, count: Math.ceil(of / share), window: Math.ceil(window / share) }));
    checked(await run('full', Math.min(WARM_UP, count)));
    const rounds: { readonly asked: Measured; readonly echoed: Measured; readonly used: number }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = processorSeconds(hostProcess);
      const asked = checked(await run('full', Math.ceil(count / ROUNDS)));
      const used = processorSeconds(hostProcess) - before;
      const echoed = await run('echo', Math.ceil(count / ROUNDS));
      say(`${perSecond(asked)} inquiries a second, ${perSecond(echoed)} frames of a bare echo`);
      rounds.push({ asked, echoed, used });
    }
    const inTime = checked(
      await runAll(crew, (share) => ({
        kind: 'paced',
        count: Math.ceil(count / ROUNDS / share),
        perSecond: PACE / share,
      })),
    );
    say(`paced: ${perSecond(inTime)} inquiries a second`);
    const median = (of: (round: (typeof rounds)[number]) => number): number => percentile(rounds.map(of), 50);
    const rate = median(({ asked }) => perSecond(asked));
    const bare = median(({ echoed }) => perSecond(echoed));
    const used = median((round) => (round.used * 1e6) / round.asked.ms.length);
    const row = (metric: string, of: number, unit: string, note: string): BenchResult => ({
      metric,
      value: hundredths(of),
      unit,
      note,
    });
    return [
      {
        metric: 'host.inquiries',
        value: rate,
        unit: 'per s',
        peer: 'bare TCP echo',
        peerValue: bare,
        ratio: hundredths(rate / bare),
        note: `median of ${ROUNDS}; ${terminals} terminals, PIN and MAC on, ${window} under way; at least ${PACE} is wanted`,
      },
      row(
        'host.p99',
        median(({ asked }) => percentile(asked.ms, 99)),
        'ms',
        'of the same runs, as the terminal sees it; at most 50 is wanted',
      ),
      row(
        'host.p50',
        median(({ asked }) => percentile(asked.ms, 50)),
        'ms',
        'of the same runs',
      ),
      row('host.echoRatio', rate / bare, 'of 1', `the same frames echoed: ${bare} per s`),
      ...(Number.isNaN(used)
        ? []
        : [row('host.processor', used, 'us', 'of processor time per inquiry, of the host alone')]),
      row('host.paced', perSecond(inTime), 'per s', `${PACE} a second were due`),
      row('host.paced.p99', percentile(inTime.ms, 99), 'ms', 'from the moment each was due'),
    ];
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}
