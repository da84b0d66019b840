/**
 * Hostile key blocks: `fuzzKeyBlock` holds one input against what must always be so, and throws when it is not. The tests
 * run it shortly, the long command for hours; the inputs come out of the seed alone.
 */
import { unwrapKeyBlock, wrapKeyBlock } from './key-block.ts';
import { LONGEST_BLOCK, parseKeyBlockHeader } from './key-block-header.ts';
import type { KeyBlockVersion } from './key-block-header.ts';

const PROTECTION: Readonly<Record<KeyBlockVersion, Uint8Array>> = {
  B: Buffer.from('DD7515F2BFC17F85CE48F3CA25CB21F6', 'hex'),
  D: Buffer.from('88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6', 'hex'),
};

/** Right ones to begin with: the standards' own, and one with optional blocks of both lengths. */
const SEEDS: readonly string[] = [
  'B0080P0TE00E000094B420079CC80BA3461F86FE26EFC4A3B8E4FA4C5F5341176EED7B727B8A248E',
  'D0112P0AE00E0000B82679114F470F540165EDFBF7E250FCEA43F810D215F8D207E2E417C07156A27E8E31DA05F7425509593D03A457DC34',
  'D0144P0AE00E00002C77FA3F4A553BED6E88AE5C172A4166E3D4ACA8E2AC71C158A476FAC12C13C3829DE55D3AB54C48F4C4FEF7AC75E90FC47F1B77E7B19A73ED46E64410082557',
  seedWithOptionalBlocks(),
];

function seedWithOptionalBlocks(): string {
  const optional = [
    { id: 'KS', data: '00604B120F9292800000' },
    { id: 'TS', data: 'x'.repeat(300) },
  ];
  const header = {
    version: 'B',
    usage: 'M3',
    algorithm: 'T',
    mode: 'C',
    keyVersion: '00',
    exportability: 'N',
  } as const;
  const key = Buffer.from('0123456789ABCDEFFEDCBA9876543210', 'hex');
  const random = (bytes: number): Uint8Array => new Uint8Array(bytes);
  const block = wrapKeyBlock(PROTECTION.B, { header: { ...header, optional }, key }, { random });
  if (!block.ok) throw new Error(block.error.rule);
  return block.value;
}

/** Numbers from 0 to 1 out of a seed, always the same ones (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An input: mostly a right block with a few places spoilt, now and then noise. */
export function hostileKeyBlock(random: () => number): string {
  const upTo = (limit: number): number => Math.floor(random() * limit);
  const alphabet = '0123456789ABCDEFDPKTSBN\u0000 ~\u00ff';
  const noise = (length: number): string =>
    Array.from({ length }, () => alphabet.charAt(upTo(alphabet.length))).join('');
  if (random() < 0.1) return noise(upTo(200));
  let block = SEEDS[upTo(SEEDS.length)] ?? '';
  for (let edits = 1 + upTo(4); edits > 0; edits--) {
    // The header is where lengths and counts are.
    const at = upTo(random() < 0.7 ? Math.min(48, block.length) : block.length + 1);
    const cut = upTo(4);
    block = block.slice(0, at) + noise(random() < 0.5 ? cut : upTo(4)) + block.slice(at + cut);
  }
  return random() < 0.3 ? withLength(block) : block;
}

/** So that the length field does not stop everything at once. */
function withLength(block: string): string {
  return block.charAt(0) + String(block.length % 10_000).padStart(4, '0') + block.slice(5);
}

/**
 * Throws when something is accepted that does not hold together, or an error names no place in the input or shows a part
 * of it. Bytes are read as characters.
 */
export function fuzzKeyBlock(input: string | Uint8Array): 'accepted' | 'refused' {
  const block = typeof input === 'string' ? input : Buffer.from(input).toString('latin1');
  const version: KeyBlockVersion = block.startsWith('D') ? 'D' : 'B';
  const header = parseKeyBlockHeader(block);
  if (header.ok && header.value.end > block.length) throw new Error('a header longer than the block');
  const result = unwrapKeyBlock(PROTECTION[version], block);
  if (!result.ok) {
    const { field, offset, rule } = result.error;
    if (field === '' || rule === '' || offset < 0 || offset > Math.max(block.length, LONGEST_BLOCK))
      throw new Error('an error without its place');
    return 'refused';
  }
  if (!SEEDS.includes(block)) throw new Error('a block that nobody made was accepted');
  return 'accepted';
}
