/**
 * The simulated PIN pad's own cryptography. It is written apart from the host's on purpose: two machines that agree only
 * because both keep to the standards. Node has no single DES any more; triple DES with three equal keys is the same.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';

const blockBytes = 8;

/** 8, 16 or 24 bytes -> the 24 that the cipher wants. */
function tripled(key: Uint8Array): Uint8Array {
  const full = new Uint8Array(24);
  for (let at = 0; at < full.length; at += 1) full[at] = key[at % Math.min(key.length, 24)] ?? 0;
  return full;
}

function ecb(direction: 'encipher' | 'decipher', key: Uint8Array, blocks: Uint8Array): Uint8Array {
  const full = tripled(key);
  const cipher =
    direction === 'encipher'
      ? createCipheriv('des-ede3-ecb', full, null)
      : createDecipheriv('des-ede3-ecb', full, null);
  cipher.setAutoPadding(false);
  const result = Uint8Array.from([...cipher.update(blocks), ...cipher.final()]);
  full.fill(0);
  return result;
}

/** Triple DES, or single DES with a key of 8 bytes; whole blocks, ECB. */
export function encipher(key: Uint8Array, blocks: Uint8Array): Uint8Array {
  return ecb('encipher', key, blocks);
}

export function decipher(key: Uint8Array, blocks: Uint8Array): Uint8Array {
  return ecb('decipher', key, blocks);
}

/** Every byte of a DES key has an odd number of ones (FIPS 46-3). */
export function hasOddParity(key: Uint8Array): boolean {
  return key.every((byte) => byte.toString(2).replaceAll('0', '').length % 2 === 1);
}

/** A block of zeros enciphered under the key; the first 3 bytes are what people compare. Upper-case hex, `bytes` of it. */
export function keyCheckValue(key: Uint8Array, bytes = 3): string {
  return Buffer.from(encipher(key, new Uint8Array(blockBytes)).subarray(0, bytes))
    .toString('hex')
    .toUpperCase();
}

/**
 * ISO 9564-1 format 0, in the clear: 0, length, PIN, F.. XOR 0000 and 12 digits of the account number. `pin`: one digit a
 * byte (0..9), 4 to 12 of them.
 */
export function pinBlock0(pin: Uint8Array, pan12: string): Uint8Array {
  const block = new Uint8Array(blockBytes);
  const nibble = (at: number): number => (at === 0 ? 0 : at === 1 ? pin.length : (pin[at - 2] ?? 0xf));
  const panNibble = (at: number): number => (at < 4 ? 0 : Number(pan12[at - 4] ?? 0));
  for (let at = 0; at < blockBytes; at += 1) {
    block[at] = ((nibble(2 * at) ^ panNibble(2 * at)) << 4) | (nibble(2 * at + 1) ^ panNibble(2 * at + 1));
  }
  return block;
}

/** CBC-MAC, initial vector zero, over whole blocks: the last block of the chain. */
export function cbcMac(key: Uint8Array, blocks: Uint8Array): Uint8Array {
  let chain: Uint8Array = new Uint8Array(blockBytes);
  for (let at = 0; at < blocks.length; at += blockBytes) {
    const before = chain;
    chain = encipher(
      key,
      blocks.subarray(at, at + blockBytes).map((byte, n) => byte ^ (before[n] ?? 0)),
    );
  }
  return chain;
}

/** ANSI X9.19 (ISO 9797-1 algorithm 3, padding method 1): CBC-MAC under the left half, the last block under the whole key. */
export function retailMac(key: Uint8Array, data: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.max(1, Math.ceil(data.length / blockBytes)) * blockBytes);
  padded.set(data);
  const left = key.subarray(0, blockBytes);
  return encipher(left, decipher(key.subarray(blockBytes, 2 * blockBytes), cbcMac(left, padded)));
}
