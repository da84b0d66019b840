/**
 * Counts what failed in the last minute. The first failures are answered by trying again, each time a little later; after
 * that something is wrong that trying again does not cure, and the whole terminal is better started anew.
 */
import type { Clock } from '../../protocol/clock.ts';

export interface Breaker {
  /** Notes a failure: how long to wait before the next attempt, in milliseconds, or `give-up`. */
  failed(): number | 'give-up';
}

const failuresAllowed = 5;
const windowMs = 60_000;
const firstWaitMs = 250;

/** Failures fall out of the count by timer, not by the time of day, which jumps when a machine first reaches its NTP. */
export function createBreaker(clock: Clock): Breaker {
  let recent = 0;
  return {
    failed() {
      recent += 1;
      clock.setTimeout(() => {
        recent -= 1;
      }, windowMs);
      return recent > failuresAllowed ? 'give-up' : firstWaitMs * 2 ** (recent - 1);
    },
  };
}
