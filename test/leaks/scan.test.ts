/** The scanner must find what is there: each secret is planted in ways that are written apart from how it is looked for. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { expect, it, describe } from 'vitest';
import { luhnHolds } from '../../main/session/card.ts';
import { openDatabase } from '../../protocol/storage/sqlite.ts';
import { binary, leaks, pin, text, type Sentinel } from './scan.ts';
import { filesIn, KPJ, linesNamed, NAME, NIK, NIK_PAN, PAN, PIN, SECRETS, TRACK2 } from './sentinels.ts';

const KEY = Uint8Array.from([
  0x1f, 0x8c, 0x2a, 0x97, 0xe6, 0x4d, 0x52, 0xb3, 0x0e, 0x75, 0xc8, 0x61, 0xda, 0x34, 0x9b, 0xf2,
]);
const BLOCK = KEY.subarray(3, 11);

const quiet = (): Buffer => Buffer.from('An ordinary line: ******3641, 7391•••••55, Z•••••••, STAN 000123.\n', 'utf8');
const around = (planted: Uint8Array): Buffer => Buffer.concat([quiet(), planted, Buffer.from('\n'), quiet()]);
const ascii = (value: string): Buffer => Buffer.from(value, 'ascii');

/** How a value might be written down by somebody who did not think. */
const AS_TEXT: Readonly<Record<string, (value: string) => Uint8Array>> = {
  'a log line': (value) => ascii(`track=${value};`),
  JSON: (value) => ascii(JSON.stringify({ a: { b: [value] } })),
  'UTF-16 from Windows': (value) => Buffer.from(`x${value}y`, 'utf16le'),
  'UTF-16 from the network': (value) =>
    Uint8Array.from(value.split('').flatMap((character) => [0, character.charCodeAt(0)])),
  hex: (value) => ascii(ascii(value).toString('hex')),
  'upper-case hex': (value) => ascii(ascii(value).toString('hex').toUpperCase()),
  'a hex dump': (value) => ascii([...ascii(value)].map((byte) => byte.toString(16)).join(' ')),
  base64: (value) => ascii(ascii(value).toString('base64')),
  'base64 of a longer text': (value) => ascii(ascii(`a${value}bc`).toString('base64')),
  'base64url of a longer text': (value) => ascii(ascii(`ab${value}c`).toString('base64url')),
  'a Buffer as JSON': (value) => ascii(JSON.stringify(ascii(value))),
  'an array as the console shows it': (value) => ascii(`Uint8Array [ ${[...ascii(value)].join(', ')} ]`),
};

const AS_BYTES: Readonly<Record<string, (value: Uint8Array) => Uint8Array>> = {
  raw: (value) => value,
  hex: (value) => ascii(Buffer.from(value).toString('hex')),
  'upper-case hex': (value) => ascii(Buffer.from(value).toString('hex').toUpperCase()),
  'hex of its hex': (value) => ascii(ascii(Buffer.from(value).toString('hex')).toString('hex')),
  'a hex dump': (value) => ascii([...value].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')),
  'hex in UTF-16': (value) => Buffer.from(Buffer.from(value).toString('hex'), 'utf16le'),
  base64: (value) => ascii(Buffer.from(value).toString('base64')),
  'base64 of a longer text': (value) => ascii(Buffer.concat([ascii('k='), value, ascii('!')]).toString('base64')),
  'a Buffer as JSON': (value) => ascii(JSON.stringify(Buffer.from(value))),
};

const TEXTS: readonly (readonly [Sentinel, string])[] = [
  [text('card number', PAN, 8), PAN],
  [text('track 2', TRACK2, 9), TRACK2],
  [text('NIK', NIK, 8), NIK],
  [text('KPJ', KPJ, 7), KPJ],
  [text('name', NAME), NAME],
  [pin(PIN), PIN],
];

describe('the scanner finds', () => {
  const texts = TEXTS.flatMap(([sentinel, value]) =>
    Object.entries(AS_TEXT).map(([way, plant]) => ({ what: sentinel.name, way, sentinel, planted: plant(value) })),
  );
  const bytes = [binary('key', KEY), binary('PIN block', BLOCK)].flatMap((sentinel) =>
    Object.entries(AS_BYTES).map(([way, plant]) => ({
      what: sentinel.name,
      way,
      sentinel,
      planted: plant(sentinel.name === 'key' ? KEY : BLOCK),
    })),
  );

  it.each([...texts, ...bytes])('$what as $way', ({ sentinel, planted }) => {
    expect(leaks([sentinel], [{ name: 'here', bytes: around(planted) }])).toEqual([`${sentinel.name} in here`]);
    expect(leaks([sentinel], [{ name: 'here', bytes: quiet() }])).toEqual([]);
  });

  it('a piece of a number, and half a key', () => {
    const here = (planted: string) => [{ name: 'here', bytes: around(ascii(planted)) }];
    expect(leaks([text('card number', PAN, 8)], here(`first six and more: ${PAN.slice(2, 10)}`))).toHaveLength(1);
    expect(leaks([text('card number', PAN, 8)], here(`${PAN.slice(0, 6)}******${PAN.slice(-4)}`))).toEqual([]);
    expect(leaks([binary('key', KEY)], here(Buffer.from(KEY.subarray(8)).toString('hex')))).toHaveLength(1);
  });

  it('digits two to a byte', () => {
    expect(
      leaks([text('card number', PAN, 8)], [{ name: 'here', bytes: around(Buffer.from(PAN, 'hex')) }]),
    ).toHaveLength(1);
  });

  it('a PIN that is written down key by key, and not one inside a longer number', () => {
    const lines = PIN.split('').map((digit, at) => `09:00:0${at} key ${digit} pressed`);
    expect(leaks([pin(PIN)], [linesNamed('log', lines)])).toHaveLength(1);
    const dump = PIN.split('').map((digit) => `pad <- 3${digit}`);
    expect(leaks([pin(PIN)], [linesNamed('log', dump)])).toHaveLength(1);
    expect(leaks([pin(PIN)], [linesNamed('log', [`hash 12${PIN}34`, `rrn 000${PIN}000`])])).toEqual([]);
  });

  it('what is in a database, in its file or in its write-ahead log', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'anjungan-test-'));
    try {
      const database = openDatabase(path.join(folder, 'x.db'));
      if (!database.ok) throw new Error(database.error.detail);
      database.value.exec('CREATE TABLE t (a TEXT, b BLOB)');
      database.value.prepare('INSERT INTO t VALUES (?, ?)').run(JSON.stringify({ track: TRACK2 }), KEY);
      const found = leaks([text('track 2', TRACK2, 9), binary('key', KEY)], filesIn(folder));
      expect(new Set(found.map((leak) => leak.split(' in ')[0]))).toEqual(new Set(['track 2', 'key']));
      database.value.close();
      expect(leaks([binary('key', KEY)], filesIn(folder))).toEqual(['key in x.db']);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('nothing in noise', () => {
    // The same noise every time: six digits do stand somewhere in enough of it.
    const bytes = Buffer.concat(
      Array.from({ length: 10_000 }, (_, at) => createHash('sha256').update(`noise ${at}`).digest()),
    );
    expect(leaks([...SECRETS, binary('key', KEY), binary('PIN block', BLOCK)], [{ name: 'noise', bytes }])).toEqual([]);
  });
});

it('the cards are cards', () => {
  expect([PAN, NIK_PAN].every(luhnHolds)).toBe(true);
});
