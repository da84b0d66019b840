import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from './codec.ts';
import { ELEMENTS_1987 } from './elements.ts';
import { explain } from './error.ts';
import type { CodecError } from './error.ts';
import { isOfClass, parseFormat } from './format.ts';
import type { CharacterClass, Format } from './format.ts';
import { createMessage, withElements } from './message.ts';
import type { Message } from './message.ts';

const codec = compile({ name: 'test', elements: ELEMENTS_1987 });

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

function packed(message: Message): string {
  const result = codec.pack(message);
  if (!result.ok) throw new Error(explain(result.error));
  return Buffer.from(result.value).toString('latin1');
}

function unpacked(text: string): Message {
  const result = codec.unpack(bytesOf(text));
  if (!result.ok) throw new Error(explain(result.error));
  return result.value;
}

function packRefusal(values: Readonly<Record<number, string>>, mti = '0200'): CodecError {
  const result = codec.pack(createMessage(mti, values));
  if (result.ok) throw new Error('packed');
  return result.error;
}

function refusal(text: string): CodecError & { readonly decoded: Message } {
  const result = codec.unpack(bytesOf(text));
  if (result.ok) throw new Error('unpacked');
  return result.error;
}

const TRACK = '9999990000000001=29125010000012300000';
const GOLDEN_VALUES = {
  3: '310000',
  4: '000000000000',
  7: '1120090500',
  11: '000001',
  28: 'C00000100',
  35: TRACK,
  37: '632409000001',
  38: 'AB12  ',
  41: 'ANJ00001',
  48: 'PI006JHTBALLG002id',
  49: '360',
  52: '0123456789ABCDEF',
  64: 'A1C72E74EA3FA9B6',
};
const GOLDEN =
  '0200' +
  '322000102C819001' +
  '310000' +
  '000000000000' +
  '1120090500' +
  '000001' +
  'C00000100' +
  `37${TRACK}` +
  '632409000001' +
  'AB12  ' +
  'ANJ00001' +
  '018PI006JHTBALLG002id' +
  '360' +
  '0123456789ABCDEF' +
  'A1C72E74EA3FA9B6';
const NETWORK = '0800' + '8220000000000000' + '0400000000000000' + '1120090500' + '000002' + '301';

describe('the table of elements', () => {
  it('names all 128, each with a format that can be read', () => {
    expect(Object.keys(ELEMENTS_1987).map(Number)).toEqual(Array.from({ length: 128 }, (_, index) => index + 1));
    for (const [element, row] of Object.entries(ELEMENTS_1987)) {
      expect(row.name, element).not.toBe('');
      expect(typeof parseFormat(row.format, row.min), element).toBe('object');
    }
  });

  it('shows no card data, key material or private data whole', () => {
    for (const element of [2, 14, 34, 35, 36, 45, 48, 52, 53, 54, 55, 62, 64, 96, 102, 103, 120, 127, 128]) {
      expect(ELEMENTS_1987[element]?.show, `${element}`).not.toBe('whole');
    }
  });

  it('refuses what is no format', () => {
    for (const notation of ['', 'n', 'n6', 'q 6', 'n 0', 'n .....6', 'n ..100', 'ans ...1000', 'b ..50']) {
      expect(typeof parseFormat(notation), notation).toBe('string');
    }
    expect(() => compile({ name: 'broken', elements: { 3: { name: 'x', format: 'n ..100' } } })).toThrow('element 3');
    expect(() => compile({ name: 'broken', elements: { 129: { name: 'x', format: 'n 6' } } })).toThrow('1 to 128');
  });
});

