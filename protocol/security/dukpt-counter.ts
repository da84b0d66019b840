/**
 * The transaction counter of DUKPT. Only values with few bits set are used, so that nobody has to derive through more
 * keys than that: 10 of 21 bits (ANSI X9.24-1:2009 annex A.3), 16 of 32 (X9.24-3:2017 §6.1).
 */
export interface CounterRule {
  readonly bits: 21 | 32;
  readonly mostSet: 10 | 16;
}

export const TDES_COUNTER: CounterRule = { bits: 21, mostSet: 10 };
export const AES_COUNTER: CounterRule = { bits: 32, mostSet: 16 };

function bitsSet(counter: number): number {
  let count = 0;
  // Clears the lowest bit that is set, until there is none.
  for (let rest = counter >>> 0; rest !== 0; rest = (rest & (rest - 1)) >>> 0) count += 1;
  return count;
}

/** Zero is the initial key's own, not a transaction's. */
export function isTransactionCounter({ bits, mostSet }: CounterRule, counter: number): boolean {
  return Number.isInteger(counter) && counter > 0 && counter < 2 ** bits && bitsSet(counter) <= mostSet;
}

/** The next one that may be used; undefined when there is none left, and a new initial key is needed. */
export function nextCounter({ bits, mostSet }: CounterRule, counter: number): number | undefined {
  let next = counter + 1;
  // What has too many bits is skipped with all that differ from it below its lowest bit.
  while (next < 2 ** bits && bitsSet(next) > mostSet) next += (next & -next) >>> 0;
  return next < 2 ** bits ? next : undefined;
}

/** The bits of a counter, highest first: the way from the initial key to its key. */
export function counterBits({ bits }: CounterRule, counter: number): number[] {
  const set: number[] = [];
  for (let bit = bits - 1; bit >= 0; bit--) {
    if (Math.floor(counter / 2 ** bit) % 2 === 1) set.push(2 ** bit);
  }
  return set;
}
