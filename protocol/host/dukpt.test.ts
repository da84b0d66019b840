/** Whole inquiries under DUKPT, over TCP: the pad's side made with the functions of protocol/security from its initial key. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '../iso8583/message.ts';
import type { LinkSecurity } from '../link/contract.ts';
import { buildInquiry, readInquiryReply } from '../profile/inquiry.ts';
import { createProfile, type HostProfile } from '../profile/profile.ts';
import { jht as data } from '../profile/profiles/jht.ts';
import { ok } from '../result.ts';
import { DUKPT_SCHEMES, type DukptScheme, type DukptSchemeName } from '../security/dukpt-scheme.ts';
import { computeMac } from '../security/mac-algorithms.ts';
import { PIN_BLOCK_FORMATS } from '../security/pin-block-formats.ts';
import { createSimulatedClock, type SimulatedClock } from '../test-clock.ts';
import { startHost } from './host.ts';
import { TEST_BASES } from './message-keys.ts';
import { PERSONA_PIN } from './personas.ts';
import { algorithmsOf } from './terminal-keys.ts';
import { createBench, identity, persona, value, type TestBench } from './test-terminal.ts';

const KSN = 62;

function profileOf(scheme: DukptSchemeName): HostProfile {
  const aes = scheme !== 'tdes';
  const elements = {
    ...data.elements,
    ...(aes ? { 52: { name: 'PIN block', format: 'b 16' } } : {}),
    [KSN]: { name: 'Key serial number', format: aes ? 'b 12' : 'b 10' },
  };
  return value(
    createProfile(`test ${scheme}`, {
      ...data,
      elements,
      keying: { kind: 'dukpt', scheme, ksnElement: KSN },
      ...(aes ? { pin: { ...data.pin, format: 'iso-4' }, mac: { ...data.mac, kind: 'aes-cmac' } } : {}),
    }),
  );
}

const serial = (scheme: DukptSchemeName, counter: number): string =>
  scheme === 'tdes'
    ? `FFFF9876543210E${counter.toString(16).padStart(5, '0')}`.toUpperCase()
    : `1234567890123456${counter.toString(16).padStart(8, '0')}`.toUpperCase();

/** One transaction at a time, each with the next counter. */
function createPad(profile: HostProfile, name: DukptSchemeName, first = 1) {
  const scheme: DukptScheme = DUKPT_SCHEMES[name];
  let counter = first - 1;
  const keyFor = (use: 'pin' | 'request-mac' | 'response-mac'): Uint8Array => {
    const ksn = value(scheme.parseKsn(serial(name, counter)));
    const initial = scheme.initialKey(TEST_BASES[name].key, ksn);
    return scheme.workingKey(scheme.transactionKey(initial, ksn), ksn, use);
  };
  const security: LinkSecurity = {
    loadKeys: () => Promise.resolve(ok()),
    mac(bytes) {
      const reply = Buffer.from(bytes).toString('latin1', 2, 3) === '1';
      const key = keyFor(reply ? 'response-mac' : 'request-mac');
      return Promise.resolve(ok(computeMac(algorithmsOf(profile).mac, key, bytes)));
    },
  };
  return {
    security,
    next: () => (counter += 1),
    back: () => (counter -= 1),
    ksn: () => serial(name, counter),
    pinBlock: (pin: string, pan: string) =>
      value(PIN_BLOCK_FORMATS[profile.pin.format].encrypt(keyFor('pin'), pin, pan)),
  };
}

let clock: SimulatedClock;
let bench: TestBench;

beforeEach(() => {
  clock = createSimulatedClock();
  bench = createBench(clock);
});
afterEach(async () => {
  const closed = bench.close();
  await clock.advance(2000);
  await closed;
});

async function open(scheme: DukptSchemeName, options: { database?: string; first?: number } = {}) {
  const profile = profileOf(scheme);
  const { database, first } = options;
  const host = await bench.host({ profile, ...(database === undefined ? {} : { database }) });
  const pad = createPad(profile, scheme, first);
  const { link } = bench.terminal(host.port, { profile, security: pad.security });
  for (let tries = 0; tries < 50 && link.state().state !== 'in-service'; tries += 1) await clock.advance(1);
  expect(link.state().state).toBe('in-service');
  const normal = persona('normal');
  const inquiry = (pin = PERSONA_PIN): Message =>
    buildInquiry(profile, identity, {
      product: 'JHTBAL',
      language: 'id',
      track2: normal.track2,
      pinBlock: pad.pinBlock(pin, normal.pan),
      entry: 'stripe',
      ksn: pad.ksn(),
    });
  const send = async (message: Message): Promise<string> => {
    const asked = await link.request(message, new AbortController().signal);
    if (!asked.ok) return asked.error.code;
    const reply = value(readInquiryReply(profile, asked.value.reply));
    if (reply.meaning === 'approved') expect(reply.memberships).toEqual(normal.memberships);
    return reply.responseCode;
  };
  return { pad, host, inquiry, send };
}

describe.each(['tdes', 'aes-128', 'aes-192', 'aes-256'] as const)('%s', (scheme) => {
  it('PIN and MACs both ways, each under keys of its own', async () => {
    const { pad, inquiry, send } = await open(scheme);
    for (const [pin, code] of [
      ['123456', '00'],
      ['654321', '55'],
      ['123456', '00'],
    ] as const) {
      pad.next();
      expect(await send(inquiry(pin))).toBe(code);
    }
  });

  it('a counter of the past is refused, and its reply cannot have a MAC', async () => {
    const { pad, inquiry, send } = await open(scheme, { first: 4 });
    pad.next();
    expect(await send(inquiry())).toBe('00');
    pad.back();
    expect(await send(inquiry())).toBe('mac-wrong');
    pad.next();
    expect(await send(inquiry())).toBe('00');
  });
});

it('a host that starts again remembers the counters', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'anjungan-dukpt-'));
  try {
    const database = join(folder, 'host.db');
    const before = await open('tdes', { database, first: 7 });
    before.pad.next();
    expect(await before.send(before.inquiry())).toBe('00');
    await before.host.stop();
    const after = await open('tdes', { database, first: 6 });
    after.pad.next();
    expect(await after.send(after.inquiry())).toBe('mac-wrong');
    after.pad.next();
    expect(await after.send(after.inquiry())).toBe('00');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it('a base key that does not fit is told at start', async () => {
  const started = await startHost({ profile: profileOf('tdes'), bases: [{ keySet: 'x', key: new Uint8Array(3) }] });
  expect(started).toMatchObject({ ok: false, error: { code: 'bad-base-key' } });
});
