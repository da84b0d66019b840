/**
 * The requests under way on a link: completed with the elements that are the link's own, MACed, sent, matched with their
 * answers, and each settled exactly once: by an answer, a deadline, a cancellation or the loss of the connection.
 */
import type { Clock } from '../clock.ts';
import { explain, type UnpackError } from '../iso8583/error.ts';
import { withElements, type Message } from '../iso8583/message.ts';
import { macElement, macInput, needsMac, receivedMacInput, withMac } from '../profile/mac.ts';
import type { HostProfile } from '../profile/profile.ts';
import { fail, ok, type Result } from '../result.ts';
import { equalSecrets } from '../security/equal.ts';
import type { Exchange, LinkEvent, LinkFailure, LinkSecurity } from './contract.ts';
import { guarded } from './guard.ts';
import { createPendingTable, type Correlation, type CorrelationRule } from './pending.ts';
import { retrievalReference, type StanSource } from './stan.ts';
import { transmissionTimes } from './times.ts';

export type Answer = Result<Exchange, LinkFailure>;

export interface RequestsOptions {
  readonly profile: HostProfile;
  readonly security: LinkSecurity;
  readonly stan: StanSource;
  readonly clock: Clock;
  /** Milliseconds of a clock that never jumps. */
  readonly elapsed: () => number;
  readonly timeZone: string;
  readonly correlation?: CorrelationRule | undefined;
  /** Gives a packed message to the connection; false when there is none. */
  readonly send: (body: Uint8Array) => boolean;
  readonly emit: (event: LinkEvent) => void;
  /** A request settled. */
  readonly onSettled: () => void;
}

export interface SendOptions {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
  /** Waits for this before anything is sent: a change of keys under way. */
  readonly after?: Promise<unknown> | undefined;
}

export interface Requests {
  send(draft: Message, options: SendOptions): Promise<Answer>;
  /** The answer in `frame`, decoded as `reply`. */
  receive(frame: Uint8Array, reply: Message, at: number): void;
  /** An answer that broke off while it was decoded: its numbers may tell whose it was. */
  receiveBroken(error: UnpackError): void;
  /**
   * Fails what waits for the connection: `lost` what was sent, `not-in-service` what was not. With `code`, everything.
   */
  failAll(detail: string, code?: LinkFailure['code']): void;
  /** Under way: waiting, being sent, or sent. */
  readonly size: number;
}

/** A request that was sent. */
interface Sent extends Correlation {
  readonly stan: string;
  readonly rrn: string;
  readonly call: Call;
  /** On the clock of `elapsed`. */
  at: number;
}

interface Call {
  stage: 'waiting' | 'sent' | 'checking';
  sent: Sent | undefined;
  readonly settled: boolean;
  settle(answer: Answer): void;
}

const HOW: Readonly<Record<LinkFailure['code'], string>> = {
  'not-in-service': 'given up',
  'no-answer': 'given up',
  lost: 'lost',
  cancelled: 'cancelled',
  'queue-full': 'given up',
  unpackable: 'given up',
  'mac-wrong': 'answered with a wrong MAC',
  unreadable: 'answered unreadably',
  security: 'given up',
};

const failure = (code: LinkFailure['code'], detail: string): Result<never, LinkFailure> => fail({ code, detail });

