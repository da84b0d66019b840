/** Comparing what an attacker may try to guess. Apart from the ciphers, so that the core, which has none, can use it. */
import { timingSafeEqual } from 'node:crypto';

/** In a time that does not depend on where they differ. Texts of another length are unequal. */
export function equalSecrets(a: string, b: string): boolean {
  const left = Buffer.from(a, 'latin1');
  const right = Buffer.from(b, 'latin1');
  return left.length === right.length && timingSafeEqual(left, right);
}

/** The same for bytes. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
