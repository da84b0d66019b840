/**
 * EBCDIC code pages 037 and 1047 (IBM CDRA), as far as ASCII goes: bytes that are no printable ASCII character have no
 * meaning here and are refused. The two differ in three places.
 */

export interface CodePage {
  /** ASCII code by byte; 0 where there is none. */
  readonly toAscii: Uint8Array;
  /** Byte by ASCII code; 0 where there is none. */
  readonly fromAscii: Uint8Array;
}

/** First byte of a run, and the characters from there on. */
const COMMON: readonly (readonly [number, string])[] = [
  [0x40, ' '],
  [0x4b, '.<(+|'],
  [0x50, '&'],
  [0x5a, '!$*);'],
  [0x60, '-/'],
  [0x6b, ',%_>?'],
  [0x79, '`:#@\'="'],
  [0x81, 'abcdefghi'],
  [0x91, 'jklmnopqr'],
  [0xa1, '~stuvwxyz'],
  [0xc0, '{ABCDEFGHI'],
  [0xd0, '}JKLMNOPQR'],
  [0xe0, '\\'],
  [0xe2, 'STUVWXYZ'],
  [0xf0, '0123456789'],
];

function codePage(own: readonly (readonly [number, string])[]): CodePage {
  const toAscii = new Uint8Array(256);
  const fromAscii = new Uint8Array(256);
  for (const [first, characters] of [...COMMON, ...own]) {
    for (let index = 0; index < characters.length; index++) {
      const code = characters.charCodeAt(index);
      toAscii[first + index] = code;
      fromAscii[code] = first + index;
    }
  }
  return { toAscii, fromAscii };
}

export const CP_037 = codePage([
  [0xb0, '^'],
  [0xba, '[]'],
]);
export const CP_1047 = codePage([
  [0x5f, '^'],
  [0xad, '['],
  [0xbd, ']'],
]);
