/** Bytes and the upper-case hex that keys, PIN blocks and MACs are written in. */

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex').toUpperCase();
}

/** Undefined when it is not hex, or not of `bytes` bytes where that is given. */
export function fromHex(text: string, bytes?: number): Uint8Array | undefined {
  if (!/^(?:[0-9A-Fa-f]{2})*$/.test(text)) return undefined;
  if (bytes !== undefined && text.length !== bytes * 2) return undefined;
  return Buffer.from(text, 'hex');
}
