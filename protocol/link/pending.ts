/**
 * Which request an answer belongs to: message class and function, DE11 and DE41, and DE37 when the answer has one. The
 * STAN alone is too weak: a late answer to another day's STAN is not ours.
 */
import type { Message } from '../iso8583/message.ts';
import { replyType } from '../iso8583/mti.ts';

/** What a waiting request is known by. */
export interface Correlation {
  readonly mti: string;
  readonly stan: string;
  readonly terminal: string;
  readonly rrn?: string;
}

export interface PendingTable<T extends Correlation> {
  add(entry: T): void;
  delete(entry: T, how: string, now: number): void;
  /** The request that this answers; not removed. */
  match(reply: Message): T | undefined;
  /** One line for a log: is the answer late, doubled or foreign, and which pending request comes closest to it? */
  explain(reply: Message, now: number): string;
  values(): IterableIterator<T>;
  readonly size: number;
}

const REMEMBERED = 64;

const key = (replyMti: string, stan: string | undefined, terminal: string | undefined): string =>
  `${replyMti}|${stan}|${terminal}`;

export function createPendingTable<T extends Correlation>(): PendingTable<T> {
  const pending = new Map<string, T>();
  /** How requests ended that answers may still come for; oldest first. */
  const ended = new Map<string, { readonly how: string; readonly at: number; readonly entry: T }>();
  const keyOf = (entry: Correlation): string => key(replyType(entry.mti), entry.stan, entry.terminal);
  const keyOfReply = (reply: Message): string => key(reply.mti, reply.get(11), reply.get(41)?.trimEnd());

  /** More that agrees, and what identifies better, counts more. */
  function likeness(entry: Correlation, reply: Message): number {
    const digits = Math.abs(Number(entry.stan) - Number(reply.get(11) ?? Number.NaN));
    return (
      (entry.stan === reply.get(11) ? 8 : 0) +
      (entry.rrn !== undefined && entry.rrn === reply.get(37) ? 4 : 0) +
      (replyType(entry.mti) === reply.mti ? 2 : 0) +
      (entry.terminal === reply.get(41)?.trimEnd() ? 1 : 0) +
      (digits < 10 ? 0.5 : 0)
    );
  }

  return {
    add: (entry) => pending.set(keyOf(entry), entry),

    delete(entry, how, now) {
      const name = keyOf(entry);
      if (pending.get(name) !== entry) return;
      pending.delete(name);
      ended.delete(name);
      ended.set(name, { how, at: now, entry });
      for (const oldest of ended.keys()) {
        if (ended.size <= REMEMBERED) break;
        ended.delete(oldest);
      }
    },

    match(reply) {
      const entry = pending.get(keyOfReply(reply));
      const rrn = reply.get(37);
      return entry === undefined || (rrn !== undefined && entry.rrn !== undefined && rrn !== entry.rrn)
        ? undefined
        : entry;
    },

    explain(reply, now) {
      const before = ended.get(keyOfReply(reply));
      const rrn = reply.get(37);
      const past =
        before === undefined || (rrn !== undefined && before.entry.rrn !== undefined && rrn !== before.entry.rrn)
          ? 'an answer to nothing that was asked'
          : `${before.how === 'answered' ? 'a second answer to' : 'a late answer to'} STAN ${before.entry.stan}, ${before.how} ${((now - before.at) / 1000).toFixed(1)} s ago`;
      let closest: T | undefined;
      for (const entry of pending.values()) {
        if (closest === undefined || likeness(entry, reply) > likeness(closest, reply)) closest = entry;
      }
      return `${past}; closest pending: ${closest === undefined ? 'none' : `${closest.mti} STAN ${closest.stan}`}`;
    },

    values: () => pending.values(),
    get size() {
      return pending.size;
    },
  };
}
