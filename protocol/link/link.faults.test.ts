/** What goes wrong on a link, one test each: every request settles, nobody gets another's answer, the link comes back. */
import { createServer, Socket, type Server } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HostBehaviour } from '../host/behaviour.ts';
import type { RunningHost } from '../host/host.ts';
import {
  createBench,
  createTestPad,
  jht,
  persona,
  value,
  type TestBench,
  type TestTerminal,
} from '../host/test-terminal.ts';
import { createMessage, withElements, type Message } from '../iso8583/message.ts';
import { buildInquiryReply } from '../profile/inquiry.ts';
import { buildNetworkReply } from '../profile/network.ts';
import { fail, ok, type Result } from '../result.ts';
import { createSimulatedClock, type SimulatedClock } from '../test-clock.ts';
import type { Exchange, LinkFailure } from './contract.ts';
import { openConnection } from './connection.ts';
import { createFramer } from './framing.ts';

let clock: SimulatedClock;
let bench: TestBench;
let host: RunningHost;
const servers: Server[] = [];
const sockets = new Set<Socket>();

beforeEach(async () => {
  clock = createSimulatedClock();
  bench = createBench(clock);
  host = await bench.host();
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

async function working(options: Parameters<TestBench['terminal']>[1] = {}): Promise<TestTerminal> {
  const terminal = bench.terminal(host.port, options);
  await inService(terminal);
  return terminal;
}

function ask(terminal: TestTerminal, signal = new AbortController().signal): Promise<Result<Exchange, LinkFailure>> {
  return terminal.link.request(terminal.inquiry(persona('normal')), signal);
}

async function askWhile(
  terminal: TestTerminal,
  behaviour: HostBehaviour,
  ms: number,
): Promise<Result<Exchange, LinkFailure>> {
  host.behave(behaviour);
  const asked = ask(terminal);
  await clock.advance(ms);
  host.behave('normal');
  return asked;
}

const last = (terminal: TestTerminal, kind: string) => terminal.events.findLast((event) => event.kind === kind);
const count = (terminal: TestTerminal, kind: string): number =>
  terminal.events.filter((event) => event.kind === kind).length;

async function worksAgain(terminal: TestTerminal): Promise<void> {
  await inService(terminal);
  expect(value(await ask(terminal)).reply.get(39)).toBe('00');
}

/** A server that is no host: `talk` gets each connection. */
async function strangeServer(talk: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    talk(socket);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Answers requests as `reply` says, shows the rest to `heard`, and says `greeting` first. */
function scriptedHost(
  reply: (request: Message) => Message | undefined,
  heard: (message: Message) => void = () => undefined,
  greeting?: Message,
): Promise<number> {
  return strangeServer((socket) => {
    const framer = createFramer(jht.framing);
    const send = (message: Message): void => void socket.write(framer.encode(value(jht.codec.pack(message))));
    if (greeting !== undefined) send(greeting);
    socket.on('data', (bytes: Buffer) => {
      for (const frame of value(framer.push(bytes))) {
        const message = value(jht.codec.unpack(frame));
        const answer = reply(message);
        if (answer === undefined) heard(message);
        else send(answer);
      }
    });
  });
}

describe('the connection', () => {
  it('refused: tries again with growing waits', async () => {
    await host.stop();
    const terminal = bench.terminal(host.port);
    // random() is 0.5: waits of 750, 1500, 3000, 6000 ms.
    await clock.advance(100);
    expect(terminal.link.state()).toMatchObject({
      state: 'down',
      why: expect.stringContaining('ECONNREFUSED') as unknown,
    });
    expect(count(terminal, 'connect-failed')).toBe(1);
    await clock.advance(750);
    expect(count(terminal, 'connect-failed')).toBe(2);
    await clock.advance(1390);
    expect(count(terminal, 'connect-failed')).toBe(2);
    await clock.advance(100);
    expect(count(terminal, 'connect-failed')).toBe(3);
    await clock.advance(600_000);
    // At most a minute between two tries.
    expect(count(terminal, 'connect-failed')).toBeGreaterThan(12);
    value(await host.start());
    await clock.advance(60_000);
    await worksAgain(terminal);
  });

  it('never completed: given up after ten seconds', async () => {
    const terminal = bench.terminal(host.port, { dial: () => new Socket() });
    await clock.advance(9900);
    expect(terminal.link.state().state).toBe('connecting');
    await clock.advance(200);
    expect(terminal.link.state()).toMatchObject({
      state: 'down',
      why: expect.stringContaining('no connection in time') as unknown,
    });
  });

  it('lost: everything pending fails at once, and the link comes back', async () => {
    const terminal = await working();
    host.behave('never');
    const asked = [ask(terminal), ask(terminal), ask(terminal)];
    await clock.settle();
    host.dropConnections();
    for (const answered of await Promise.all(asked))
      expect(answered).toMatchObject({ ok: false, error: { code: 'lost' } });
    expect(count(terminal, 'lost')).toBe(1);
    host.behave('normal');
    await clock.advance(1000);
    await worksAgain(terminal);
  });

  it('lost while the pad checks the MAC of an answer that is here: the answer counts', async () => {
    const pad = createTestPad();
    let check: (() => void) | undefined;
    let macs = 0;
    const mac: typeof pad.mac = async (data) => {
      macs += 1;
      // The first is over the request, the second over the answer.
      if (macs === 2) await new Promise<void>((resolve) => (check = resolve));
      return pad.mac(data);
    };
    const terminal = await working({ pad: { ...pad, mac } });
    const asked = ask(terminal);
    await clock.settle();
    host.dropConnections();
    await clock.settle();
    expect(count(terminal, 'lost')).toBe(1);
    check?.();
    expect(value(await asked).reply.get(39)).toBe('00');
  });

  it('half-open: noticed by the echo, not by the next customer', async () => {
    const terminal = await working();
    host.behave('never', 'everything');
    await clock.advance(60_000);
    expect(terminal.link.state().state).toBe('in-service');
    await clock.advance(15_000);
    expect(count(terminal, 'echo-failed')).toBe(1);
    expect(terminal.link.state().state).not.toBe('in-service');
    host.behave('normal');
    await clock.advance(31_000);
    await worksAgain(terminal);
  });

  it('to a host that does not read: given up before the memory is', async () => {
    const port = await strangeServer((socket) => socket.pause());
    let why = '';
    const connection = await new Promise<ReturnType<typeof openConnection>>((resolve) => {
      const opening = openConnection({
        endpoint: { host: '127.0.0.1', port },
        framing: jht.framing,
        clock,
        connectMs: 10_000,
        onOpen: () => resolve(opening),
        onFrame: () => undefined,
        onBrokenFraming: () => undefined,
        onGone: (reason) => (why = reason),
      });
    });
    let sent = 0;
    while (sent < 20_000 && connection.send(Buffer.alloc(4096, 0x30))) sent += 1;
    expect(why).toBe('the host does not read');
    connection.drop('over');
  });

  it('closed in the middle of an answer', async () => {
    const terminal = await working();
    const answered = await askWhile(terminal, 'close-mid-message', 0);
    expect(answered).toMatchObject({
      ok: false,
      error: { code: 'lost', detail: expect.stringContaining('middle of a message') as unknown },
    });
    await clock.advance(1000);
    await worksAgain(terminal);
  });
});

describe('the answer', () => {
  it('never: no-answer at thirty seconds, and the line is tried at once', async () => {
    const terminal = await working();
    const echoes = count(terminal, 'echo');
    const asked = askWhile(terminal, 'never', 29_900);
    await clock.advance(29_900);
    await clock.advance(200);
    expect(await asked).toMatchObject({ ok: false, error: { code: 'no-answer' } });
    await clock.settle();
    expect(count(terminal, 'echo')).toBe(echoes + 1);
    await worksAgain(terminal);
  });

  it("late: nobody's, reported with the request it was for", async () => {
    const terminal = await working();
    const answered = await askWhile(terminal, 'late', 30_000);
    expect(answered).toMatchObject({ ok: false, error: { code: 'no-answer' } });
    const stan = last(terminal, 'sent')?.stan;
    host.delay(10_000);
    const next = ask(terminal);
    await clock.advance(6000);
    const unmatched = last(terminal, 'unmatched');
    expect(unmatched?.detail).toMatch(
      /^a late answer to STAN \d{6}, given up 5\.0 s ago; closest pending: 0200 STAN \d{6}$/,
    );
    expect(unmatched?.stan).not.toBe(stan);
    await clock.advance(4000);
    expect(value(await next).stan).not.toBe(unmatched?.stan);
  });

  it("twice: the second is nobody's", async () => {
    const terminal = await working();
    value(await askWhile(terminal, 'twice', 0));
    await clock.settle();
    expect(count(terminal, 'unmatched')).toBe(1);
    expect(last(terminal, 'unmatched')?.detail).toMatch(/^a second answer to STAN \d{6}, .*closest pending: none$/);
    await worksAgain(terminal);
  });

  it('garbled: reported; the connection stays, the request ends by its deadline', async () => {
    const terminal = await working();
    const answered = await askWhile(terminal, 'garbled', 30_000);
    expect(answered).toMatchObject({ ok: false, error: { code: 'no-answer' } });
    expect(last(terminal, 'garbled')?.detail).toContain('MTI');
    expect(count(terminal, 'connected')).toBe(1);
    await worksAgain(terminal);
  });

  it('truncated: ours by its numbers, so the request ends at once', async () => {
    const terminal = await working();
    const answered = await askWhile(terminal, 'truncated', 0);
    expect(answered).toMatchObject({ ok: false, error: { code: 'unreadable' } });
    expect(count(terminal, 'garbled')).toBe(1);
    await worksAgain(terminal);
  });

  it('with a wrong MAC: refused', async () => {
    const terminal = await working();
    const answered = await askWhile(terminal, 'bad-mac', 0);
    expect(answered).toMatchObject({ ok: false, error: { code: 'mac-wrong' } });
    expect(count(terminal, 'mac-wrong')).toBe(1);
    await worksAgain(terminal);
  });

  it('byte by byte: read all the same', async () => {
    const terminal = await working();
    expect(value(await askWhile(terminal, 'trickle', 3000)).reply.get(39)).toBe('00');
  });

  it.each([
    ['reference number', { 37: '000000000000' }],
    ['trace number', { 11: '999998' }],
    ['terminal', { 41: 'ANJ00002' }],
  ])("another's: with another %s it is not ours", async (_, changes) => {
    const port = await scriptedHost((request) =>
      withElements(buildNetworkReply(jht, request, { responseCode: '00' }), changes),
    );
    const terminal = bench.terminal(port);
    await clock.advance(30_000);
    expect(last(terminal, 'unmatched')?.detail).toContain('an answer to nothing that was asked; closest pending: 0800');
    expect(terminal.states.some(({ state }) => state === 'exchanging-keys')).toBe(false);
  });

  it('without a MAC: refused, whatever it says', async () => {
    const keys = { pinKey: 'A'.repeat(32), pinCheck: 'ABCDEF', macKey: 'B'.repeat(32), macCheck: 'ABCDEF' };
    const port = await scriptedHost((request) =>
      request.mti === '0200'
        ? buildInquiryReply(jht, request, { responseCode: '00', memberships: persona('normal').memberships })
        : buildNetworkReply(jht, request, { responseCode: '00', ...(request.get(70) === '161' ? { keys } : {}) }),
    );
    const pad = { ...createTestPad(), pinBlock: () => 'C'.repeat(16) };
    const mac = (): Promise<Result<string, never>> => Promise.resolve({ ok: true, value: 'D'.repeat(16) });
    const terminal = bench.terminal(port, { pad: { ...pad, loadKeys: () => Promise.resolve(ok()), mac } });
    await inService(terminal);
    expect(await ask(terminal)).toMatchObject({
      ok: false,
      error: { code: 'mac-wrong', detail: 'the answer has no MAC' },
    });
  });

  it('to something else: an echo approved does not sign on', async () => {
    const port = await scriptedHost((request) =>
      withElements(buildNetworkReply(jht, request, { responseCode: '00' }), { 70: '301' }),
    );
    const terminal = bench.terminal(port);
    await clock.advance(100);
    expect(last(terminal, 'sign-on-refused')?.detail).toBe('DE70: the answer is to echo');
  });
});

describe('a host that asks', () => {
  it.each([
    ['an echo is answered with 00', '301', '00'],
    ['a cut-over is answered with 00', '201', '00'],
    ['a sign-on is not ours to answer: 12', '001', '12'],
    ['a function that the profile does not have: 12', '999', '12'],
  ])('%s', async (_, code, expected) => {
    const answers: (string | undefined)[] = [];
    const port = await scriptedHost(
      (request) => (request.mti === '0800' ? buildNetworkReply(jht, request, { responseCode: '96' }) : undefined),
      (reply) => answers.push(`${reply.mti} ${reply.get(11) ?? ''} ${reply.get(70) ?? ''} ${reply.get(39) ?? ''}`),
      createMessage('0800', { 7: '1120020500', 11: '000009', 41: 'ANJ00001', 70: code }),
    );
    bench.terminal(port);
    await clock.advance(100);
    expect(answers[0]).toBe(`0810 000009 ${code} ${expected}`);
  });
});

describe('garbage instead of frames', () => {
  it('drops the connection and says so', async () => {
    const port = await strangeServer((socket) => socket.write(Buffer.alloc(64, 0xff)));
    const terminal = bench.terminal(port);
    await clock.advance(10);
    expect(last(terminal, 'garbled')?.detail).toContain('length-too-large');
    expect(terminal.link.state()).toMatchObject({ state: 'down', why: expect.stringContaining('framing') as unknown });
  });
});

describe('sign-on and keys', () => {
  it('sign-on refused: not in service, tried again', async () => {
    const strict = await bench.host({ terminals: [] });
    const terminal = bench.terminal(strict.port);
    await clock.advance(2000);
    expect(last(terminal, 'sign-on-refused')?.detail).toBe('refused with 58');
    expect(count(terminal, 'connected')).toBeGreaterThan(1);
    expect(terminal.states.some(({ state }) => state === 'in-service')).toBe(false);
  });

  it('sign-on never answered: given up after thirty seconds', async () => {
    const port = await strangeServer(() => undefined);
    const terminal = bench.terminal(port);
    await clock.advance(29_000);
    expect(terminal.link.state().state).toBe('signing-on');
    await clock.advance(1100);
    expect(last(terminal, 'sign-on-refused')?.detail).toContain('no-answer');
    expect(terminal.link.state().state).toBe('down');
  });

  it('keys under another master key: the check value refuses them', async () => {
    const terminal = bench.terminal(host.port, { pad: createTestPad('FEDCBA98765432100123456789ABCDEF') });
    await clock.advance(100);
    expect(last(terminal, 'keys-refused')?.detail).toBe('check-value-wrong');
    expect(terminal.states.some(({ state }) => state === 'in-service')).toBe(false);
  });

  it('a pad that is still loading the keys of a connection that is gone: a hold waits for those of the next', async () => {
    const pad = createTestPad();
    const loading: (() => void)[] = [];
    let slow = false;
    const loadKeys: typeof pad.loadKeys = async (keys) => {
      if (slow) await new Promise<void>((resolve) => loading.push(resolve));
      return pad.loadKeys(keys);
    };
    const terminal = await working({ pad: { ...pad, loadKeys } });
    slow = true;
    terminal.link.renewKeys();
    await clock.settle();
    host.dropConnections();
    await clock.advance(1000);
    expect(loading).toHaveLength(2);
    loading[0]?.();
    await clock.settle();
    let ready = false;
    const hold = terminal.link.hold();
    void hold.ready.then(() => (ready = true));
    await clock.settle();
    expect(ready).toBe(false);
    loading[1]?.();
    await clock.settle();
    expect(ready).toBe(true);
    hold.release();
    await worksAgain(terminal);
  });

  it('the pad fails to load them in a change: the link starts over', async () => {
    const pad = createTestPad();
    let broken = false;
    const terminal = await working({
      pad: { ...pad, loadKeys: (keys) => (broken ? Promise.resolve(fail({ code: 'offline' })) : pad.loadKeys(keys)) },
      keyChangeMs: 5000,
    });
    broken = true;
    await clock.advance(5100);
    expect(last(terminal, 'keys-refused')?.detail).toBe('offline');
    expect(terminal.link.state().state).not.toBe('in-service');
    broken = false;
    await clock.advance(2000);
    await worksAgain(terminal);
  });
});

describe('our own side', () => {
  it("cancelled before and after it was sent; the answer that comes then is nobody's", async () => {
    const terminal = await working();
    expect(await ask(terminal, AbortSignal.abort())).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    host.delay(1000);
    const controller = new AbortController();
    const asked = ask(terminal, controller.signal);
    await clock.advance(500);
    controller.abort();
    expect(await asked).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    await clock.advance(500);
    expect(last(terminal, 'unmatched')?.detail).toContain('cancelled 0.5 s ago');
  });

  it('the pad cannot compute a MAC: nothing is sent', async () => {
    const pad = createTestPad();
    const terminal = await working({ pad: { ...pad, mac: () => Promise.resolve(fail({ code: 'offline' })) } });
    const sent = count(terminal, 'sent');
    expect(await ask(terminal)).toMatchObject({ ok: false, error: { code: 'security', detail: 'offline' } });
    expect(count(terminal, 'sent')).toBe(sent);
  });

  it('the pad never answers: the request still ends by its deadline', async () => {
    const pad = createTestPad();
    const terminal = await working({ pad: { ...pad, mac: () => new Promise(() => undefined) } });
    const asked = ask(terminal);
    await clock.advance(30_000);
    expect(await asked).toMatchObject({ ok: false, error: { code: 'not-in-service' } });
  });

  it('a message that does not fit the profile is refused with its element, and without its value', async () => {
    const terminal = await working();
    const broken = withElements(terminal.inquiry(persona('normal')), { 18: 'ABCD' });
    const answered = await terminal.link.request(broken, new AbortController().signal);
    expect(answered).toMatchObject({
      ok: false,
      error: { code: 'unpackable', detail: expect.stringContaining('DE18') as unknown },
    });
    expect(JSON.stringify(answered)).not.toContain('ABCD');
  });

  it('too many at once: queue-full', async () => {
    const terminal = await working({ maxPending: 2 });
    host.behave('never');
    const asked = [ask(terminal), ask(terminal)];
    expect(await ask(terminal)).toMatchObject({ ok: false, error: { code: 'queue-full' } });
    host.dropConnections();
    await Promise.all(asked);
  });

  it('no trace number can be had: nothing is sent, and the link does not spin', async () => {
    let broken = false;
    let next = 0;
    const stan = {
      next: () => {
        next += 1;
        return broken
          ? fail({ code: 'full' as const, detail: 'disk' })
          : { ok: true as const, value: String(next).padStart(6, '0') };
      },
    };
    const terminal = await working({ stan, keyChangeMs: 5000 });
    broken = true;
    expect(await ask(terminal)).toMatchObject({
      ok: false,
      error: { code: 'not-in-service', detail: expect.stringContaining('full') as unknown },
    });
    const before = next;
    await clock.advance(5100);
    expect(next - before).toBeLessThan(5);
    expect(last(terminal, 'keys-refused')?.detail).toContain('no trace number');
    broken = false;
    await clock.advance(10_000);
    await worksAgain(terminal);
  });
});
