/**
 * Bytes to a message. The whole message is checked at once; the values stay where they are and are cut out when they are
 * asked for. Whatever is accepted packs to the same bytes again.
 */
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import { allOn, BITMAPS, countBefore, isOn, lastOn } from './bitmap.ts';
import type { Words } from './bitmap.ts';
import { kindOf } from './character.ts';
import type { CodecErrorCode, UnpackError } from './error.ts';
import { codecError, maxBytesOf, mtiOf } from './field.ts';
import type { Field, Fields } from './field.ts';
import type { Format } from './format.ts';
import { createMessage } from './message.ts';
import type { ElementValues, Message } from './message.ts';
import type { MessageSpec } from './spec.ts';
import { readField, scanField, sizeOf } from './wire.ts';

/** Where the elements of a message are. */
interface Layout {
  /** Bits that are on, without those of the bitmaps themselves. */
  words: Words;
  /** Offset of the first element. */
  first: number;
  /** Where each element ends, as scanField answers it; the next begins there. */
  readonly ends: number[];
}

class UnpackedMessage implements Message {
  readonly mti: string;
  /** The message, one character a byte. */
  readonly #text: string;
  readonly #fields: Fields;
  readonly #layout: Layout;
  #elements: readonly number[] | undefined;

  constructor(mti: string, text: string, fields: Fields, layout: Layout) {
    this.mti = mti;
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
    const start = place === 0 ? first : (ends[place - 1] ?? first) >> 1;
    if (!field.plain) return readField(field, this.#text, start, end);
    return this.#text.slice(field.prefix === undefined ? start : start + field.prefix.size, end >> 1);
  }

  get elements(): readonly number[] {
    this.#elements ??= allOn(this.#layout.words);
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

/**
 * scanField for plain ASCII without a sign, which most elements are: -1 when anything is wrong, for scanField to find.
 * Here because a call on an encoding of several kinds costs more than the loop.
 */
function scanPlain(field: Format, bytes: Uint8Array, from: number, limit: number): number {
  const { prefix, outside } = field;
  let at = from;
  let length = field.max;
  if (prefix !== undefined) {
    at += prefix.size;
    if (at > limit) return -1;
    length = prefix.read(bytes, from);
    if (length < field.min || length > field.max || (field.even && (length & 1) === 1)) return -1;
  }
  const end = at + length;
  if (end > limit) return -1;
  let stop = end;
  if (field.fill) while (stop > at && bytes[stop - 1] === 0x20) stop--;
  return allInside(outside, bytes, at, stop) ? 2 * end : -1;
}

/** Four at a time, one decision for all of them. */
function allInside(outside: Uint8Array, bytes: Uint8Array, from: number, end: number): boolean {
  let at = from;
  let wrong = 0;
  for (; at + 3 < end; at += 4) {
    wrong |=
      (outside[bytes[at] ?? 0] ?? 1) |
      (outside[bytes[at + 1] ?? 0] ?? 1) |
      (outside[bytes[at + 2] ?? 0] ?? 1) |
      (outside[bytes[at + 3] ?? 0] ?? 1);
  }
  for (; at < end; at++) wrong |= outside[bytes[at] ?? 0] ?? 1;
  return wrong === 0;
}

export function createUnpack(spec: MessageSpec, fields: Fields): (bytes: Uint8Array) => Result<Message, UnpackError> {
  const maxBytes = maxBytesOf(spec);
  const always = spec.secondaryBitmap === 'always';
  const third = spec.tertiaryBitmap === 'as-needed';
  const mtiFormat: Format = mtiOf(spec);
  const mtiSize = sizeOf(mtiFormat, mtiFormat.max);
  const bitmap = BITMAPS[spec.wire?.bitmap ?? 'hex'];
  const half = bitmap.size / 2;

  const messageOf = (text: string, layout: Layout): UnpackedMessage => {
    const mti = mtiFormat.plain ? text.slice(0, mtiSize) : readField(mtiFormat, text, 0, 2 * mtiSize);
    return new UnpackedMessage(mti, text, fields, layout);
  };

  return (bytes) => {
    const size = bytes.length;
    const layout: Layout = { words: [0, 0, 0, 0, 0, 0], first: 0, ends: [] };

    const refuse = (
      code: CodecErrorCode,
      element: number,
      offset: number,
      expected: string,
      got: string,
    ): Result<never, UnpackError> => {
      const whole = messageOf(latin1(bytes.subarray(0, maxBytes)), layout);
      const read = whole.elements.slice(0, layout.ends.length);
      const values: ElementValues = Object.fromEntries(read.map((one) => [one, whole.get(one)]));
      const decoded = createMessage(element === 0 ? '' : whole.mti, values);
      return fail({ ...codecError(code, element, offset, expected, got), decoded });
    };

    if (size > maxBytes) return refuse('too-long', 0, maxBytes, `at most ${maxBytes} bytes`, `${size}`);
    const plain = mtiFormat.plain ? scanPlain(mtiFormat, bytes, 0, size) : -1;
    const mti = plain < 0 ? scanField(mtiFormat, bytes, 0, size) : plain;
    if (typeof mti !== 'number') {
      if (mti.code !== 'truncated') return refuse('mti', 0, mti.offset ?? 0, '4 digits', mti.got);
      // What is there of it may be wrong already.
      for (let place = 0; place < size && mtiFormat.ascii; place++) {
        const byte = bytes[place];
        if (byte === undefined || byte < 0x30 || byte > 0x39) return refuse('mti', 0, place, '4 digits', kindOf(byte));
      }
      return refuse('truncated', 0, size, '4 digits', `${size} bytes`);
    }
    const secondary = bitmap.startsOn(bytes[mtiSize]);
    const tertiary = third && secondary && bitmap.startsOn(bytes[mtiSize + bitmap.size]);
    const first = mtiSize + bitmap.size * (tertiary ? 3 : secondary ? 2 : 1);
    const bitmapEnd = Math.min(first, size);
    const scanned = bitmap.scan(bytes, mtiSize, bitmapEnd);
    if (scanned !== bitmapEnd) return refuse('bitmap', 1, scanned, bitmap.says, bitmap.kind(bytes[scanned]));
    if (size < first) return refuse('truncated', 1, size, `a bitmap of ${first - mtiSize} ${bitmap.says}`, 'the end');
    const words: Words = [
      bitmap.readWord(bytes, mtiSize) & 0x7fffffff,
      bitmap.readWord(bytes, mtiSize + half),
      secondary ? bitmap.readWord(bytes, mtiSize + 2 * half) & (tertiary ? 0x7fffffff : -1) : 0,
      secondary ? bitmap.readWord(bytes, mtiSize + 3 * half) : 0,
      tertiary ? bitmap.readWord(bytes, mtiSize + 4 * half) : 0,
      tertiary ? bitmap.readWord(bytes, mtiSize + 5 * half) : 0,
    ];
    if (always && !secondary) return refuse('bitmap', 1, mtiSize, 'a secondary bitmap in every message', 'none');
    if (!always && secondary && !tertiary && words[2] === 0 && words[3] === 0) {
      return refuse('bitmap', 1, mtiSize, 'an element above 64 where bit 1 is on', 'none');
    }
    if (tertiary && words[4] === 0 && words[5] === 0) {
      return refuse('bitmap', 1, mtiSize + bitmap.size, 'an element above 128 where bit 65 is on', 'none');
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
        let end = field.plain && !field.signed ? scanPlain(field, bytes, at, size) : -1;
        if (end < 0) {
          const slow = scanField(field, bytes, at, size);
          if (typeof slow !== 'number') {
            return refuse(slow.code, element, slow.offset ?? size, slow.expected, slow.got);
          }
          end = slow;
        }
        layout.ends.push(end);
        at = end >> 1;
      }
    }
    if (at !== size) return refuse('trailing', lastOn(words), at, 'the end of the message', `${size - at} more bytes`);
    return ok(messageOf(latin1(bytes), layout));
  };
}
