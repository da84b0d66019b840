/**
 * AES DUKPT (ANSI X9.24-3:2017): as the older one, with AES of 128, 192 or 256 bits, and keys for each use derived from
 * data that say what they are for.
 */
import { AES_BLOCK, encryptAesEcb, isAesKey } from './aes.ts';
import { AES_COUNTER, counterBits } from './dukpt-counter.ts';
import type { Ksn } from './dukpt-ksn.ts';

/** Key usage indicators (§6.3.2 table 2). */
const USAGE = {
  'key-encryption': 0x0002,
  pin: 0x1000,
  'request-mac': 0x2000,
  'response-mac': 0x2001,
  'mac-both': 0x2002,
  'request-data': 0x3000,
  'response-data': 0x3001,
  'data-both': 0x3002,
  derivation: 0x8000,
  'initial-key': 0x8001,
} as const;

export type AesUse = Exclude<keyof typeof USAGE, 'derivation' | 'initial-key'>;

/** Algorithm indicators (table 2), lengths in bits, and security in bits (NIST SP 800-57 part 1, table 2). */
const KEY_TYPES = {
  '2tdea': { indicator: 0, bits: 128, strength: 80 },
  '3tdea': { indicator: 1, bits: 192, strength: 112 },
  'aes-128': { indicator: 2, bits: 128, strength: 128 },
  'aes-192': { indicator: 3, bits: 192, strength: 192 },
  'aes-256': { indicator: 4, bits: 256, strength: 256 },
} as const;

export type AesKeyType = keyof typeof KEY_TYPES;

function typeOf(key: Uint8Array): 'aes-128' | 'aes-192' | 'aes-256' {
  if (!isAesKey(key)) throw new RangeError(`an AES DUKPT key has 16, 24 or 32 bytes, not ${key.length}`);
  return key.length === 16 ? 'aes-128' : key.length === 24 ? 'aes-192' : 'aes-256';
}

/** §6.3.1: as many enciphered blocks as the key is long; they differ in the second byte. `name`: 8 bytes. */
function derive(key: Uint8Array, use: keyof typeof USAGE, type: AesKeyType, name: Uint8Array): Uint8Array {
  const { indicator, bits } = KEY_TYPES[type];
  const blocks: Uint8Array[] = [];
  for (let block = 1; (block - 1) * AES_BLOCK < bits / 8; block++) {
    const data = Buffer.alloc(AES_BLOCK);
    data.set([1, block]);
    data.writeUInt16BE(USAGE[use], 2);
    data.writeUInt16BE(indicator, 4);
    data.writeUInt16BE(bits, 6);
    data.set(name, 8);
    blocks.push(encryptAesEcb(key, data));
  }
  return Buffer.concat(blocks).subarray(0, bits / 8);
}

/** The right half of the initial key's name, and a counter (§6.3.3). */
function transactionName(ksn: Ksn, counter: number): Uint8Array {
  const name = Buffer.alloc(8);
  name.set(ksn.bytes.subarray(4, 8));
  name.writeUInt32BE(counter, 4);
  return name;
}

/** What is loaded into a pad, once: as long as the base derivation key. `keyId`: 8 bytes. */
export function aesInitialKey(base: Uint8Array, keyId: Uint8Array): Uint8Array {
  if (keyId.length !== 8) throw new RangeError(`an initial key's name has 8 bytes, not ${keyId.length}`);
  return derive(base, 'initial-key', typeOf(base), keyId);
}

/** The transaction's derivation key, from the initial key through one key for each bit of the counter (§6.4). */
export function aesTransactionKey(initialKey: Uint8Array, ksn: Ksn): Uint8Array {
  const type = typeOf(initialKey);
  let key = initialKey;
  let counter = 0;
  for (const bit of counterBits(AES_COUNTER, ksn.counter)) {
    counter += bit;
    key = derive(key, 'derivation', type, transactionName(ksn, counter));
  }
  return key;
}

/** The key for one use; `type` is by default the derivation key's own. A stronger one than that throws (§6.3.1). */
export function aesWorkingKey(
  transactionKey: Uint8Array,
  ksn: Ksn,
  use: AesUse,
  type: AesKeyType = typeOf(transactionKey),
): Uint8Array {
  if (KEY_TYPES[type].strength > KEY_TYPES[typeOf(transactionKey)].strength)
    throw new RangeError(`no ${type} key is derived from a weaker one`);
  return derive(transactionKey, use, type, transactionName(ksn, ksn.counter));
}
