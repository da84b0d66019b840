/** How long to wait before the next try: doubling, with half of it left to chance so that terminals do not come in step. */

export interface BackoffOptions {
  /** The first wait, milliseconds. Default 1000. */
  readonly baseMs?: number;
  /** The longest. Default 60,000. */
  readonly maxMs?: number;
  /** 0 <= x < 1. */
  readonly random: () => number;
}

export interface Backoff {
  /** Milliseconds, between half of the step and the whole of it. */
  next(): number;
  reset(): void;
}

export function createBackoff({ baseMs = 1000, maxMs = 60_000, random }: BackoffOptions): Backoff {
  let step = baseMs;
  return {
    next() {
      const wait = step / 2 + (random() * step) / 2;
      step = Math.min(step * 2, maxMs);
      return Math.round(wait);
    },
    reset() {
      step = baseMs;
    },
  };
}
