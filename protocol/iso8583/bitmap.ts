/**
 * Bitmaps as words of 32 elements each, highest bit first: six words are elements 1 to 192. On the wire upper-case hex
 * digits, in ASCII or EBCDIC, or bytes.
 */
import { HEX_DIGIT, HEX_VALUE, kindOf } from './character.ts';
import { CP_037 } from './ebcdic.ts';

export type Words = readonly [number, number, number, number, number, number];

/** Bytes of one bitmap: 64 elements. */
const BITMAP_BYTES = 8;
const WORD_DIGITS = 8;
const WORD_BYTES = 4;

export interface BitmapFormat {
  /** Bytes on the wire of one bitmap. */
  readonly size: number;
  /** What it is, in words. */
  readonly says: string;
  /** Where the first byte stands that cannot be, or `end`. */
  scan(bytes: Uint8Array, at: number, end: number): number;
  /** Whether a bitmap that begins with this byte has its first bit on: another bitmap follows it. */
  startsOn(byte: number | undefined): boolean;
  readWord(bytes: Uint8Array, at: number): number;
  writeWord(out: Uint8Array, at: number, word: number): void;
  kind(byte: number | undefined): string;
}

function hex(valueOf: Int8Array, digits: Uint8Array, kind: (byte: number | undefined) => string): BitmapFormat {
  return {
    size: 2 * BITMAP_BYTES,
    says: 'upper-case hex digits',
    scan(bytes, at, end) {
      let place = at;
      while (place < end && (valueOf[bytes[place] ?? 0] ?? -1) >= 0) place++;
      return place;
    },
    startsOn: (byte) => (valueOf[byte ?? 0] ?? 0) >= 8,
    readWord(bytes, at) {
      let word = 0;
      for (let place = at; place < at + WORD_DIGITS; place++) word = (word << 4) | (valueOf[bytes[place] ?? 0] ?? 0);
      return word;
    },
    writeWord(out, at, word) {
      for (let digit = 0; digit < WORD_DIGITS; digit++) out[at + digit] = digits[(word >>> (28 - digit * 4)) & 15] ?? 0;
    },
    kind,
  };
}

const EBCDIC_VALUE = new Int8Array(256).fill(-1);
const EBCDIC_DIGIT = new Uint8Array(16);
for (let value = 0; value < 16; value++) {
  const byte = CP_037.fromAscii[HEX_DIGIT[value] ?? 0] ?? 0;
  EBCDIC_VALUE[byte] = value;
  EBCDIC_DIGIT[value] = byte;
}

const BINARY: BitmapFormat = {
  size: BITMAP_BYTES,
  says: 'bytes',
  scan: (_bytes, _at, end) => end,
  startsOn: (byte) => (byte ?? 0) >= 0x80,
  readWord(bytes, at) {
    let word = 0;
    for (let place = at; place < at + WORD_BYTES; place++) word = (word << 8) | (bytes[place] ?? 0);
    return word;
  },
  writeWord(out, at, word) {
    for (let byte = 0; byte < WORD_BYTES; byte++) out[at + byte] = (word >>> (24 - byte * 8)) & 255;
  },
  kind: () => 'a byte',
};

export const BITMAPS = {
  hex: hex(HEX_VALUE, HEX_DIGIT, kindOf),
  'hex-ebcdic': hex(EBCDIC_VALUE, EBCDIC_DIGIT, () => 'a byte that is no hex digit'),
  binary: BINARY,
} as const satisfies Readonly<Record<string, BitmapFormat>>;

function bitCount(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

export function isOn(words: Words, element: number): boolean {
  const bit = element - 1;
  return (((words[bit >>> 5] ?? 0) << (bit & 31)) & 0x80000000) !== 0;
}

/** How many elements that are on stand before this one. */
export function countBefore(words: Words, element: number): number {
  const bit = element - 1;
  const index = bit >>> 5;
  let count = (bit & 31) === 0 ? 0 : bitCount((words[index] ?? 0) >>> (32 - (bit & 31)));
  for (let before = 0; before < index; before++) count += bitCount(words[before] ?? 0);
  return count;
}

/** Numbers of the elements that are on, ascending. */
export function allOn(words: Words): readonly number[] {
  const elements: number[] = [];
  for (let index = 0; index < words.length; index++) {
    let word = words[index] ?? 0;
    while (word !== 0) {
      const lead = Math.clz32(word);
      word ^= 0x80000000 >>> lead;
      elements.push((index << 5) + lead + 1);
    }
  }
  return elements;
}

/** The highest element that is on; 1 when none is. */
export function lastOn(words: Words): number {
  for (let index = words.length - 1; index >= 0; index--) {
    const word = words[index] ?? 0;
    if (word !== 0) return (index << 5) + 32 - (31 - Math.clz32(word & -word));
  }
  return 1;
}
