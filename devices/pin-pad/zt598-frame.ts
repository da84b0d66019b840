/**
 * The SZZT line format. A frame is `02` LLL text `03` XX: LLL the length of the text in decimal, XX the XOR of everything
 * from LLL through `03`, in hex. Outside frames the pad sends one byte for each key press. RS-232, 9600 8N1 from the factory.
 */
import type { Decoder } from '../transport/line.ts';

const stx = 0x02;
const etx = 0x03;
const headLength = 4;
const tailLength = 3;

/** LLL has three digits. (Newer pads also know `000` and four more digits; nothing here needs a text that long.) */
export const maxTextLength = 999;

/** What the pad sends for a digit while PIN entry is open. */
export const maskCharacter = 0x2a;

/** `mask`: a digit key during PIN entry; `digit`: outside it; `expired`: the pad's own time limit closed the entry. */
export type PadKey = 'mask' | 'digit' | 'enter' | 'cancel' | 'clear' | 'expired' | 'other';

export type PadToken =
  /** `data` holds one character for each byte (Latin-1). */
  | { readonly kind: 'answer'; readonly status: number; readonly data: string }
  /** Something that began as a frame and was none: an answer may have been lost in it. */
  | { readonly kind: 'garbled' }
  | { readonly kind: 'key'; readonly key: PadKey };

/** Which digit it was is dropped here already. */
const keys = new Map<number, PadKey>([
  [maskCharacter, 'mask'],
  [0x0d, 'enter'],
  [0x1b, 'cancel'],
  [0x08, 'clear'],
  [0x80, 'expired'],
  ...Array.from('0123456789', (digit): [number, PadKey] => [digit.charCodeAt(0), 'digit']),
  // Double zero, point, number sign, and the eight keys beside the screen.
  ...Array.from('".#ABCDEFGH', (other): [number, PadKey] => [other.charCodeAt(0), 'other']),
]);

/** Bytes that no answer holds, so that they are keys even right after half a frame. */
const neverInAnswers: readonly (PadKey | undefined)[] = ['mask', 'enter', 'cancel', 'clear'];

function xor(bytes: Iterable<number>): number {
  let sum = 0;
  for (const byte of bytes) sum ^= byte;
  return sum;
}

function hex2(value: number): string {
  return value.toString(16).toUpperCase().padStart(2, '0');
}

/** Throws a RangeError for a text that no frame can hold: 1..999 bytes. */
export function encodeFrame(text: Uint8Array): Uint8Array {
  if (text.length < 1 || text.length > maxTextLength)
    throw new RangeError(`a frame cannot hold ${String(text.length)} bytes`);
  const summed = Buffer.concat([Buffer.from(String(text.length).padStart(3, '0')), text, Buffer.from([etx])]);
  return Buffer.concat([Buffer.from([stx]), summed, Buffer.from(hex2(xor(summed)))]);
}

/**
 * Decodes what the pad sends. Holds one frame at most. An answer never holds 02, so an 02 always begins anew; after a broken
 * frame its remains are not taken for digit keys: they are skipped until the next 02 or a silence.
 */
export function createPadDecoder(): Decoder<PadToken> {
  let frame: number[] = [];
  let skipping = false;
  let discarded = 0;

  function broken(): PadToken {
    discarded += frame.length;
    frame = [];
    skipping = true;
    return { kind: 'garbled' };
  }

  function outside(byte: number): PadToken | undefined {
    if (byte === stx) {
      frame = [stx];
      skipping = false;
      return undefined;
    }
    const key = keys.get(byte);
    if (key !== undefined && (!skipping || neverInAnswers.includes(key))) return { kind: 'key', key };
    discarded += 1;
    skipping = true;
    return undefined;
  }

  function inside(byte: number): PadToken | undefined {
    if (byte === stx) {
      discarded += frame.length;
      frame = [stx];
      return undefined;
    }
    frame.push(byte);
    if (frame.length <= headLength) return byte >= 0x30 && byte <= 0x39 ? undefined : broken();
    const end = headLength + Number(String.fromCharCode(...frame.slice(1, headLength)));
    if (end === headLength || (frame.length === end + 1 && byte !== etx)) return broken();
    if (frame.length < end + tailLength) return undefined;
    const check = String.fromCharCode(...frame.slice(end + 1));
    if (check.toUpperCase() !== hex2(xor(frame.slice(1, end + 1)))) return broken();
    const [status = 0, ...data] = frame.slice(headLength, end);
    frame = [];
    return { kind: 'answer', status, data: String.fromCharCode(...data) };
  }

  return {
    push(bytes) {
      const tokens: PadToken[] = [];
      for (const byte of bytes) {
        const token = frame.length > 0 ? inside(byte) : outside(byte);
        if (token) tokens.push(token);
      }
      return tokens;
    },
    expire() {
      discarded += frame.length;
      frame = [];
      skipping = false;
    },
    get midFrame() {
      return frame.length > 0 || skipping;
    },
    get discarded() {
      return discarded;
    },
  };
}
