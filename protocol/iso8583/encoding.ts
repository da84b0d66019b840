/**
 * How characters stand on the wire, a row each. A format (format.ts) is one of these with a length prefix and a filler;
 * another encoding is another row, not another codec.
 */
import { DIGIT, HEX, HEX_DIGIT, HEX_VALUE, kindOf, SETS, TRACK } from './character.ts';
import { CP_037, CP_1047 } from './ebcdic.ts';
import type { CodePage } from './ebcdic.ts';

/**
 * ascii, ebcdic (code page 037), ebcdic-1047: one byte a character. bcd: a half byte a digit, track separators as D.
 * binary: class b as bytes. hex: the bytes (of text: ASCII) as two hex digits each.
 */
export type EncodingName = 'ascii' | 'ebcdic' | 'ebcdic-1047' | 'bcd' | 'binary' | 'hex';

/** The empty half byte of an odd number of packed digits. */
export interface Pad {
  readonly left: boolean;
  /** 0 or 15. */
  readonly filler: number;
}

/** `at` is the first byte of the characters, `length` their number, `mask` the sets they may be of. */
export interface Encoding {
  /** Half bytes that a character takes. */
  readonly halves: 1 | 2 | 4;
  /** How many characters are left without the blanks at the end. */
  unfilled(bytes: Uint8Array, at: number, length: number): number;
  /** Offset of the first byte that is not of the sets, -1 when all are. */
  scan(bytes: Uint8Array, at: number, length: number, mask: number, pad: Pad): number;
  /** From a message whose bytes were made Latin-1 text. */
  read(text: string, at: number, length: number, mask: number, pad: Pad): string;
  /** Writes the characters from `from` to `to`; answers where the first stands that is not of the sets, else `to`. */
  write(value: string, from: number, to: number, out: Uint8Array, at: number, mask: number, pad: Pad): number;
  /** What kind of thing a byte is, in words. */
  kind(byte: number | undefined, mask: number): string;
}

const BLANK = 0x20;

export const ASCII: Encoding = {
  halves: 2,
  unfilled(bytes, at, length) {
    let end = at + length;
    while (end > at && bytes[end - 1] === BLANK) end--;
    return end - at;
  },
  scan(bytes, at, length, mask) {
    const end = at + length;
    for (let place = at; place < end; place++) {
      if (((SETS[bytes[place] ?? 0] ?? 0) & mask) === 0) return place;
    }
    return -1;
  },
  read: (text, at, length) => text.slice(at, at + length),
  write(value, from, to, out, at, mask) {
    for (let index = from; index < to; index++) {
      const code = value.charCodeAt(index);
      if (code > 0xff || ((SETS[code] ?? 0) & mask) === 0) return index;
      out[at + index - from] = code;
    }
    return to;
  },
  kind: kindOf,
};

function ebcdic({ toAscii, fromAscii }: CodePage): Encoding {
  const blank = fromAscii[BLANK];
  return {
    halves: 2,
    unfilled(bytes, at, length) {
      let end = at + length;
      while (end > at && bytes[end - 1] === blank) end--;
      return end - at;
    },
    scan(bytes, at, length, mask) {
      const end = at + length;
      for (let place = at; place < end; place++) {
        if (((SETS[toAscii[bytes[place] ?? 0] ?? 0] ?? 0) & mask) === 0) return place;
      }
      return -1;
    },
    read(text, at, length) {
      let value = '';
      for (let place = at; place < at + length; place++) {
        value += String.fromCharCode(toAscii[text.charCodeAt(place)] ?? 0);
      }
      return value;
    },
    write(value, from, to, out, at, mask) {
      for (let index = from; index < to; index++) {
        const code = value.charCodeAt(index);
        if (code > 0xff || ((SETS[code] ?? 0) & mask) === 0) return index;
        out[at + index - from] = fromAscii[code] ?? 0;
      }
      return to;
    },
    kind(byte) {
      if (byte === undefined) return kindOf(byte);
      const code = toAscii[byte] ?? 0;
      return code === 0 ? 'a byte that is no character' : kindOf(code);
    },
  };
}

/** Which half bytes stand for characters of the sets, a bit each. */
function allowedHalves(mask: number): number {
  if ((mask & HEX) !== 0) return 0xffff;
  return ((mask & DIGIT) !== 0 || (mask & TRACK) !== 0 ? 0x03ff : 0) | ((mask & TRACK) !== 0 ? 0x2000 : 0);
}

const SEPARATOR = 0x3d;
const SEPARATOR_HALF = 13;

/** The half byte at a place counted in half bytes. */
const halfOf = (byte: number, place: number): number => ((place & 1) === 0 ? byte >>> 4 : byte & 15);

