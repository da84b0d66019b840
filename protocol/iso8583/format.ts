/**
 * A field format as data: character class x length prefix x encoding. Each is a row in a small table, so another
 * encoding (packed BCD, EBCDIC, raw binary) or prefix is another row, not another codec.
 */

/**
 * Character classes of ISO 8583:1987 §4.2. n digits, a letters, s special characters, b binary (as upper-case hex here),
 * z the code set of tracks 2 and 3, x+n a C (credit) or D (debit) and digits.
 */
export type CharacterClass = 'n' | 'a' | 's' | 'an' | 'as' | 'ns' | 'ans' | 'b' | 'z' | 'x+n';

/** How the characters of an element stand on the wire. */
export type EncodingName = 'ascii';

const DIGIT = 1;
const LETTER = 2;
const SPECIAL = 4;
const SPACE = 8;
const HEX = 16;
const TRACK = 32;

/** One byte: which of the sets above a byte belongs to; 0 for control characters and everything above 7E. */
const SETS = new Uint8Array(256);
for (let byte = 0x21; byte <= 0x7e; byte++) SETS[byte] = SPECIAL;
SETS[0x20] = SPACE;
for (let byte = 0x30; byte <= 0x39; byte++) SETS[byte] = DIGIT | HEX | TRACK;
for (let byte = 0x41; byte <= 0x5a; byte++) SETS[byte] = byte <= 0x46 ? LETTER | HEX : LETTER;
for (let byte = 0x61; byte <= 0x7a; byte++) SETS[byte] = LETTER;
// ISO/IEC 7813: the separator is `=`; hosts that carry tracks in hex write it D.
SETS[0x3d] = SPECIAL | TRACK;
SETS[0x44] = LETTER | HEX | TRACK;

interface ClassRow {
  readonly mask: number;
  /** For an error: what should have been there. */
  readonly says: string;
  /** Fixed elements of these are left-justified and blank-filled (§4.2.1), so blanks may end them. */
  readonly fill: boolean;
}

export const CLASSES: Readonly<Record<CharacterClass, ClassRow>> = {
  n: { mask: DIGIT, says: 'digits', fill: false },
  a: { mask: LETTER, says: 'letters', fill: true },
  s: { mask: SPECIAL | SPACE, says: 'special characters', fill: false },
  an: { mask: LETTER | DIGIT, says: 'letters and digits', fill: true },
  as: { mask: LETTER | SPECIAL | SPACE, says: 'letters and special characters', fill: false },
  ns: { mask: DIGIT | SPECIAL | SPACE, says: 'digits and special characters', fill: false },
  ans: { mask: LETTER | DIGIT | SPECIAL | SPACE, says: 'printable ASCII characters', fill: false },
  b: { mask: HEX, says: 'upper-case hex digits', fill: false },
  z: { mask: TRACK, says: 'digits and a separator (= or D)', fill: false },
  'x+n': { mask: DIGIT, says: 'C or D, then digits', fill: false },
};

/** Says what kind of character stands there, without saying which. */
export function kindOf(code: number | undefined): string {
  if (code === undefined || Number.isNaN(code)) return 'nothing';
  if (code > 0x7e) return code > 0xff ? 'a character that is not Latin-1' : 'a byte above 7E';
  if (code < 0x20) return 'a control character';
  if (code === 0x20) return 'a space';
  if (code <= 0x39 && code >= 0x30) return 'a digit';
  if (code >= 0x41 && code <= 0x5a) return 'an upper-case letter';
  if (code >= 0x61 && code <= 0x7a) return 'a lower-case letter';
  return 'a special character';
}

/** Whether every character of a value is of the class; for values inside composite elements. */
export function isOfClass(value: string, name: CharacterClass): boolean {
  const { mask } = CLASSES[name];
  let at = 0;
  if (name === 'x+n') {
    if (value.charCodeAt(0) !== 0x43 && value.charCodeAt(0) !== 0x44) return false;
    at = 1;
  }
  for (; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code > 0xff || ((SETS[code] ?? 0) & mask) === 0) return false;
  }
  return true;
}

