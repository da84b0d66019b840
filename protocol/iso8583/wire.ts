/**
 * One element between its value and its bytes, whatever its format. Messages and the parts of composite elements both go
 * through here; pack and unpack take a shorter way for plain ASCII, with the same answers.
 */
import { kindOf } from './character.ts';
import type { CodecErrorCode } from './error.ts';
import { fits, lengthsOf } from './field.ts';
import { CLASSES, countOf, halvesOf } from './format.ts';
import type { Format } from './format.ts';

/** What is wrong. Reading, `offset` is in bytes of the whole; writing, in characters of the value. */
export interface Trouble {
  readonly code: CodecErrorCode;
  readonly offset: number | undefined;
  readonly expected: string;
  readonly got: string;
}

const CREDIT = 0x43;
const DEBIT = 0x44;
const BLANK = 0x20;
/** Set of the blank alone: SPACE of character.ts. */
const BLANK_SET = 8;

/** Bytes of that many characters. */
export function sizeOf(format: Format, length: number): number {
  return (halvesOf(format, length) + 1) >> 1;
}

function wrongClass(format: Format, offset: number, got: string): Trouble {
  return { code: 'class', offset, expected: CLASSES[format.class].says, got };
}

/** Characters that a length prefix means; -1 when there is no such number of them. `at` is the first byte after it. */
function lengthOf(format: Format, count: number, bytes: Uint8Array, at: number): number {
  if (format.counts === 'characters') return count;
  const { halves } = format.encoding;
  const own = format.signed ? 1 : 0;
  const rest = (format.counts === 'nibbles' ? count : 2 * count) - 2 * own;
  if (rest < 0 || rest % halves !== 0) return -1;
  const length = own + rest / halves;
  if (halves !== 1 || format.counts === 'nibbles' || format.pad.filler === 0 || rest === 0) return length;
  // The filler is no digit, so it tells an odd number from an even one.
  const empty = format.pad.left ? (bytes[at + own] ?? 0) >>> 4 : (bytes[at + count - 1] ?? 0) & 15;
  return empty === format.pad.filler ? length - 1 : length;
}

/** Twice the offset after the element, plus one when its last byte is half filler; or what is wrong with it. */
export function scanField(format: Format, bytes: Uint8Array, from: number, limit: number): number | Trouble {
  const { prefix, encoding, mask, pad } = format;
  let at = from;
  let length = format.max;
  if (prefix !== undefined) {
    at += prefix.size;
    if (at > limit)
      return { code: 'truncated', offset: limit, expected: lengthsOf(format), got: `${limit - from} bytes` };
    const count = prefix.read(bytes, from);
    if (count < 0) return { code: 'length', offset: from, expected: prefix.says, got: 'another character' };
    if (format.counts === 'bytes' && at + count > limit && count <= countOf(format, format.max)) {
      return { code: 'truncated', offset: limit, expected: lengthsOf(format), got: `${limit - at} bytes` };
    }
    length = lengthOf(format, count, bytes, at);
    if (length < 0 || !fits(format, length)) {
      const unit = format.counts === 'characters' ? '' : ` ${format.counts}`;
      return { code: 'length', offset: from, expected: lengthsOf(format), got: `${count}${unit}` };
    }
  }
  const end = at + sizeOf(format, length);
  if (end > limit) return { code: 'truncated', offset: limit, expected: lengthsOf(format), got: `${limit - at} bytes` };
  let body = length;
  if (format.signed) {
    const sign = signAt(format, bytes[at] ?? 0);
    if (sign === 0) return wrongClass(format, at, encoding.halves === 2 ? encoding.kind(bytes[at], mask) : 'another');
    at++;
    body--;
  }
  const wrong = encoding.scan(bytes, at, format.fill ? encoding.unfilled(bytes, at, body) : body, mask, pad);
  if (wrong >= 0) return wrongClass(format, wrong, encoding.kind(bytes[wrong], mask));
  return 2 * end + (encoding.halves === 1 ? body & 1 : 0);
}

/** EBCDIC has a sign of its own; packed and hex digits have an ASCII one in front. 0 when the byte is none. */
function signAt(format: Format, byte: number): number {
  if (byte === CREDIT || byte === DEBIT) return isEbcdic(format) ? 0 : byte;
  return isEbcdic(format) && (byte === 0xc3 || byte === 0xc4) ? byte - 0x80 : 0;
}

const isEbcdic = (format: Format): boolean => format.encoding.halves === 2 && !format.ascii;

/** The value between two places that scanField gave; `end` is what it answered. */
export function readField(format: Format, text: string, from: number, end: number): string {
  const at = from + (format.prefix === undefined ? 0 : format.prefix.size);
  if (format.plain) return text.slice(at, end >> 1);
  const { encoding, mask, pad } = format;
  const own = format.signed ? 1 : 0;
  const halves = 2 * ((end >> 1) - at - own);
  const body = encoding.read(text, at + own, halves / encoding.halves - (end & 1), mask, pad);
  return own === 0 ? body : String.fromCharCode(signAt(format, text.charCodeAt(at))) + body;
}

/** Offset after the element, or what is wrong with the value. */
export function writeField(
  format: Format,
  value: string,
  out: Uint8Array,
  from: number,
  limit: number,
): number | Trouble {
  const { prefix, encoding, mask, pad } = format;
  const { length } = value;
  if (!fits(format, length)) {
    return { code: 'length', offset: undefined, expected: lengthsOf(format), got: `${length}` };
  }
  const start = from + (prefix === undefined ? 0 : prefix.size);
  const end = start + sizeOf(format, length);
  if (end > limit) {
    return { code: 'too-long', offset: undefined, expected: 'no more than the longest message', got: 'more' };
  }
  prefix?.write(countOf(format, length), out, from);
  let at = start;
  let first = 0;
  if (format.signed) {
    const sign = value.charCodeAt(0);
    if (sign !== CREDIT && sign !== DEBIT) return wrongClass(format, 0, kindOf(sign));
    out[at++] = isEbcdic(format) ? sign + 0x80 : sign;
    first = 1;
  }
  let last = length;
  if (format.fill) while (last > 0 && value.charCodeAt(last - 1) === BLANK) last--;
  const written = encoding.write(value, first, last, out, at, mask, pad);
  if (written !== last) return wrongClass(format, written, kindOf(value.charCodeAt(written)));
  // Blanks may fill up a fixed element, with nothing after them.
  if (last < length) encoding.write(value, last, length, out, at + (last * encoding.halves) / 2, BLANK_SET, pad);
  return end;
}
