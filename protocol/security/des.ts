/**
 * Single and triple DES on whole blocks. Node 24's OpenSSL has no single DES: K|K|K in triple DES is the same function
 * (ANSI X9.52, EDE with equal keys). Keys are 8, 16 or 24 bytes; another length is a defect, and throws.
 *
 * For the host simulator and tests. The terminal's core holds no keys; its PIN pad does this.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Cipheriv, Decipheriv } from 'node:crypto';

export const BLOCK = 8;
const ZERO_IV = Buffer.alloc(BLOCK);

/** 24 bytes for EDE: K|K|K, or K1|K2|K1 (keying option 2). */
function expand(key: Uint8Array): Uint8Array {
  if (key.length === 24) return key;
  if (key.length === 16) return Buffer.concat([key, key.subarray(0, 8)]);
  if (key.length === 8) return Buffer.concat([key, key, key]);
  throw new RangeError(`a DES key has 8, 16 or 24 bytes, not ${key.length}`);
}

function run(cipher: Cipheriv | Decipheriv, data: Uint8Array): Uint8Array {
  if (data.length % BLOCK !== 0) throw new RangeError(`whole blocks of ${BLOCK} bytes, not ${data.length}`);
  cipher.setAutoPadding(false);
  return Buffer.concat([cipher.update(data), cipher.final()]);
}

export function encryptEcb(key: Uint8Array, data: Uint8Array): Uint8Array {
  return run(createCipheriv('des-ede3-ecb', expand(key), null), data);
}

export function decryptEcb(key: Uint8Array, data: Uint8Array): Uint8Array {
  return run(createDecipheriv('des-ede3-ecb', expand(key), null), data);
}

export function encryptCbc(key: Uint8Array, data: Uint8Array, iv: Uint8Array = ZERO_IV): Uint8Array {
  return run(createCipheriv('des-ede3-cbc', expand(key), iv), data);
}

export function decryptCbc(key: Uint8Array, data: Uint8Array, iv: Uint8Array = ZERO_IV): Uint8Array {
  return run(createDecipheriv('des-ede3-cbc', expand(key), iv), data);
}
