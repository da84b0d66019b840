/**
 * Which request an answer belongs to: message class and function, and the elements that this host echoes, by default DE11
 * and DE41, and DE37 when the answer has one. The STAN alone is too weak: a late answer to another day's STAN is not ours.
 */
import type { Message } from '../iso8583/message.ts';
import { replyType } from '../iso8583/mti.ts';

/** By which elements an answer is known; trailing blanks do not count. */
export interface CorrelationRule {
  /** In every answer, and as in the request. DE11 or DE37 is among them. */
  readonly always: readonly number[];
  /** As in the request when the answer has them. */
  readonly whenPresent: readonly number[];
}

/** A host that does not echo DE41 wants `{ always: [11], whenPresent: [37, 41] }`. */
export const DEFAULT_CORRELATION: CorrelationRule = { always: [11, 41], whenPresent: [37] };

/** What a waiting request is known by. */
export interface Correlation {
  readonly message: Message;
}

export interface PendingTable<T extends Correlation> {
  /** False when a request with the same numbers is waiting already: their answers could not be told apart. */
  add(entry: T): boolean;
  delete(entry: T, how: string, now: number): void;
  /** The request that this answers; not removed. */
  match(reply: Message): T | undefined;
  /** One line for a log: is the answer late, doubled or foreign, and which pending request comes closest to it? */
  explain(reply: Message, now: number): string;
  values(): IterableIterator<T>;
  readonly size: number;
}

const REMEMBERED = 64;

/** What more counts for the closest request; other elements count 1. */
const WEIGHT: Readonly<Record<number, number>> = { 11: 8, 37: 4 };

const stanOf = (entry: Correlation): string => entry.message.get(11) ?? '?';

export function createPendingTable<T extends Correlation>(rule = DEFAULT_CORRELATION): PendingTable<T> {
  if (!rule.always.includes(11) && !rule.always.includes(37))
    throw new Error('answers are told apart by DE11 or DE37, at least');
  const pending = new Map<string, T>();
  /** How requests ended that answers may still come for; oldest first. */
  const ended = new Map<string, { readonly how: string; readonly at: number; readonly entry: T }>();

  const valueOf = (message: Message, element: number): string | undefined => message.get(element)?.trimEnd();
  const key = (mti: string, message: Message): string =>
    [mti, ...rule.always.map((element) => valueOf(message, element) ?? '')].join('|');
  const keyOf = ({ message }: Correlation): string => key(replyType(message.mti), message);

  const agrees = ({ message }: Correlation, reply: Message): boolean =>
    rule.always.every((element) => reply.has(element)) &&
    rule.whenPresent.every((element) => {
      const [asked, answered] = [valueOf(message, element), valueOf(reply, element)];
      return asked === undefined || answered === undefined || asked === answered;
    });

  /** More that agrees, and what identifies better, counts more. */
  function likeness({ message }: Correlation, reply: Message): number {
    let likeness = replyType(message.mti) === reply.mti ? 2 : 0;
    for (const element of new Set([11, 37, 41, ...rule.always, ...rule.whenPresent])) {
      const asked = valueOf(message, element);
      if (asked !== undefined && asked === valueOf(reply, element)) likeness += WEIGHT[element] ?? 1;
    }
    const apart = Math.abs(Number(message.get(11)) - Number(reply.get(11) ?? Number.NaN));
    return likeness + (apart < 10 ? 0.5 : 0);
  }

  return {
    add(entry) {
      const name = keyOf(entry);
      if (pending.has(name)) return false;
      pending.set(name, entry);
      return true;
    },

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
      const entry = pending.get(key(reply.mti, reply));
      return entry !== undefined && agrees(entry, reply) ? entry : undefined;
    },

    explain(reply, now) {
      const before = ended.get(key(reply.mti, reply));
      const past =
        before === undefined || !agrees(before.entry, reply)
          ? 'an answer to nothing that was asked'
          : `${before.how === 'answered' ? 'a second answer to' : 'a late answer to'} STAN ${stanOf(before.entry)}, ${before.how} ${((now - before.at) / 1000).toFixed(1)} s ago`;
      let closest: T | undefined;
      for (const entry of pending.values()) {
        if (closest === undefined || likeness(entry, reply) > likeness(closest, reply)) closest = entry;
      }
      return `${past}; closest pending: ${closest === undefined ? 'none' : `${closest.message.mti} STAN ${stanOf(closest)}`}`;
    },

    values: () => pending.values(),
    get size() {
      return pending.size;
    },
  };
}
