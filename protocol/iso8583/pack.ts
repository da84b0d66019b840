/** A message to bytes. Nothing is filled up or cut off: a value that does not fit its element is refused. */
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import { writeWord } from './bitmap.ts';
import type { CodecError, CodecErrorCode } from './error.ts';
import { BITMAP_DIGITS, codecError, fits, lengthsOf, maxBytesOf, MTI_DIGITS } from './field.ts';
import type { Field, Fields } from './field.ts';
import { CLASSES, kindOf } from './format.ts';
import type { Message } from './message.ts';
import type { MessageSpec } from './spec.ts';

type Packed<T> = Result<T, CodecError>;

const SPACE = 0x20;

function refuse(code: CodecErrorCode, element: number, expected: string, got: string, offset?: number): Packed<never> {
  return fail(codecError(code, element, offset, expected, got));
}

function wrongClass(field: Field, value: string, offset: number): Packed<never> {
  return refuse('class', field.element, CLASSES[field.class].says, kindOf(value.charCodeAt(offset)), offset);
}

export function createPack(spec: MessageSpec, fields: Fields): (message: Message) => Packed<Uint8Array> {
  const maxBytes = maxBytesOf(spec);
  const always = spec.secondaryBitmap === 'always';
  const out = new Uint8Array(maxBytes);

  /** Writes an element's characters; undefined when all were of its class. */
  const writeValue = (field: Field, value: string, at: number): Packed<never> | undefined => {
    let from = 0;
    if (field.signed) {
      const sign = value.charCodeAt(0);
      if (sign !== 0x43 && sign !== 0x44) return wrongClass(field, value, 0);
      out[at] = sign;
      from = 1;
    }
    const written = field.encoding.write(value, from, out, at + from, field.mask);
    if (written === value.length) return undefined;
    if (!field.fill) return wrongClass(field, value, written);
    // Blanks may fill up a fixed element, with nothing after them.
    for (let place = written; place < value.length; place++) {
      if (value.charCodeAt(place) !== SPACE) return wrongClass(field, value, written);
      out[at + place] = SPACE;
    }
    return undefined;
  };

  return (message) => {
    const { mti, elements } = message;
    if (mti.length !== MTI_DIGITS) return refuse('mti', 0, '4 digits', `${mti.length} characters`);
    for (let index = 0; index < MTI_DIGITS; index++) {
      const code = mti.charCodeAt(index);
      if (code < 0x30 || code > 0x39) return refuse('mti', 0, '4 digits', kindOf(code), index);
      out[index] = code;
    }
    const count = elements.length;
    const secondary = always || (count > 0 && (elements[count - 1] ?? 0) > 64);
    let word0 = secondary ? 0x80000000 : 0;
    let word1 = 0;
    let word2 = 0;
    let word3 = 0;
    let at = MTI_DIGITS + (secondary ? 2 * BITMAP_DIGITS : BITMAP_DIGITS);
    let last = 1;
    for (let index = 0; index < count; index++) {
      const element = elements[index] ?? 0;
      const field = fields[element];
      if (field === undefined) return refuse('unknown-element', element, `an element of ${spec.name}`, 'another');
      // What a Message promises: an implementation that broke it would pack to nonsense.
      if (element <= last) return refuse('bitmap', element, 'elements in ascending order', 'one out of order');
      last = element;
      const value = message.get(element);
      if (value === undefined) return refuse('length', element, lengthsOf(field), 'no value');
      const { length } = value;
      if (!fits(field, length)) return refuse('length', element, lengthsOf(field), `${length}`);
      const { prefix } = field;
      const size = field.encoding.size(length);
      const start = at + (prefix === undefined ? 0 : prefix.digits);
      if (start + size > maxBytes) return refuse('too-long', element, `a message of at most ${maxBytes} bytes`, 'more');
      if (prefix !== undefined) prefix.write(length, out, at);
      const wrong = writeValue(field, value, start);
      if (wrong !== undefined) return wrong;
      at = start + size;
      const bit = 0x80000000 >>> ((element - 1) & 31);
      if (element <= 32) word0 |= bit;
      else if (element <= 64) word1 |= bit;
      else if (element <= 96) word2 |= bit;
      else word3 |= bit;
    }
    writeWord(out, MTI_DIGITS, word0);
    writeWord(out, MTI_DIGITS + 8, word1);
    if (secondary) {
      writeWord(out, MTI_DIGITS + 16, word2);
      writeWord(out, MTI_DIGITS + 24, word3);
    }
    // Out of Node's pool: an ArrayBuffer of its own for every message costs more than all of the above.
    return ok(Buffer.from(out.subarray(0, at)));
  };
}
