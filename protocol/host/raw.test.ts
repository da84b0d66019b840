/** The host simulator on a bare socket: what a terminal of ours would never send, and what a host says to it. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMessage, withElements, type ElementValues, type Message } from '../iso8583/message.ts';
import { createFramer } from '../link/framing.ts';
import { buildInquiry, readInquiryReply } from '../profile/inquiry.ts';
import { macInput, receivedMacInput, withMac } from '../profile/mac.ts';
import { buildNetworkRequest, readNetworkReply } from '../profile/network.ts';
import type { NetworkFunction } from '../profile/profile.ts';
import { startHost, type RunningHost } from './host.ts';
import { createTestPad, identity, jht, persona, value, type TestPad } from './test-terminal.ts';

let host: RunningHost;
const log: string[] = [];
const sockets: Socket[] = [];

beforeEach(async () => {
  host = value(await startHost({ profile: jht }));
  log.length = 0;
  host.onLog((line) => log.push(line));
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await host.close();
});

/** A socket with the framing of the profile, and nothing else. */
interface Wire {
  readonly socket: Socket;
  send(message: Message): void;
  /** The next frame. */
  frame(): Promise<Uint8Array>;
  exchange(message: Message): Promise<Message>;
}

async function open(): Promise<Wire> {
  const socket = connect(host.port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => socket.destroy());
  await once(socket, 'connect');
  const framer = createFramer(jht.framing);
  const frames: Uint8Array[] = [];
  const waiting: ((frame: Uint8Array) => void)[] = [];
  socket.on('data', (bytes: Buffer) => {
    for (const frame of value(framer.push(bytes))) {
      const next = waiting.shift();
      if (next === undefined) frames.push(frame);
      else next(frame);
    }
  });
  const wire: Wire = {
    socket,
    send: (message) => void socket.write(framer.encode(value(jht.codec.pack(message)))),
    frame: () =>
      new Promise((resolve) => {
        const next = frames.shift();
        if (next === undefined) waiting.push(resolve);
        else resolve(next);
      }),
    async exchange(message) {
      wire.send(message);
      return value(jht.codec.unpack(await wire.frame()));
    },
  };
  return wire;
}

let numbers = 0;
function numbered(message: Message, more: ElementValues = {}): Message {
  numbers += 1;
  const stan = String(numbers).padStart(6, '0');
  return withElements(message, { 7: '1120020500', 11: stan, 12: '090500', 13: '1120', 37: `632402${stan}`, ...more });
}

const network = (what: NetworkFunction, more?: ElementValues): Message =>
  numbered(buildNetworkRequest(jht, identity, what), more);

async function loadKeys(wire: Wire, pad: TestPad): Promise<void> {
  const reply = value(readNetworkReply(jht, await wire.exchange(network('keyExchange'))));
  if (reply.keys === undefined) throw new Error('no keys');
  value(await pad.loadKeys(reply.keys));
}

async function signedOn(): Promise<{ wire: Wire; pad: TestPad }> {
  const [wire, pad] = [await open(), createTestPad()];
  expect((await wire.exchange(network('signOn'))).get(39)).toBe('00');
  await loadKeys(wire, pad);
  return { wire, pad };
}

const sealed = async (pad: TestPad, message: Message): Promise<Message> =>
  withMac(message, value(await pad.mac(value(macInput(jht, message)))));

function inquiry(pad: TestPad, more: { readonly page?: string } = {}, of = persona('normal')): Message {
  const pinBlock = pad.pinBlock('123456', of.pan);
  return buildInquiry(jht, identity, {
    product: 'JHTBAL',
    language: 'id',
    track2: of.track2,
    pinBlock,
    entry: 'stripe',
    ...more,
  });
}

describe('an inquiry', () => {
  it('without a MAC is refused with 63', async () => {
    const { wire, pad } = await signedOn();
    expect((await wire.exchange(numbered(inquiry(pad)))).get(39)).toBe('63');
    expect((await wire.exchange(await sealed(pad, numbered(inquiry(pad))))).get(39)).toBe('00');
  });

  it('changed on the way is refused with 63, wherever it was changed', async () => {
    const { wire, pad } = await signedOn();
    const message = await sealed(pad, numbered(inquiry(pad)));
    for (const changes of [
      { 7: '1120020501' },
      { 43: ' '.repeat(40) },
      { 32: '999937' },
      { 48: 'PI006JHTBALLG002en' },
    ]) {
      expect((await wire.exchange(withElements(message, changes))).get(39)).toBe('63');
    }
  });

  it('that comes again after a change of keys has the same answer, under the key of now', async () => {
    const { wire, pad } = await signedOn();
    const message = numbered(inquiry(pad));
    const first = await wire.exchange(await sealed(pad, message));
    expect(first.get(39)).toBe('00');
    await loadKeys(wire, pad);
    wire.send(await sealed(pad, message));
    const frame = await wire.frame();
    const again = value(jht.codec.unpack(frame));
    expect(withElements(again, { 64: undefined }).elements.map((one) => again.get(one))).toEqual(
      withElements(first, { 64: undefined }).elements.map((one) => first.get(one)),
    );
    const { data, mac } = receivedMacInput(frame);
    expect(await pad.mac(data)).toEqual({ ok: true, value: mac });
  });

  it('for a page that does not exist is refused, and not approved with nothing in it', async () => {
    const { wire, pad } = await signedOn();
    const reply = await wire.exchange(await sealed(pad, numbered(inquiry(pad, { page: '9' }))));
    expect(value(readInquiryReply(jht, reply)).responseCode).toBe('30');
  });

  it('under STAN 000000 is refused', async () => {
    const { wire, pad } = await signedOn();
    const message = await sealed(pad, numbered(inquiry(pad), { 11: '000000' }));
    expect((await wire.exchange(message)).get(39)).toBe('30');
  });

  it('of a terminal that signed off, or that signed on over another connection, is refused with 58', async () => {
    const { wire, pad } = await signedOn();
    const other = await open();
    expect((await other.exchange(await sealed(pad, numbered(inquiry(pad))))).get(39)).toBe('58');
    expect((await wire.exchange(network('signOff'))).get(39)).toBe('00');
    expect((await wire.exchange(await sealed(pad, numbered(inquiry(pad))))).get(39)).toBe('58');
  });
});

