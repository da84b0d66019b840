/** The host's side of DUKPT: whose message, which keys, and each counter once. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../storage/sqlite.ts';
import { nextCounter } from './dukpt-counter.ts';
import { createDukptCounters, openDukptCounters } from './dukpt-counters.ts';
import { createDukptReceiver } from './dukpt-receiver.ts';
import type { DukptBase, DukptMessage, DukptReceiver, DukptReceiverOptions } from './dukpt-receiver.ts';
import { DUKPT_SCHEMES } from './dukpt-scheme.ts';
import type { DukptSchemeName } from './dukpt-scheme.ts';
import { DUKPT_CIPHERS, keyingMistakes, PIN_BLOCK_CIPHERS } from './keying.ts';
import { computeMac } from './mac-algorithms.ts';
import type { Algorithms } from './message-keys.ts';
import { sessionMessageKeys } from './message-keys.ts';
import { PIN_BLOCK_FORMATS } from './pin-block-formats.ts';

const PAN = '9999990000000001';
const REQUEST = Buffer.from('0200 a request', 'latin1');
const REPLY = Buffer.from('0210 a reply', 'latin1');
const TDES: Algorithms = { pinFormat: 'iso-0', mac: { algorithm: 'x9.19', bytes: 8 } };
const AES: Algorithms = { pinFormat: 'iso-4', mac: { algorithm: 'aes-cmac', bytes: 8 } };
const schemes = Object.keys(DUKPT_SCHEMES) as DukptSchemeName[];

const algorithmsOf = (scheme: DukptSchemeName): Algorithms => (scheme === 'tdes' ? TDES : AES);
const baseOf = (scheme: DukptSchemeName): DukptBase => ({
  keySet: scheme === 'tdes' ? 'FFFF987654' : '12345678',
  key: Uint8Array.from({ length: DUKPT_SCHEMES[scheme].keyBytes }, (_, at) => 7 * at + 1),
});
const ksnOf = (scheme: DukptSchemeName, counter: number): string =>
  scheme === 'tdes'
    ? `FFFF98765432${(0x10e00000 + counter).toString(16).toUpperCase()}`
    : `1234567890123456${counter.toString(16).toUpperCase().padStart(8, '0')}`;

function value<T, E>(result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E }): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function receiver(scheme: DukptSchemeName, more: Partial<DukptReceiverOptions> = {}): DukptReceiver {
  const options = { ...algorithmsOf(scheme), scheme, bases: [baseOf(scheme)], counters: createDukptCounters() };
  return value(createDukptReceiver({ ...options, ...more }));
}

/** What the pad sends for a transaction, and what it expects in return. */
function send(scheme: DukptSchemeName, counter: number, pin = '123456') {
  const { pinFormat, mac } = algorithmsOf(scheme);
  const table = DUKPT_SCHEMES[scheme];
  const text = ksnOf(scheme, counter);
  const ksn = value(table.parseKsn(text));
  const key = table.transactionKey(table.initialKey(baseOf(scheme).key, ksn), ksn);
  return {
    ksn: text,
    block: value(PIN_BLOCK_FORMATS[pinFormat].encrypt(table.workingKey(key, ksn, 'pin'), pin, PAN)),
    mac: computeMac(mac, table.workingKey(key, ksn, 'request-mac'), REQUEST),
    replyMac: computeMac(mac, table.workingKey(key, ksn, 'response-mac'), REPLY),
  };
}

describe.each(schemes)('%s', (scheme) => {
  it('reads PIN and MAC, and makes the reply its own MAC', () => {
    const sent = send(scheme, 1);
    const message = value(receiver(scheme).open('ANJ00001', sent.ksn));
    expect(message.verifyMac(REQUEST, sent.mac)).toBe(true);
    expect(message.pin(sent.block, PAN)).toEqual({ ok: true, value: '123456' });
    expect(message.mac(REPLY)).toBe(sent.replyMac);
    expect(message).toMatchObject({ counter: 1, last: false });
    // A request's MAC is not good for a reply.
    expect(message.mac(REQUEST)).not.toBe(sent.mac);
  });

  it('takes every counter once, and only upwards', () => {
    const host = receiver(scheme);
    const use = (counter: number): boolean => {
      const sent = send(scheme, counter);
      const opened = host.open('ANJ00001', sent.ksn);
      return opened.ok && opened.value.verifyMac(REQUEST, sent.mac);
    };
    expect([use(1), use(2), use(5)]).toEqual([true, true, true]);
    expect([use(5), use(4), use(1)]).toEqual([false, false, false]);
    expect(host.open('ANJ00001', send(scheme, 5).ksn)).toEqual({ ok: false, error: { code: 'ksn-used' } });
    expect(use(6)).toBe(true);
  });

  it('takes the last one again for a repeat, but none before it', () => {
    const host = receiver(scheme);
    for (const counter of [1, 2]) {
      const sent = send(scheme, counter);
      expect(value(host.open('ANJ00001', sent.ksn)).verifyMac(REQUEST, sent.mac)).toBe(true);
    }
    const again = send(scheme, 2);
    expect(value(host.open('ANJ00001', again.ksn, true)).verifyMac(REQUEST, again.mac)).toBe(true);
    expect(host.open('ANJ00001', send(scheme, 1).ksn, true)).toEqual({ ok: false, error: { code: 'ksn-used' } });
  });

  it('says when a counter was the last', () => {
    const { counter } = DUKPT_SCHEMES[scheme];
    const end = scheme === 'tdes' ? 0x1ff800 : 0xffff0000;
    expect(nextCounter(counter, end)).toBeUndefined();
    expect(value(receiver(scheme).open('ANJ00001', ksnOf(scheme, end)))).toMatchObject({ counter: end, last: true });
  });
});

