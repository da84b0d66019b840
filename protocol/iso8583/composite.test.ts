import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMV_TAGS } from './ber.ts';
import { compile } from './codec.ts';
import { readComposite, writeComposite } from './composite.ts';
import type { ValueKind } from './composite.ts';
import { ELEMENTS_1987 } from './elements.ts';
import { explain } from './error.ts';
import { createMessage } from './message.ts';
import type { BerSpec, BitmapSpec, CompositeSpec, PositionalSpec, TlvSpec } from './spec.ts';
import type { TlvEntry, TlvError, TlvInput } from './tlv.ts';

const MAX = 20_000;

function read(spec: CompositeSpec, value: string, kind: ValueKind = 'text'): readonly TlvEntry[] {
  const result = readComposite(spec, value, '55', kind);
  if (!result.ok) throw new Error(`${result.error.path} at ${result.error.offset}: ${result.error.rule}`);
  return result.value;
}

function refused(spec: CompositeSpec, value: string, kind: ValueKind = 'text'): TlvError {
  const result = readComposite(spec, value, '55', kind);
  if (result.ok) throw new Error('read');
  return result.error;
}

/** Writes back what was read, from the parts and not from the value. */
const again = (entries: readonly TlvEntry[]): readonly TlvInput[] =>
  entries.map(({ tag, value, inside, lengthBytes }) => ({
    tag,
    value: inside === undefined ? value : again(inside),
    ...(lengthBytes === undefined ? {} : { lengthBytes }),
  }));

function sameAgain(spec: CompositeSpec, value: string, kind: ValueKind = 'text'): void {
  expect(writeComposite(spec, again(read(spec, value, kind)), '55', kind, MAX)).toEqual({ ok: true, value });
}

