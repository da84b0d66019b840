/**
 * The reversal advice (0420) for a request whose outcome is not known: it names the original by DE90 and DE37 and carries
 * nothing of the card but what the original's numbers say. Sent through store-and-forward.ts, until 0430.
 */
import { createMessage, type Message } from '../iso8583/message.ts';
import type { HostProfile } from '../profile/profile.ts';

/** What a reversal repeats of the original, as far as it has it (ISO 8583:1987 table 4). */
const REPEATED = [3, 4, 12, 13, 18, 22, 25, 32, 37, 41, 42, 43, 49];

const filled = (digits: string | undefined, width: number): string => (digits ?? '').padStart(width, '0');

/**
 * `original` as it was sent, or as it was about to be: with its DE7, 11 and 37, so whoever may have to reverse a request
 * fixes these before it is sent. `reason` is DE39 of the advice, by the host's table. A STAN of its own comes later.
 */
export function buildReversal(profile: HostProfile, original: Message, reason?: string): Message {
  for (const element of [7, 11, 37]) {
    if (!original.has(element)) throw new Error(`the original of a reversal has DE${element}`);
  }
  const numbers = [filled(original.get(11)?.slice(-6), 6), filled(original.get(7), 10)];
  const places = [filled(original.get(32), 11), filled(original.get(33), 11)];
  const values: Record<number, string | undefined> = {
    39: reason,
    90: [original.mti, ...numbers, ...places].join(''),
  };
  for (const element of REPEATED) {
    if (profile.codec.spec.elements[element] !== undefined) values[element] = original.get(element);
  }
  return createMessage(`${original.mti.slice(0, 1)}420`, values);
}
