/** The host simulator as a process of its own: command line, control messages, signals. */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { readInquiryReply } from '../profile/inquiry.ts';
import { PERSONA_PIN, personas } from './personas.ts';
import { createBench, jht, persona, value, type TestBench } from './test-terminal.ts';

const SCRIPT = fileURLToPath(new URL('./run.ts', import.meta.url));
const children: ChildProcess[] = [];
const benches: TestBench[] = [];

afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.close();
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

interface Told {
  readonly ready?: boolean;
  readonly port?: number;
  readonly error?: string;
  readonly state?: Readonly<Record<string, unknown>>;
  readonly log?: string;
  readonly id?: number;
  readonly ok?: boolean;
}

function start(...args: string[]): {
  child: ChildProcess;
  told: Told[];
  until: (holds: (told: Told) => boolean) => Promise<Told>;
} {
  const child = fork(SCRIPT, args, { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  children.push(child);
  const told: Told[] = [];
  const waiting = new Set<() => void>();
  child.on('message', (message) => {
    told.push(message as Told);
    for (const check of waiting) check();
  });
  return {
    child,
    told,
    until: (holds) =>
      new Promise((resolve) => {
        const check = (): void => {
          const found = told.find(holds);
          if (found === undefined) return;
          waiting.delete(check);
          resolve(found);
        };
        waiting.add(check);
        check();
      }),
  };
}

async function output(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [SCRIPT, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let [out, err] = ['', ''];
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (err += bytes.toString()));
  await once(child, 'close');
  return { code: child.exitCode, out, err };
}

describe('the host as a process', () => {
  it('serves an inquiry, obeys its verbs, tells its state, and ends when it is told', async () => {
    const { child, told, until } = start('--port', '0', '--members', '20');
    const { port } = await until(({ ready }) => ready === true);
    expect(port).toBeGreaterThan(0);

    const bench = createBench(systemClock);
    benches.push(bench);
    const terminal = bench.terminal(port ?? 0);
    const inService = (): Promise<void> =>
      new Promise((resolve) => {
        const stop = terminal.link.onState(({ state }) => {
          if (state !== 'in-service') return;
          stop();
          resolve();
        });
      });
    await inService();
    const asked = await terminal.link.request(terminal.inquiry(persona('normal')), AbortSignal.timeout(5000));
    expect(value(readInquiryReply(jht, value(asked).reply)).memberships).toEqual(persona('normal').memberships);
    await until(({ log }) => log?.includes('0200') === true);
    const lines = told.map(({ log }) => log ?? '').join('\n');
    for (const { pan } of personas) expect(lines).not.toContain(pan);

    child.send({ id: 1, verb: 'answer', args: ['91'] });
    child.send({ id: 2, verb: 'behave', args: ['sideways'] });
    child.send({ id: 3, verb: 'delay', args: [-1] });
    child.send({ id: 4, verb: 'fly' });
    expect(await until(({ id }) => id === 4)).toMatchObject({ ok: false });
    expect(told.find(({ id }) => id === 1)).toMatchObject({ ok: true });
    expect(told.find(({ id }) => id === 2)).toMatchObject({ ok: false });
    expect(told.find(({ id }) => id === 3)).toMatchObject({ ok: false });
    await until(({ state }) => state?.['responseCode'] === '91');

    child.send({ id: 5, verb: 'stop' });
    await until(({ id }) => id === 5);
    await until(({ state }) => state?.['running'] === false);
    const back = inService();
    child.send({ id: 6, verb: 'start' });
    expect(await until(({ id }) => id === 6)).toMatchObject({ ok: true });
    await back;

    const exited = once(child, 'exit');
    child.disconnect();
    expect(await exited).toEqual([0, null]);
  });

  it('misbehaves from its command line on, and says nothing of its messages when it is to be quiet', async () => {
    const { child, told, until } = start(
      '--port',
      '0',
      '--quiet',
      '--behave',
      'answer=91:1,never@multi',
      '--late',
      '10',
    );
    const { port } = await until(({ ready }) => ready === true);
    expect(told.find(({ state }) => state !== undefined)?.state).toMatchObject({ faults: 'answer=91:1,never@multi' });
    const bench = createBench(systemClock);
    benches.push(bench);
    const terminal = bench.terminal(port ?? 0);
    await new Promise<void>((resolve) => terminal.link.onState(({ state }) => state === 'in-service' && resolve()));
    const codes: (string | undefined)[] = [];
    for (let index = 0; index < 2; index += 1) {
      const asked = await terminal.link.request(terminal.inquiry(persona('normal')), AbortSignal.timeout(5000));
      codes.push(value(asked).reply.get(39));
    }
    expect(codes).toEqual(['91', '00']);
    expect(told.filter(({ log }) => log?.includes('0200') === true)).toEqual([]);
    child.send({ id: 1, verb: 'state' });
    await until(({ id }) => id === 1);
    expect(told.findLast(({ state }) => state !== undefined)?.state).toMatchObject({ faults: 'never@multi' });
  });

  it('ends on SIGTERM', async () => {
    const { child, until } = start('--port', '0');
    await until(({ ready }) => ready === true);
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });

  it('ends when nobody reads its log any more (a pipe to head), and leaves no stack trace', async () => {
    const child = spawn(process.execPath, [SCRIPT, '--port', '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    let err = '';
    child.stderr.on('data', (bytes: Buffer) => (err += bytes.toString()));
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const port = Number(/:(\d+), profile/.exec(line.toString())?.[1]);
    child.stdout.destroy();
    const exited = once(child, 'close');
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => socket.destroy());
    expect(await exited).toEqual([0, null]);
    socket.destroy();
    expect(err).toBe('');
  });

  it('says why it cannot start: port in use', async () => {
    const bench = createBench(systemClock);
    benches.push(bench);
    const host = await bench.host();
    const { child, until } = start('--port', String(host.port));
    expect(await until(({ ready }) => ready === false)).toMatchObject({
      error: expect.stringContaining('port-in-use') as unknown,
    });
    const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
    expect(code).toBe(1);
  });

  it('lists the personas, explains itself, and says every mistake of its command line at once', async () => {
    const [list, help, wrong, odd] = await Promise.all([
      output('--personas'),
      output('--help'),
      output('--port', 'x', '--behaviour', 'odd', '--master-key', '12', '--profile', 'none', '--answer', '999'),
      output('--behave', 'late:0'),
    ]);
    expect(list.code).toBe(0);
    for (const { id, pan } of personas) expect(list.out).toMatch(new RegExp(`^${id} +${pan}`, 'm'));
    expect(list.out).toContain(PERSONA_PIN);
    expect(help.out).toContain('--master-key');
    expect(wrong.code).toBe(2);
    expect(odd).toMatchObject({ code: 2, err: expect.stringContaining('--behave: WHAT') as unknown });
    for (const option of ['--port', '--behaviour', '--master-key', '--profile', '--answer'])
      expect(wrong.err).toContain(option);
  });
});
