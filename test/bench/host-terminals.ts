/**
 * The terminals of the benchmark `host` (host.ts), as a process: real links, each signed on with keys of its own, that ask
 * as they are ordered to; or, with `--echo`, the bare server that they are compared with.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { systemClock } from '../../protocol/clock.ts';
import { TEST_MASTER_KEY } from '../../protocol/host/host.ts';
import { FIRST_CARD } from '../../protocol/host/population.ts';
import { PERSONA_PIN, simulatedPan } from '../../protocol/host/personas.ts';
import { algorithmsOf, openTerminalKeys } from '../../protocol/host/terminal-keys.ts';
import { jht, value } from '../../protocol/host/test-terminal.ts';
import { withElements, type Message } from '../../protocol/iso8583/message.ts';
import type { LinkSecurity } from '../../protocol/link/contract.ts';
import { createFramer } from '../../protocol/link/framing.ts';
import { createLink, type Link } from '../../protocol/link/link.ts';
import { openStanSource } from '../../protocol/link/stan.ts';
import { buildInquiry } from '../../protocol/profile/inquiry.ts';
import { fail, ok } from '../../protocol/result.ts';
import { unwrapKey } from '../../protocol/security/keys.ts';
import type { MessageKeys } from '../../protocol/security/message-keys.ts';
import { encryptPinBlock0 } from '../../protocol/security/pin-block.ts';
import { openDatabase } from '../../protocol/storage/sqlite.ts';

const TIME_ZONE = 'Asia/Jakarta';

export interface Load {
  readonly port: number;
  readonly echoPort: number;
  readonly terminals: number;
  /** Cards to ask about. */
  readonly members: number;
  /** Number of the first terminal. */
  readonly first: number;
}

export type Order =
  | { readonly kind: 'full'; readonly count: number; readonly window: number }
  | { readonly kind: 'paced'; readonly count: number; readonly perSecond: number }
  | { readonly kind: 'echo'; readonly count: number; readonly window: number };

export interface Measured {
  /** Of each exchange. */
  readonly ms: readonly number[];
  /** Milliseconds on the clock of the day, the same for all processes. */
  readonly from: number;
  readonly to: number;
  /** Answers other than an approved one with a right MAC, by what they were. */
  readonly wrong: Readonly<Record<string, number>>;
}

const now = (): number => performance.timeOrigin + performance.now();

interface BenchTerminal {
  readonly link: Link;
  readonly inquiry: Message;
}

/** Does what a PIN pad does, and as little else as it can: its time is not the host's. */
function createPad(): LinkSecurity & { pinKey(): Uint8Array } {
  const master = Buffer.from(TEST_MASTER_KEY, 'hex');
  let keys: MessageKeys | undefined;
  let pinKey = new Uint8Array();
  return {
    pinKey: () => pinKey,
    loadKeys(given) {
      const [pin, mac] = [
        unwrapKey(master, given.pinKey, given.pinCheck),
        unwrapKey(master, given.macKey, given.macCheck),
      ];
      if (!pin.ok) return Promise.resolve(pin);
      if (!mac.ok) return Promise.resolve(mac);
      pinKey = Uint8Array.from(pin.value);
      keys = openTerminalKeys({ pin: pin.value, mac: mac.value }, algorithmsOf(jht));
      return Promise.resolve(ok());
    },
    mac: (data) => Promise.resolve(keys === undefined ? fail({ code: 'no-key' }) : ok(keys.mac(data))),
  };
}

async function openTerminals(load: Load): Promise<BenchTerminal[]> {
  const database = value(openDatabase(':memory:'));
  const terminals: BenchTerminal[] = [];
  for (let index = 0; index < load.terminals; index += 1) {
    const number = load.first + index;
    const identity = {
      terminalId: `B${String(number).padStart(7, '0')}`,
      acceptorId: 'CONTOH000000001',
      acceptorName: 'BANK CONTOH JAKARTA',
      acquirerId: '999936',
    };
    const pad = createPad();
    const link = createLink({
      profile: jht,
      endpoints: [{ host: '127.0.0.1', port: load.port }],
      terminal: identity,
      timeZone: TIME_ZONE,
      security: pad,
      stan: value(
        openStanSource({ database, terminalId: identity.terminalId, clock: systemClock, timeZone: TIME_ZONE }),
      ),
      clock: systemClock,
      // A PIN block is made once per terminal, as its keys are: neither is part of what is measured.
      keyChangePins: Number.MAX_SAFE_INTEGER,
    });
    await new Promise<void>((resolve) => {
      const stop = link.onState(({ state }) => {
        if (state !== 'in-service') return;
        stop();
        resolve();
      });
    });
    const pan = simulatedPan(FIRST_CARD + (number % load.members));
    const inquiry = buildInquiry(jht, identity, {
      product: 'JHTBAL',
      language: 'id',
      track2: `${pan}=31125200000000001`,
      pinBlock: value(encryptPinBlock0(pad.pinKey(), PERSONA_PIN, pan)),
      entry: 'stripe',
    });
    terminals.push({ link, inquiry });
  }
  return terminals;
}

