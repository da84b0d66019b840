/**
 * What a network puts between the length and the message: a TPDU with two addresses (2 hex digits of protocol identifier,
 * destination, source), which a reply carries the other way round; or a header of twelve characters that begins `ISO0`, which
 * a reply repeats.
 */

export type FrameHeader =
  /** Ten hex digits: identifier, destination and source address, as the terminal sends them. */
  | { readonly kind: 'tpdu'; readonly value: string }
  /** `ISO0` and eight digits. */
  | { readonly kind: 'iso'; readonly value: string };

export const HEADER_RULES: Readonly<Record<FrameHeader['kind'], { readonly pattern: RegExp; readonly says: string }>> =
  {
    tpdu: { pattern: /^[0-9A-F]{10}$/, says: '10 upper-case hex digits: identifier, destination, source' },
    iso: { pattern: /^ISO0[0-9]{8}$/, says: 'ISO0 and 8 digits' },
  };

/** A header that breaks its rule is a defect of the profile that was not looked at, and throws. */
export function headerBytes(header: FrameHeader | undefined): Uint8Array {
  if (header === undefined) return Buffer.alloc(0);
  const { pattern, says } = HEADER_RULES[header.kind];
  if (!pattern.test(header.value)) throw new RangeError(`a header is ${says}`);
  return Buffer.from(header.value, header.kind === 'tpdu' ? 'hex' : 'latin1');
}

/** What is wrong with the header of a frame that came, or undefined. The addresses are not looked at: the numbers of the message tell whose it is. */
export function checkHeader(
  header: FrameHeader | undefined,
  frame: Uint8Array,
): { readonly expected: string; readonly got: string } | undefined {
  if (header === undefined) return undefined;
  if (header.kind === 'tpdu') {
    const identifier = Number.parseInt(header.value.slice(0, 2), 16);
    if (frame[0] === identifier) return undefined;
    return { expected: `a TPDU with identifier ${header.value.slice(0, 2)}`, got: 'another byte' };
  }
  const text = Buffer.from(frame.subarray(0, header.value.length)).toString('latin1');
  return HEADER_RULES.iso.pattern.test(text) ? undefined : { expected: HEADER_RULES.iso.says, got: 'other characters' };
}

/** The header of an answer to a message that had this one. */
export function headerInReply(header: FrameHeader | undefined, received: Uint8Array): Uint8Array {
  if (header?.kind !== 'tpdu') return received;
  return Buffer.concat([received.subarray(0, 1), received.subarray(3, 5), received.subarray(1, 3)]);
}