describe('what has not proved itself', () => {
  const used = (host: DukptReceiver, counter: number): boolean => {
    const sent = send('tdes', counter);
    const opened = host.open('ANJ00001', sent.ksn);
    return opened.ok && opened.value.verifyMac(REQUEST, sent.mac);
  };

  it('does not use its counter up: nobody is locked out by a high number', () => {
    const host = receiver('tdes');
    const forged = value(host.open('ANJ00001', ksnOf('tdes', 0x100000)));
    expect(forged.verifyMac(REQUEST, '0000000000000000')).toBe(false);
    expect(forged.pin('0000000000000000', PAN)).toMatchObject({ ok: false });
    expect(used(host, 1)).toBe(true);
  });

  it('a PIN block proves it too, where there is no MAC', () => {
    const host = receiver('tdes');
    const sent = send('tdes', 3);
    expect(value(host.open('ANJ00001', sent.ksn)).pin(sent.block, PAN)).toEqual({ ok: true, value: '123456' });
    expect(host.open('ANJ00001', sent.ksn)).toEqual({ ok: false, error: { code: 'ksn-used' } });
  });

  it('of two with the same counter at the same time, one is taken', () => {
    const host = receiver('tdes');
    const sent = send('tdes', 1);
    const [one, other] = [value(host.open('ANJ00001', sent.ksn)), value(host.open('ANJ00001', sent.ksn))];
    expect(one.verifyMac(REQUEST, sent.mac)).toBe(true);
    expect(other.verifyMac(REQUEST, sent.mac)).toBe(false);
    expect(other.pin(sent.block, PAN)).toMatchObject({ ok: false });
    // The one that was taken stays what it is.
    expect(one.verifyMac(REQUEST, sent.mac)).toBe(true);
  });
});

describe('who it is from', () => {
  it('an initial key is one terminal only', () => {
    const host = receiver('tdes');
    const sent = send('tdes', 1);
    expect(value(host.open('ANJ00001', sent.ksn)).verifyMac(REQUEST, sent.mac)).toBe(true);
    expect(host.open('ANJ00002', send('tdes', 2).ksn)).toEqual({
      ok: false,
      error: { code: 'key-of-another-terminal' },
    });
  });

  it('base keys are found by key set, and an unknown one is refused', () => {
    expect(receiver('tdes', { bases: [{ ...baseOf('tdes'), keySet: 'AAAAAA' }] }).open('A', ksnOf('tdes', 1))).toEqual({
      ok: false,
      error: { code: 'key-set-unknown' },
    });
    const other = { keySet: 'FFFF11', key: new Uint8Array(16) };
    const sent = send('tdes', 1);
    const message: DukptMessage = value(receiver('tdes', { bases: [other, baseOf('tdes')] }).open('A', sent.ksn));
    expect(message.verifyMac(REQUEST, sent.mac)).toBe(true);
  });

  it('a serial number that is none is refused, and not repeated', () => {
    for (const ksn of ['', 'zz', ksnOf('tdes', 0), ksnOf('tdes', 0x7ff), 'F'.repeat(5000)]) {
      const opened = receiver('tdes').open('A', ksn);
      expect(opened.ok).toBe(false);
      if (ksn !== '') expect(JSON.stringify(opened)).not.toContain(ksn);
    }
  });

  it('initial keys beyond the bound are refused, and those known stay', () => {
    const host = receiver('aes-128', { counters: createDukptCounters(1) });
    const sent = send('aes-128', 1);
    expect(value(host.open('A', sent.ksn)).verifyMac(REQUEST, sent.mac)).toBe(true);
    const counters = createDukptCounters(1);
    expect(counters.write('one', { terminalId: 'A', counter: 1 })).toBe(true);
    expect(counters.write('two', { terminalId: 'B', counter: 1 })).toBe(false);
    expect(counters.write('one', { terminalId: 'A', counter: 2 })).toBe(true);
    expect([counters.read('one'), counters.read('two')]).toEqual([{ terminalId: 'A', counter: 2 }, undefined]);
  });
});

