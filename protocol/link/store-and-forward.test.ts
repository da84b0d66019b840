/** Advices arrive: in order, repeated as they were until acknowledged, across losses, refusals and `kill -9`; nothing secret on disk. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunningHost } from '../host/host.ts';
import {
  createBench,
  identity,
  jht,
  persona,
  value,
  type TestBench,
  type TestTerminal,
} from '../host/test-terminal.ts';
import { systemClock } from '../clock.ts';
import { createMessage, withElements, type Message } from '../iso8583/message.ts';
import { createProfile } from '../profile/profile.ts';
import { jht as jhtData } from '../profile/profiles/jht.ts';
import { fail } from '../result.ts';
import { openDatabase, type Database } from '../storage/sqlite.ts';
import { createSimulatedClock, type SimulatedClock } from '../test-clock.ts';
import { buildReversal } from './reversal.ts';
import { openStanSource, type StanSource } from './stan.ts';
import { openStoreAndForward, type AdviceEvent, type StoreAndForward } from './store-and-forward.ts';

const timeZone = 'Asia/Jakarta';
const { terminalId } = identity;
let folder = '';
let database: Database;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anjungan-advices-'));
  database = value(openDatabase(join(folder, 'terminal.db')));
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('store and forward', () => {
  let clock: SimulatedClock;
  let bench: TestBench;
  let host: RunningHost;
  let stan: StanSource;
  let terminal: TestTerminal;
  let queue: StoreAndForward;
  let events: AdviceEvent[];
  let log: string[];

  beforeEach(async () => {
    clock = createSimulatedClock();
    bench = createBench(clock);
    host = await bench.host();
    log = [];
    events = [];
    host.onLog((line) => log.push(line));
    stan = value(openStanSource({ database, terminalId, clock, timeZone }));
    terminal = bench.terminal(host.port, { stan });
    for (let tries = 0; tries < 50 && terminal.link.state().state !== 'in-service'; tries += 1) await clock.advance(1);
    queue = open();
  });
  afterEach(async () => {
    await queue.close();
    const closed = bench.close();
    await clock.advance(2000);
    await closed;
  });

  function open(more: { limit?: number; maxRefusals?: number } = {}): StoreAndForward {
    const opened = value(
      openStoreAndForward({
        database,
        terminalId,
        link: terminal.link,
        profile: jht,
        stan,
        clock,
        timeZone,
        random: () => 0.5,
        ...more,
      }),
    );
    opened.onEvent((event) => events.push(event));
    return opened;
  }

  /** An inquiry whose numbers are fixed before it is sent, so that it can be reversed. */
  function original(): Message {
    const number = value(stan.next());
    return withElements(terminal.inquiry(persona('normal')), {
      7: '1120020500',
      11: number,
      12: '090500',
      13: '1120',
      37: `632402${number}`,
    });
  }

  async function ask(message: Message, ms = 0) {
    const asked = terminal.link.request(message, new AbortController().signal);
    await clock.advance(ms);
    return asked;
  }

  const reversals = (): string[] => log.filter((line) => /042[01]/.test(line));
  const sent = () => terminal.events.filter(({ kind, mti }) => kind === 'sent' && mti?.startsWith('042') === true);

  it('a request without an answer is reversed, once, and the store is empty', async () => {
    const message = original();
    host.behave('never');
    expect(await ask(message, 30_000)).toMatchObject({ ok: false, error: { code: 'no-answer' } });
    host.behave('normal');
    const stored = value(queue.add(buildReversal(jht, message, '68')));
    expect(stored).toMatchObject({ mti: '0420', rrn: message.get(37), attempts: 0 });
    expect(stored.stan).not.toBe(message.get(11));
    await clock.settle();
    expect(reversals()).toEqual([`ANJ00001 0420 STAN ${stored.stan} -> 00 STAN ${message.get(11) ?? ''} reversed`]);
    expect(events.map(({ kind, responseCode }) => [kind, responseCode])).toEqual([
      ['stored', undefined],
      ['acknowledged', '00'],
    ]);
    expect(value(queue.waiting())).toEqual([]);
  });

  it('an original that never arrived: the host knows nothing, and that is an end too', async () => {
    value(queue.add(buildReversal(jht, original())));
    await clock.settle();
    expect(reversals()[0]).toMatch(/-> 25 STAN \d{6} is not known$/);
    expect(events.at(-1)).toMatchObject({ kind: 'acknowledged', responseCode: '25' });
    expect(value(queue.waiting())).toEqual([]);
  });

  it('not acknowledged: repeated as 0421 with the same STAN and RRN, carried out once, and nothing overtakes it', async () => {
    const [first, second] = [original(), original()];
    value(await ask(first));
    value(await ask(second));
    host.behave('never');
    const one = value(queue.add(buildReversal(jht, first)));
    const two = value(queue.add(buildReversal(jht, second)));
    await clock.advance(70_000);
    host.behave('normal');
    await clock.advance(60_000);
    const numbers = sent().map((event) => `${event.mti ?? ''} ${event.stan ?? ''} ${event.rrn ?? ''}`);
    expect(numbers[0]).toBe(`0420 ${one.stan} ${one.rrn}`);
    const repeats = numbers.slice(1, -1);
    expect(repeats.length).toBeGreaterThan(0);
    expect(new Set(repeats)).toEqual(new Set([`0421 ${one.stan} ${one.rrn}`]));
    expect(numbers.at(-1)).toBe(`0420 ${two.stan} ${two.rrn}`);
    const carriedOut = (message: Message): number =>
      reversals().filter((line) => line.includes(`STAN ${message.get(11) ?? ''} reversed`)).length;
    expect([carriedOut(first), carriedOut(second)]).toEqual([1, 1]);
    expect(value(queue.waiting())).toEqual([]);
  });

  it('waits while the link is down, without counting a try that never left', async () => {
    await host.stop();
    await clock.settle();
    const stored = value(queue.add(buildReversal(jht, original())));
    await clock.advance(5000);
    expect(value(queue.waiting())).toEqual([{ ...stored, attempts: 0 }]);
    value(await host.start());
    await clock.advance(120_000);
    expect(sent().map(({ mti }) => mti)).toEqual(['0420']);
    expect(value(queue.waiting())).toEqual([]);
  });

  it('the process ends in between: the next one repeats what was not acknowledged', async () => {
    const message = original();
    value(await ask(message));
    host.behave('never');
    const stored = value(queue.add(buildReversal(jht, message)));
    await clock.settle();
    await queue.close();
    expect(value(queue.waiting())).toEqual([{ ...stored, attempts: 1 }]);
    host.behave('normal');
    queue = open();
    await clock.settle();
    expect(sent().map(({ mti, stan: number }) => [mti, number])).toEqual([
      ['0420', stored.stan],
      ['0421', stored.stan],
    ]);
    expect(value(queue.waiting())).toEqual([]);
  });

  it('"not now" is repeated; a host that keeps saying so gets a person, and the next advice its turn', async () => {
    await queue.close();
    queue = open({ maxRefusals: 3 });
    const bad = value(queue.add(createMessage('0420', { 41: terminalId, 42: identity.acceptorId, 49: '360' })));
    const good = value(queue.add(buildReversal(jht, original())));
    await clock.advance(120_000);
    expect(events.filter(({ id }) => id === bad.id).map(({ kind, responseCode }) => [kind, responseCode])).toEqual([
      ['stored', undefined],
      ['not-acknowledged', '30'],
      ['not-acknowledged', '30'],
      ['set-aside', '30'],
    ]);
    expect(events.at(-1)).toMatchObject({ kind: 'acknowledged', id: good.id });
    expect(value(queue.setAside()).map(({ id }) => id)).toEqual([bad.id]);
    expect(value(queue.dismiss(bad.id))).toBe(true);
    expect(value(queue.dismiss(bad.id))).toBe(false);
    expect(value(queue.setAside())).toEqual([]);
  });

  it('a profile with a MAC on advices: made anew for each sending, in DE128, and the host’s is checked', async () => {
    const messages = [...jhtData.mac.messages, '0420', '0421', '0430'];
    const profile = value(createProfile('jht-reversals', { ...jhtData, mac: { ...jhtData.mac, messages } }));
    const strict = await bench.host({ profile });
    const strictLog: string[] = [];
    strict.onLog((line) => strictLog.push(line));
    const other = bench.terminal(strict.port, { profile, stan });
    for (let tries = 0; tries < 50 && other.link.state().state !== 'in-service'; tries += 1) await clock.advance(1);
    await queue.close();
    queue = value(
      openStoreAndForward({
        database,
        terminalId,
        link: other.link,
        profile,
        stan,
        clock,
        timeZone,
        random: () => 0.5,
      }),
    );
    queue.onEvent((event) => events.push(event));
    strict.behave('bad-mac');
    value(queue.add(buildReversal(profile, original())));
    await clock.settle();
    expect(events.at(-1)?.detail).toBe('mac-wrong: the MAC of the answer is wrong');
    strict.behave('normal');
    other.link.renewKeys();
    await clock.advance(10_000);
    expect(events.at(-1)).toMatchObject({ kind: 'acknowledged', responseCode: '25' });
    expect(strictLog.filter((line) => line.includes('MAC wrong'))).toEqual([]);
    expect(strictLog.filter((line) => /042[01]/.test(line))).toHaveLength(2);
  });

  it('is bounded', async () => {
    await host.stop();
    await queue.close();
    queue = open({ limit: 2 });
    value(queue.add(buildReversal(jht, original())));
    value(queue.add(buildReversal(jht, original())));
    expect(queue.add(buildReversal(jht, original()))).toMatchObject({ ok: false, error: { code: 'queue-full' } });
    expect(value(queue.waiting())).toHaveLength(2);
  });

  it('takes advices only, and none with a card number, track, PIN block or a member’s data', () => {
    expect(queue.add(original())).toMatchObject({ ok: false, error: { code: 'not-an-advice' } });
    expect(queue.add(createMessage('0430', {}))).toMatchObject({ ok: false, error: { code: 'not-an-advice' } });
    const { pan, track2 } = persona('normal');
    const secrets = { 2: pan, 35: track2, 48: 'KP01112345678901', 52: 'A'.repeat(16) };
    const refused = queue.add(withElements(buildReversal(jht, original()), secrets));
    expect(refused).toMatchObject({
      ok: false,
      error: { code: 'sensitive', detail: 'not to be stored: DE2, DE35, DE48, DE52' },
    });
    expect(value(queue.waiting())).toEqual([]);
  });

  it('has nothing of the card on disk', async () => {
    await host.stop();
    await clock.settle();
    value(queue.add(buildReversal(jht, original())));
    const { pan, track2 } = persona('normal');
    const bytes = readdirSync(folder)
      .map((file) => readFileSync(join(folder, file), 'latin1'))
      .join('');
    expect(bytes).toContain('632402');
    for (const secret of [pan, track2]) expect(bytes).not.toContain(secret);
  });

  it('storage that fails is told, and tried again', async () => {
    await queue.close();
    let broken = true;
    const failing: Database = {
      ...database,
      prepare: (sql) => {
        const statement = database.prepare(sql) as ReturnType<Database['prepare']>;
        return {
          ...statement,
          run: (...values: readonly never[]) =>
            broken && sql.startsWith('UPDATE') ? fail({ code: 'full', detail: 'disk' }) : statement.run(...values),
        } as never;
      },
    };
    const opened = value(
      openStoreAndForward({ database: failing, terminalId, link: terminal.link, profile: jht, stan, clock, timeZone }),
    );
    const troubles: string[] = [];
    opened.onTrouble(({ code }) => troubles.push(code));
    value(opened.add(buildReversal(jht, original())));
    await clock.settle();
    expect(troubles).toEqual(['full']);
    expect(sent()).toHaveLength(0);
    broken = false;
    await clock.advance(10_000);
    expect(sent()).toHaveLength(1);
    await opened.close();
    queue = open();
  });
});