/** Approved, or no membership linked to the card: a share of the invented members has none. */
const GOOD = new Set(['00', '25']);

async function ask(terminals: readonly BenchTerminal[], at: number, wrong: Record<string, number>): Promise<number> {
  const terminal = terminals[at % terminals.length];
  if (terminal === undefined) throw new Error('no terminals');
  const begun = performance.now();
  const asked = await terminal.link.request(terminal.inquiry, NEVER);
  const how = asked.ok ? (asked.value.reply.get(39) ?? 'no code') : asked.error.code;
  if (!GOOD.has(how)) wrong[how] = (wrong[how] ?? 0) + 1;
  return performance.now() - begun;
}

const NEVER = new AbortController().signal;

/** So many under way at any time, until `count` are done. */
async function lanes(count: number, window: number, one: (at: number) => Promise<number>): Promise<Measured> {
  const ms: number[] = [];
  const from = now();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const at = next;
      next += 1;
      ms.push(await one(at));
    }
  };
  await Promise.all(Array.from({ length: window }, lane));
  return { ms, from, to: now(), wrong: {} };
}

async function full(terminals: readonly BenchTerminal[], count: number, window: number): Promise<Measured> {
  const wrong: Record<string, number> = {};
  return { ...(await lanes(count, window, (at) => ask(terminals, at, wrong))), wrong };
}

async function paced(terminals: readonly BenchTerminal[], count: number, perSecond: number): Promise<Measured> {
  const ms: number[] = [];
  const wrong: Record<string, number> = {};
  const from = now();
  const begun = performance.now();
  const under: Promise<void>[] = [];
  await new Promise<void>((resolve) => {
    const turn = (): void => {
      const elapsed = performance.now() - begun;
      const due = Math.min(count, Math.floor((elapsed * perSecond) / 1000));
      while (under.length < due) {
        const at = under.length;
        const wanted = begun + (at * 1000) / perSecond;
        under.push(ask(terminals, at, wrong).then(() => void ms.push(performance.now() - wanted)));
      }
      if (under.length < count) setTimeout(turn, 1);
      else resolve();
    };
    turn();
  });
  await Promise.all(under);
  return { ms, from, to: now(), wrong };
}

/** As many connections as terminals, to a server that sends back what it gets; sends one of the terminals' own frames. */
async function openEcho(terminals: readonly BenchTerminal[], port: number): Promise<(at: number) => Promise<number>> {
  const [first] = terminals;
  if (first === undefined) throw new Error('no terminals');
  const filled = { 7: '1120020500', 11: '000001', 12: '090500', 13: '1120', 37: '632402000001', 64: 'F'.repeat(16) };
  const frame = createFramer(jht.framing).encode(value(jht.codec.pack(withElements(first.inquiry, filled))));
  const sockets: { readonly socket: Socket; readonly waiting: (() => void)[] }[] = [];
  for (let index = 0; index < terminals.length; index += 1) {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.setNoDelay(true);
    const waiting: (() => void)[] = [];
    let got = 0;
    socket.on('data', (bytes: Buffer) => {
      for (got += bytes.length; got >= frame.length; got -= frame.length) waiting.shift()?.();
    });
    sockets.push({ socket, waiting });
  }
  return async (at) => {
    const one = sockets[at % sockets.length];
    if (one === undefined) throw new Error('no connections');
    const begun = performance.now();
    await new Promise<void>((resolve) => {
      one.waiting.push(resolve);
      one.socket.write(frame);
    });
    return performance.now() - begun;
  };
}

async function work(load: Load): Promise<void> {
  const terminals = await openTerminals(load);
  const echo = await openEcho(terminals, load.echoPort);
  const measure = (order: Order): Promise<Measured> => {
    if (order.kind === 'full') return full(terminals, order.count, order.window);
    if (order.kind === 'paced') return paced(terminals, order.count, order.perSecond);
    return lanes(order.count, order.window, echo);
  };
  process.on('message', (order: Order) => void measure(order).then((measured) => process.send?.({ measured })));
  process.on('disconnect', () => process.exit(0));
  process.send?.({ ready: true });
}

function serveEcho(): void {
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => socket.write(bytes));
  });
  server.listen(0, '127.0.0.1', () => process.send?.({ ready: true, port: (server.address() as AddressInfo).port }));
  process.on('disconnect', () => process.exit(0));
}

const [, , role, given] = process.argv;
if (role === '--echo') serveEcho();
else if (role === '--terminals' && given !== undefined) await work(JSON.parse(given) as Load);
