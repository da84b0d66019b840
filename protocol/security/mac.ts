/** The retail MAC: ANSI X9.19, which is ISO/IEC 9797-1 MAC algorithm 3 with DES and padding method 1. */
import { BLOCK, encryptCbc } from './des.ts';
import { equalSecrets } from './equal.ts';
import { toHex } from './hex.ts';

/** ISO/IEC 9797-1 §6.1. 1: zeros to a whole block (at least one). 2: one bit 1, then zeros. */
export type MacPadding = 1 | 2;

function pad(data: Uint8Array, padding: MacPadding): Uint8Array {
  const extra = padding === 2 ? 1 : 0;
  const out = new Uint8Array(Math.max(1, Math.ceil((data.length + extra) / BLOCK)) * BLOCK);
  out.set(data);
  if (padding === 2) out[data.length] = 0x80;
  return out;
}

/**
 * ISO/IEC 9797-1 algorithm 3 under a double-length key: single-DES CBC with the left half; the last block through both
 * halves. 8 bytes.
 */
export function macAlgorithm3(key: Uint8Array, data: Uint8Array, padding: MacPadding): Uint8Array {
  if (key.length !== 16) throw new RangeError(`a retail MAC key has 16 bytes, not ${key.length}`);
  const padded = pad(data, padding);
  const body = padded.subarray(0, -BLOCK);
  const chained = body.length === 0 ? new Uint8Array(BLOCK) : encryptCbc(key.subarray(0, 8), body).subarray(-BLOCK);
  // E(left) D(right) E(left) of the last block is triple DES with left|right|left.
  return encryptCbc(key, padded.subarray(-BLOCK), chained);
}

/** ANSI X9.19 over `data`: 16 upper-case hex, as it stands in DE64. */
export function macX919(key: Uint8Array, data: Uint8Array): string {
  return toHex(macAlgorithm3(key, data, 1));
}

export function verifyMacX919(key: Uint8Array, data: Uint8Array, mac: string): boolean {
  return equalSecrets(macX919(key, data), mac.toUpperCase());
}