describe('BER-TLV', () => {
  const NSICCS =
    '82023900' +
    '9505008004E000' +
    '5F2A020360' +
    '5F340100' +
    '9A03261120' +
    '9C0130' +
    '9F02060000000000009F0306000000000000';
  const SCRIPT = '7212' + '9F180400000001' + '8609' + '842400000401020304';

  it('reads tags of one to four bytes and writes them back', () => {
    const entries = read(EMV_TAGS, NSICCS, 'bytes');
    expect(entries.map(({ tag }) => tag)).toEqual(['82', '95', '5F2A', '5F34', '9A', '9C', '9F02', '9F03']);
    expect(entries[2]).toEqual({ tag: '5F2A', value: '0360' });
    sameAgain(EMV_TAGS, NSICCS, 'bytes');
    sameAgain(EMV_TAGS, 'DF818105' + '02ABCD', 'bytes');
  });

  it('reads what is inside constructed tags', () => {
    const [script] = read(EMV_TAGS, SCRIPT, 'bytes');
    expect(script?.inside).toEqual([
      { tag: '9F18', value: '00000001' },
      { tag: '86', value: '842400000401020304' },
    ]);
    sameAgain(EMV_TAGS, SCRIPT + SCRIPT.replace('00000001', '00000002'), 'bytes');
  });

  it('keeps unknown tags, lengths that are longer than they need be, and zero bytes between tags', () => {
    for (const value of [
      'DF01820003ABCDEF',
      'DF0181020102',
      '0000DF01008400'.slice(0, 10),
      'DF018300000105',
      '9F7F00',
    ]) {
      sameAgain(EMV_TAGS, value, 'bytes');
    }
    const long = `DF0282${(400).toString(16).padStart(4, '0').toUpperCase()}${'5A'.repeat(400)}`;
    sameAgain(EMV_TAGS, long, 'bytes');
    expect(read(EMV_TAGS, 'DF0181020102', 'bytes')[0]).toEqual({ tag: 'DF01', value: '0102', lengthBytes: 2 });
  });

  it('names tag, offset and rule of what is wrong', () => {
    expect(refused(EMV_TAGS, '8202390095', 'bytes')).toMatchObject({ code: 'truncated', path: '55.95', offset: 8 });
    expect(refused(EMV_TAGS, '820239009505', 'bytes')).toMatchObject({
      code: 'truncated',
      path: '55.95',
      rule: '5 bytes, 0 are left',
    });
    expect(refused(EMV_TAGS, '8203390000', 'bytes')).toMatchObject({ code: 'length', path: '55.82', rule: '2 bytes' });
    expect(refused(EMV_TAGS, '9A03261A20', 'bytes')).toMatchObject({ code: 'class', path: '55.9A', rule: 'digits' });
    expect(refused(EMV_TAGS, '8A023009', 'bytes')).toMatchObject({ code: 'class', path: '55.8A' });
    expect(refused(EMV_TAGS, '8202390082023900', 'bytes')).toMatchObject({ code: 'repeated', path: '55.82[1]' });
    expect(refused(EMV_TAGS, `7206${'9F18050000'}00`, 'bytes')).toMatchObject({ path: '55.72[0].9F18', offset: 4 });
    expect(refused(EMV_TAGS, '5F', 'bytes')).toMatchObject({ code: 'tag', path: '55' });
    expect(refused(EMV_TAGS, '82', 'bytes')).toMatchObject({ code: 'truncated', rule: 'a length' });
  });

  it('is bounded: endless tags, indefinite and hostile lengths, depth and number', () => {
    expect(refused(EMV_TAGS, 'DFFFFFFFFF01', 'bytes')).toMatchObject({ code: 'tag' });
    expect(refused(EMV_TAGS, 'DF0180', 'bytes')).toMatchObject({ code: 'length' });
    expect(refused(EMV_TAGS, 'DF0184FFFFFFFF', 'bytes')).toMatchObject({ code: 'length' });
    expect(refused(EMV_TAGS, 'DF0183FFFFFF', 'bytes')).toMatchObject({ code: 'truncated' });
    expect(refused(EMV_TAGS, 'DF01FE', 'bytes')).toMatchObject({ code: 'length' });
    expect(refused(EMV_TAGS, 'DF0100'.repeat(200), 'bytes')).toMatchObject({ code: 'too-many' });
    let nested = 'DF0100';
    for (let depth = 0; depth < 20; depth++)
      nested = `E0${(nested.length / 2).toString(16).padStart(2, '0').toUpperCase()}${nested}`;
    expect(refused(EMV_TAGS, nested, 'bytes')).toMatchObject({ code: 'too-deep' });
  });

  it('writes nothing that it would not read', () => {
    const write = (entries: readonly TlvInput[]): unknown => writeComposite(EMV_TAGS, entries, '55', 'bytes', 510);
    expect(write([{ tag: '9F', value: '00' }])).toMatchObject({ ok: false, error: { code: 'tag' } });
    expect(write([{ tag: '82', value: '0' }])).toMatchObject({ ok: false, error: { path: '55.82' } });
    expect(write([{ tag: '9A', value: '26112' }])).toMatchObject({ ok: false });
    expect(write([{ tag: 'DF01', value: 'xyzw' }])).toMatchObject({ ok: false });
    expect(write([{ tag: 'DF01', value: 'AB'.repeat(300) }])).toMatchObject({ ok: false, error: { code: 'too-long' } });
    expect(write([{ tag: '72', value: [{ tag: '9F18', value: '00000001' }] }])).toMatchObject({ ok: true });
  });
});