export interface Encoding {
  /** Bytes that hold `length` characters. */
  size(length: number): number;
  /** Where the first byte stands that is not of the class, or `end` when all are. */
  scan(bytes: Uint8Array, at: number, end: number, mask: number): number;
  /** The characters between two places of a message whose bytes were made Latin-1 text. */
  read(text: string, at: number, end: number): string;
  /** Writes the characters; answers how many were of the class, which is all of them when it went well. */
  write(value: string, from: number, out: Uint8Array, at: number, mask: number): number;
}

export const ENCODINGS: Readonly<Record<EncodingName, Encoding>> = {
  ascii: {
    size: (length) => length,
    scan(bytes, at, end, mask) {
      let place = at;
      while (place < end && ((SETS[bytes[place] ?? 0] ?? 0) & mask) !== 0) place++;
      return place;
    },
    read: (text, at, end) => text.slice(at, end),
    write(value, from, out, at, mask) {
      const length = value.length;
      let index = from;
      for (; index < length; index++) {
        const code = value.charCodeAt(index);
        if (code > 0xff || ((SETS[code] ?? 0) & mask) === 0) break;
        out[at + index - from] = code;
      }
      return index;
    },
  },
};

/** The length in front of a variable element, in ASCII digits; it counts the characters that follow. */
export interface Prefix {
  readonly digits: number;
  /** -1 when there is anything but digits. */
  read(bytes: Uint8Array, at: number): number;
  write(length: number, out: Uint8Array, at: number): void;
}

function asciiPrefix(digits: number): Prefix {
  return {
    digits,
    read(bytes, at) {
      let length = 0;
      for (let place = at; place < at + digits; place++) {
        const digit = (bytes[place] ?? 0) - 0x30;
        if (digit < 0 || digit > 9) return -1;
        length = length * 10 + digit;
      }
      return length;
    },
    write(length, out, at) {
      let rest = length;
      for (let place = at + digits - 1; place >= at; place--) {
        const next = (rest / 10) | 0;
        out[place] = 0x30 + rest - next * 10;
        rest = next;
      }
    },
  };
}

const PREFIXES: readonly Prefix[] = [1, 2, 3, 4].map(asciiPrefix);

/** A format, worked out: what the codec runs on. */
export interface Format {
  readonly class: CharacterClass;
  readonly mask: number;
  readonly signed: boolean;
  readonly fill: boolean;
  /** Characters come in pairs (hex). */
  readonly paired: boolean;
  /** Least and greatest length in characters; equal when fixed. */
  readonly min: number;
  readonly max: number;
  /** Undefined when fixed. */
  readonly prefix: Prefix | undefined;
  readonly encoding: Encoding;
}

const NOTATION = /^(x\+n|ans|an|as|ns|[ansbz]) (\.{0,4})([1-9]\d{0,3})$/;

/** Reads the notation of elements.ts; a text when it is not one. `min` is in the notation's unit (bytes for class b). */
export function parseFormat(notation: string, min = 1, encoding: EncodingName = 'ascii'): Format | string {
  const match = NOTATION.exec(notation);
  if (match === null) return 'format is class, space, length: n 6, ans ...999';
  const name = match[1] as CharacterClass;
  const digits = match[2]?.length ?? 0;
  const paired = name === 'b';
  const length = Number(match[3]) * (paired ? 2 : 1) + (name === 'x+n' ? 1 : 0);
  const prefix = digits === 0 ? undefined : PREFIXES[digits - 1];
  if (prefix !== undefined && length >= 10 ** prefix.digits) {
    return `${length} characters do not fit a length of ${prefix.digits} digits`;
  }
  const least = prefix === undefined ? length : min * (paired ? 2 : 1);
  if (!Number.isInteger(min) || least < 0 || least > length) return 'min is more than the length';
  const { mask, fill } = CLASSES[name];
  return {
    class: name,
    mask,
    signed: name === 'x+n',
    fill: fill && prefix === undefined,
    paired,
    min: least,
    max: length,
    prefix,
    encoding: ENCODINGS[encoding],
  };
}
