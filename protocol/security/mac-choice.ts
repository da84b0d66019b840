/**
 * The MACs that a profile may choose among, and how much of one travels: data only, so that the core, which reads
 * profiles, has no cipher with it. They are computed in mac-algorithms.ts.
 */
interface Row {
  /** Bytes of the whole MAC. */
  readonly bytes: number;
  readonly cipher: 'tdes' | 'aes';
  /** Lengths of its key, in bytes. */
  readonly keyBytes: readonly number[];
}

export const MAC_ALGORITHMS = {
  /** ANSI X9.19: ISO/IEC 9797-1 algorithm 3, padding method 1. */
  'x9.19': { bytes: 8, cipher: 'tdes', keyBytes: [16] },
  /** ISO/IEC 9797-1 algorithm 3, padding method 2. */
  'iso9797-3-padding-2': { bytes: 8, cipher: 'tdes', keyBytes: [16] },
  /** RFC 4493, and SP 800-38B for the longer keys. */
  'aes-cmac': { bytes: 16, cipher: 'aes', keyBytes: [16, 24, 32] },
} as const satisfies Readonly<Record<string, Row>>;

export type MacAlgorithm = keyof typeof MAC_ALGORITHMS;

export interface MacChoice {
  readonly algorithm: MacAlgorithm;
  /** Bytes that travel, the leftmost: 4 to all of them. */
  readonly bytes: number;
}

/** Shorter ones can be guessed (X9.19 has 4). */
export const LEAST_MAC_BYTES = 4;

/** What is wrong with a choice; undefined when nothing is. */
export function macChoiceRule({ algorithm, bytes }: MacChoice): string | undefined {
  const most = MAC_ALGORITHMS[algorithm].bytes;
  const fits = Number.isInteger(bytes) && bytes >= LEAST_MAC_BYTES && bytes <= most;
  return fits ? undefined : `${algorithm} has ${LEAST_MAC_BYTES} to ${most} bytes`;
}
