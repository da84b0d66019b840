/**
 * AES (FIPS 197) on whole blocks of 16 bytes, ECB and CBC without padding. Keys are 16, 24 or 32 bytes; another length is
 * a defect, and throws.
 *
 * For the host simulator and tests. The terminal's core holds no keys; its PIN pad does this.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Cipheriv, Decipheriv } from 'node:crypto';

export const AES_BLOCK = 16;
const ZERO_IV = Buffer.alloc(AES_BLOCK);

export function isAesKey(key: Uint8Array): boolean {
  return key.length === 16 || key.length === 24 || key.length === 32;
}

function named(key: Uint8Array, mode: 'ecb' | 'cbc'): string {
  if (!isAesKey(key)) throw new RangeError(`an AES key has 16, 24 or 32 bytes, not ${key.length}`);
  return `aes-${key.length * 8}-${mode}`;
}

function run(cipher: Cipheriv | Decipheriv, data: Uint8Array): Uint8Array {
  if (data.length % AES_BLOCK !== 0) throw new RangeError(`whole blocks of ${AES_BLOCK} bytes, not ${data.length}`);
  cipher.setAutoPadding(false);
  return Buffer.concat([cipher.update(data), cipher.final()]);
}

export function encryptAesEcb(key: Uint8Array, data: Uint8Array): Uint8Array {
  return run(createCipheriv(named(key, 'ecb'), key, null), data);
}

export function decryptAesEcb(key: Uint8Array, data: Uint8Array): Uint8Array {
  return run(createDecipheriv(named(key, 'ecb'), key, null), data);
}

export function encryptAesCbc(key: Uint8Array, data: Uint8Array, iv: Uint8Array = ZERO_IV): Uint8Array {
  return run(createCipheriv(named(key, 'cbc'), key, iv), data);
}

export function decryptAesCbc(key: Uint8Array, data: Uint8Array, iv: Uint8Array = ZERO_IV): Uint8Array {
  return run(createDecipheriv(named(key, 'cbc'), key, iv), data);
}