describe('kill -9', () => {
  const children = new Set<ChildProcess>();
  const servers: Server[] = [];
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  });

  function start(port: number, many: number, rrns: readonly string[], heard: (line: string) => void): ChildProcess {
    const script = new URL('./store-and-forward.child.ts', import.meta.url);
    const child = fork(script, [join(folder, 'child.db'), String(port), String(many), rrns.join(',')], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    children.add(child);
    child.on('exit', () => children.delete(child));
    child.on('message', (line) => heard(typeof line === 'string' ? line : ''));
    return child;
  }

  /** Kills `victim()` when `bytes` of what follows sign-on and keys (two messages each way) have gone through. */
  async function proxy(host: number, bytes: number, victim: () => ChildProcess | undefined): Promise<number> {
    const server = createServer((inside) => {
      const outside = connect(host, '127.0.0.1');
      let passed = 0;
      let messages = 0;
      const pass = (to: typeof inside) => (chunk: Buffer) => {
        messages += 1;
        if (messages <= 4) {
          to.write(chunk);
          return;
        }
        to.write(chunk.subarray(0, Math.max(0, bytes - passed)));
        passed += chunk.length;
        if (passed >= bytes) victim()?.kill('SIGKILL');
      };
      inside.setNoDelay(true);
      outside.setNoDelay(true);
      inside
        .on('data', pass(outside))
        .on('error', () => outside.destroy())
        .on('close', () => outside.destroy());
      outside
        .on('data', pass(inside))
        .on('error', () => inside.destroy())
        .on('close', () => inside.destroy());
    });
    servers.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  it('anywhere in an advice or its acknowledgement: everything stored is carried out exactly once, in order', async () => {
    const bench = createBench(systemClock);
    const host = await bench.host();
    const reversed: string[] = [];
    host.onLog((line) => {
      const stan = /-> 00 STAN (\d{6}) reversed$/.exec(line)?.[1];
      if (stan !== undefined) reversed.push(stan);
    });
    const terminal = bench.terminal(host.port);
    while (terminal.link.state().state !== 'in-service') await new Promise((resolve) => setImmediate(resolve));
    const rrns: string[] = [];
    for (let index = 0; index < 3; index += 1) {
      const asked = await terminal.link.request(terminal.inquiry(persona('normal')), new AbortController().signal);
      rrns.push(value(asked).rrn);
    }
    await terminal.link.close();

    const stored: string[] = [];
    const acknowledged = new Set<string>();
    const heard = (line: string): void => {
      const [kind, rrn = ''] = line.split(' ');
      if (kind === 'stored') stored.push(rrn);
      if (kind === 'acknowledged') acknowledged.add(rrn);
    };
    // Each round is cut elsewhere: before, inside and after the first advice, inside and after its acknowledgement.
    for (const [round, bytes] of [1, 40, 130, 200, 260, 330].entries()) {
      const victim: { child?: ChildProcess } = {};
      const port = await proxy(host.port, bytes, () => victim.child);
      const child = start(port, round === 0 ? rrns.length : 0, rrns, heard);
      victim.child = child;
      // It ends by itself only when it has nothing left to send.
      const ended = once(child, 'exit');
      const over = new Promise<void>((resolve) => {
        const check = (): void => void (acknowledged.size === rrns.length && resolve());
        child.on('message', check);
        check();
      });
      await Promise.race([ended, over]);
    }
    const last = start(host.port, 0, rrns, heard);
    const database2 = (): number => {
      const opened = value(openDatabase(join(folder, 'child.db')));
      const left = value(opened.prepare<{ many: number }>('SELECT count(*) AS many FROM store_and_forward').get());
      opened.close();
      return left?.many ?? -1;
    };
    for (let turn = 0; turn < 400 && database2() > 0; turn += 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
    last.kill('SIGKILL');
    await bench.close();
    expect(stored).toEqual(rrns);
    expect(database2()).toBe(0);
    expect(reversed).toEqual(rrns.map((rrn) => rrn.slice(-6)));
  });
});
