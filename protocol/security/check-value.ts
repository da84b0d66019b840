/**
 * Key check values: what two people, or two machines, compare to know that they hold the same key. They may be shown.
 *
 * Triple DES: zeros enciphered, 3 bytes (ANSI X9.24-1; `checkValue` in keys.ts). AES: CMAC over a block of
 * zeros, 5 bytes (ANSI X9.24-1:2017 annex A), of which some show only 3. The legacy of enciphered zeros is seen with AES
 * too, and must not be used where the key is also used in CTR or CMAC: it is a block of that stream, or the subkey.
 */
import { AES_BLOCK } from './aes.ts';
import { aesCmac } from './cmac.ts';
import { toHex } from './hex.ts';

/** Of an AES key, upper-case hex; `bytes` of it, 1 to 5. */
export function aesCheckValue(key: Uint8Array, bytes = 5): string {
  if (!(Number.isInteger(bytes) && bytes >= 1 && bytes <= 5)) throw new RangeError('a check value has 1 to 5 bytes');
  return toHex(aesCmac(key, new Uint8Array(AES_BLOCK)).subarray(0, bytes));
}