describe('pack and unpack', () => {
  it('write and read the bytes that were worked out by hand', () => {
    expect(packed(createMessage('0200', GOLDEN_VALUES))).toBe(GOLDEN);
    const message = unpacked(GOLDEN);
    expect(message.mti).toBe('0200');
    expect(message.elements).toEqual(Object.keys(GOLDEN_VALUES).map(Number));
    for (const [element, value] of Object.entries(GOLDEN_VALUES)) expect(message.get(Number(element))).toBe(value);
    expect(message.has(2)).toBe(false);
    expect(message.get(2)).toBeUndefined();
    expect(message.get(129)).toBeUndefined();
    expect(message.get(0)).toBeUndefined();
  });

  it('add the secondary bitmap exactly when an element above 64 is there', () => {
    const message = createMessage('0800', { 7: '1120090500', 11: '000002', 70: '301' });
    expect(packed(message)).toBe(NETWORK);
    expect(unpacked(NETWORK).elements).toEqual([7, 11, 70]);
    expect(refusal(`0800${'8220000000000000'}${'0'.repeat(16)}1120090500000002`)).toMatchObject({
      code: 'bitmap',
      element: 1,
      path: 'bitmap',
      offset: 4,
    });
  });

  it('do with a secondary bitmap in every message where the profile says so', () => {
    const always = compile({ name: 'always', elements: ELEMENTS_1987, secondaryBitmap: 'always' });
    const result = always.pack(createMessage('0800', { 11: '000002' }));
    if (!result.ok) throw new Error(explain(result.error));
    expect(Buffer.from(result.value).toString()).toBe(`0800${'8020000000000000'}${'0'.repeat(16)}000002`);
    expect(always.unpack(result.value)).toMatchObject({ ok: true });
    expect(always.unpack(bytesOf('08000020000000000000000002'))).toMatchObject({
      ok: false,
      error: { code: 'bitmap' },
    });
  });

  it('keep leading zeros and blanks', () => {
    const message = unpacked(packed(createMessage('0200', { 4: '000000000010', 41: '00 A    ', 42: ' '.repeat(15) })));
    expect([message.get(4), message.get(41), message.get(42)]).toEqual(['000000000010', '00 A    ', ' '.repeat(15)]);
  });

  it('do not notice when the caller reuses its buffer', () => {
    const bytes = bytesOf(GOLDEN);
    const result = codec.unpack(bytes);
    bytes.fill(0x39);
    expect(result.ok && result.value.get(3)).toBe('310000');
  });

  it('give bytes that the next message does not overwrite', () => {
    const first = codec.pack(createMessage('0200', { 3: '310000' }));
    const second = codec.pack(createMessage('0200', { 3: '999999' }));
    expect(first.ok && Buffer.from(first.value).toString()).toContain('310000');
    expect(second.ok && Buffer.from(second.value).toString()).toContain('999999');
  });
});

/** Characters of each class, and some that are not. */
const IN_CLASS: Readonly<Record<CharacterClass, string>> = {
  n: '0189',
  a: 'AZaz',
  s: ' !/=~@',
  an: '09AZaz',
  as: 'AZaz !~',
  ns: '09 -/',
  ans: '09AZaz !~',
  b: '09AF',
  z: '09=D',
  'x+n': '0189',
};
const OUT_OF_CLASS: Readonly<Record<CharacterClass, string>> = {
  n: 'A =\x00\x7f\xb1',
  a: '0!\x00\xe9',
  s: '0Aa\x00\x7f',
  an: '!=-\x1f\xff',
  as: '0\n\x80',
  ns: 'Aa\t',
  ans: '\x00\x1b\x7f\xe9',
  b: 'afG =\x00',
  z: 'dAF ?\x00',
  'x+n': 'CD+- ',
};
const PROBE: Readonly<Record<CharacterClass, string>> = {
  n: 'n ..9',
  a: 'a ..9',
  s: 's ..9',
  an: 'an ..9',
  as: 'as ..9',
  ns: 'ns ..9',
  ans: 'ans ..9',
  b: 'b ..9',
  z: 'z ..9',
  'x+n': 'x+n ..8',
};