describe('parts one after another', () => {
  const SPEC: PositionalSpec = {
    kind: 'positional',
    parts: [
      { key: 'mti', name: 'Type', format: 'n 4' },
      { key: 'name', name: 'Name', format: 'ans ..10' },
      { key: 'note', name: 'Note', format: 'an 3', optional: true },
      { key: 'last', name: 'Last', format: 'n .5', optional: true },
    ],
  };
  const AMOUNTS: PositionalSpec = {
    kind: 'positional',
    times: 6,
    parts: [
      { key: 'type', name: 'Type', format: 'n 4' },
      { key: 'amount', name: 'Amount', format: 'x+n 12' },
    ],
  };

  it('are read by place and written back', () => {
    expect(read(SPEC, '020004Siti')).toEqual([
      { tag: 'mti', value: '0200' },
      { tag: 'name', value: 'Siti' },
    ]);
    for (const value of ['020004Siti', '020001xAB ', '020001xAB 3007']) sameAgain(SPEC, value);
  });

  it('may repeat, each time an entry', () => {
    const value = '0001C000000001500' + '0002D000000000000';
    expect(read(AMOUNTS, value).map(({ inside }) => inside?.[1]?.value)).toEqual(['C000000001500', 'D000000000000']);
    sameAgain(AMOUNTS, value);
    expect(refused(AMOUNTS, value.replace('D', 'X'))).toMatchObject({
      path: '55[1].amount',
      offset: 21,
      code: 'class',
    });
    expect(refused(AMOUNTS, '0001C000000001500'.repeat(7))).toMatchObject({ code: 'trailing', offset: 102 });
  });

  it('are refused with part and offset', () => {
    expect(refused(SPEC, '02x004Siti')).toMatchObject({ code: 'class', path: '55.mti', offset: 2 });
    expect(refused(SPEC, '020004Sit')).toMatchObject({ code: 'truncated', path: '55.name', offset: 9 });
    expect(refused(SPEC, '020099Siti')).toMatchObject({ code: 'length', path: '55.name', offset: 4 });
    expect(refused(SPEC, '020004SitiABC17!')).toMatchObject({ code: 'trailing', path: '55', offset: 15 });
    const write = (entries: readonly TlvInput[]): unknown => writeComposite(SPEC, entries, '55', 'text', 99);
    expect(write([{ tag: 'mti', value: '0200' }])).toMatchObject({ error: { code: 'missing', path: '55.name' } });
    expect(write([{ tag: 'name', value: 'x' }])).toMatchObject({ error: { code: 'unknown' } });
    expect(write([{ tag: 'mti', value: '02000' }])).toMatchObject({ error: { code: 'length', path: '55.mti' } });
  });
});

describe('a bitmap inside an element', () => {
  const TAGS: TlvSpec = { tag: 2, length: 2, tags: { AA: { name: 'Number', class: 'n' } } };
  const TEXT: BitmapSpec = {
    kind: 'bitmap',
    bytes: 2,
    parts: { 1: { name: 'One', format: 'n 3' }, 9: { name: 'Tags', format: 'ans ..50', inside: TAGS } },
  };
  const BYTES: BitmapSpec = {
    kind: 'bitmap',
    bitmap: 'binary',
    bytes: 8,
    parts: {
      2: { name: 'Packed', format: 'n 5', encoding: 'bcd' },
      3: { name: 'Text', format: 'ans ..20', prefix: 'binary', inside: TAGS },
      64: { name: 'Chip', format: 'b ..99', encoding: 'binary', prefix: 'binary', inside: EMV_TAGS },
    },
  };

  it('says which parts are there', () => {
    expect(read(TEXT, '800001' + '0').map(({ tag, value }) => [tag, value])).toEqual([['1', '010']]);
    sameAgain(TEXT, '8080' + '010' + '10AA0212ZZ00');
    const bytes = '6000000000000001' + '012345' + '054141303137' + '0482023900';
    expect(read(BYTES, bytes, 'bytes').map(({ value }) => value)).toEqual(['12345', 'AA017', '82023900']);
    sameAgain(BYTES, bytes, 'bytes');
  });

  it('is refused with part and offset, also inside its parts', () => {
    expect(refused(TEXT, '8')).toMatchObject({ code: 'truncated', path: '55' });
    expect(refused(TEXT, '80g0010')).toMatchObject({ code: 'bitmap', offset: 2 });
    expect(refused(TEXT, 'C000010')).toMatchObject({ code: 'unknown', path: '55.2' });
    expect(refused(TEXT, '80000101')).toMatchObject({ code: 'trailing', offset: 7 });
    expect(refused(TEXT, '0080' + '06AA02x2')).toMatchObject({ code: 'class', path: '55.9.AA', offset: 10 });
    const bytes = '6000000000000001' + '012345' + '054141303137' + '0482033900';
    expect(refused(BYTES, bytes, 'bytes')).toMatchObject({ path: '55.64.82', code: 'truncated', offset: 36 });
  });
});

