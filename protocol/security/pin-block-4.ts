/**
 * PIN blocks of ISO 9564-1, format 4 (§9.4.2): 16 bytes under AES. The PIN field is enciphered, combined with the account
 * number field by exclusive or, and enciphered again; so there is no clear block that could be handled alone.
 */
import { randomBytes } from 'node:crypto';
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import { AES_BLOCK, decryptAesEcb, encryptAesEcb } from './aes.ts';
import { fromHex, toHex } from './hex.ts';
import { readPinField, startPinField } from './pin-field.ts';
import type { PinBlockError, RandomBytes } from './pin-field.ts';
import { xor } from './xor.ts';

/** Digits of the PIN field before its random half. */
const PIN_HALF = 16;
const RANDOM_BYTES = 8;

/** How many digits more than 12, the number (zeros on the left up to 12), zeros to the end (§9.4.2.3). */
function longAccountField(pan: string): Uint8Array | undefined {
  if (!/^[0-9]{1,19}$/.test(pan)) return undefined;
  const more = Math.max(0, pan.length - 12);
  return fromHex(`${more}${pan.padStart(12, '0')}`.padEnd(2 * AES_BLOCK, '0'));
}

/** The encrypted block, 32 upper-case hex, under an AES key of 16, 24 or 32 bytes. `pan` has 1 to 19 digits. */
export function encryptPinBlock4(
  key: Uint8Array,
  pin: string,
  pan: string,
  random: RandomBytes = randomBytes,
): Result<string, PinBlockError> {
  const start = startPinField('4', pin);
  if (!start.ok) return start;
  const account = longAccountField(pan);
  if (account === undefined) return fail({ code: 'pan-not-digits' });
  const field = Buffer.from(start.value.padEnd(PIN_HALF, 'A') + toHex(random(RANDOM_BYTES)), 'hex');
  return ok(toHex(encryptAesEcb(key, xor(encryptAesEcb(key, field), account))));
}

/** The PIN of an encrypted block (host only). */
export function decryptPinBlock4(key: Uint8Array, block: string, pan: string): Result<string, PinBlockError> {
  const bytes = fromHex(block, AES_BLOCK);
  if (bytes === undefined) return fail({ code: 'block-not-32-hex' });
  const account = longAccountField(pan);
  if (account === undefined) return fail({ code: 'pan-not-digits' });
  const field = toHex(decryptAesEcb(key, xor(decryptAesEcb(key, bytes), account)));
  return readPinField('4', field.slice(0, PIN_HALF), /^A*$/);
}