export function createRequests(options: RequestsOptions): Requests {
  const { profile, security, clock, elapsed, emit } = options;
  const pending = createPendingTable<Sent>(options.correlation);
  const calls = new Set<Call>();

  const has = (element: number): boolean => profile.codec.spec.elements[element] !== undefined;

  /** DE7, 11, 12, 13 and 37, where the message lacks them and the profile has them. */
  function complete(draft: Message): Result<{ message: Message; stan: string; rrn: string }, LinkFailure> {
    const now = clock.now();
    let stan = draft.get(11);
    if (stan === undefined) {
      const next = options.stan.next();
      if (!next.ok) return failure('not-in-service', `no trace number: ${next.error.code}: ${next.error.detail}`);
      stan = next.value;
    }
    const times = transmissionTimes(now, options.timeZone);
    const rrn = draft.get(37) ?? retrievalReference(now, stan);
    const own: Readonly<Record<number, string>> = {
      7: times.gmt,
      11: stan,
      12: times.localTime,
      13: times.localDate,
      37: rrn,
    };
    const missing = Object.entries(own).filter(([element]) => has(Number(element)) && !draft.has(Number(element)));
    return ok({ message: withElements(draft, Object.fromEntries(missing)), stan, rrn });
  }

  async function addMac(message: Message): Promise<Result<Message, LinkFailure>> {
    if (!needsMac(profile, message.mti) || message.has(macElement(message))) return ok(message);
    const input = macInput(profile, message);
    if (!input.ok) return failure('unpackable', explain(input.error));
    const mac = await guarded(() => security.mac(input.value));
    return mac.ok ? ok(withMac(message, mac.value)) : failure('security', mac.error.code);
  }

  async function transmit(call: Call, draft: Message, after: Promise<unknown> | undefined): Promise<void> {
    if (after !== undefined) await after;
    if (call.settled) return;
    const completed = complete(draft);
    if (!completed.ok) return call.settle(completed);
    const { stan, rrn } = completed.value;
    const signed = await addMac(completed.value.message);
    if (call.settled) return;
    if (!signed.ok) return call.settle(signed);
    const message = signed.value;
    const packed = profile.codec.pack(message);
    if (!packed.ok) return call.settle(failure('unpackable', explain(packed.error)));
    const sent: Sent = { message, stan, rrn, call, at: 0 };
    if (!pending.add(sent)) return call.settle(failure('unpackable', 'a request with the same numbers is under way'));
    call.sent = sent;
    if (!options.send(packed.value)) return call.settle(failure('not-in-service', 'the connection is gone'));
    sent.at = elapsed();
    call.stage = 'sent';
    emit({ kind: 'sent', detail: '', mti: message.mti, stan, rrn, describe: () => profile.codec.describe(message) });
  }

  async function check(sent: Sent, frame: Uint8Array, reply: Message, hostMs: number): Promise<void> {
    const { call } = sent;
    const numbers = { mti: reply.mti, stan: sent.stan, rrn: sent.rrn };
    const exchange = { reply, stan: sent.stan, rrn: sent.rrn, hostMs };
    if (!needsMac(profile, reply.mti)) return call.settle(ok(exchange));
    const wrong = (detail: string): void => {
      emit({ kind: 'mac-wrong', detail, ...numbers });
      call.settle(failure('mac-wrong', detail));
    };
    if (!reply.has(macElement(reply))) return wrong('the answer has no MAC');
    const received = receivedMacInput(frame, profile);
    const mac = await guarded(() => security.mac(received.data));
    if (call.settled) return;
    if (!mac.ok) return call.settle(failure('security', mac.error.code));
    if (!equalSecrets(mac.value, received.mac)) return wrong('the MAC of the answer is wrong');
    call.settle(ok(exchange));
  }

  /** The answer is taken: a second one is nobody's. */
  function take(sent: Sent): void {
    pending.delete(sent, 'answered', clock.now());
    sent.call.stage = 'checking';
  }

  return {
    send(draft, { deadlineMs, signal, after }) {
      return new Promise<Answer>((resolve) => {
        let settled = false;
        const call: Call = {
          stage: 'waiting',
          sent: undefined,
          get settled() {
            return settled;
          },
          settle(answer) {
            if (settled) return;
            settled = true;
            clock.clearTimeout(timer);
            signal?.removeEventListener('abort', abort);
            calls.delete(call);
            if (call.sent !== undefined)
              pending.delete(call.sent, answer.ok ? 'answered' : HOW[answer.error.code], clock.now());
            resolve(answer);
            options.onSettled();
          },
        };
        const expire = (): void => {
          if (call.stage === 'sent') call.settle(failure('no-answer', `no answer within ${deadlineMs} ms`));
          else if (call.stage === 'checking') call.settle(failure('security', 'the MAC could not be checked in time'));
          else call.settle(failure('not-in-service', `could not be sent within ${deadlineMs} ms`));
        };
        const abort = (): void =>
          call.settle(
            failure('cancelled', call.stage === 'waiting' ? 'before it was sent' : 'while waiting for the answer'),
          );
        const timer = clock.setTimeout(expire, deadlineMs, 'peer');
        signal?.addEventListener('abort', abort, { once: true });
        calls.add(call);
        if (signal?.aborted === true) abort();
        else void transmit(call, draft, after);
      });
    },

    receive(frame, reply, at) {
      const sent = pending.match(reply);
      const responseCode = reply.get(39);
      const [stan, rrn] = [reply.get(11), reply.get(37)];
      const numbers = {
        mti: reply.mti,
        ...(stan === undefined ? {} : { stan }),
        ...(rrn === undefined ? {} : { rrn }),
        ...(responseCode === undefined ? {} : { responseCode }),
      };
      const describe = (): string => profile.codec.describe(reply);
      if (sent === undefined) {
        emit({ kind: 'unmatched', detail: pending.explain(reply, clock.now()), ...numbers, describe });
        return;
      }
      emit({ kind: 'received', detail: '', ...numbers, describe });
      take(sent);
      void check(sent, frame, reply, at - sent.at);
    },

    receiveBroken(error) {
      const sent = pending.match(error.decoded);
      if (sent === undefined) return;
      take(sent);
      sent.call.settle(failure('unreadable', explain(error)));
    },

    failAll(detail, code) {
      for (const call of calls) {
        // Its answer is here: the loss of the connection takes nothing from it.
        if (code === undefined && call.stage === 'checking') continue;
        call.settle(failure(code ?? (call.stage === 'waiting' ? 'not-in-service' : 'lost'), detail));
      }
    },

    get size() {
      return calls.size;
    },
  };
}
