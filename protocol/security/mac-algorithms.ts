/**
 * MACs as a profile chose them, for who has the key. On the wire a MAC is hex, the leftmost bytes of the whole
 * (ISO/IEC 9797-1, RFC 4493 §2.4).
 */
import { aesCmac } from './cmac.ts';
import { equalSecrets } from './equal.ts';
import { toHex } from './hex.ts';
import { macChoiceRule } from './mac-choice.ts';
import type { MacAlgorithm, MacChoice } from './mac-choice.ts';
import { macAlgorithm3 } from './mac.ts';

export { MAC_ALGORITHMS } from './mac-choice.ts';
export type { MacAlgorithm, MacChoice } from './mac-choice.ts';

const COMPUTE: Readonly<Record<MacAlgorithm, (key: Uint8Array, data: Uint8Array) => Uint8Array>> = {
  'x9.19': (key, data) => macAlgorithm3(key, data, 1),
  'iso9797-3-padding-2': (key, data) => macAlgorithm3(key, data, 2),
  'aes-cmac': aesCmac,
};

/** Upper-case hex, two digits a byte. A choice or a key that does not fit is a defect, and throws. */
export function computeMac(choice: MacChoice, key: Uint8Array, data: Uint8Array): string {
  const rule = macChoiceRule(choice);
  if (rule !== undefined) throw new RangeError(rule);
  return toHex(COMPUTE[choice.algorithm](key, data).subarray(0, choice.bytes));
}

/** In constant time; a MAC of another length is wrong. */
export function verifyMac(choice: MacChoice, key: Uint8Array, data: Uint8Array, mac: string): boolean {
  return equalSecrets(computeMac(choice, key, data), mac.toUpperCase());
}
