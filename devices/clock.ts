/** Time is injected, so that every timed behaviour can be tested without waiting for it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * Calls `run` after `ms` milliseconds. `waitingForPeer` marks a deadline: the limit on somebody else's answer.
   * A simulated clock lets real bytes arrive before it fires one.
   */
  setTimeout(run: () => void, ms: number, waitingForPeer?: 'peer'): unknown;
  clearTimeout(timer: unknown): void;
}

/** A signal that aborts after `ms`, unless it is cleared before; to be cleared in `finally`. */
export function abortAfter(clock: Clock, ms: number): { readonly signal: AbortSignal; readonly clear: () => void } {
  const late = new AbortController();
  const timer = clock.setTimeout(() => late.abort(), ms, 'peer');
  return { signal: late.signal, clear: () => clock.clearTimeout(timer) };
}

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => {
    clearTimeout(timer as NodeJS.Timeout | undefined);
  },
};
