/** Every profile that is built in: its messages byte by byte, and whole inquiries against the host simulator speaking it. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { startHost, TEST_MASTER_KEY } from '../host/host.ts';
import type { HostOptions, RunningHost } from '../host/host.ts';
import { PERSONA_PIN } from '../host/personas.ts';
import { identity, persona, value } from '../host/test-terminal.ts';
import { createMessage, withElements } from '../iso8583/message.ts';
import type { Message } from '../iso8583/message.ts';
import type { LinkSecurity } from '../link/contract.ts';
import { createFramer } from '../link/framing.ts';
import { createLink } from '../link/link.ts';
import type { Link } from '../link/link.ts';
import { fail, ok } from '../result.ts';
import { fromHex } from '../security/hex.ts';
import { unwrapKey } from '../security/keys.ts';
import { computeMac } from '../security/mac-algorithms.ts';
import { encryptPinBlock0 } from '../security/pin-block.ts';
import { createSimulatedClock } from '../test-clock.ts';
import { LINK_ELEMENTS, membership, sentInquiry, TERMINAL } from './fixtures.ts';
import { buildInquiry, buildInquiryReply, readInquiry, readInquiryReply } from './inquiry.ts';
import { macInput, needsMac, receivedMacInput, withMac } from './mac.ts';
import { buildNetworkReply, buildNetworkRequest, readNetworkReply } from './network.ts';
import { createProfile, loadProfile, PROFILES } from './profile.ts';
import type { HostProfile } from './profile.ts';
import { jhtBcd } from './profiles/jht-bcd.ts';
import { jht } from './profiles/jht.ts';

const KEY = Buffer.from('0123456789ABCDEFFEDCBA9876543210', 'hex');
const KEYS = { pinKey: 'A'.repeat(32), pinCheck: '08D7B4', macKey: 'B'.repeat(32), macCheck: 'CB9DEA' };
/** Made by an encoder that shares nothing with this one; part by part, in hex, in the order in which they are sent. */
const GOLDEN = JSON.parse(readFileSync(new URL('golden.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, Readonly<Record<Kind, Readonly<Record<string, string>>>>>
>;
type Kind = 'request' | 'reply' | 'network' | 'networkReply';

/** What the link does, with a key that is known. */
function signed(profile: HostProfile, message: Message): Message {
  if (profile.mac.kind === 'none' || !needsMac(profile, message.mti)) return message;
  return withMac(message, computeMac(profile.mac.choice, KEY, value(macInput(profile, message))));
}

const approvedOf = (profile: HostProfile): string => (profile.meaning('0000').known ? '0000' : '00');

function messages(profile: HostProfile): Readonly<Record<Kind, Message>> {
  const request = sentInquiry(profile);
  const answer = { responseCode: approvedOf(profile), memberships: [membership(0)], asOf: '20261031' };
  const asked = buildNetworkRequest(profile, TERMINAL, 'keyExchange');
  const network = withElements(asked, { ...LINK_ELEMENTS, 11: '000002' });
  return {
    request: signed(profile, request),
    reply: signed(profile, buildInquiryReply(profile, request, answer)),
    network,
    networkReply: buildNetworkReply(profile, network, { responseCode: approvedOf(profile), keys: KEYS }),
  };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

describe.each(PROFILES)('%s', (name) => {
  const profile = value(loadProfile(name));
  const kinds: readonly Kind[] = ['request', 'reply', 'network', 'networkReply'];

  it.each(kinds)('the golden %s, and back', (kind) => {
    const message = messages(profile)[kind];
    const framed = hex(createFramer(profile.framing).encode(value(profile.codec.pack(message))));
    expect(framed).toBe(Object.values(GOLDEN[name]?.[kind] ?? {}).join(''));
    const frames = value(createFramer(profile.framing).push(Buffer.from(framed, 'hex')));
    expect(frames).toHaveLength(1);
    const frame = frames[0] ?? Buffer.alloc(0);
    const back = value(profile.codec.unpack(frame));
    expect(back.mti).toBe(message.mti);
    expect(back.elements).toEqual(message.elements);
    for (const element of message.elements) expect(back.get(element), `DE${element}`).toBe(message.get(element));
    expect(hex(value(profile.codec.pack(back)))).toBe(hex(frame));
    if (profile.mac.kind === 'none' || !needsMac(profile, back.mti)) return;
    const { data, mac } = receivedMacInput(frame, profile);
    expect(computeMac(profile.mac.choice, KEY, data)).toBe(mac);
  });

  it('means what was meant', () => {
    const { request, reply, networkReply } = messages(profile);
    expect(readInquiry(profile, request)).toMatchObject({ ok: true, value: { terminalId: TERMINAL.terminalId } });
    expect(readInquiryReply(profile, reply)).toMatchObject({
      ok: true,
      value: { meaning: 'approved', memberships: [membership(0)], asOf: '20261031' },
    });
    expect(readNetworkReply(profile, networkReply)).toMatchObject({ ok: true, value: { keys: KEYS } });
  });

  it.each(kinds)('every strict prefix of the golden %s is refused, and says where', (kind) => {
    const whole = value(profile.codec.pack(messages(profile)[kind]));
    for (let size = 0; size < whole.length; size++) {
      const read = profile.codec.unpack(whole.subarray(0, size));
      if (read.ok) throw new Error(`${size} of ${whole.length} bytes were taken for the message`);
      expect(read.error.path).toMatch(/^(MTI|bitmap|DE[0-9]+)$/);
      expect(read.error.offset).toBeLessThanOrEqual(size);
    }
  });

  it.each(kinds)(
    'a changed byte of the golden %s is refused, or another message that packs to the same bytes',
    (kind) => {
      const whole = value(profile.codec.pack(messages(profile)[kind]));
      fc.assert(
        fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
          const changed = Buffer.from(whole);
          changed[at] = (changed[at] ?? 0) ^ by;
          const read = profile.codec.unpack(changed);
          if (read.ok) return hex(value(profile.codec.pack(read.value))) === hex(changed);
          return /^(MTI|bitmap|DE[0-9]+)$/.test(read.error.path) && (read.error.offset ?? -1) >= 0;
        }),
        { numRuns: 500 },
      );
    },
  );

  it('carries any names, page by page', () => {
    const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 120 });
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 12 }), (names) => {
        const linked = names.map((text, index) => membership(index, { name: `A${text}`, employer: `B${text}` }));
        const read: string[] = [];
        let page: string | undefined;
        do {
          const request = sentInquiry(profile, page === undefined ? {} : { page });
          const asked = value(profile.codec.unpack(value(profile.codec.pack(signed(profile, request)))));
          const answer = { responseCode: approvedOf(profile), memberships: linked, asOf: '20261031' };
          const packed = value(profile.codec.pack(signed(profile, buildInquiryReply(profile, asked, answer))));
          const reply = value(readInquiryReply(profile, value(profile.codec.unpack(packed))));
          read.push(...reply.memberships.map(({ kpj }) => kpj));
          page = reply.nextPage;
        } while (page !== undefined);
        expect(read).toEqual(linked.map(({ kpj }) => kpj));
      }),
      { numRuns: 15 },
    );
  });

  it('shows nothing secret', () => {
    for (const message of Object.values(messages(profile))) {
      expect(profile.codec.describe(message)).not.toMatch(
        /999999000|0123456789ABCDEF|SITI|MAJU|1900000|AAAA|BBBB|12\.345/,
      );
    }
  });
});

