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

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => {
    clearTimeout(timer as NodeJS.Timeout | undefined);
  },
};
