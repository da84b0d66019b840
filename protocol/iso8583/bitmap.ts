/** Bitmaps as words: bits of elements 1-32, 33-64, 65-96, 97-128, highest first; on the wire as upper-case hex digits. */

export type Words = readonly [number, number, number, number];

/** Hex digit by byte; -1 when it is none. Lower case is none: it would not come back the same. */
const HEX_VALUE = new Int8Array(256).fill(-1);
const HEX_DIGIT = new Uint8Array(16);
for (let value = 0; value < 16; value++) {
  const byte = value.toString(16).toUpperCase().charCodeAt(0);
  HEX_VALUE[byte] = value;
  HEX_DIGIT[value] = byte;
}

/** Where the first byte stands that is no upper-case hex digit, or `end`. */
export function scanHex(bytes: Uint8Array, at: number, end: number): number {
  let place = at;
  while (place < end && (HEX_VALUE[bytes[place] ?? 0] ?? -1) >= 0) place++;
  return place;
}

/** Whether a bitmap that begins with this hex digit has its first bit on: another bitmap follows it. */
export function startsOn(byte: number | undefined): boolean {
  return (HEX_VALUE[byte ?? 0] ?? 0) >= 8;
}

/** Eight hex digits. */
export function readWord(bytes: Uint8Array, at: number): number {
  let word = 0;
  for (let place = at; place < at + 8; place++) word = (word << 4) | (HEX_VALUE[bytes[place] ?? 0] ?? 0);
  return word;
}

export function writeWord(out: Uint8Array, at: number, word: number): void {
  for (let digit = 0; digit < 8; digit++) out[at + digit] = HEX_DIGIT[(word >>> (28 - digit * 4)) & 15] ?? 0;
}

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

/** The highest element that is on; 1 when none is. */
export function lastOn(words: Words): number {
  for (let index = 3; index >= 0; index--) {
    const word = words[index] ?? 0;
    if (word !== 0) return (index << 5) + 32 - (31 - Math.clz32(word & -word));
  }
  return 1;
}