/** Does what a PIN pad does, with the MAC of the profile. */
function createPad(profile: HostProfile): LinkSecurity & { pinBlock(pin: string, pan: string): string } {
  const master = fromHex(TEST_MASTER_KEY, 16) ?? Buffer.alloc(0);
  let pinKey: Uint8Array = Buffer.alloc(0);
  let macKey: Uint8Array = Buffer.alloc(0);
  return {
    loadKeys(keys) {
      const [pin, mac] = [unwrapKey(master, keys.pinKey, keys.pinCheck), unwrapKey(master, keys.macKey, keys.macCheck)];
      if (!pin.ok) return Promise.resolve(pin);
      if (!mac.ok) return Promise.resolve(mac);
      [pinKey, macKey] = [pin.value, mac.value];
      return Promise.resolve(ok());
    },
    mac(data) {
      const { mac } = profile;
      return Promise.resolve(mac.kind === 'none' ? fail({ code: 'no-key' }) : ok(computeMac(mac.choice, macKey, data)));
    },
    pinBlock: (pin, pan) => value(encryptPinBlock0(pinKey, pin, pan)),
  };
}

/** With what a pad of today can do, too. */
const withX919 = value(createProfile('mine', { ...jhtBcd, mac: { ...jhtBcd.mac, kind: 'x9.19' } }));
const SPOKEN: readonly (readonly [string, HostProfile])[] = [
  ...PROFILES.map((name) => [name, value(loadProfile(name))] as const),
  ['jht-bcd with X9.19', withX919],
];

const clock = createSimulatedClock();
const running: { host?: RunningHost | undefined; link?: Link | undefined } = {};

