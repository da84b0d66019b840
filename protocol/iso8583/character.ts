/** Which sets of ISO 8583:1987 §4.2 a character belongs to; a class (format.ts) is a union of sets. */

export const DIGIT = 1;
export const LETTER = 2;
export const SPECIAL = 4;
export const SPACE = 8;
export const HEX = 16;
export const TRACK = 32;

/** By character code: the sets; 0 for control characters and everything above 7E. */
export const SETS = new Uint8Array(256);
for (let byte = 0x21; byte <= 0x7e; byte++) SETS[byte] = SPECIAL;
SETS[0x20] = SPACE;
for (let byte = 0x30; byte <= 0x39; byte++) SETS[byte] = DIGIT | HEX | TRACK;
for (let byte = 0x41; byte <= 0x5a; byte++) SETS[byte] = byte <= 0x46 ? LETTER | HEX : LETTER;
for (let byte = 0x61; byte <= 0x7a; byte++) SETS[byte] = LETTER;
// ISO/IEC 7813: the separator is `=`; hosts that carry tracks in hex write it D.
SETS[0x3d] = SPECIAL | TRACK;
SETS[0x44] = LETTER | HEX | TRACK;

const outside = new Map<number, Uint8Array>();

/** By character code: 0 where it is of one of the sets, 1 where not; codes beyond the table are not. */
export function outsideOf(mask: number): Uint8Array {
  const table = outside.get(mask) ?? SETS.map((sets) => ((sets & mask) === 0 ? 1 : 0));
  outside.set(mask, table);
  return table;
}

/** Value of an upper-case hex digit by its code; -1 when it is none. Lower case is none: it would not come back the same. */
export const HEX_VALUE = new Int8Array(256).fill(-1);
/** Codes of the sixteen hex digits. */
export const HEX_DIGIT = new Uint8Array(16);
for (let value = 0; value < 16; value++) {
  const code = value.toString(16).toUpperCase().charCodeAt(0);
  HEX_VALUE[code] = value;
  HEX_DIGIT[value] = code;
}

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