describe('character classes', () => {
  for (const name of Object.keys(IN_CLASS) as CharacterClass[]) {
    const probe = compile({ name: 'probe', elements: { 2: { name: 'probe', format: PROBE[name] } } });
    const head = name === 'x+n' ? 'C1' : name === 'b' ? 'A' : '';
    const bitmap = '4000000000000000';

    it(`${name}: has what it has, both ways`, () => {
      for (const character of IN_CLASS[name]) {
        const value = head + character;
        expect(probe.pack(createMessage('0200', { 2: value })).ok, `pack ${value}`).toBe(true);
        const wire = `0200${bitmap}${String(value.length).padStart(2, '0')}${value}`;
        const read = probe.unpack(bytesOf(wire));
        expect(read.ok && read.value.get(2)).toBe(value);
        expect(isOfClass(value, name)).toBe(true);
      }
    });

    it(`${name}: has nothing else, both ways`, () => {
      for (const character of OUT_OF_CLASS[name]) {
        const value = name === 'b' ? `A${character}` : head + character;
        const kind = character.charCodeAt(0).toString(16);
        const write = probe.pack(createMessage('0200', { 2: value }));
        expect(write, kind).toMatchObject({
          ok: false,
          error: { code: 'class', path: 'DE2', offset: value.length - 1 },
        });
        const wire = `0200${bitmap}${String(value.length).padStart(2, '0')}${value}`;
        const read = probe.unpack(bytesOf(wire));
        expect(read, kind).toMatchObject({ ok: false, error: { code: 'class', path: 'DE2', offset: wire.length - 1 } });
        expect(isOfClass(value, name)).toBe(false);
      }
    });
  }

  it('a character beyond Latin-1 is refused, not truncated to a byte that would pass', () => {
    // U+0130 ends in 30, the digit 0.
    expect(packRefusal({ 3: '31000\u0130' })).toMatchObject({ code: 'class', element: 3, offset: 5 });
    expect(packRefusal({ 41: 'ANJ0000\u0131' })).toMatchObject({ code: 'class', element: 41 });
    expect(isOfClass('\u0130', 'n')).toBe(false);
  });

  it('blanks fill up a fixed element of letters and digits at its end, nowhere else', () => {
    expect(codec.pack(createMessage('0200', { 38: 'AB    ' })).ok).toBe(true);
    expect(packRefusal({ 38: 'AB  C ' })).toMatchObject({ code: 'class', path: 'DE38', offset: 2, got: 'a space' });
    expect(packRefusal({ 38: 'AB   \t' })).toMatchObject({ code: 'class', path: 'DE38' });
    expect(refusal(`0200${'0000000004000000'}AB  C `)).toMatchObject({ code: 'class', element: 38, offset: 22 });
  });
});