describe('in a message', () => {
  const codec = compile({
    name: 'inside',
    elements: ELEMENTS_1987,
    composites: {
      48: {
        tag: 2,
        length: 3,
        tags: {
          MB: {
            name: 'Group',
            class: 'ans',
            times: 9,
            inside: { tag: 2, length: 3, tags: { BL: { name: 'Amount', class: 'ns' } } },
          },
        },
      },
      55: EMV_TAGS,
    },
  });

  it('an error names the element and the place in it', () => {
    const message = createMessage('0210', { 48: 'MB008BL00310 MB007BL00200MB007BL0021x', 55: '820239' });
    const wrong = codec.readInside(message, 48);
    expect(wrong).toMatchObject({
      ok: false,
      error: { code: 'class', element: 48, path: 'DE48.MB[2].BL', offset: 35, expected: expect.any(String) },
    });
    expect(wrong.ok ? '' : explain(wrong.error)).toBe(
      'DE48.MB[2].BL at 35: expected digits and special characters, got another character',
    );
    expect(codec.readInside(message, 55)).toMatchObject({ error: { code: 'truncated', path: 'DE55.82' } });
    expect(codec.readInside(message, 3)).toEqual({ ok: true, value: [] });
  });

  it('is written by its table and described as far as it can be read', () => {
    expect(codec.writeInside(55, [{ tag: '9A', value: '261120' }])).toEqual({ ok: true, value: '9A03261120' });
    expect(codec.writeInside(55, [{ tag: '9A', value: '2611' }])).toMatchObject({ error: { path: 'DE55.9A' } });
    expect(codec.writeInside(41, [])).toMatchObject({ ok: false, error: { path: 'DE41' } });
    const text = codec.describe(createMessage('0210', { 55: '9A03261120' + '8203390000' }));
    expect(text).toMatch(/55\.9A {2}Transaction date +261120$/m);
    expect(text).toMatch(/55\.82 {2}broken: 2 bytes/);
  });

  it('a table that cannot be read by is refused when it is compiled', () => {
    const make =
      (element: number, composite: CompositeSpec): (() => unknown) =>
      () =>
        compile({ name: 'broken', elements: ELEMENTS_1987, composites: { [element]: composite } });
    expect(make(48, EMV_TAGS)).toThrow('element 48: BER-TLV is inside class b');
    expect(make(55, { tag: 2, length: 2, tags: {} })).toThrow('element 55');
    expect(make(48, { kind: 'bitmap', bytes: 1, parts: { 9: { name: 'x', format: 'n 1' } } })).toThrow('1 to 8');
    expect(make(48, { kind: 'positional', parts: [{ key: 'a', name: 'x', format: 'q 1' }] })).toThrow('inside: a:');
    expect(make(48, { kind: 'tlv', tag: 0, length: 2, tags: {} })).toThrow('1 to 4');
  });
});

describe('any bytes', () => {
  const BER: BerSpec = { kind: 'ber', tags: EMV_TAGS.tags };
  const piece = fc.oneof(
    fc.constantFrom('82023900', '9A03261120', '7206', '9F1804', 'DF0181', '00', 'E0', '80', '84FFFFFFFF'),
    fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes).toString('hex').toUpperCase()),
  );

  it('are given back as they were, or refused with their place, and never throw', () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join('')),
        (value) => {
          const result = readComposite(BER, value, '55', 'bytes');
          if (result.ok)
            expect(writeComposite(BER, again(result.value), '55', 'bytes', MAX)).toEqual({ ok: true, value });
          else expect(result.error.offset).toBeLessThanOrEqual(value.length);
        },
      ),
      { numRuns: 5_000 },
    );
  });
});
