/**
 * One command of the OMRON 3S4YR from its frame to its answer (Data Transmission Specifications, control sequence): the
 * command until DLE ACK, then DLE ENQ until a good answer. ENQ is repeated, the command never once it is acknowledged.
 */
import { fail, ok, type Result } from '../result.ts';
import type { LineError, Wire } from '../transport/line.ts';
import {
  decodeOmronAnswer,
  encodeOmronCommand,
  omronControl,
  type OmronAnswer,
  type OmronToken,
} from './omron-frame.ts';

export interface OmronTiming {
  /** Longest wait for DLE ACK, and how often the command is sent. */
  readonly ackMs: number;
  readonly sends: number;
  /** Longest wait for the answer to one DLE ENQ, and how often it is sent. */
  readonly answerMs: number;
  readonly enquiries: number;
}

/** What went wrong underneath and was repaired, for the technician. */
export type OmronRetry = 'nak' | 'no-ack' | 'damaged-answer' | 'no-answer-to-enq';

export interface OmronTalk {
  readonly retried: (what: OmronRetry) => void;
  /** Names and codes only: data may be a track. `>` to the reader, `<` from it. */
  readonly trace?: ((line: string) => void) | undefined;
}

type Verdict = OmronToken & { readonly kind: 'ack' | 'nak' };
const isVerdict = (token: OmronToken): token is Verdict => token.kind === 'ack' || token.kind === 'nak';

async function sendUntilAcknowledged(
  wire: Wire<OmronToken>,
  frame: Uint8Array,
  timing: OmronTiming,
  talk: OmronTalk,
): Promise<Result<undefined, LineError>> {
  for (let n = 0; n < timing.sends; n += 1) {
    const sent = await wire.send(frame);
    if (!sent.ok) return sent;
    const verdict = await wire.next(timing.ackMs, isVerdict);
    if (verdict.ok && verdict.value.kind === 'ack') return ok();
    if (!verdict.ok && verdict.error.code !== 'no-answer') return verdict;
    talk.retried(verdict.ok ? 'nak' : 'no-ack');
  }
  return fail({ code: 'no-answer', detail: `command not acknowledged, sent ${String(timing.sends)} times` });
}

export async function omronCommand(
  wire: Wire<OmronToken>,
  name: string,
  timing: OmronTiming,
  talk: OmronTalk,
): Promise<Result<OmronAnswer, LineError>> {
  talk.trace?.(`> C${name}`);
  const acknowledged = await sendUntilAcknowledged(wire, encodeOmronCommand(name), timing, talk);
  if (!acknowledged.ok) return acknowledged;

  const answerOf = (token: OmronToken): OmronAnswer | undefined => {
    const answer = token.kind === 'frame' ? decodeOmronAnswer(token.text) : undefined;
    return answer?.name === name ? answer : undefined;
  };
  const concerns = (token: OmronToken): token is OmronToken =>
    token.kind === 'damaged' || answerOf(token) !== undefined;

  for (let n = 0; n < timing.enquiries; n += 1) {
    const asked = await wire.send(omronControl('enq'));
    if (!asked.ok) return asked;
    const heard = await wire.next(timing.answerMs, concerns);
    if (!heard.ok && heard.error.code !== 'no-answer') return heard;
    const answer = heard.ok ? answerOf(heard.value) : undefined;
    if (answer) {
      talk.trace?.(
        answer.kind === 'done'
          ? `< P${name} ${answer.position}, ${String(answer.data.length)} bytes of data`
          : `< N${name} ${answer.error}`,
      );
      return ok(answer);
    }
    talk.retried(heard.ok ? 'damaged-answer' : 'no-answer-to-enq');
  }
  // Whatever it is still doing is nobody's any more.
  const cancelled = await wire.send(omronControl('eot'));
  if (!cancelled.ok) return cancelled;
  return fail({ code: 'no-answer', detail: `no usable answer to ${String(timing.enquiries)} enquiries` });
}