afterEach(async () => {
  const closed = running.link?.close();
  await clock.advance(3000);
  await closed;
  await running.host?.close();
  running.link = undefined;
  running.host = undefined;
});

async function terminal(profile: HostProfile, options: Partial<HostOptions> = {}) {
  const host = value(await startHost({ profile, clock, ...options }));
  running.host = host;
  let stan = 0;
  const pad = createPad(profile);
  const link = createLink({
    profile,
    endpoints: [{ host: '127.0.0.1', port: host.port }],
    terminal: identity,
    timeZone: 'Asia/Jakarta',
    security: pad,
    stan: { next: () => ok(String((stan += 1)).padStart(6, '0')) },
    clock,
    random: () => 0.5,
  });
  running.link = link;
  for (let tries = 0; tries < 50 && link.state().state !== 'in-service'; tries += 1) await clock.advance(1);
  expect(link.state()).toEqual({ state: 'in-service' });
  const ask = async (id: Parameters<typeof persona>[0], pin = PERSONA_PIN) => {
    const of = persona(id);
    const draft = buildInquiry(profile, identity, {
      product: 'JHTBAL',
      language: 'id',
      track2: of.track2,
      pinBlock: pad.pinBlock(pin, of.pan),
      entry: 'stripe',
    });
    const asked = link.request(draft, new AbortController().signal);
    await clock.advance(0);
    const exchange = value(await asked);
    return { ...value(readInquiryReply(profile, exchange.reply)), raw: exchange.reply };
  };
  return { host, link, ask };
}

describe.each(SPOKEN)('%s, over a socket with the host simulator', (_, profile) => {
  it('signs on, gets its keys, and every inquiry its answer', async () => {
    const { ask, link } = await terminal(profile);
    const one = await ask('normal');
    expect(one).toMatchObject({ meaning: 'approved', known: true, memberships: persona('normal').memberships });
    expect(one.raw.get(11)).toHaveLength(6);
    expect((await ask('multi')).memberships).toEqual(persona('multi').memberships);
    expect(await ask('unlinked')).toMatchObject({ meaning: 'not-linked', known: true, memberships: [] });
    expect(await ask('stolen')).toMatchObject({ meaning: 'retain', known: true });
    expect(await ask('expired')).toMatchObject({ meaning: 'card-expired', known: true });
    for (const meaning of ['pin-wrong', 'pin-wrong', 'pin-tries'])
      expect(await ask('normal', '654321')).toMatchObject({ meaning, known: true });
    expect(link.state()).toEqual({ state: 'in-service' });
  });
});

describe.each(SPOKEN.filter(([, { mac }]) => mac.kind !== 'none'))('%s', (_, profile) => {
  it('a MAC that is not its message\u2019s is refused by the host', async () => {
    const { host } = await terminal(profile);
    const log: string[] = [];
    host.onLog((line) => log.push(line));
    const framer = createFramer(profile.framing);
    const socket = connect(host.port, '127.0.0.1');
    const signOn = withElements(buildNetworkRequest(profile, identity, 'signOn'), { ...LINK_ELEMENTS });
    const inquiry = withElements(sentInquiry(profile), { 41: signOn.get(41) });
    const forged = withMac(inquiry, '0123456789ABCDEF');
    for (const message of [signOn, forged]) socket.write(framer.encode(value(profile.codec.pack(message))));
    const frames: Uint8Array[] = [];
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.on('data', (bytes: Buffer) => {
        frames.push(...value(framer.push(bytes)));
        if (frames.length === 2) resolve();
      });
    });
    socket.destroy();
    const reply = value(profile.codec.unpack(frames[1] ?? Buffer.alloc(0)));
    expect(profile.meaning(reply.get(39) ?? '')).toEqual({ meaning: 'system-error', known: true });
    expect(log.some((line) => line.includes('MAC wrong'))).toBe(true);
  });
});

it('an element with a fixed value that another host has is not ours', () => {
  const profile = value(loadProfile('jht-alto'));
  const request = sentInquiry(profile);
  expect(request.elements).toEqual(expect.arrayContaining([100, 127]));
  expect(readInquiry(profile, withElements(request, { 127: 'OTHERBILL' }))).toMatchObject({ error: { path: 'DE127' } });
  expect(readInquiry(profile, withElements(request, { 100: undefined }))).toMatchObject({ error: { path: 'DE100' } });
});

