/** The question to the host, and what its answer leads to. */
import { assign } from 'xstate';
import type { Meaning } from '../../protocol/profile/contract.ts';
import type { SorryCause } from '../contract.ts';
import type { Context, Inquired } from './context.ts';
import { defect, session, waitForNobody, waitForTouch } from './setup.ts';

/** Wrong PINs in one visit; the host's own limit (75) usually comes first. */
const WRONG_PINS = 3;

type Verdict = 'result' | 'choose' | 'not-linked' | 'pin-wrong' | 'retain' | 'sorry';

const BY_MEANING: Readonly<Record<Meaning, { readonly verdict: Verdict; readonly cause: SorryCause }>> = {
  approved: { verdict: 'result', cause: 'system-error' },
  'pin-wrong': { verdict: 'pin-wrong', cause: 'pin-tries' },
  'pin-tries': { verdict: 'sorry', cause: 'pin-tries' },
  'pin-tries-retain': { verdict: 'retain', cause: 'pin-tries' },
  'card-expired': { verdict: 'sorry', cause: 'card-expired' },
  retain: { verdict: 'retain', cause: 'card-refused' },
  'card-refused': { verdict: 'sorry', cause: 'card-refused' },
  'not-linked': { verdict: 'not-linked', cause: 'system-error' },
  'host-unavailable': { verdict: 'sorry', cause: 'host-unavailable' },
  'system-error': { verdict: 'sorry', cause: 'system-error' },
};

const BY_FAILURE: Readonly<Record<Extract<Inquired, { kind: 'failed' }>['failure'], SorryCause>> = {
  'no-answer': 'host-silent',
  'host-lost': 'cancelled-by-host-loss',
  'not-in-service': 'host-unavailable',
  system: 'system-error',
  'pin-pad': 'device',
  cancelled: 'host-unavailable',
};

function verdictOf(context: Context, inquired: Inquired): Verdict {
  if (inquired.kind === 'failed') return 'sorry';
  const { verdict } = BY_MEANING[inquired.reply.meaning];
  if (verdict === 'pin-wrong') return context.wrongPins + 1 < WRONG_PINS ? 'pin-wrong' : 'sorry';
  if (verdict !== 'result') return verdict;
  const count = inquired.answer.memberships.length;
  return count === 0 ? 'not-linked' : count === 1 ? 'result' : 'choose';
}

/** The number the customer is told: the host's own where it answered, else the journal's. */
function referenceOf(context: Context, inquired: Inquired): string {
  const reference = inquired.kind === 'failed' ? inquired.reference : inquired.answer.rrn;
  return reference === '' ? context.reference : reference;
}

const verdictIs =
  (verdict: Verdict) =>
  ({ context, event }: { readonly context: Context; readonly event: { readonly output: Inquired } }) =>
    verdictOf(context, event.output) === verdict;

export const ask = {
  menu: session.createStateConfig({
    entry: waitForTouch,
    exit: waitForNobody,
    on: {
      'check-balance': 'asking',
      key: { guard: 'enterKey', target: 'asking' },
    },
  }),

  asking: session.createStateConfig({
    initial: 'sent',
    states: {
      sent: { after: { progressShown: 'working' } },
      working: { after: { stillWorking: 'stillWorking' } },
      stillWorking: {},
    },
    invoke: {
      src: 'inquire',
      input: ({ context }) => ({
        track2: context.card?.track2 ?? '',
        pinBlock: context.pinBlock ?? '',
        language: context.language,
      }),
      onDone: [
        {
          guard: verdictIs('result'),
          target: 'result',
          actions: assign(({ event }) =>
            event.output.kind === 'answered' ? { answer: event.output.answer, chosen: 0, wrongPins: 0 } : {},
          ),
        },
        {
          guard: verdictIs('choose'),
          target: 'choose',
          actions: assign(({ event }) =>
            event.output.kind === 'answered' ? { answer: event.output.answer, wrongPins: 0 } : {},
          ),
        },
        { guard: verdictIs('not-linked'), target: 'notLinked', actions: session.assign({ outcome: 'not-linked' }) },
        {
          guard: verdictIs('pin-wrong'),
          target: 'pinWrong',
          actions: [
            session.assign(({ context }) => ({ wrongPins: context.wrongPins + 1, pinBlock: undefined })),
            {
              type: 'record',
              params: ({ context }) => ({
                event: 'pin-wrong' as const,
                fields: { tries: String(context.wrongPins) },
              }),
            },
          ],
        },
        {
          guard: verdictIs('retain'),
          target: '#retaining',
          actions: assign(({ context, event }) => ({
            outcome: 'retained',
            retain: {
              why:
                event.output.kind === 'answered' && event.output.reply.meaning === 'pin-tries-retain'
                  ? ('pin-tries' as const)
                  : ('host' as const),
              reference: referenceOf(context, event.output),
              slip: 'printing' as const,
            },
          })),
        },
        {
          target: 'sorry',
          actions: assign(({ context, event }) => {
            const cause =
              event.output.kind === 'failed'
                ? BY_FAILURE[event.output.failure]
                : BY_MEANING[event.output.reply.meaning].cause;
            return { sorry: { cause, reference: referenceOf(context, event.output) }, outcome: cause };
          }),
        },
      ],
      onError: defect('inquire'),
    },
  }),

  choose: session.createStateConfig({
    entry: waitForTouch,
    exit: waitForNobody,
    on: {
      'choose-membership': {
        guard: 'memberExists',
        target: 'result',
        actions: assign({ chosen: ({ event }) => event.index }),
      },
    },
  }),
};