/** Digits two to a byte; class b the same with all sixteen. */
const PACKED: Encoding = {
  halves: 1,
  unfilled: (_bytes, _at, length) => length,
  scan(bytes, at, length, mask, pad) {
    const odd = (length & 1) === 1;
    const allowed = allowedHalves(mask);
    let place = 2 * at;
    let end = place + length;
    if (odd) {
      const empty = pad.left ? place : end;
      if (halfOf(bytes[empty >>> 1] ?? 0, empty) !== pad.filler) return empty >>> 1;
      if (pad.left) {
        place++;
        end++;
      }
    }
    if (allowed === 0xffff) return -1;
    for (; place < end; place++) {
      if (((allowed >>> halfOf(bytes[place >>> 1] ?? 0, place)) & 1) === 0) return place >>> 1;
    }
    return -1;
  },
  read(text, at, length, mask, pad) {
    let value = '';
    let place = 2 * at + ((length & 1) === 1 && pad.left ? 1 : 0);
    for (const end = place + length; place < end; place++) {
      const half = halfOf(text.charCodeAt(place >>> 1), place);
      value += half === SEPARATOR_HALF && (mask & TRACK) !== 0 ? '=' : String.fromCharCode(HEX_DIGIT[half] ?? 0);
    }
    return value;
  },
  write(value, from, to, out, at, mask, pad) {
    const odd = ((to - from) & 1) === 1;
    const allowed = allowedHalves(mask);
    let place = 2 * at;
    let filling = 0;
    if (odd && pad.left) {
      filling = pad.filler;
      place++;
    }
    for (let index = from; index < to; index++, place++) {
      const code = value.charCodeAt(index);
      let half = code > 0xff ? -1 : (HEX_VALUE[code] ?? -1);
      if ((mask & TRACK) !== 0) half = code === SEPARATOR ? SEPARATOR_HALF : half === SEPARATOR_HALF ? -1 : half;
      if (half < 0 || ((allowed >>> half) & 1) === 0) return index;
      if ((place & 1) === 0) filling = half;
      else out[place >>> 1] = (filling << 4) | half;
    }
    if (odd && !pad.left) out[place >>> 1] = (filling << 4) | pad.filler;
    return to;
  },
  kind(byte, mask) {
    if (byte === undefined) return kindOf(byte);
    const allowed = allowedHalves(mask);
    const good = ((allowed >>> (byte >>> 4)) & (allowed >>> (byte & 15)) & 1) === 1;
    return good ? 'another filler' : 'a half byte that is not';
  },
};

/** The character that two hex digits stand for; -1 when they are none. */
function pairOf(high: number, low: number): number {
  const left = HEX_VALUE[high] ?? -1;
  const right = HEX_VALUE[low] ?? -1;
  return left < 0 || right < 0 ? -1 : (left << 4) | right;
}

const HEX_TEXT: Encoding = {
  halves: 4,
  unfilled(bytes, at, length) {
    let count = length;
    while (count > 0 && pairOf(bytes[at + 2 * count - 2] ?? 0, bytes[at + 2 * count - 1] ?? 0) === BLANK) count--;
    return count;
  },
  scan(bytes, at, length, mask) {
    const end = at + 2 * length;
    for (let place = at; place < end; place += 2) {
      const code = pairOf(bytes[place] ?? 0, bytes[place + 1] ?? 0);
      if (code < 0) return (HEX_VALUE[bytes[place] ?? 0] ?? -1) < 0 ? place : place + 1;
      if (((SETS[code] ?? 0) & mask) === 0) return place;
    }
    return -1;
  },
  read(text, at, length) {
    let value = '';
    for (let place = at; place < at + 2 * length; place += 2) {
      value += String.fromCharCode(pairOf(text.charCodeAt(place), text.charCodeAt(place + 1)));
    }
    return value;
  },
  write(value, from, to, out, at, mask) {
    for (let index = from; index < to; index++) {
      const code = value.charCodeAt(index);
      if (code > 0xff || ((SETS[code] ?? 0) & mask) === 0) return index;
      const place = at + 2 * (index - from);
      out[place] = HEX_DIGIT[code >>> 4] ?? 0;
      out[place + 1] = HEX_DIGIT[code & 15] ?? 0;
    }
    return to;
  },
  kind: (byte) =>
    byte !== undefined && (HEX_VALUE[byte] ?? -1) >= 0 ? 'hex digits of another character' : kindOf(byte),
};

/** Class b in hex is its digits, one byte each: ASCII. */
export const ENCODINGS: Readonly<Record<EncodingName, Encoding>> = {
  ascii: ASCII,
  ebcdic: ebcdic(CP_037),
  'ebcdic-1047': ebcdic(CP_1047),
  bcd: PACKED,
  binary: PACKED,
  hex: HEX_TEXT,
};
