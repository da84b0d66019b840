/** Byte by byte, of the first one's length; what the second lacks counts as zero. */
export function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length);
  for (let at = 0; at < out.length; at++) out[at] = (a[at] ?? 0) ^ (b[at] ?? 0);
  return out;
}
