/** PIN blocks of ISO 9564-1, format 0 (§9.3.2): the PIN field and the account number field, combined by exclusive or. */
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import { decryptEcb, encryptEcb } from './des.ts';
import { fromHex, toHex } from './hex.ts';

/** Never holds the PIN, the account number or the block. */
export interface PinBlockError {
  readonly code: 'pin-not-4-to-12-digits' | 'pan-not-digits' | 'block-not-16-hex' | 'not-format-0' | 'wrong-key-or-pan';
}

const BLOCK_BYTES = 8;

function accountField(pan: string): Uint8Array | undefined {
  if (!/^[0-9]{12,19}$/.test(pan)) return undefined;
  return fromHex(`0000${pan.slice(0, -1).slice(-12).padStart(12, '0')}`, BLOCK_BYTES);
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, index) => byte ^ (b[index] ?? 0));
}

/** The clear block, 16 upper-case hex. */
export function encodePinBlock0(pin: string, pan: string): Result<string, PinBlockError> {
  if (!/^[0-9]{4,12}$/.test(pin)) return fail({ code: 'pin-not-4-to-12-digits' });
  const account = accountField(pan);
  if (account === undefined) return fail({ code: 'pan-not-digits' });
  const field = fromHex(`0${pin.length.toString(16)}${pin}`.padEnd(16, 'F'), BLOCK_BYTES);
  return field === undefined ? fail({ code: 'pin-not-4-to-12-digits' }) : ok(toHex(xor(field, account)));
}

/** The PIN of a clear block. What does not come out as a PIN was another account's, or another key's. */
export function decodePinBlock0(block: string, pan: string): Result<string, PinBlockError> {
  const bytes = fromHex(block, BLOCK_BYTES);
  if (bytes === undefined) return fail({ code: 'block-not-16-hex' });
  const account = accountField(pan);
  if (account === undefined) return fail({ code: 'pan-not-digits' });
  if ((bytes[0] ?? 0) >>> 4 !== 0) return fail({ code: 'not-format-0' });
  const field = toHex(xor(bytes, account));
  const length = Number.parseInt(field.charAt(1), 16);
  const pin = field.slice(2, 2 + length);
  if (length < 4 || length > 12 || !/^[0-9]*$/.test(pin) || !/^F*$/.test(field.slice(2 + length))) {
    return fail({ code: 'wrong-key-or-pan' });
  }
  return ok(pin);
}

/** The block as DE52 carries it, 16 upper-case hex, under a double-length PIN key. */
export function encryptPinBlock0(key: Uint8Array, pin: string, pan: string): Result<string, PinBlockError> {
  const clear = encodePinBlock0(pin, pan);
  if (!clear.ok) return clear;
  return ok(toHex(encryptEcb(key, Buffer.from(clear.value, 'hex'))));
}

/** The PIN of an encrypted block (host only). */
export function decryptPinBlock0(key: Uint8Array, block: string, pan: string): Result<string, PinBlockError> {
  const bytes = fromHex(block, BLOCK_BYTES);
  if (bytes === undefined) return fail({ code: 'block-not-16-hex' });
  return decodePinBlock0(toHex(decryptEcb(key, bytes)), pan);
}
