/**
 * Reversal advices at the host (0420 and its repeat 0421, answered by 0430): the original is found by DE90, and reversed
 * once however often it is asked for.
 */
import { createMessage, type Message } from '../iso8583/message.ts';
import { replyType } from '../iso8583/mti.ts';
import { echo } from '../profile/elements.ts';

/** The original's type, STAN and transmission time, then acquirer and forwarder (ISO 8583:1987 §4.3.12, DE90). */
const ORIGINAL = /^[0-9]{4}([0-9]{6})[0-9]{10}[0-9]{22}$/;

export type ReversalOutcome = 'reversed' | 'reversed before' | 'nothing to reverse' | 'malformed';

export interface Reversals {
  /** `answered` tells whether an original with this STAN was carried out today. */
  judge(
    request: Message,
    answered: (stan: string) => boolean,
  ): { readonly outcome: ReversalOutcome; readonly why: string };
}

/** Reversals that are remembered; the oldest go first. */
const REMEMBERED = 100_000;

export const isReversal = (mti: string): boolean => /^[0-9]42[01]$/.test(mti);

export function createReversals(): Reversals {
  const done = new Set<string>();
  return {
    judge(request, answered) {
      const original = request.get(90) ?? '';
      const stan = ORIGINAL.exec(original)?.[1];
      if (stan === undefined) return { outcome: 'malformed', why: 'DE90: the original in 42 digits' };
      const name = `${request.get(41)?.trimEnd() ?? ''}|${original}`;
      if (done.has(name)) return { outcome: 'reversed before', why: `STAN ${stan} was reversed before` };
      if (!answered(stan)) return { outcome: 'nothing to reverse', why: `STAN ${stan} is not known` };
      done.add(name);
      for (const oldest of done) {
        if (done.size <= REMEMBERED) break;
        done.delete(oldest);
      }
      return { outcome: 'reversed', why: `STAN ${stan} reversed` };
    },
  };
}

/** Without its MAC. */
export function buildReversalReply(request: Message, responseCode: string): Message {
  return createMessage(replyType(request.mti), {
    ...echo(request, [3, 4, 7, 11, 12, 13, 32, 37, 41, 42, 49, 90]),
    39: responseCode,
  });
}
