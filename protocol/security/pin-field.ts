/** What the PIN block formats of ISO 9564-1 share: the PIN field, the account number field, and what can be wrong. */
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import { fromHex } from './hex.ts';

/** Never holds the PIN, the account number or the block. */
export interface PinBlockError {
  readonly code:
    | 'pin-not-4-to-12-digits'
    | 'pan-not-digits'
    | 'block-not-16-hex'
    | 'block-not-32-hex'
    | 'not-format-0'
    | 'not-format-1'
    | 'not-format-3'
    | 'not-format-4'
    | 'wrong-key-or-pan';
}

/** Answers as many bytes as it is asked for, each of them unpredictable. */
export type RandomBytes = (bytes: number) => Uint8Array;

/** Control digit, length and PIN (ISO 9564-1 §9.3.1), not yet filled up. */
export function startPinField(format: '0' | '1' | '3' | '4', pin: string): Result<string, PinBlockError> {
  if (!/^[0-9]{4,12}$/.test(pin)) return fail({ code: 'pin-not-4-to-12-digits' });
  return ok(`${format}${pin.length.toString(16).toUpperCase()}${pin}`);
}

/** The PIN of a field in hex; `fill` is what may follow it. What is no PIN was another account's, or another key's. */
export function readPinField(
  format: '0' | '1' | '3' | '4',
  field: string,
  fill: RegExp,
): Result<string, PinBlockError> {
  if (!field.startsWith(format)) return fail({ code: `not-format-${format}` });
  const length = Number.parseInt(field.charAt(1), 16);
  const pin = field.slice(2, 2 + length);
  const right = length >= 4 && length <= 12 && /^[0-9]*$/.test(pin) && fill.test(field.slice(2 + length));
  return right ? ok(pin) : fail({ code: 'wrong-key-or-pan' });
}

/** Four zeros and the rightmost 12 digits before the check digit (§9.3.2.3). Undefined when it is no card's number. */
export function accountField(pan: string): Uint8Array | undefined {
  if (!/^[0-9]{12,19}$/.test(pan)) return undefined;
  return fromHex(`0000${pan.slice(0, -1).slice(-12).padStart(12, '0')}`);
}
