/**
 * A field format as data: character class x encoding x length prefix x filler. Each is a row in a small table
 * (encoding.ts, prefix.ts, and the classes here); a notation and four names make a format.
 */
import { DIGIT, HEX, LETTER, outsideOf, SETS, SPACE, SPECIAL, TRACK } from './character.ts';
import { ASCII, ENCODINGS } from './encoding.ts';
import type { Encoding, EncodingName, Pad } from './encoding.ts';
import { prefixOf } from './prefix.ts';
import type { CountUnit, Prefix, PrefixName } from './prefix.ts';

/**
 * Character classes of ISO 8583:1987 §4.2. n digits, a letters, s special characters, b binary (as upper-case hex here),
 * z the code set of tracks 2 and 3, x+n a C (credit) or D (debit) and digits.
 */
export type CharacterClass = 'n' | 'a' | 's' | 'an' | 'as' | 'ns' | 'ans' | 'b' | 'z' | 'x+n';

interface ClassRow {
  readonly mask: number;
  /** For an error: what should have been there. */
  readonly says: string;
  /** Fixed elements of these are left-justified and blank-filled (§4.2.1), so blanks may end them. */
  readonly fill: boolean;
  /** Whether its characters fit half bytes. */
  readonly packs: boolean;
}

export const CLASSES: Readonly<Record<CharacterClass, ClassRow>> = {
  n: { mask: DIGIT, says: 'digits', fill: false, packs: true },
  a: { mask: LETTER, says: 'letters', fill: true, packs: false },
  s: { mask: SPECIAL | SPACE, says: 'special characters', fill: false, packs: false },
  an: { mask: LETTER | DIGIT, says: 'letters and digits', fill: true, packs: false },
  as: { mask: LETTER | SPECIAL | SPACE, says: 'letters and special characters', fill: false, packs: false },
  ns: { mask: DIGIT | SPECIAL | SPACE, says: 'digits and special characters', fill: false, packs: false },
  ans: { mask: LETTER | DIGIT | SPECIAL | SPACE, says: 'printable ASCII characters', fill: false, packs: false },
  b: { mask: HEX, says: 'upper-case hex digits', fill: false, packs: false },
  z: { mask: TRACK, says: 'digits and a separator (= or D)', fill: false, packs: true },
  'x+n': { mask: DIGIT, says: 'C or D, then digits', fill: false, packs: true },
};

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

/** What a format is made of, besides its notation. */
export interface FormatWire {
  readonly encoding?: EncodingName | undefined;
  readonly prefix?: PrefixName | undefined;
  readonly counts?: CountUnit | undefined;
  readonly pad?: PadName | undefined;
}

export type PadName = 'left-0' | 'left-f' | 'right-0' | 'right-f';

const PADS: Readonly<Record<PadName, Pad>> = {
  'left-0': { left: true, filler: 0 },
  'left-f': { left: true, filler: 15 },
  'right-0': { left: false, filler: 0 },
  'right-f': { left: false, filler: 15 },
};

/** A format, worked out: what the codec runs on. */
export interface Format {
  readonly class: CharacterClass;
  readonly mask: number;
  /** outsideOf(mask) */
  readonly outside: Uint8Array;
  /** A sign, C or D, stands in front: always one character of one byte. */
  readonly signed: boolean;
  readonly fill: boolean;
  /** Characters come in pairs (hex). */
  readonly paired: boolean;
  /** An odd number of characters cannot be told from an even one. */
  readonly even: boolean;
  /** Least and greatest length in characters; equal when fixed. */
  readonly min: number;
  readonly max: number;
  /** Undefined when fixed. */
  readonly prefix: Prefix | undefined;
  readonly counts: CountUnit;
  readonly encoding: Encoding;
  readonly pad: Pad;
  readonly ascii: boolean;
  /** ASCII with a length that counts characters: bytes and characters are the same. */
  readonly plain: boolean;
}

const NOTATION = /^(x\+n|ans|an|as|ns|[ansbz]) (\.{0,4})([1-9]\d{0,3})$/;

/** Class of the notation; undefined when it is none. */
export function classOf(notation: string): CharacterClass | undefined {
  return NOTATION.exec(notation)?.[1] as CharacterClass | undefined;
}

/** Half bytes of that many characters, without the filler. */
export function halvesOf(format: Pick<Format, 'signed' | 'encoding'>, length: number): number {
  return format.signed ? 2 + format.encoding.halves * (length - 1) : format.encoding.halves * length;
}

/** What a length prefix says of that many characters. */
export function countOf(format: Pick<Format, 'signed' | 'encoding' | 'counts'>, length: number): number {
  if (format.counts === 'characters') return length;
  const halves = halvesOf(format, length);
  return format.counts === 'nibbles' ? halves : (halves + 1) >> 1;
}

/** Reads the notation of elements.ts; a text when it is not one. `min` is in the notation's unit (bytes for class b). */
export function parseFormat(notation: string, min = 1, wire: FormatWire = {}): Format | string {
  const match = NOTATION.exec(notation);
  if (match === null) return 'format is class, space, length: n 6, ans ...999';
  const name = match[1] as CharacterClass;
  const digits = match[2]?.length ?? 0;
  const paired = name === 'b';
  const signed = name === 'x+n';
  const { mask, fill, packs } = CLASSES[name];
  const asked = wire.encoding ?? 'ascii';
  if (asked === 'bcd' && !packs) return `class ${name} cannot be packed: bcd is for n, z and x+n`;
  if (asked === 'binary' && !paired) return `class ${name} has no bytes: binary is for b`;
  // The value of class b is hex digits already.
  const encoding = paired && asked === 'hex' ? ASCII : ENCODINGS[asked];
  // Where a character is a byte, both count the same.
  const unit = wire.counts ?? (asked === 'binary' ? 'bytes' : 'characters');
  const counts = unit === 'bytes' && encoding.halves === 2 ? 'characters' : unit;
  const pad = PADS[wire.pad ?? 'left-0'];
  const length = Number(match[3]) * (paired ? 2 : 1) + (signed ? 1 : 0);
  const prefix = digits === 0 ? undefined : prefixOf(wire.prefix ?? 'ascii', digits);
  const most = countOf({ signed, encoding, counts }, length);
  if (prefix !== undefined && most > prefix.greatest) {
    return `${most} ${counts} do not fit a length of ${prefix.says.replace(' of length', '')}`;
  }
  const least = prefix === undefined ? length : Math.max(min * (paired ? 2 : 1), signed ? 1 : 0);
  if (!Number.isInteger(min) || least < 0 || least > length) return 'min is more than the length';
  return {
    class: name,
    mask,
    outside: outsideOf(mask),
    signed,
    fill: fill && prefix === undefined,
    paired,
    even: paired || (prefix !== undefined && counts === 'bytes' && encoding.halves === 1 && pad.filler === 0),
    min: least,
    max: length,
    prefix,
    counts,
    encoding,
    pad,
    ascii: encoding === ASCII,
    plain: encoding === ASCII && counts === 'characters',
  };
}
