/** The line to one terminal: what is written goes out in order, at once or byte by byte, as long as the terminal reads it. */
import type { Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import { createFramer } from '../link/framing.ts';
import type { FramingSpec } from '../link/framing.ts';
import type { Wire } from './behaviour.ts';

export interface WireOptions {
  readonly socket: Socket;
  readonly framing: FramingSpec;
  readonly clock: Clock;
  /** Milliseconds that `late` waits. */
  readonly lateMs: number;
  /** Answers of all terminals that may wait for their time. */
  readonly delays: Delays;
}

/** How many answers wait for their time: each has a timer and its bytes, and terminals may ask faster than they are due. */
export interface Delays {
  /** False when there is no room for another. */
  take(): boolean;
  give(count: number): void;
  readonly waiting: number;
}

export function createDelays(limit: number): Delays {
  let waiting = 0;
  return {
    take() {
      if (waiting >= limit) return false;
      waiting += 1;
      return true;
    },
    give(count) {
      waiting -= count;
    },
    get waiting() {
      return waiting;
    },
  };
}

const TRICKLE_MS = 2;
/** Bytes, and writes, that may wait for a terminal that does not read. */
const MAX_UNREAD = 1_048_576;
const MAX_WAITING = 256;

/** `close` ends its timers; the socket is the caller's. */
export function createWire({ socket, framing, clock, lateMs, delays }: WireOptions): Wire & { close(): void } {
  const timers = new Set<unknown>();
  const waiting: (() => void)[] = [];
  let trickling = false;

  const gone = (): boolean => socket.destroyed || socket.writableEnded;

  function put(bytes: Uint8Array): void {
    if (gone()) return;
    socket.write(bytes);
    if (socket.writableLength > MAX_UNREAD) socket.destroy();
  }

  /** In its turn: a message that goes out byte by byte is not cut by the next. */
  function inTurn(run: () => void): void {
    if (!trickling) run();
    else if (waiting.push(run) > MAX_WAITING) socket.destroy();
  }

  function drip(bytes: Uint8Array, at: number): void {
    if (at < bytes.length) {
      put(bytes.subarray(at, at + 1));
      // Without room to wait it goes faster.
      if (!after(TRICKLE_MS, () => drip(bytes, at + 1))) setImmediate(() => drip(bytes, at + 1));
      return;
    }
    trickling = false;
    while (!trickling) {
      const next = waiting.shift();
      if (next === undefined) return;
      next();
    }
  }

  function after(ms: number, run: () => void): boolean {
    if (!delays.take()) return false;
    const timer = clock.setTimeout(() => {
      timers.delete(timer);
      delays.give(1);
      run();
    }, ms);
    timers.add(timer);
    return true;
  }

  return {
    framer: createFramer(framing),
    lateMs,
    held: undefined,
    after,
    write: (bytes) => inTurn(() => put(bytes)),
    trickle: (bytes) =>
      inTurn(() => {
        trickling = true;
        drip(bytes, 0);
      }),
    end: () => inTurn(() => socket.end()),
    close() {
      for (const timer of timers) clock.clearTimeout(timer);
      delays.give(timers.size);
      timers.clear();
    },
  };
}
