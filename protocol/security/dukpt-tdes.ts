/**
 * TDES DUKPT (ANSI X9.24-1:2009 annex A): a key for every transaction, from a base derivation key that only the host has.
 * Keys are 16 bytes, whole KSNs 10.
 */
import { encryptEcb } from './des.ts';
import { counterBits, TDES_COUNTER } from './dukpt-counter.ts';
import { withTdesCounter } from './dukpt-ksn.ts';
import type { Ksn } from './dukpt-ksn.ts';
import { xor } from './xor.ts';

/** Annex A.2: turns a key into the one for the left half. */
const HALF_MASK = Buffer.from('C0C0C0C000000000C0C0C0C000000000', 'hex');

/** What a transaction's key is used for: each through a variant of its own (annex A.4.1). */
export type TdesUse = 'pin' | 'request-mac' | 'response-mac' | 'request-data' | 'response-data';

/** The byte of each half that is inverted. */
const VARIANT_BYTE: Readonly<Record<TdesUse, number>> = {
  pin: 7,
  'request-mac': 6,
  'response-mac': 4,
  'request-data': 5,
  'response-data': 3,
};

function double(key: Uint8Array): { readonly left: Uint8Array; readonly right: Uint8Array } {
  if (key.length !== 16) throw new RangeError(`a TDES DUKPT key has 16 bytes, not ${key.length}`);
  return { left: key.subarray(0, 8), right: key.subarray(8) };
}

/** What is loaded into a pad, once (annex A.6). */
export function tdesInitialKey(base: Uint8Array, ksn: Uint8Array): Uint8Array {
  double(base);
  const name = withTdesCounter(ksn, 0).subarray(0, 8);
  return Buffer.concat([encryptEcb(base, name), encryptEcb(xor(base, HALF_MASK), name)]);
}

/** One half of a next key: the special encryption of annex A.2. */
function half(key: Uint8Array, register: Uint8Array): Uint8Array {
  const { left, right } = double(key);
  return xor(right, encryptEcb(left, xor(right, register)));
}

/** The key of a transaction, from the initial key through one key for each bit of the counter (annex A.3). */
export function tdesTransactionKey(initialKey: Uint8Array, ksn: Ksn): Uint8Array {
  let key = initialKey;
  double(key);
  let counter = 0;
  for (const bit of counterBits(TDES_COUNTER, ksn.counter)) {
    counter += bit;
    const register = withTdesCounter(ksn.bytes, counter).subarray(2);
    key = Buffer.concat([half(xor(key, HALF_MASK), register), half(key, register)]);
  }
  return key;
}

/** Data keys are enciphered under themselves once more, so that none tells of another variant (annex A.4.1). */
export function tdesWorkingKey(transactionKey: Uint8Array, use: TdesUse): Uint8Array {
  double(transactionKey);
  const inverted = new Uint8Array(16);
  inverted[VARIANT_BYTE[use]] = 0xff;
  inverted[VARIANT_BYTE[use] + 8] = 0xff;
  const variant = xor(transactionKey, inverted);
  return use.endsWith('data') ? encryptEcb(variant, variant) : variant;
}
