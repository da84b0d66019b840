/** A clock that stands still until a test moves it, while real sockets go on: for tests only. */
import type { Clock } from './clock.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  readonly peer: boolean;
}

export interface SimulatedClock extends Clock {
  /** Moves time on, firing what falls due in its order; bytes under way arrive before a deadline on a peer fires. */
  advance(ms: number): Promise<void>;
  /** Lets sockets and promises run without moving time. */
  settle(): Promise<void>;
  readonly timers: number;
}

/** Enough turns of the event loop for a few exchanges over loopback. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 24; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

export function createSimulatedClock(start = Date.UTC(2026, 10, 20, 2, 5, 0)): SimulatedClock {
  const timers = new Map<number, Timer>();
  let now = start;
  let order = 0;

  function due(limit: number): [number, Timer] | undefined {
    let best: [number, Timer] | undefined;
    for (const entry of timers) {
      if (entry[1].at > limit) continue;
      if (
        best === undefined ||
        entry[1].at < best[1].at ||
        (entry[1].at === best[1].at && entry[1].order < best[1].order)
      )
        best = entry;
    }
    return best;
  }

  return {
    now: () => now,
    setTimeout(run, ms, waitingForPeer) {
      order += 1;
      timers.set(order, { at: now + Math.max(0, ms), order, run, peer: waitingForPeer === 'peer' });
      return order;
    },
    clearTimeout(timer) {
      timers.delete(timer as number);
    },
    settle: turns,
    async advance(ms) {
      const limit = now + ms;
      await turns();
      for (let next = due(limit); next !== undefined; next = due(limit)) {
        if (next[1].peer) {
          await turns();
          // What arrived may have cleared it, or set an earlier one.
          if (due(limit)?.[0] !== next[0]) continue;
        }
        timers.delete(next[0]);
        now = Math.max(now, next[1].at);
        next[1].run();
        await turns();
      }
      now = limit;
      await turns();
    },
    get timers() {
      return timers.size;
    },
  };
}