it('with DUKPT, the serial number of the key goes where the profile says, and comes back', () => {
  const keying = { kind: 'dukpt', scheme: 'tdes', ksnElement: 62 };
  const elements = { ...jht.elements, 62: { name: 'Key serial number', format: 'b 10' } };
  const profile = value(createProfile('mine', { ...jht, keying, elements }));
  const request = sentInquiry(profile, { ksn: 'FFFF9876543210E00001' });
  expect(request.get(62)).toBe('FFFF9876543210E00001');
  expect(readInquiry(profile, request)).toMatchObject({ ok: true, value: { ksn: 'FFFF9876543210E00001' } });
  expect(buildInquiryReply(profile, request, { responseCode: '55' }).get(62)).toBe('FFFF9876543210E00001');
  expect(readInquiry(profile, sentInquiry(profile))).toMatchObject({ ok: false, error: { path: 'DE62' } });
  // A profile with session keys has no place for one.
  expect(sentInquiry(value(loadProfile('jht')), { ksn: 'FFFF9876543210E00001' }).has(62)).toBe(false);
});

describe('lines of text from the host', () => {
  const profile = value(loadProfile('jht-alto'));
  const reply = (lines: string | undefined): Message => {
    const answer = { responseCode: '00', memberships: [membership(0), membership(1)], asOf: '20261031' };
    return withElements(buildInquiryReply(profile, sentInquiry(profile), answer), { 57: lines });
  };

  it('come as they were written', () => {
    const answer = { responseCode: '00', memberships: [membership(0)], asOf: '20261031' };
    const read = value(readInquiryReply(profile, buildInquiryReply(profile, sentInquiry(profile), answer)));
    expect(read.lines).toEqual({
      screen: ['JAMINAN HARI TUA', 'POSISI 20261031', '19000000001 Rp 12.345.678'],
      receipt: ['JAMINAN HARI TUA', 'POSISI 20261031', '19000000001 Rp 12.345.678', 'BPJS KETENAGAKERJAAN'],
    });
  });

  it('may be absent, and none may be missing between others', () => {
    expect(value(readInquiryReply(profile, reply(undefined)))).not.toHaveProperty('lines');
    expect(value(readInquiryReply(profile, reply('S0002ABR0001C'))).lines).toEqual({ screen: ['AB'], receipt: ['C'] });
    expect(readInquiryReply(profile, reply('S0002ABS0201C'))).toMatchObject({ ok: false, error: { path: '57.S01' } });
    expect(readInquiryReply(profile, reply('S0041'))).toMatchObject({ ok: false, error: { path: '57.S00' } });
    expect(value(readInquiryReply(profile, reply('Z9902AB'))).lines).toEqual({ screen: [], receipt: [] });
  });

  it('are as many as the profile has, and no wider', () => {
    const many = Array.from({ length: 30 }, (_, index) => membership(index, { name: 'A', employer: 'B' }));
    const built = buildInquiryReply(profile, sentInquiry(profile), { responseCode: '00', memberships: many });
    const read = value(readInquiryReply(profile, built));
    expect(read.lines?.screen.length).toBeLessThanOrEqual(10);
    expect(read.lines?.receipt.length).toBeLessThanOrEqual(19);
    expect(value(profile.codec.unpack(value(profile.codec.pack(signed(profile, built))))).get(57)).toBe(built.get(57));
  });
});

it('a STAN is six digits for the terminal and twelve on the wire; another host\u2019s own number is left as it is', () => {
  const { codec } = value(loadProfile('jht-pln'));
  const wire = (stan: string): Uint8Array => value(codec.pack(createMessage('0800', { 11: stan, 70: '301' })));
  expect(Buffer.from(wire('000123')).toString()).toContain('000000000123');
  expect(value(codec.unpack(wire('000123'))).get(11)).toBe('000123');
  expect(value(codec.unpack(wire('123456789012'))).get(11)).toBe('123456789012');
  expect(codec.describe(createMessage('0800', { 11: '000123' }))).toContain('000000000123');
  expect(codec.pack(createMessage('0800', { 11: '123' }))).toMatchObject({ ok: false, error: { path: 'DE11' } });
  const cut = codec.unpack(wire('000123').subarray(0, -1));
  expect(!cut.ok && cut.error.decoded.get(11)).toBe('000123');
});

it('a MAC of another profile is found where that profile has it', () => {
  const bcd = value(loadProfile('jht-bcd'));
  const message = createMessage('0200', { 3: '310000', 64: '0123456789ABCDEF' });
  const frame = value(bcd.codec.pack(message));
  expect(receivedMacInput(frame, bcd).mac).toBe('0123456789ABCDEF');
  expect(receivedMacInput(frame, bcd).data).toHaveLength(frame.length - 8);
});
