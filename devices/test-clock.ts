/** A simulated clock for tests: time passes only when the test says so, and real bytes get their chance before a deadline fires. */
import type { Clock } from './clock.ts';

interface Timer {
  readonly id: number;
  readonly at: number;
  /** A deadline on real bytes: they get their chance once before time moves on at all, and again before it fires. */
  readonly peer: boolean;
  /** Real milliseconds, at the least, that it has been given so far. */
  given: number;
  readonly run: () => void;
}

export interface TestClock extends Clock {
  /**
   * Lets `ms` of simulated time pass, firing due timers in order, with turns of the real event loop between them. While
   * somebody waits for real bytes (a timer marked `peer`), the real event loop first runs for up to `patienceMs`, or until
   * something else has been set going (a simulated device that takes its time); and again before that timer fires.
   */
  advance(ms: number): Promise<void>;
  /** Lets time pass timer by timer until the promise settles; rejects when `limitMs` of simulated time were not enough. */
  settle<T>(promise: Promise<T>, limitMs?: number): Promise<T>;
  /** As `settle`, for a condition. */
  until(condition: () => boolean, limitMs?: number): Promise<void>;
  /** Timers that wait. */
  readonly pending: number;
}

export interface TestClockOptions {
  /** Default 2026-01-05T03:00:00Z. */
  readonly start?: number;
  /** Real milliseconds for real bytes to arrive before a deadline fires. Default 100. */
  readonly patienceMs?: number;
  /** Goes where the real bytes go, and is back when those sent before it have arrived; each turn of patience waits for it. */
  readonly roundTrip?: () => Promise<void>;
}

/** Real time that a condition still has when nothing more is due. */
const idleMs = 1000;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function createTestClock(options: TestClockOptions = {}): TestClock {
  const patienceMs = options.patienceMs ?? 100;
  const timers = new Map<number, Timer>();
  let now = options.start ?? Date.UTC(2026, 0, 5, 3);
  let lastId = 0;

  function earliest(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of timers.values()) if (!first || timer.at < first.at) first = timer;
    return first;
  }

  async function turns(): Promise<void> {
    for (let n = 0; n < 5; n += 1) await turn();
  }

  /**
   * Real time passes, as far as this timer has not had its share; ends early when it is cleared, or `enough`. Counted in
   * turns of a millisecond or more, not by the clock on the wall, and with a round trip each where there is one: on a
   * starved machine the bytes are late, too.
   */
  async function patience(timer: Timer, enough: () => boolean): Promise<void> {
    while (timer.given < patienceMs && timers.has(timer.id) && !enough()) {
      await Promise.all([options.roundTrip?.(), new Promise((resolve) => setTimeout(resolve, 1))]);
      timer.given += 1;
    }
  }

  function impatient(): Timer | undefined {
    for (const timer of timers.values()) if (timer.peer && timer.given < patienceMs) return timer;
    return undefined;
  }

  /** Something has been set going since that ends before the deadline: the simulated device has heard, and takes its time. */
  function hasReaction(to: Timer): boolean {
    for (const timer of timers.values()) if (timer.id > to.id && timer.at < to.at && !timer.peer) return true;
    return false;
  }

  /** One step towards `target`: fires at most one timer. Answers false when nothing is due by then. */
  async function step(target: number, done: () => boolean): Promise<boolean> {
    await turns();
    if (done()) return false;
    const waits = impatient();
    const isDue = (): boolean => (earliest()?.at ?? Infinity) <= target;
    if (waits && !(isDue() && hasReaction(waits))) {
      await patience(waits, () => done() || (isDue() && hasReaction(waits)));
      return true;
    }
    const next = earliest();
    if (!next || next.at > target) return false;
    if (next.peer) {
      next.given = Math.min(next.given, patienceMs / 2);
      await patience(next, done);
      if (earliest() !== next || done()) return true;
    }
    timers.delete(next.id);
    now = Math.max(now, next.at);
    next.run();
    return true;
  }

  async function until(condition: () => boolean, limitMs = 120_000): Promise<void> {
    const limit = now + limitMs;
    let idle = 0;
    while (!condition()) {
      if (await step(limit, condition)) {
        idle = 0;
        continue;
      }
      // Nothing more is due: only real bytes or promises can help now.
      idle += 1;
      if (idle > idleMs) {
        throw new Error(`not so after ${String(limitMs)} ms of simulated time`);
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  return {
    now: () => now,
    setTimeout(run, ms, waitingForPeer) {
      lastId += 1;
      timers.set(lastId, {
        id: lastId,
        at: now + Math.max(0, ms),
        peer: waitingForPeer === 'peer',
        given: 0,
        run,
      });
      return lastId;
    },
    clearTimeout(timer) {
      if (typeof timer === 'number') timers.delete(timer);
    },
    async advance(ms) {
      const target = now + ms;
      while (await step(target, () => false));
      now = Math.max(now, target);
      await turns();
    },
    async settle(promise, limitMs) {
      let settled = false;
      const mark = (): void => {
        settled = true;
      };
      promise.then(mark, mark);
      await until(() => settled, limitMs);
      return promise;
    },
    until,
    get pending() {
      return timers.size;
    },
  };
}
