/** Several addresses, hosts with habits of their own, and the end of a link: fail-over, fail-back, correlation, keys, drain. */
import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunningHost } from '../host/host.ts';
import {
  createBench,
  createTestPad,
  identity,
  jht,
  persona,
  value,
  type TestBench,
  type TestTerminal,
} from '../host/test-terminal.ts';
import { createMessage, withElements, type Message } from '../iso8583/message.ts';
import { buildNetworkReply, buildNetworkRequest } from '../profile/network.ts';
import type { Result } from '../result.ts';
import { createSimulatedClock, type SimulatedClock } from '../test-clock.ts';
import type { Exchange, LinkFailure } from './contract.ts';
import { createFramer } from './framing.ts';
import { createPendingTable } from './pending.ts';

let clock: SimulatedClock;
let bench: TestBench;
const servers: Server[] = [];
const sockets = new Set<Socket>();

beforeEach(() => {
  clock = createSimulatedClock();
  bench = createBench(clock);
});
afterEach(async () => {
  const closed = bench.close();
  await clock.advance(2000);
  await closed;
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

async function inService(terminal: TestTerminal): Promise<void> {
  for (let tries = 0; tries < 50 && terminal.link.state().state !== 'in-service'; tries += 1) await clock.advance(1);
  expect(terminal.link.state()).toEqual({ state: 'in-service' });
}

function ask(terminal: TestTerminal): Promise<Result<Exchange, LinkFailure>> {
  return terminal.link.request(terminal.inquiry(persona('normal')), new AbortController().signal);
}

const count = (terminal: TestTerminal, kind: string): number =>
  terminal.events.filter((event) => event.kind === kind).length;

/** A host that answers network management with 00, and what `reply` says. */
async function scriptedHost(
  reply: (request: Message) => Message | undefined,
  begin: (send: (message: Message) => void) => void = () => undefined,
): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    const framer = createFramer(jht.framing);
    const send = (message: Message): void => void socket.write(framer.encode(value(jht.codec.pack(message))));
    begin(send);
    socket.on('data', (bytes: Buffer) => {
      for (const frame of value(framer.push(bytes))) {
        const answer = reply(value(jht.codec.unpack(frame)));
        if (answer !== undefined) send(answer);
      }
    });
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const KEYS = { pinKey: 'A'.repeat(32), pinCheck: 'ABCDEF', macKey: 'B'.repeat(32), macCheck: 'ABCDEF' };
/** A pad that takes any keys. */
const easyPad = () => ({
  ...createTestPad(),
  loadKeys: () => Promise.resolve({ ok: true as const, value: undefined }),
});
const managed = (request: Message): Message =>
  buildNetworkReply(jht, request, { responseCode: '00', ...(request.get(70) === '161' ? { keys: KEYS } : {}) });

describe('the primary and an alternate', () => {
  let primary: RunningHost;
  let alternate: RunningHost;

  beforeEach(async () => {
    primary = await bench.host();
    alternate = await bench.host();
  });

  const places = (): [number, number] => [primary.state().connections, alternate.state().connections];

  async function onTheAlternate(options: Parameters<TestBench['terminal']>[1] = {}): Promise<TestTerminal> {
    await primary.stop();
    const terminal = bench.terminal([primary.port, alternate.port], options);
    await inService(terminal);
    expect(alternate.state().connections).toBe(1);
    return terminal;
  }

  it('goes back to the primary after five minutes, signing off at the alternate', async () => {
    const log: string[] = [];
    alternate.onLog((line) => log.push(line));
    const terminal = await onTheAlternate();
    value(await primary.start());
    await clock.advance(299_000);
    expect(places()).toEqual([0, 1]);
    await clock.advance(1100);
    await inService(terminal);
    expect(places()).toEqual([1, 0]);
    expect(count(terminal, 'fail-back')).toBe(1);
    expect(count(terminal, 'lost')).toBe(0);
    expect(log).toContain('ANJ00001 signOff 00');
    expect(value(await ask(terminal)).reply.get(39)).toBe('00');
  });

  it('stays while the primary cannot be reached, without a moment out of service, and asks again', async () => {
    const terminal = await onTheAlternate();
    const states = terminal.states.length;
    await clock.advance(1_000_000);
    expect(terminal.states.length).toBe(states);
    const failed = count(terminal, 'connect-failed');
    expect(failed).toBeGreaterThan(1);
    // 5, then 10, then 20 minutes: less and less often.
    await clock.advance(60_000);
    expect(count(terminal, 'connect-failed')).toBe(failed);
    value(await primary.start());
    await clock.advance(1_200_000);
    await inService(terminal);
    expect(places()).toEqual([1, 0]);
  });

  it('waits for the customer to go, and for the answer that is under way', async () => {
    const terminal = await onTheAlternate({ failBackMs: 10_000 });
    value(await primary.start());
    const hold = terminal.link.hold();
    await clock.advance(60_000);
    expect(places()).toEqual([0, 1]);
    alternate.delay(5000);
    const asked = ask(terminal);
    await clock.advance(100);
    hold.release();
    await clock.advance(100);
    expect(places()).toEqual([0, 1]);
    await clock.advance(5000);
    expect(value(await asked).reply.get(39)).toBe('00');
    await inService(terminal);
    await clock.settle();
    expect(places()).toEqual([1, 0]);
  });

  it('a primary that can be reached and does not serve: back on the alternate at once, and tried less often', async () => {
    const useless = await scriptedHost((request) => buildNetworkReply(jht, request, { responseCode: '91' }));
    const terminal = bench.terminal([useless, alternate.port], { failBackMs: 10_000 });
    await clock.advance(5000);
    await inService(terminal);
    await clock.advance(100_000);
    await inService(terminal);
    expect(alternate.state().connections).toBe(1);
    const tries = count(terminal, 'fail-back');
    expect(tries).toBeGreaterThanOrEqual(2);
    expect(tries).toBeLessThan(6);
  });

  it('closing while the primary is tried leaves nothing behind', async () => {
    const terminal = await onTheAlternate({ failBackMs: 1000 });
    value(await primary.start());
    await clock.advance(995);
    const closed = terminal.link.close();
    await clock.advance(2000);
    await closed;
    expect(places()).toEqual([0, 0]);
    expect(terminal.link.state()).toEqual({ state: 'closed' });
  });
});

describe('a host with its own habits of echoing', () => {
  const without = (element: number) => (request: Message) => withElements(managed(request), { [element]: undefined });

  it.each([
    ['DE41', 41, { always: [11], whenPresent: [37, 41] }],
    ['DE11', 11, { always: [37, 41], whenPresent: [] }],
    ['DE37', 37, { always: [11, 41], whenPresent: [37] }],
  ])('does not echo %s: in service with a rule that says so', async (_, element, correlation) => {
    const terminal = bench.terminal(await scriptedHost(without(element)), { correlation, pad: easyPad() });
    await inService(terminal);
  });

  it('does not echo DE41, and no rule says so: its answers are nobody’s', async () => {
    const terminal = bench.terminal(await scriptedHost(without(41)), { pad: easyPad() });
    await clock.advance(1000);
    expect(terminal.link.state().state).toBe('signing-on');
    expect(terminal.events.at(-1)).toMatchObject({ kind: 'unmatched' });
    expect(terminal.events.at(-1)?.detail).toMatch(/closest pending: 0800 STAN \d{6}$/);
  });

  it('a rule without DE11 and DE37 is a defect', () => {
    expect(() => createPendingTable({ always: [41], whenPresent: [] })).toThrow('DE11 or DE37');
  });

  it('two requests with the same numbers at once: the second is refused, the first gets its answer', async () => {
    const host = await bench.host();
    const terminal = bench.terminal(host.port);
    await inService(terminal);
    host.delay(1000);
    const first = ask(terminal);
    await clock.settle();
    const stan = terminal.events.findLast(({ kind }) => kind === 'sent')?.stan;
    const again = withElements(terminal.inquiry(persona('normal')), { 11: stan });
    expect(await terminal.link.request(again, new AbortController().signal)).toMatchObject({
      ok: false,
      error: { code: 'unpackable', detail: expect.stringContaining('same numbers') as unknown },
    });
    await clock.advance(1000);
    expect(value(await first).stan).toBe(stan);
  });
});

describe('keys that are not the host’s', () => {
  it('are renewed after an 81, once nobody holds them, and no more than once a minute', async () => {
    const host = await bench.host({ answer: '81' });
    const terminal = bench.terminal(host.port);
    await inService(terminal);
    const hold = terminal.link.hold();
    expect(value(await ask(terminal)).reply.get(39)).toBe('81');
    expect(count(terminal, 'keys-out-of-step')).toBe(1);
    expect(terminal.pad.loads()).toBe(1);
    hold.release();
    await clock.settle();
    expect(terminal.pad.loads()).toBe(2);
    value(await ask(terminal));
    await clock.settle();
    expect(terminal.pad.loads()).toBe(2);
    await clock.advance(60_000);
    value(await ask(terminal));
    await clock.settle();
    expect(terminal.pad.loads()).toBe(3);
  });

  it('another code, when the profile has another', async () => {
    const host = await bench.host({ answer: 'A6' });
    const terminal = bench.terminal(host.port, { keyErrorCodes: ['A6'] });
    await inService(terminal);
    value(await ask(terminal));
    await clock.settle();
    expect(terminal.pad.loads()).toBe(2);
  });
});

describe('a host that asks', () => {
  const asks = (code: string, more: Record<number, string> = {}): Message =>
    createMessage('0800', { 7: '1120020500', 11: '000009', 41: 'ANJ00001', 70: code, ...more });

  it('for a cut-over: told with the settlement date, and business goes on', async () => {
    let send: (message: Message) => void = () => undefined;
    const port = await scriptedHost(
      (request) => (request.mti === '0800' ? managed(request) : undefined),
      (to) => (send = to),
    );
    const terminal = bench.terminal(port, { pad: easyPad() });
    await inService(terminal);
    send(asks('201', { 15: '1121' }));
    await clock.settle();
    expect(terminal.events.at(-1)).toEqual({ kind: 'cut-over', detail: '1121' });
    expect(terminal.link.state()).toEqual({ state: 'in-service' });
  });

  it('for a change of keys: agreed to, and done', async () => {
    let send: (message: Message) => void = () => undefined;
    const heard: string[] = [];
    const port = await scriptedHost(
      (request) => {
        heard.push(`${request.mti} ${request.get(70) ?? ''} ${request.get(39) ?? ''}`.trim());
        return request.mti === '0800' ? managed(request) : undefined;
      },
      (to) => (send = to),
    );
    const terminal = bench.terminal(port, { pad: easyPad() });
    await inService(terminal);
    send(asks('161'));
    await clock.settle();
    expect(heard.slice(2)).toEqual(['0810 161 00', '0800 161']);
    expect(count(terminal, 'keys-loaded')).toBe(2);
  });
});

describe('closing with time to drain', () => {
  it('lets what is under way finish, takes nothing new, and signs off at once after it', async () => {
    const host = await bench.host({ delayMs: 1500 });
    const log: string[] = [];
    host.onLog((line) => log.push(line));
    const terminal = bench.terminal(host.port);
    await inService(terminal);
    const asked = [ask(terminal), ask(terminal)];
    await clock.settle();
    const closed = terminal.link.close(5000);
    expect(await ask(terminal)).toMatchObject({ ok: false, error: { code: 'not-in-service' } });
    await clock.advance(1600);
    for (const answered of await Promise.all(asked)) expect(value(answered).reply.get(39)).toBe('00');
    await closed;
    expect(log).toContain('ANJ00001 signOff 00');
  });

  it('no longer than that', async () => {
    const host = await bench.host();
    const terminal = bench.terminal(host.port);
    await inService(terminal);
    host.behave('never', 'everything');
    const asked = ask(terminal);
    await clock.settle();
    const closed = terminal.link.close(3000);
    await clock.advance(3000);
    expect(await asked).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    await clock.advance(1000);
    await closed;
  });

  it('ends at once when the connection goes', async () => {
    const host = await bench.host({ delayMs: 1500 });
    const terminal = bench.terminal(host.port);
    await inService(terminal);
    const asked = ask(terminal);
    await clock.settle();
    const closed = terminal.link.close(60_000);
    host.dropConnections();
    expect(await asked).toMatchObject({ ok: false, error: { code: 'lost' } });
    await closed;
  });
});

describe('a pad that rejects instead of answering', () => {
  const reject = (): Promise<never> => Promise.reject(new Error('4B455953'));

  it('a MAC: the request fails, and says nothing of what the pad said', async () => {
    const host = await bench.host();
    const terminal = bench.terminal(host.port, { pad: { ...createTestPad(), mac: reject } });
    await inService(terminal);
    const answered = await terminal.link.request(
      withElements(buildNetworkRequest(jht, identity, 'echo'), {}),
      new AbortController().signal,
    );
    value(answered);
    const inquiry = await ask(terminal);
    expect(inquiry).toMatchObject({ ok: false, error: { code: 'security', detail: 'threw' } });
  });

  it('a MAC of the answer', async () => {
    const host = await bench.host();
    const pad = createTestPad();
    let calls = 0;
    const mac: typeof pad.mac = (data) => ((calls += 1) === 2 ? reject() : pad.mac(data));
    const terminal = bench.terminal(host.port, { pad: { ...pad, mac } });
    await inService(terminal);
    expect(await ask(terminal)).toMatchObject({ ok: false, error: { code: 'security', detail: 'threw' } });
  });

  it('or never ends to load the keys: given up, and asked for again', async () => {
    const host = await bench.host();
    const pad = createTestPad();
    let calls = 0;
    const loadKeys: typeof pad.loadKeys = (keys) =>
      (calls += 1) === 1 ? new Promise(() => undefined) : pad.loadKeys(keys);
    const terminal = bench.terminal(host.port, { pad: { ...pad, loadKeys } });
    await clock.advance(29_000);
    expect(terminal.link.state()).toEqual({ state: 'exchanging-keys' });
    await clock.advance(1100);
    expect(terminal.events.find(({ kind }) => kind === 'keys-refused')?.detail).toBe('not loaded in time');
    await clock.advance(2000);
    await inService(terminal);
  });

  it('the keys: refused, and asked for again', async () => {
    const host = await bench.host();
    const pad = createTestPad();
    let calls = 0;
    const loadKeys: typeof pad.loadKeys = (keys) => ((calls += 1) === 1 ? reject() : pad.loadKeys(keys));
    const terminal = bench.terminal(host.port, { pad: { ...pad, loadKeys } });
    await clock.advance(10);
    expect(terminal.events.find(({ kind }) => kind === 'keys-refused')?.detail).toBe('threw');
    await clock.advance(2000);
    await inService(terminal);
  });
});
