/** Every encoding, length prefix, counting and filler: the law that reading undoes writing, and golden bytes of each family. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SETS } from './character.ts';
import { compile } from './codec.ts';
import { CP_037, CP_1047 } from './ebcdic.ts';
import type { EncodingName } from './encoding.ts';
import { explain } from './error.ts';
import { bytesOf, FAMILIES } from './families.ts';
import { parseFormat } from './format.ts';
import type { CharacterClass, Format, PadName } from './format.ts';
import { createMessage } from './message.ts';
import type { CountUnit, PrefixName } from './prefix.ts';
import type { ElementSpec, MessageSpec } from './spec.ts';

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();

const CLASSES: readonly CharacterClass[] = ['n', 'a', 's', 'an', 'as', 'ns', 'ans', 'b', 'z', 'x+n'];
const ENCODINGS: readonly EncodingName[] = ['ascii', 'ebcdic', 'ebcdic-1047', 'bcd', 'binary', 'hex'];
const PREFIXES: readonly PrefixName[] = ['ascii', 'ebcdic', 'bcd', 'binary'];
const COUNTS: readonly CountUnit[] = ['characters', 'bytes', 'nibbles'];
const PADS: readonly PadName[] = ['left-0', 'left-f', 'right-0', 'right-f'];
const LENGTHS = ['7', '12', '.9', '..30', '...120', '....300'];

interface Combination {
  readonly row: ElementSpec;
  readonly format: Format;
}

function* combinations(name: CharacterClass): Generator<Combination> {
  for (const encoding of ENCODINGS) {
    for (const length of LENGTHS) {
      const variable = length.startsWith('.');
      for (const prefix of variable ? PREFIXES : PREFIXES.slice(0, 1)) {
        for (const counts of variable ? COUNTS : COUNTS.slice(0, 1)) {
          for (const pad of encoding === 'bcd' ? PADS : PADS.slice(0, 1)) {
            const row: ElementSpec = { name: 'probe', format: `${name} ${length}`, encoding, prefix, counts, pad };
            const format = parseFormat(row.format, row.min, row);
            if (typeof format !== 'string') yield { row, format };
          }
        }
      }
    }
  }
}

const characters = (format: Format): string[] =>
  Array.from({ length: 0x7f }, (_, code) => code)
    .filter((code) => ((SETS[code] ?? 0) & format.mask) !== 0)
    .map((code) => String.fromCharCode(code))
    // In half bytes D is the separator.
    .filter((character) => !(format.class === 'z' && format.encoding.halves === 1 && character === 'D'));

function valueOf(format: Format, seed: number): string {
  let state = seed;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  const set = characters(format);
  const own = format.signed ? 1 : 0;
  let length = format.min + next(format.max - format.min + 1);
  if (seed % 3 === 0) length = format.max;
  if (format.even && ((length - own) & 1) === 1) length = length > format.min ? length - 1 : length + 1;
  let value = own === 1 ? 'CD'.charAt(next(2)) : '';
  while (value.length < length) value += set[next(set.length)] ?? '';
  return value;
}

describe.each(CLASSES)('class %s', (name) => {
  const all = [...combinations(name)];

  it('stands in many combinations', () => {
    expect(all.length).toBeGreaterThan(100);
  });

  it('comes back as it went, and to the same bytes, in every one', () => {
    for (const { row, format } of all) {
      const codec = compile({ name: 'probe', elements: { 2: row, 3: { name: 'after', format: 'n 6' } } });
      for (let seed = 1; seed <= 6; seed++) {
        const value = valueOf(format, seed);
        const say = `${JSON.stringify(row)} ${value}`;
        const bytes = codec.pack(createMessage('0200', { 2: value, 3: '310000' }));
        if (!bytes.ok) throw new Error(`${say}: ${explain(bytes.error)}`);
        const back = codec.unpack(bytes.value);
        if (!back.ok) throw new Error(`${say}: ${explain(back.error)}`);
        if (back.value.get(2) !== value) throw new Error(`${say}: came back as ${back.value.get(2)}`);
        if (back.value.get(3) !== '310000') throw new Error(`${say}: moved what follows`);
        const again = codec.pack(back.value);
        if (!again.ok || hexOf(again.value) !== hexOf(bytes.value)) throw new Error(`${say}: other bytes`);
      }
    }
  });

  it('is refused cut short at every byte, and edited anywhere unless it packs to the same, in every one', () => {
    for (const { row, format } of all) {
      const codec = compile({ name: 'probe', elements: { 2: row } });
      const packed = codec.pack(createMessage('0200', { 2: valueOf(format, 7) }));
      if (!packed.ok) throw new Error(explain(packed.error));
      const { value: bytes } = packed;
      const step = Math.max(1, bytes.length >> 4);
      for (let length = 0; length < bytes.length; length += length < 30 ? 1 : step) {
        const cut = codec.unpack(bytes.subarray(0, length));
        if (cut.ok || cut.error.element === undefined || cut.error.offset === undefined)
          throw new Error(`${JSON.stringify(row)} cut at ${length}`);
      }
      for (let edit = 0; edit < 24; edit++) {
        const edited = Buffer.from(bytes);
        const place = 20 + ((edit * 7) % Math.max(1, bytes.length - 20));
        edited[place] = (edit * 53 + 11) & 255;
        const read = codec.unpack(edited);
        if (read.ok) {
          const again = codec.pack(read.value);
          if (!again.ok || hexOf(again.value) !== hexOf(edited))
            throw new Error(`${JSON.stringify(row)} ${hexOf(edited)}`);
        } else if (read.error.element === undefined || (read.error.offset ?? -1) < 0) {
          throw new Error(`${JSON.stringify(row)}: no place named`);
        }
      }
    }
  });
});

describe('what cannot be said is refused when the table is compiled', () => {
  it.each([
    ['n ..100', {}, /100 characters/],
    ['n ..100', { prefix: 'bcd' }, /100 characters/],
    ['b ..50', {}, /100 characters/],
    ['ans ..20', { encoding: 'bcd' }, /cannot be packed/],
    ['n 6', { encoding: 'binary' }, /binary is for b/],
    ['b 8', { encoding: 'bcd' }, /bcd is for n, z and x\+n/],
    ['ans ...999', { encoding: 'hex', counts: 'nibbles' }, /3996 nibbles/],
  ] as const)('%s %o', (format, wire, rule) => {
    expect(parseFormat(format, 1, wire)).toMatch(rule);
  });

  it.each([
    ['b ..50', { counts: 'bytes', encoding: 'binary' }],
    ['b ..99', { encoding: 'binary' }],
    ['n ..255', { prefix: 'binary' }],
    ['b ....9999', { encoding: 'binary', prefix: 'binary' }],
  ] as const)('%s %o can', (format, wire) => {
    expect(typeof parseFormat(format, 1, wire)).toBe('object');
  });
});

describe('EBCDIC', () => {
  it('has all of printable ASCII, once, in both code pages', () => {
    for (const { toAscii, fromAscii } of [CP_037, CP_1047]) {
      const bytes = new Set<number>();
      for (let code = 0x20; code <= 0x7e; code++) {
        const byte = fromAscii[code] ?? 0;
        expect(byte, String.fromCharCode(code)).not.toBe(0);
        expect(toAscii[byte]).toBe(code);
        bytes.add(byte);
      }
      expect(bytes.size).toBe(95);
      expect(toAscii.filter((code) => code !== 0)).toHaveLength(95);
    }
  });
});

describe.each(FAMILIES)('$spec.name', (golden) => {
  const codec = compile(golden.spec);
  const bytes = bytesOf(golden);

  it('writes and reads the bytes that were worked out by hand', () => {
    const packed = codec.pack(createMessage(golden.mti, golden.values));
    expect(packed.ok ? hexOf(packed.value) : explain(packed.error)).toBe(hexOf(bytes));
    const read = codec.unpack(bytes);
    if (!read.ok) throw new Error(explain(read.error));
    expect(read.value.mti).toBe(golden.mti);
    expect(Object.fromEntries(read.value.elements.map((one) => [one, read.value.get(one)]))).toEqual(golden.values);
    for (const element of read.value.elements)
      expect(codec.readInside(read.value, element)).toMatchObject({ ok: true });
  });

  it('refuses every strict prefix, with element, offset and what was read before', () => {
    const whole = createMessage(golden.mti, golden.values);
    for (let length = 0; length < bytes.length; length++) {
      const cut = codec.unpack(bytes.subarray(0, length));
      if (cut.ok) throw new Error(`read ${length} bytes`);
      expect(cut.error).toMatchObject({ code: 'truncated', element: expect.any(Number), offset: length });
      for (const element of cut.error.decoded.elements) expect(cut.error.decoded.get(element)).toBe(whole.get(element));
    }
  });

  it('refuses 10,000 single-byte edits, or packs them to the same bytes', () => {
    let refused = 0;
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }), (place, byte) => {
        const edited = Buffer.from(bytes);
        edited[place] = byte;
        const read = codec.unpack(edited);
        if (read.ok) {
          const again = codec.pack(read.value);
          return again.ok && edited.equals(again.value);
        }
        refused++;
        const { element, offset = -1, path, expected, got } = read.error;
        return (
          element !== undefined && offset >= 0 && offset <= edited.length && `${path}${expected}${got}`.length > 10
        );
      }),
      { numRuns: 10_000 },
    );
    expect(refused).toBeGreaterThan(500);
  });

  it('says nothing of a value in an error', () => {
    const long = Object.values(golden.values).filter((value) => value !== undefined && value.length >= 6);
    for (let length = 0; length < bytes.length; length++) {
      const cut = codec.unpack(bytes.subarray(0, length));
      if (cut.ok) continue;
      const text = explain(cut.error) + JSON.stringify(cut.error);
      for (const value of long) expect(text).not.toContain(value);
    }
  });
});

describe('packing', () => {
  const codec = compile({ name: 'small', elements: { 48: { name: 'x', format: 'ans ...999' } }, maxBytes: 3_000 });
  const text = (length: number): string => 'x'.repeat(length);

  it('hands out bytes that later messages, good and bad, leave alone', () => {
    const kept: { readonly bytes: Uint8Array; readonly hex: string }[] = [];
    for (let round = 0; round < 200; round++) {
      const packed = codec.pack(createMessage('0200', { 48: text(1 + ((round * 37) % 999)) }));
      if (!packed.ok) throw new Error(explain(packed.error));
      kept.push({ bytes: packed.value, hex: hexOf(packed.value) });
      expect(codec.pack(createMessage('0200', { 48: `${text(500)}\n` })).ok).toBe(false);
    }
    for (const { bytes, hex } of kept) expect(hexOf(bytes)).toBe(hex);
  });

  it('says how long a message may be', () => {
    const tiny = compile({ name: 'tiny', elements: codec.spec.elements, maxBytes: 30 });
    expect(tiny.pack(createMessage('0200', { 48: text(7) })).ok).toBe(true);
    expect(tiny.pack(createMessage('0200', { 48: text(8) }))).toMatchObject({
      ok: false,
      error: { code: 'too-long', path: 'DE48', expected: 'a message of at most 30 bytes' },
    });
  });
});

describe('bitmaps', () => {
  const spec: MessageSpec = {
    name: 'three',
    elements: { 2: { name: 'a', format: 'n 1' }, 66: { name: 'b', format: 'n 1' }, 130: { name: 'c', format: 'n 1' } },
    wire: { bitmap: 'binary' },
    tertiaryBitmap: 'as-needed',
  };
  const codec = compile(spec);
  const wire = (hex: string): Uint8Array =>
    Buffer.from(Buffer.from('0200').toString('hex') + hex.replaceAll(' ', ''), 'hex');

  it('are one, two or three, as many as are needed', () => {
    for (const [values, hex] of [
      [{ 2: '1' }, '4000000000000000 31'],
      [{ 66: '1' }, '8000000000000000 4000000000000000 31'],
      [{ 130: '1' }, '8000000000000000 8000000000000000 4000000000000000 31'],
    ] as const) {
      const packed = codec.pack(createMessage('0200', values));
      expect(packed.ok && hexOf(packed.value)).toBe(hexOf(wire(hex)));
      const read = codec.unpack(wire(hex));
      expect(read.ok && read.value.elements).toEqual(Object.keys(values).map(Number));
    }
  });

  it('that say nothing are refused, and so is a third where there is none', () => {
    expect(codec.unpack(wire('8000000000000000 8000000000000000 0000000000000000'))).toMatchObject({
      ok: false,
      error: { code: 'bitmap', path: 'bitmap', offset: 12 },
    });
    expect(codec.unpack(wire('8000000000000000 0000000000000000'))).toMatchObject({ error: { offset: 4 } });
    const two = compile({ ...spec, elements: { 2: { name: 'a', format: 'n 1' } }, tertiaryBitmap: 'none' });
    expect(two.unpack(wire('8000000000000000 8000000000000000 31'))).toMatchObject({
      error: { code: 'unknown-element', element: 65 },
    });
    expect(() => compile({ ...spec, tertiaryBitmap: 'none' })).toThrow('numbered 1 to 128');
  });
});