describe('what is refused, and how it says so', () => {
  it('a message type that is not four digits', () => {
    expect(refusal('')).toMatchObject({ code: 'truncated', element: 0, path: 'MTI', offset: 0 });
    expect(refusal('02A0' + GOLDEN.slice(4))).toMatchObject({
      code: 'mti',
      path: 'MTI',
      offset: 2,
      got: 'an upper-case letter',
    });
    expect(packRefusal({ 3: '310000' }, '020')).toMatchObject({ code: 'mti', path: 'MTI' });
    expect(packRefusal({ 3: '310000' }, '02x0')).toMatchObject({ code: 'mti', path: 'MTI', offset: 2 });
  });

  it('a bitmap in lower case, or of anything but hex', () => {
    expect(refusal('0200' + '322000102c819001' + GOLDEN.slice(20))).toMatchObject({
      code: 'bitmap',
      path: 'bitmap',
      offset: 13,
      got: 'a lower-case letter',
    });
  });

  it('an element that the profile does not have', () => {
    const few = compile({ name: 'few', elements: { 3: { name: 'Processing code', format: 'n 6' } } });
    expect(few.unpack(bytesOf('0200' + '3000000000000000' + '310000000000000000'))).toMatchObject({
      ok: false,
      error: { code: 'unknown-element', element: 4, path: 'DE4', offset: 26 },
    });
    expect(few.pack(createMessage('0200', { 4: '000000000000' }))).toMatchObject({
      ok: false,
      error: { code: 'unknown-element', element: 4 },
    });
    // 65 would be a third bitmap; 1 is the second; 129 and 0 are no elements.
    for (const element of [0, 1, 65, 129, 192]) expect(packRefusal({ [element]: '1' }).code).toBe('unknown-element');
  });

  it('a length that the element may not have', () => {
    expect(packRefusal({ 3: '31000' })).toMatchObject({
      code: 'length',
      path: 'DE3',
      expected: '6 characters',
      got: '5',
    });
    expect(packRefusal({ 35: '' })).toMatchObject({
      code: 'length',
      path: 'DE35',
      expected: '1 to 37 characters',
      got: '0',
    });
    expect(packRefusal({ 35: '9'.repeat(38) })).toMatchObject({ code: 'length', got: '38' });
    expect(packRefusal({ 55: 'ABC' })).toMatchObject({ code: 'length', path: 'DE55', expected: '2 to 510 hex digits' });
    const track2 = '0200' + '0000000020000000';
    expect(refusal(`${track2}38${'9'.repeat(38)}`)).toMatchObject({
      code: 'length',
      path: 'DE35',
      offset: 20,
      got: '38',
    });
    expect(refusal(`${track2}3=${'9'.repeat(37)}`)).toMatchObject({ code: 'length', path: 'DE35', offset: 20 });
    expect(refusal(`${track2}00`)).toMatchObject({ code: 'length', path: 'DE35', got: '0' });
    expect(refusal(`0200${'0000000000000200'}003ABC`)).toMatchObject({ code: 'length', path: 'DE55', got: '3' });
  });

  it('bytes after the last element', () => {
    expect(refusal(`${GOLDEN}0`)).toMatchObject({
      code: 'trailing',
      element: 64,
      offset: GOLDEN.length,
      expected: 'the end of the message',
      got: '1 more bytes',
    });
  });

  it('a message longer than the profile lets any be', () => {
    const small = compile({ name: 'small', elements: ELEMENTS_1987, maxBytes: 100 });
    expect(small.unpack(bytesOf(GOLDEN))).toMatchObject({ ok: false, error: { code: 'too-long', offset: 100 } });
    expect(small.pack(createMessage('0200', GOLDEN_VALUES))).toMatchObject({ ok: false, error: { code: 'too-long' } });
    expect(codec.unpack(new Uint8Array(5000).fill(0x30))).toMatchObject({ ok: false, error: { code: 'too-long' } });
  });

  it('every strict prefix, with element, offset and what was read before', () => {
    for (const golden of [GOLDEN, NETWORK]) {
      const whole = unpacked(golden);
      for (let length = 0; length < golden.length; length++) {
        const error = refusal(golden.slice(0, length));
        expect(error.code).toBe('truncated');
        expect(error.offset).toBe(length);
        expect(error.element).toBeTypeOf('number');
        for (const element of error.decoded.elements) expect(error.decoded.get(element)).toBe(whole.get(element));
        const next = whole.elements[error.decoded.elements.length];
        if (length >= 36) expect(error.element).toBe(next);
      }
    }
  });

  it('every single-byte edit, or else it packs to the same bytes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(GOLDEN, NETWORK),
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        (golden, place, byte) => {
          const bytes = bytesOf(golden);
          bytes[place % bytes.length] = byte;
          const result = codec.unpack(bytes);
          if (result.ok) {
            const again = codec.pack(result.value);
            expect(again.ok && Buffer.from(again.value).equals(bytes)).toBe(true);
          } else {
            expect(result.error.element).toBeTypeOf('number');
            expect(result.error.offset).toBeTypeOf('number');
            expect(result.error.offset).toBeLessThanOrEqual(bytes.length);
          }
        },
      ),
      { numRuns: 10_000 },
    );
  });

  it('random bytes, without an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (tail, headed) => {
        const bytes = headed ? Buffer.concat([bytesOf(GOLDEN.slice(0, 20)), tail]) : tail;
        const result = codec.unpack(bytes);
        if (result.ok) {
          const again = codec.pack(result.value);
          expect(again.ok && Buffer.from(again.value).equals(bytes)).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

function valueOf(format: Format): fc.Arbitrary<string> {
  const body = fc.constantFrom(...IN_CLASS[format.class].split(''));
  if (format.signed) {
    return fc
      .tuple(fc.constantFrom('C', 'D'), fc.string({ unit: body, minLength: format.max - 1, maxLength: format.max - 1 }))
      .map((parts) => parts.join(''));
  }
  const text = fc.string({ unit: body, minLength: format.min, maxLength: format.max });
  return format.paired ? text.map((value) => (value.length % 2 === 0 ? value : value.slice(1) || 'AB')) : text;
}

const anyMessage: fc.Arbitrary<Message> = fc
  .tuple(
    fc.constantFrom('0100', '0200', '0210', '0420', '0800'),
    fc.record(
      Object.fromEntries(
        Object.entries(ELEMENTS_1987)
          .filter(([element]) => element !== '1' && element !== '65')
          .map(([element, row]) => {
            const format = parseFormat(row.format);
            if (typeof format === 'string') throw new Error(format);
            // Long enough to reach every prefix digit, short enough for many to fit one message.
            return [
              element,
              valueOf({ ...format, max: format.prefix === undefined ? format.max : Math.min(format.max, 120) }),
            ];
          }),
      ),
      { requiredKeys: [] },
    ),
  )
  .map(([mti, values]) => createMessage(mti, values));

describe('the law', () => {
  it('unpack after pack gives the message back, element by element', () => {
    const roomy = compile({ name: 'roomy', elements: ELEMENTS_1987, maxBytes: 32_768 });
    fc.assert(
      fc.property(anyMessage, (message) => {
        const bytes = roomy.pack(message);
        if (!bytes.ok) throw new Error(explain(bytes.error));
        const back = roomy.unpack(bytes.value);
        if (!back.ok) throw new Error(explain(back.error));
        expect(back.value.mti).toBe(message.mti);
        expect(back.value.elements).toEqual(message.elements);
        for (const element of message.elements) expect(back.value.get(element)).toBe(message.get(element));
        const again = roomy.pack(back.value);
        expect(again.ok && Buffer.from(again.value).equals(bytes.value)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});

describe('what may be seen', () => {
  const SECRETS = [TRACK, '9999990000000001', '0123456789ABCDEF', '29125010000012300000'];

  it('an error holds no value', () => {
    const errors = [
      refusal(GOLDEN.replace(TRACK, `x${TRACK.slice(1)}`)),
      refusal(GOLDEN.slice(0, 100)),
      packRefusal({ 35: `${TRACK}=` }),
      packRefusal({ 35: `${TRACK.slice(1)}x` }),
      packRefusal({ 52: '0123456789ABCDEf' }),
      packRefusal({ 2: '9999990000000001 ' }),
    ];
    for (const error of errors) {
      const text = explain(error) + JSON.stringify(error) + String(Object.values(error));
      for (const secret of SECRETS) expect(text).not.toContain(secret.slice(0, -1));
      expect(text).not.toContain('99999900000');
    }
  });

  it('a message on a console or in JSON shows no value', async () => {
    const { inspect } = await import('node:util');
    for (const message of [createMessage('0200', GOLDEN_VALUES), unpacked(GOLDEN)]) {
      const text = JSON.stringify(message) + inspect(message, { depth: 9, showHidden: true });
      for (const secret of [...SECRETS, 'JHTBAL']) expect(text).not.toContain(secret);
    }
  });

  it('a description shows what the table marks, masks card numbers and hides the rest', () => {
    const message = withElements(createMessage('0200', GOLDEN_VALUES), { 2: '9999990000000001' });
    const text = codec.describe(message);
    expect(text.split('\n')[0]).toBe('0200 financial request');
    expect(text).toMatch(/ 2 {2}Primary account number +\*{6}0001$/m);
    expect(text).toMatch(/35 {2}Track 2 data +hidden \(37\)$/m);
    expect(text).toMatch(/52 {2}PIN data +hidden \(16\)$/m);
    expect(text).toMatch(/41 {2}Card acceptor terminal identification +ANJ00001$/m);
    for (const secret of SECRETS) expect(text).not.toContain(secret);
    const json = codec.describeJson(message);
    expect(json.kind).toBe('financial request');
    expect(json.elements.find(({ path }) => path === '35')).toEqual({ path: '35', name: 'Track 2 data', length: 37 });
  });

  it('a short card number is hidden, not shown whole', () => {
    expect(codec.describe(createMessage('0200', { 2: '99999900' }))).toContain('hidden (8)');
  });

  it('control characters of a message that was never packed stay out of a log', () => {
    expect(codec.describe(createMessage('0200', { 41: 'A\n\x1b[2J' }))).toMatch(/A\?\?\[2J$/);
  });
});
