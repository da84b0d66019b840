/**
 * Back to the primary address: after a while in service on an alternate, in an idle moment, and only once the primary can
 * be reached. A primary that can be reached and does not serve is asked less and less often.
 */
import type { Clock } from '../clock.ts';
import type { Connection } from './connection.ts';

export interface FailBackOptions {
  readonly clock: Clock;
  /** Milliseconds on an alternate until the primary is tried. */
  readonly waitMs: number;
  /** Opens a connection to the primary that carries nothing; exactly one of the two is called first. */
  readonly probe: (onOpen: () => void, onGone: (why: string) => void) => Connection;
  /** Nobody is served and nothing is under way. */
  readonly idle: () => boolean;
  /** The primary can be reached: leave the alternate for it. */
  readonly leave: () => void;
  readonly onUnreachable: (why: string) => void;
}

export interface FailBack {
  /** In service on an alternate. */
  arm(): void;
  /** An idle moment may have come. */
  tryWhenDue(): void;
  /** Out of service, or closing. */
  disarm(): void;
  /** The primary serves. */
  reset(): void;
}

/** The wait doubles this often at most. */
const DOUBLINGS = 4;

export function createFailBack(options: FailBackOptions): FailBack {
  const { clock, waitMs, idle } = options;
  let timer: unknown;
  let due = false;
  let tries = 0;
  let probing: Connection | undefined;

  function arm(): void {
    clock.clearTimeout(timer);
    timer = clock.setTimeout(
      () => {
        due = true;
        tryWhenDue();
      },
      waitMs * 2 ** Math.min(tries, DOUBLINGS),
    );
  }

  function tryWhenDue(): void {
    if (!due || probing !== undefined || !idle()) return;
    due = false;
    let over = false;
    const probe = options.probe(
      () => {
        over = true;
        probing = undefined;
        probe.drop('reached');
        // A customer who came meanwhile goes first.
        if (!idle()) {
          due = true;
          return;
        }
        tries += 1;
        options.leave();
      },
      (why) => {
        if (over) return;
        over = true;
        probing = undefined;
        tries += 1;
        options.onUnreachable(why);
        arm();
      },
    );
    if (!over) probing = probe;
  }

  return {
    arm,
    tryWhenDue,
    disarm() {
      clock.clearTimeout(timer);
      due = false;
      const probe = probing;
      probing = undefined;
      if (probe === undefined) return;
      probe.drop('not needed any more');
      // The drop counted as a failed try, and set the next one.
      tries -= 1;
      clock.clearTimeout(timer);
    },
    reset() {
      tries = 0;
    },
  };
}
