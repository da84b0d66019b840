/** PIN blocks of ISO 9564-1, format 0 (§9.3.2): the PIN field and the account number field, combined by exclusive or. */
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import { BLOCK, decryptEcb, encryptEcb } from './des.ts';
import { fromHex, toHex } from './hex.ts';
import { accountField, readPinField, startPinField } from './pin-field.ts';
import type { PinBlockError } from './pin-field.ts';
import { xor } from './xor.ts';

export type { PinBlockError } from './pin-field.ts';

/** The clear block, 16 upper-case hex. */
export function encodePinBlock0(pin: string, pan: string): Result<string, PinBlockError> {
  const start = startPinField('0', pin);
  if (!start.ok) return start;
  const account = accountField(pan);
  if (account === undefined) return fail({ code: 'pan-not-digits' });
  return ok(toHex(xor(Buffer.from(start.value.padEnd(2 * BLOCK, 'F'), 'hex'), account)));
}

/** The PIN of a clear block. What does not come out as a PIN was another account's, or another key's. */
export function decodePinBlock0(block: string, pan: string): Result<string, PinBlockError> {
  const bytes = fromHex(block, BLOCK);
  if (bytes === undefined) return fail({ code: 'block-not-16-hex' });
  const account = accountField(pan);
  if (account === undefined) return fail({ code: 'pan-not-digits' });
  return readPinField('0', toHex(xor(bytes, account)), /^F*$/);
}

/** The block as DE52 carries it, 16 upper-case hex, under a double-length PIN key. */
export function encryptPinBlock0(key: Uint8Array, pin: string, pan: string): Result<string, PinBlockError> {
  const clear = encodePinBlock0(pin, pan);
  if (!clear.ok) return clear;
  return ok(toHex(encryptEcb(key, Buffer.from(clear.value, 'hex'))));
}

/** The PIN of an encrypted block (host only). */
export function decryptPinBlock0(key: Uint8Array, block: string, pan: string): Result<string, PinBlockError> {
  const bytes = fromHex(block, BLOCK);
  if (bytes === undefined) return fail({ code: 'block-not-16-hex' });
  return decodePinBlock0(toHex(decryptEcb(key, bytes)), pan);
}
