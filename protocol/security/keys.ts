/** Keys: check values, and transport under a master key (triple DES, ECB, as DE48 TP and TA carry them). */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import { BLOCK, decryptEcb, encryptEcb } from './des.ts';
import { equalSecrets } from './equal.ts';
import { fromHex, toHex } from './hex.ts';

/** The first three bytes of eight zero bytes encrypted (ANSI X9.24-1): 6 upper-case hex. May be shown. */
export function checkValue(key: Uint8Array): string {
  return toHex(encryptEcb(key, new Uint8Array(BLOCK))).slice(0, 6);
}

/** The key under a master key, upper-case hex. */
export function wrapKey(master: Uint8Array, key: Uint8Array): string {
  return toHex(encryptEcb(master, key));
}

export interface UnwrapError {
  readonly code: 'not-a-key' | 'check-value-wrong';
}

/** A double-length key from 32 hex; refused when its check value (6 hex) is another. */
export function unwrapKey(master: Uint8Array, wrapped: string, check: string): Result<Uint8Array, UnwrapError> {
  const bytes = fromHex(wrapped, 16);
  if (bytes === undefined) return fail({ code: 'not-a-key' });
  const key = decryptEcb(master, bytes);
  return equalSecrets(checkValue(key), check.toUpperCase()) ? ok(key) : fail({ code: 'check-value-wrong' });
}

/** Every byte with an odd number of bits on, as DES keys have it (FIPS 46-3). */
export function withOddParity(key: Uint8Array): Uint8Array {
  return key.map((byte) => {
    let bits = 0;
    for (let rest = byte >>> 1; rest !== 0; rest >>>= 1) bits ^= rest & 1;
    return (byte & 0xfe) | (bits ^ 1);
  });
}

/** A new double-length key with odd parity and two different halves; `random` answers as many bytes as it is asked for. */
export function generateKey(random: (bytes: number) => Uint8Array = randomBytes): Uint8Array {
  for (let tries = 0; tries < 8; tries++) {
    const key = withOddParity(random(16));
    if (!timingSafeEqual(key.subarray(0, 8), key.subarray(8))) return key;
  }
  throw new Error('the source of random bytes repeats itself');
}

/** A key from components, each of the same length: their exclusive or. */
export function combineComponents(components: readonly Uint8Array[]): Uint8Array {
  const [first] = components;
  if (first === undefined || components.some(({ length }) => length !== first.length)) {
    throw new RangeError('components have the same length, and there is at least one');
  }
  return first.map((_, index) => components.reduce((sum, part) => sum ^ (part[index] ?? 0), 0));
}
