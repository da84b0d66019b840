/** The PIN block formats that a profile may choose among, each enciphered and deciphered in one way. */
import { randomBytes } from 'node:crypto';
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import { BLOCK, decryptEcb, encryptEcb } from './des.ts';
import { fromHex, toHex } from './hex.ts';
import { decodePinBlock1, encodePinBlock1 } from './pin-block-1.ts';
import { decodePinBlock3, encodePinBlock3 } from './pin-block-3.ts';
import { decryptPinBlock4, encryptPinBlock4 } from './pin-block-4.ts';
import { decodePinBlock0, encodePinBlock0 } from './pin-block.ts';
import type { PinBlockError, RandomBytes } from './pin-field.ts';

export interface PinBlockFormat {
  /** Bytes of the block; DE52 is this long. */
  readonly bytes: 8 | 16;
  readonly cipher: 'tdes' | 'aes';
  /** To upper-case hex. `random` is not asked where the format has no random part. */
  encrypt(key: Uint8Array, pin: string, pan: string, random?: RandomBytes): Result<string, PinBlockError>;
  /** Host only. */
  decrypt(key: Uint8Array, block: string, pan: string): Result<string, PinBlockError>;
}

type Encode = (pin: string, pan: string, random: RandomBytes) => Result<string, PinBlockError>;
type Decode = (block: string, pan: string) => Result<string, PinBlockError>;

/** One block of 8 bytes under triple DES. */
function underTdes(encode: Encode, decode: Decode): PinBlockFormat {
  return {
    bytes: 8,
    cipher: 'tdes',
    encrypt(key, pin, pan, random = randomBytes) {
      const clear = encode(pin, pan, random);
      return clear.ok ? ok(toHex(encryptEcb(key, Buffer.from(clear.value, 'hex')))) : clear;
    },
    decrypt(key, block, pan) {
      const bytes = fromHex(block, BLOCK);
      return bytes === undefined ? fail({ code: 'block-not-16-hex' }) : decode(toHex(decryptEcb(key, bytes)), pan);
    },
  };
}

export const PIN_BLOCK_FORMATS = {
  'iso-0': underTdes(encodePinBlock0, decodePinBlock0),
  'iso-1': underTdes((pin, _pan, random) => encodePinBlock1(pin, random), decodePinBlock1),
  'iso-3': underTdes(encodePinBlock3, decodePinBlock3),
  'iso-4': { bytes: 16, cipher: 'aes', encrypt: encryptPinBlock4, decrypt: decryptPinBlock4 },
} as const satisfies Readonly<Record<string, PinBlockFormat>>;

export type PinBlockFormatName = keyof typeof PIN_BLOCK_FORMATS;