describe('network management', () => {
  it('before sign-on is refused with 58', async () => {
    const wire = await open();
    for (const what of ['echo', 'keyExchange', 'cutOver', 'signOff'] as const)
      expect((await wire.exchange(network(what))).get(39)).toBe('58');
  });

  it('with a function that the profile does not have is refused with 12, a malformed one with 30', async () => {
    const wire = await open();
    const unknown = await wire.exchange(network('echo', { 70: '999' }));
    expect([unknown.mti, unknown.get(39), unknown.get(70)]).toEqual(['0810', '12', '999']);
    expect((await wire.exchange(network('echo', { 41: undefined }))).get(39)).toBe('30');
    expect((await wire.exchange(network('signOn', { 11: '000000' }))).get(39)).toBe('30');
    expect((await wire.exchange(network('echo'))).get(39)).toBe('58');
  });
});

describe('garbage', () => {
  it.each([
    ['all ones', Buffer.alloc(100, 0xff), /framing lost: length-too-large: expected at most 4096 bytes, got 65535/],
    ['a web browser', Buffer.from('GET / HTTP/1.0\r\n\r\n'), /framing lost: length-too-large/],
    ['an empty frame', Buffer.alloc(2), /framing lost: length-too-small/],
  ])('%s: the connection is closed, and the log says whose', async (_, bytes, says) => {
    const { socket } = await open();
    const port = socket.localPort ?? 0;
    socket.write(bytes);
    await once(socket, 'close');
    expect(log.join('\n')).toMatch(says);
    expect(log.find((line) => says.test(line))).toContain(`127.0.0.1:${port}`);
    expect((await (await open()).exchange(network('signOn'))).get(39)).toBe('00');
  });

  it('a frame that holds no message, and types that no host of ours has: said in the log, and the connection stays', async () => {
    const wire = await open();
    wire.socket.write(createFramer(jht.framing).encode(Buffer.from('x'.repeat(50))));
    wire.send(createMessage('0400', { 11: '000001', 41: 'ANJ00001' }));
    wire.send(createMessage('0810', { 11: '000001', 39: '00', 41: 'ANJ00001', 70: '301' }));
    expect((await wire.exchange(network('signOn'))).get(39)).toBe('00');
    expect(log.join('\n')).toMatch(/not understood: MTI at 0: expected 4 digits, got a lower-case letter/);
    expect(log.join('\n')).toMatch(/0400 is not answered here/);
  });
});

describe('the log', () => {
  it('tells who comes and goes, and when an answer is not sent as it says', async () => {
    const { wire, pad } = await signedOn();
    const port = wire.socket.localPort ?? 0;
    host.behave('garbled');
    wire.send(await sealed(pad, numbered(inquiry(pad))));
    await wire.frame();
    host.behave('normal');
    wire.send(await sealed(pad, numbered(inquiry(pad, {}, persona('silent')))));
    // The next answer comes after the silence was logged.
    await wire.exchange(network('echo'));
    wire.socket.destroy();
    while (host.state().connections > 0) await new Promise((resolve) => host.onState(resolve));
    const text = log.join('\n');
    expect(text).toContain(`127.0.0.1:${port} connected`);
    expect(text).toContain(`127.0.0.1:${port} closed`);
    expect(log.find((line) => line.includes('******0010'))).toMatch(/-> 00 .* \(sent garbled\)$/);
    expect(log.find((line) => line.includes('******0127'))).toMatch(/\(never sent\)$/);
  });
});

describe('byte by byte', () => {
  it('two answers at once stay whole, one after the other', async () => {
    const { wire, pad } = await signedOn();
    host.behave('trickle');
    wire.send(await sealed(pad, numbered(inquiry(pad))));
    wire.send(await sealed(pad, numbered(inquiry(pad, {}, persona('large')))));
    wire.send(network('echo'));
    const types: string[] = [];
    for (let index = 0; index < 3; index += 1) types.push(value(jht.codec.unpack(await wire.frame())).mti);
    expect(types).toEqual(['0210', '0210', '0810']);
  });
});