describe('counters on disk', () => {
  it('are there after a restart: what was sent before is not taken again', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'dukpt-'));
    try {
      const take = (counter: number): boolean => {
        const database = value(openDatabase(path.join(folder, 'counters.sqlite')));
        try {
          const sent = send('aes-256', counter);
          const host = receiver('aes-256', { counters: value(openDukptCounters(database)) });
          const opened = host.open('ANJ00001', sent.ksn);
          return opened.ok && opened.value.verifyMac(REQUEST, sent.mac);
        } finally {
          database.close();
        }
      };
      // The greatest counter is beyond what a signed word of 32 bits has.
      expect([take(1), take(1), take(0xfffe8000), take(2), take(0xffff0000)]).toEqual([true, false, true, false, true]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('only go up, stay with their terminal, and are bounded', () => {
    const database = value(openDatabase(':memory:'));
    const counters = value(openDukptCounters(database, 2));
    expect(counters.write('one', { terminalId: 'A', counter: 5 })).toBe(true);
    expect(counters.write('one', { terminalId: 'A', counter: 4 })).toBe(false);
    expect(counters.write('one', { terminalId: 'A', counter: 5 })).toBe(true);
    expect(counters.write('one', { terminalId: 'B', counter: 6 })).toBe(false);
    expect(counters.write('two', { terminalId: 'B', counter: 1 })).toBe(true);
    expect(counters.write('three', { terminalId: 'C', counter: 1 })).toBe(false);
    expect(counters.write('two', { terminalId: 'B', counter: 2 })).toBe(true);
    expect(counters.read('one')).toEqual({ terminalId: 'A', counter: 5 });
    expect(counters.read('three')).toBeUndefined();
    database.close();
  });

  it('nothing is taken when they cannot be read or written', () => {
    const database = value(openDatabase(':memory:'));
    const host = receiver('tdes', { counters: value(openDukptCounters(database)) });
    const sent = send('tdes', 1);
    const opened = value(host.open('ANJ00001', sent.ksn));
    database.close();
    expect(opened.verifyMac(REQUEST, sent.mac)).toBe(false);
    expect(host.open('ANJ00001', sent.ksn)).toEqual({ ok: false, error: { code: 'counters-unavailable' } });
  });
});

describe('options', () => {
  it('mistakes come all at once', () => {
    const bases = [
      { keySet: 'FFFF98', key: new Uint8Array(8) },
      { keySet: 'FFFF987654', key: new Uint8Array(16) },
      { keySet: 'ffff00', key: new Uint8Array(16) },
    ];
    const made = createDukptReceiver({ ...TDES, scheme: 'tdes', bases, counters: createDukptCounters() });
    expect(made).toEqual({
      ok: false,
      error: [
        { path: 'bases[0].key', rule: '16 bytes' },
        { path: 'bases[1].keySet', rule: 'not the same as that of bases[0]' },
        { path: 'bases[2].keySet', rule: '6 to 12 upper-case hex digits' },
      ],
    });
    const none = createDukptReceiver({ ...AES, scheme: 'aes-256', bases: [], counters: createDukptCounters() });
    expect(none).toEqual({ ok: false, error: [{ path: 'bases', rule: 'at least one' }] });
  });

  it('a profile chooses among what goes together', () => {
    const dukpt = { kind: 'dukpt', scheme: 'tdes', ksnElement: 53 } as const;
    expect(keyingMistakes({ kind: 'session-keys' }, TDES)).toEqual([]);
    expect(keyingMistakes({ kind: 'session-keys' }, AES)).toEqual([]);
    expect(keyingMistakes(dukpt, TDES)).toEqual([]);
    expect(keyingMistakes({ ...dukpt, scheme: 'aes-256' }, AES)).toEqual([]);
    const wrong = { ...dukpt, ksnElement: 64 };
    const places = keyingMistakes(wrong, { ...AES, mac: { algorithm: 'aes-cmac', bytes: 17 } }).map(({ path }) => path);
    expect(places).toEqual(['mac.bytes', 'pin.format', 'mac.algorithm', 'keying.ksnElement']);
  });

  it('what a profile is checked by is what the tables do', () => {
    const ciphers = (table: object): object =>
      Object.fromEntries(Object.entries(table).map(([name, row]) => [name, (row as { cipher: string }).cipher]));
    expect(PIN_BLOCK_CIPHERS).toEqual(ciphers(PIN_BLOCK_FORMATS));
    expect(DUKPT_CIPHERS).toEqual(ciphers(DUKPT_SCHEMES));
  });

  it('session keys have the same face', () => {
    const keys = { pin: new Uint8Array(16).fill(3), mac: new Uint8Array(16).fill(5) };
    const message = sessionMessageKeys(keys, TDES);
    const block = value(PIN_BLOCK_FORMATS['iso-0'].encrypt(keys.pin, '123456', PAN));
    expect(message.pin(block, PAN)).toEqual({ ok: true, value: '123456' });
    expect(message.verifyMac(REQUEST, computeMac(TDES.mac, keys.mac, REQUEST))).toBe(true);
    expect(message.verifyMac(REPLY, computeMac(TDES.mac, keys.mac, REQUEST))).toBe(false);
    expect(message.mac(REPLY)).toBe(computeMac(TDES.mac, keys.mac, REPLY));
  });
});
