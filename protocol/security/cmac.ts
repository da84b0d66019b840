/** CMAC (NIST SP 800-38B §6.2): with AES it is RFC 4493, with triple DES what key blocks of version B are bound by. */
import { AES_BLOCK, encryptAesCbc } from './aes.ts';
import { BLOCK, encryptCbc } from './des.ts';
import { xor } from './xor.ts';

interface Cipher {
  readonly block: number;
  /** What the highest bit turns into when a subkey is doubled (SP 800-38B §5.3). */
  readonly polynomial: number;
  readonly cbc: (key: Uint8Array, data: Uint8Array) => Uint8Array;
}

const AES: Cipher = { block: AES_BLOCK, polynomial: 0x87, cbc: (key, data) => encryptAesCbc(key, data) };
const TDES: Cipher = { block: BLOCK, polynomial: 0x1b, cbc: (key, data) => encryptCbc(key, data) };

function doubled({ polynomial }: Cipher, bytes: Uint8Array): Uint8Array {
  const out = bytes.map((byte, at) => (byte << 1) | ((bytes[at + 1] ?? 0) >>> 7));
  // Arithmetic instead of a branch: the bit is the key's.
  out[out.length - 1] = (out.at(-1) ?? 0) ^ (polynomial & -((bytes[0] ?? 0) >>> 7));
  return out;
}

function cmac(cipher: Cipher, key: Uint8Array, data: Uint8Array): Uint8Array {
  const { block } = cipher;
  const blocks = Math.max(1, Math.ceil(data.length / block));
  const whole = data.length === blocks * block;
  const padded = new Uint8Array(blocks * block);
  padded.set(data);
  if (!whole) padded[data.length] = 0x80;
  const once = doubled(cipher, cipher.cbc(key, new Uint8Array(block)));
  padded.set(xor(padded.subarray(-block), whole ? once : doubled(cipher, once)), padded.length - block);
  return cipher.cbc(key, padded).slice(-block);
}

/** AES-CMAC (RFC 4493), key of 16, 24 or 32 bytes: 16 bytes. */
export function aesCmac(key: Uint8Array, data: Uint8Array): Uint8Array {
  return cmac(AES, key, data);
}

/** CMAC under triple DES, key of 16 or 24 bytes: 8 bytes. */
export function tdesCmac(key: Uint8Array, data: Uint8Array): Uint8Array {
  return cmac(TDES, key, data);
}
