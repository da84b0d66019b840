/**
 * The keys of one message as the host uses them: to read its PIN block, to check its MAC, to make the reply's. Where they
 * come from, session keys or DUKPT, does not show.
 */
import type { Result } from '../result.ts';
import type { MacChoice } from './mac-choice.ts';
import { computeMac, verifyMac } from './mac-algorithms.ts';
import { PIN_BLOCK_FORMATS } from './pin-block-formats.ts';
import type { PinBlockFormatName } from './pin-block-formats.ts';
import type { PinBlockError } from './pin-field.ts';

export interface MessageKeys {
  /** The PIN of an encrypted block (hex). */
  pin(block: string, pan: string): Result<string, PinBlockError>;
  /** Of what the terminal sent; in constant time. */
  verifyMac(data: Uint8Array, mac: string): boolean;
  /** For what the host sends: upper-case hex. */
  mac(data: Uint8Array): string;
}

/** What is done with the keys. */
export interface Algorithms {
  readonly pinFormat: PinBlockFormatName;
  readonly mac: MacChoice;
}

/** Session keys: one for PIN blocks, one for MACs in both directions. */
export function sessionMessageKeys(
  keys: { readonly pin: Uint8Array; readonly mac: Uint8Array },
  { pinFormat, mac }: Algorithms,
): MessageKeys {
  return {
    pin: (block, pan) => PIN_BLOCK_FORMATS[pinFormat].decrypt(keys.pin, block, pan),
    verifyMac: (data, given) => verifyMac(mac, keys.mac, data, given),
    mac: (data) => computeMac(mac, keys.mac, data),
  };
}
