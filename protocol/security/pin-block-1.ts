/**
 * PIN blocks of ISO 9564-1, format 1 (§9.3.3): for where the account number is not known. Not bound to one, so it is
 * weaker than the others; what follows the PIN makes each block another.
 */
import { randomBytes } from 'node:crypto';
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import { BLOCK } from './des.ts';
import { fromHex, toHex } from './hex.ts';
import { readPinField, startPinField } from './pin-field.ts';
import type { PinBlockError, RandomBytes } from './pin-field.ts';

/** The clear block, 16 upper-case hex. */
export function encodePinBlock1(pin: string, random: RandomBytes = randomBytes): Result<string, PinBlockError> {
  const start = startPinField('1', pin);
  if (!start.ok) return start;
  return ok(start.value + toHex(random(BLOCK)).slice(start.value.length));
}

/** The PIN of a clear block. */
export function decodePinBlock1(block: string): Result<string, PinBlockError> {
  const bytes = fromHex(block, BLOCK);
  return bytes === undefined ? fail({ code: 'block-not-16-hex' }) : readPinField('1', toHex(bytes), /^/);
}
