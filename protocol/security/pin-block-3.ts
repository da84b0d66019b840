/** PIN blocks of ISO 9564-1, format 3 (§9.3.5): as format 0, with random filler, for a PIN key that is used often. */
import { randomBytes } from 'node:crypto';
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import { BLOCK } from './des.ts';
import { fromHex, toHex } from './hex.ts';
import { accountField, readPinField, startPinField } from './pin-field.ts';
import type { PinBlockError, RandomBytes } from './pin-field.ts';
import { xor } from './xor.ts';

/** Of 2 x count bytes nearly all serve: a source that fails this often answers always the same. */
const MOST_TRIES = 8;

/** `count` digits of A to F, each as likely as the others: bytes that would favour some are thrown away. */
function letters(count: number, random: RandomBytes): string {
  let digits = '';
  for (let tries = 0; tries < MOST_TRIES && digits.length < count; tries++) {
    for (const byte of random(2 * count)) {
      if (byte < 252) digits += (10 + (byte % 6)).toString(16).toUpperCase();
    }
  }
  if (digits.length < count) throw new Error('the source of random bytes repeats itself');
  return digits.slice(0, count);
}

/** The clear block, 16 upper-case hex. */
export function encodePinBlock3(
  pin: string,
  pan: string,
  random: RandomBytes = randomBytes,
): Result<string, PinBlockError> {
  const start = startPinField('3', pin);
  if (!start.ok) return start;
  const account = accountField(pan);
  if (account === undefined) return fail({ code: 'pan-not-digits' });
  const field = start.value + letters(2 * BLOCK - start.value.length, random);
  return ok(toHex(xor(Buffer.from(field, 'hex'), account)));
}

/** The PIN of a clear block. What does not come out as a PIN was another account's, or another key's. */
export function decodePinBlock3(block: string, pan: string): Result<string, PinBlockError> {
  const bytes = fromHex(block, BLOCK);
  if (bytes === undefined) return fail({ code: 'block-not-16-hex' });
  const account = accountField(pan);
  if (account === undefined) return fail({ code: 'pan-not-digits' });
  return readPinField('3', toHex(xor(bytes, account)), /^[A-F]*$/);
}
