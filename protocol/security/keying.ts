/**
 * How terminals and host come by the keys of a message, as a profile says it: session keys that the host sends (the
 * key exchange of network management), or DUKPT, where each message brings the serial number of its own keys. Data and rules
 * only, so that the core, which reads profiles, has no cipher with it.
 */
import type { DukptSchemeName } from './dukpt-scheme.ts';
import { MAC_ALGORITHMS, macChoiceRule } from './mac-choice.ts';
import type { Algorithms } from './message-keys.ts';
import type { PinBlockFormatName } from './pin-block-formats.ts';

type Cipher = 'tdes' | 'aes';

export const PIN_BLOCK_CIPHERS: Readonly<Record<PinBlockFormatName, Cipher>> = {
  'iso-0': 'tdes',
  'iso-1': 'tdes',
  'iso-3': 'tdes',
  'iso-4': 'aes',
};

export const DUKPT_CIPHERS: Readonly<Record<DukptSchemeName, Cipher>> = {
  tdes: 'tdes',
  'aes-128': 'aes',
  'aes-192': 'aes',
  'aes-256': 'aes',
};

export type Keying =
  /** Two keys of 16 bytes, one for PIN blocks and one for MACs: triple DES or AES, as format and MAC want them. */
  | { readonly kind: 'session-keys' }
  | {
      readonly kind: 'dukpt';
      readonly scheme: DukptSchemeName;
      /** The element with the KSN in hex. Of ISO 8583:1987's, 53 and the private ones (60 to 63) are seen. */
      readonly ksnElement: number;
    };

export interface KeyingMistake {
  /** `keying.ksnElement`, `pin.format`, `mac.algorithm`, `mac.bytes` */
  readonly path: string;
  readonly rule: string;
}

/** Message type and bitmaps are no elements to choose; the MACs' place is taken. */
const isFree = (element: number): boolean =>
  Number.isInteger(element) && element >= 2 && element <= 127 && element !== 64 && element !== 65;

/** What does not go together; all of it at once. */
export function keyingMistakes(keying: Keying, { pinFormat, mac }: Algorithms): KeyingMistake[] {
  const mistakes: KeyingMistake[] = [];
  const tooLong = macChoiceRule(mac);
  if (tooLong !== undefined) mistakes.push({ path: 'mac.bytes', rule: tooLong });
  if (keying.kind === 'session-keys') return mistakes;
  const cipher = DUKPT_CIPHERS[keying.scheme];
  if (PIN_BLOCK_CIPHERS[pinFormat] !== cipher)
    mistakes.push({
      path: 'pin.format',
      rule: `another one: the keys of ${keying.scheme} DUKPT are not for ${pinFormat}`,
    });
  if (MAC_ALGORITHMS[mac.algorithm].cipher !== cipher)
    mistakes.push({
      path: 'mac.algorithm',
      rule: `another one: the keys of ${keying.scheme} DUKPT are not for ${mac.algorithm}`,
    });
  if (!isFree(keying.ksnElement))
    mistakes.push({ path: 'keying.ksnElement', rule: 'an element, but no bitmap and no MAC' });
  return mistakes;
}
