/**
 * The session keys of one terminal as a host's security module holds them: each in a cipher that was set up once. To set
 * one up costs more than to use it, and a host uses five of them for every inquiry.
 *
 * A cipher in CBC mode goes on from its last block. To begin anew, at a zero vector, the first block is combined with that
 * last block beforehand: the two cancel each other out.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { HostProfile } from '../profile/profile.ts';
import { equalSecrets } from '../security/equal.ts';
import { fromHex, toHex } from '../security/hex.ts';
import { sessionMessageKeys, type Algorithms, type MessageKeys } from '../security/message-keys.ts';
import { decodePinBlock0 } from '../security/pin-block.ts';

/** Triple DES and X9.19, which most hosts here use; other algorithms are set up for each use, by security/. */
const QUICK = { pinFormat: 'iso-0', algorithm: 'x9.19', bytes: 8 } as const;

const BLOCK = 8;
/** Messages that are longer get a buffer of their own. */
const ROOM = 4096;

/** Shared by all keys: nothing in it outlives a call, and the calls do not overlap. */
const room = Buffer.alloc(ROOM);

interface KeyPair {
  readonly pin: Uint8Array;
  readonly mac: Uint8Array;
}

/** Two keys of 16 bytes, and what the profile does with them. */
export function openTerminalKeys(keys: KeyPair, algorithms: Algorithms): MessageKeys {
  const { pinFormat, mac } = algorithms;
  const quick = pinFormat === QUICK.pinFormat && mac.algorithm === QUICK.algorithm && mac.bytes === QUICK.bytes;
  return quick ? openQuickKeys(keys) : sessionMessageKeys(keys, algorithms);
}

/** A profile without MAC has no algorithm for one, and asks for none. */
export function algorithmsOf({ mac, pin }: HostProfile): Algorithms {
  const { algorithm, bytes } = QUICK;
  return { pinFormat: pin.format, mac: mac.kind === 'none' ? { algorithm, bytes } : mac.choice };
}

function openQuickKeys(keys: KeyPair): MessageKeys {
  const [left, right] = [keys.mac.subarray(0, BLOCK), keys.mac.subarray(BLOCK)];
  // Triple DES with one key three times is single DES; left, right, left is the last step of X9.19.
  const chain = createCipheriv('des-ede3-cbc', Buffer.concat([left, left, left]), Buffer.alloc(BLOCK));
  const last = createCipheriv('des-ede3-ecb', Buffer.concat([left, right, left]), null);
  const pins = createDecipheriv('des-ede3-ecb', Buffer.concat([keys.pin, keys.pin.subarray(0, BLOCK)]), null);
  for (const cipher of [chain, last, pins]) cipher.setAutoPadding(false);
  let vector: Uint8Array = Buffer.alloc(BLOCK);

  function mac(data: Uint8Array): string {
    const size = Math.max(1, Math.ceil(data.length / BLOCK)) * BLOCK;
    const padded = size > ROOM ? Buffer.alloc(size) : room.subarray(0, size).fill(0, data.length);
    padded.set(data);
    const end = padded.subarray(-BLOCK);
    if (size > BLOCK) {
      mix(padded, vector);
      vector = chain.update(padded.subarray(0, -BLOCK)).subarray(-BLOCK);
      mix(end, vector);
    }
    return toHex(last.update(end));
  }

  return {
    mac,
    verifyMac: (data, given) => equalSecrets(mac(data), given.toUpperCase()),
    pin(block, pan) {
      const bytes = fromHex(block, BLOCK);
      if (bytes === undefined) return { ok: false, error: { code: 'block-not-16-hex' } };
      return decodePinBlock0(toHex(pins.update(bytes)), pan);
    },
  };
}

/** The first block of `into`, combined with `vector`. */
function mix(into: Uint8Array, vector: Uint8Array): void {
  for (let index = 0; index < BLOCK; index += 1) into[index] = (into[index] ?? 0) ^ (vector[index] ?? 0);
}
