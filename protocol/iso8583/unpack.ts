/**
 * Bytes to a message. The whole message is checked at once; the values stay where they are and are cut out when they are
 * asked for. Whatever is accepted packs to the same bytes again.
 */
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import { countBefore, isOn, lastOn, readWord, scanHex, startsOn } from './bitmap.ts';
import type { Words } from './bitmap.ts';
import type { CodecErrorCode, UnpackError } from './error.ts';
import { BITMAP_DIGITS, codecError, fits, LAST_ELEMENT, lengthsOf, maxBytesOf, MTI_DIGITS } from './field.ts';
import type { Field, Fields } from './field.ts';
import { CLASSES, kindOf } from './format.ts';
import { createMessage } from './message.ts';
import type { ElementValues, Message } from './message.ts';
import type { MessageSpec } from './spec.ts';

/** Where the elements of a message are. */
interface Layout {
  /** Bits that are on, without those of the bitmaps themselves. */
  words: Words;
  /** Offset of the first element. */
  first: number;
  /** Where each element ends; the next begins there. */
  readonly ends: number[];
}

class UnpackedMessage implements Message {
  readonly mti: string;
  /** The message, one character a byte. */
  readonly #text: string;
  readonly #fields: Fields;
  readonly #layout: Layout;
  #elements: readonly number[] | undefined;

  constructor(text: string, fields: Fields, layout: Layout) {
    this.mti = text.slice(0, MTI_DIGITS);
    this.#text = text;
    this.#fields = fields;
    this.#layout = layout;
    this.#elements = undefined;
  }

  has(element: number): boolean {
    return isOn(this.#layout.words, element);
  }

  get(element: number): string | undefined {
    const { words, first, ends } = this.#layout;
    if (!isOn(words, element)) return undefined;
    const place = countBefore(words, element);
    const field = this.#fields[element];
    const end = ends[place];
    if (field === undefined || end === undefined) return undefined;
    const start = place === 0 ? first : (ends[place - 1] ?? first);
    return field.encoding.read(this.#text, start + (field.prefix === undefined ? 0 : field.prefix.digits), end);
  }

  get elements(): readonly number[] {
    if (this.#elements === undefined) {
      const elements: number[] = [];
      for (let element = 2; element <= LAST_ELEMENT; element++) if (this.has(element)) elements.push(element);
      this.#elements = elements;
    }
    return this.#elements;
  }

  toJSON(): unknown {
    return { mti: this.mti, elements: this.elements };
  }
}

function latin1(bytes: Uint8Array): string {
  const buffer = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return buffer.toString('latin1');
}

export function createUnpack(spec: MessageSpec, fields: Fields): (bytes: Uint8Array) => Result<Message, UnpackError> {
  const maxBytes = maxBytesOf(spec);
  const always = spec.secondaryBitmap === 'always';

  return (bytes) => {
    const size = bytes.length;
    const layout: Layout = { words: [0, 0, 0, 0], first: 0, ends: [] };

    const refuse = (
      code: CodecErrorCode,
      element: number,
      offset: number,
      expected: string,
      got: string,
    ): Result<never, UnpackError> => {
      const whole = new UnpackedMessage(latin1(bytes.subarray(0, maxBytes)), fields, layout);
      const read = whole.elements.slice(0, layout.ends.length);
      const values: ElementValues = Object.fromEntries(read.map((one) => [one, whole.get(one)]));
      const decoded = createMessage(element === 0 ? '' : whole.mti, values);
      return fail({ ...codecError(code, element, offset, expected, got), decoded });
    };

    if (size > maxBytes) return refuse('too-long', 0, maxBytes, `at most ${maxBytes} bytes`, `${size}`);
    for (let place = 0; place < MTI_DIGITS; place++) {
      const byte = bytes[place];
      if (byte === undefined) return refuse('truncated', 0, size, '4 digits', `${size} bytes`);
      if (byte < 0x30 || byte > 0x39) return refuse('mti', 0, place, '4 digits', kindOf(byte));
    }
    const secondary = startsOn(bytes[MTI_DIGITS]);
    const first = MTI_DIGITS + (secondary ? 2 * BITMAP_DIGITS : BITMAP_DIGITS);
    const hexEnd = Math.min(first, size);
    const hex = scanHex(bytes, MTI_DIGITS, hexEnd);
    if (hex !== hexEnd) return refuse('bitmap', 1, hex, CLASSES.b.says, kindOf(bytes[hex]));
    if (size < first) return refuse('truncated', 1, size, `a bitmap of ${first - MTI_DIGITS} hex digits`, 'the end');
    const words: Words = [
      readWord(bytes, MTI_DIGITS) & 0x7fffffff,
      readWord(bytes, MTI_DIGITS + 8),
      secondary ? readWord(bytes, MTI_DIGITS + 16) : 0,
      secondary ? readWord(bytes, MTI_DIGITS + 24) : 0,
    ];
    if (always && !secondary) return refuse('bitmap', 1, MTI_DIGITS, 'a secondary bitmap in every message', 'none');
    if (!always && secondary && words[2] === 0 && words[3] === 0) {
      return refuse('bitmap', 1, MTI_DIGITS, 'an element above 64 where bit 1 is on', 'none');
    }
    layout.words = words;
    layout.first = first;

    let at = first;
    for (let index = 0; index < words.length; index++) {
      let word = words[index] ?? 0;
      while (word !== 0) {
        const lead = Math.clz32(word);
        word ^= 0x80000000 >>> lead;
        const element = (index << 5) + lead + 1;
        const field: Field | undefined = fields[element];
        if (field === undefined) {
          return refuse('unknown-element', element, at, `an element of ${spec.name}`, 'a bit that is on');
        }
        const { prefix } = field;
        let length = field.max;
        if (prefix !== undefined) {
          const start = at + prefix.digits;
          if (start > size) return refuse('truncated', element, size, lengthsOf(field), `${size - at} bytes`);
          length = prefix.read(bytes, at);
          if (length < 0)
            return refuse('length', element, at, `${prefix.digits} digits of length`, 'another character');
          if (!fits(field, length)) return refuse('length', element, at, lengthsOf(field), `${length}`);
          at = start;
        }
        const end = at + field.encoding.size(length);
        if (end > size) return refuse('truncated', element, size, lengthsOf(field), `${size - at} bytes`);
        let stop = end;
        if (field.fill) while (stop > at && bytes[stop - 1] === 0x20) stop--;
        if (field.signed) {
          const sign = bytes[at];
          if (sign !== 0x43 && sign !== 0x44) {
            return refuse('class', element, at, CLASSES['x+n'].says, kindOf(sign));
          }
          at++;
        }
        const scanned = field.encoding.scan(bytes, at, stop, field.mask);
        if (scanned !== stop) {
          return refuse('class', element, scanned, CLASSES[field.class].says, kindOf(bytes[scanned]));
        }
        layout.ends.push(end);
        at = end;
      }
    }
    if (at !== size) return refuse('trailing', lastOn(words), at, 'the end of the message', `${size - at} more bytes`);
    return ok(new UnpackedMessage(latin1(bytes), fields, layout));
  };
}
