/** A customer's visit: the states in which the terminal holds the card, from reading it to the last choice. */
import { assign } from 'xstate';
import type { Receipt } from '../../devices/receipt-printer/contract.ts';
import type { Meaning } from '../../protocol/profile/contract.ts';
import type { SorryCause } from '../contract.ts';
import type { Context, Inquired } from './context.ts';
import { maskCard, maskKpj } from './mask.ts';
import { balanceReceipt, queueTicket } from './receipt.ts';
import { defect, endAs, record, session, waitForNobody, waitForPin, waitForTouch } from './setup.ts';

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

const sorryDevice = {
  target: 'sorry',
  actions: session.assign(({ context }) => ({
    sorry: { cause: 'device' as const, reference: context.reference },
    outcome: 'device',
  })),
};

function receiptOfChosen(context: Context): Receipt | undefined {
  const membership = context.answer?.memberships[context.chosen];
  if (context.card === undefined || context.answer === undefined || membership === undefined) return undefined;
  return balanceReceipt(context.terminal, context.language, context.card.pan, membership, context.answer);
}

/** Adds the chosen membership's receipt to what is printed once the card is taken; at most three a visit. */
const wantPaper = session.assign(({ context }) => {
  const receipt = receiptOfChosen(context);
  return receipt === undefined ? {} : { papers: [...context.papers, { what: 'receipt' as const, receipt }].slice(-3) };
});

const wantQr = session.assign(({ context }) => ({ qr: receiptOfChosen(context) }));

const chosePaper = [wantPaper, record({ event: 'receipt-chosen', fields: { choice: 'paper' } })];
const cancelled = [
  record({ event: 'cancelled', fields: {} }),
  endAs({ screen: 'take-card', why: 'cancelled' }, 'cancelled'),
];
const finished = { target: '#returning', actions: endAs({ screen: 'take-card', why: 'finished' }, 'balance') };
/** After a screen that explains why there is no balance. */
const understood = {
  target: '#returning',
  actions: session.assign({ ending: { screen: 'take-card', why: 'refused' } }),
};

export const visit = session.createStateConfig({
  initial: 'reading',
  always: [
    {
      guard: 'readerGone',
      target: 'outOfService',
      actions: [
        session.assign({ outcome: 'reader-lost' }),
        record({ event: 'session-ended', fields: { outcome: 'reader-lost' } }),
      ],
    },
    { guard: 'storageBroken', target: '#returning', actions: endAs({ screen: 'take-card', why: 'fault' }, 'storage') },
  ],
  on: {
    reader: [
      {
        guard: 'pulledOut',
        target: 'afterCard',
        actions: [
          assign({ reader: ({ event }) => event.status, papers: [] }),
          endAs({ screen: 'card-unreadable', problem: 'pulled-out' }, 'pulled-out'),
          record({ event: 'card-pulled-out', fields: {} }),
        ],
      },
      { actions: assign({ reader: ({ event }) => event.status }) },
    ],
    cancel: { target: '#returning', actions: cancelled },
    key: { guard: 'cancelKey', target: '#returning', actions: cancelled },
    finish: finished,
    'timed-out': {
      target: '#returning',
      actions: [
        record({ event: 'timed-out', fields: {} }),
        endAs({ screen: 'take-card', why: 'timed-out' }, 'timed-out'),
      ],
    },
    stop: {
      target: '#returning',
      actions: [session.assign({ stopping: true }), endAs({ screen: 'take-card', why: 'fault' }, 'stopped')],
    },
  },
  states: {
    reading: {
      invoke: {
        src: 'readCard',
        onDone: [
          {
            guard: ({ event }) => event.output.kind === 'card',
            target: 'pin',
            actions: [
              assign(({ event }) => (event.output.kind === 'card' ? { card: event.output.card } : {})),
              {
                type: 'record',
                params: ({ event }) => ({
                  event: 'card-read' as const,
                  fields: { card: event.output.kind === 'card' ? maskCard(event.output.card.pan) : undefined },
                }),
              },
            ],
          },
          {
            guard: ({ event }) => event.output.kind === 'unreadable',
            target: '#returning',
            actions: [
              assign(({ event }) =>
                event.output.kind === 'unreadable'
                  ? {
                      outcome: 'card-unreadable',
                      ending: { screen: 'card-unreadable' as const, problem: event.output.problem },
                    }
                  : {},
              ),
              {
                type: 'record',
                params: ({ event }) => ({
                  event: 'card-unreadable' as const,
                  fields: { problem: event.output.kind === 'unreadable' ? event.output.problem : undefined },
                }),
              },
            ],
          },
          sorryDevice,
        ],
        onError: defect('read-card'),
      },
    },

    pin: {
      entry: [session.assign({ digits: 0 }), waitForPin],
      exit: waitForNobody,
      invoke: {
        src: 'enterPin',
        input: ({ context }) => ({ maxDigits: context.pinLength.max, pan: context.card?.pan ?? '' }),
        onDone: [
          {
            guard: ({ context, event }) =>
              event.output.kind === 'entered' && event.output.digits < context.pinLength.min,
            target: 'pin',
            reenter: true,
            actions: [session.assign({ tooShort: true }), record({ event: 'pin-too-short', fields: {} })],
          },
          {
            guard: ({ event }) => event.output.kind === 'entered',
            target: 'makingPinBlock',
            actions: [session.assign({ tooShort: false }), record({ event: 'pin-entered', fields: {} })],
          },
          {
            guard: ({ event }) => event.output.kind === 'cancelled',
            target: '#returning',
            actions: [
              record({ event: 'pin-cancelled', fields: {} }),
              endAs({ screen: 'take-card', why: 'cancelled' }, 'pin-cancelled'),
            ],
          },
          sorryDevice,
        ],
        onError: defect('enter-pin'),
      },
      on: {
        // Enter and Cancel come back as the end of the entry itself.
        key: [
          {
            guard: 'digitKey',
            actions: session.assign(({ context }) => ({
              digits: Math.min(context.digits + 1, context.pinLength.max),
              tooShort: false,
            })),
          },
          { guard: 'clearKey', actions: session.assign({ digits: 0, tooShort: false }) },
          {},
        ],
        'timed-out': {
          target: '#returning',
          actions: [
            record({ event: 'timed-out', fields: { state: 'pin' } }),
            endAs({ screen: 'take-card', why: 'pin-timed-out' }, 'timed-out'),
          ],
        },
      },
    },

    makingPinBlock: {
      invoke: {
        src: 'makePinBlock',
        input: ({ context }) => ({ pan: context.card?.pan ?? '' }),
        onDone: [
          {
            // The customer has chosen the service already: ask again with the new PIN.
            guard: ({ context, event }) => event.output.kind === 'block' && context.wrongPins > 0,
            target: 'asking',
            actions: assign(({ event }) => (event.output.kind === 'block' ? { pinBlock: event.output.block } : {})),
          },
          {
            guard: ({ event }) => event.output.kind === 'block',
            target: 'menu',
            actions: assign(({ event }) => (event.output.kind === 'block' ? { pinBlock: event.output.block } : {})),
          },
          sorryDevice,
        ],
        onError: defect('make-pin-block'),
      },
    },

    menu: {
      entry: waitForTouch,
      exit: waitForNobody,
      on: {
        'check-balance': 'asking',
        key: [
          { guard: 'cancelKey', target: '#returning', actions: cancelled },
          { guard: 'enterKey', target: 'asking' },
        ],
      },
    },

    asking: {
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
    },

    pinWrong: {
      after: { pinWrongNotice: 'pin' },
      on: {
        retry: 'pin',
        key: [
          { guard: 'cancelKey', target: '#returning', actions: cancelled },
          { guard: 'enterKey', target: 'pin' },
        ],
      },
    },

    choose: {
      entry: waitForTouch,
      exit: waitForNobody,
      on: {
        'choose-membership': {
          guard: 'memberExists',
          target: 'result',
          actions: assign({ chosen: ({ event }) => event.index }),
        },
      },
    },

    result: {
      entry: [
        waitForTouch,
        session.assign({ outcome: 'balance' }),
        {
          type: 'record',
          params: ({ context }) => {
            const shown = context.answer?.memberships[context.chosen];
            return {
              event: 'membership-shown' as const,
              fields: { kpj: maskKpj(shown?.kpj ?? ''), jht: shown?.balance === undefined ? 'no' : 'yes' },
            };
          },
        },
      ],
      exit: [waitForNobody, session.assign({ revealed: false })],
      on: {
        reveal: { actions: session.assign({ revealed: true }) },
        conceal: { actions: session.assign({ revealed: false }) },
        continue: 'receiptChoice',
        'choose-another': { guard: 'several', target: 'choose' },
        key: [
          { guard: 'cancelKey', target: '#returning', actions: cancelled },
          { guard: 'enterKey', target: 'receiptChoice' },
        ],
      },
    },

    receiptChoice: {
      entry: waitForTouch,
      exit: waitForNobody,
      on: {
        receipt: [
          {
            guard: ({ context, event }) => event.choice === 'paper' && context.printer.state === 'ready',
            target: 'somethingElse',
            actions: chosePaper,
          },
          {
            guard: ({ event }) => event.choice === 'qr',
            target: 'receiptQr',
            actions: [wantQr, record({ event: 'receipt-chosen', fields: { choice: 'qr' } })],
          },
          {
            guard: ({ event }) => event.choice === 'none',
            target: 'somethingElse',
            actions: record({ event: 'receipt-chosen', fields: { choice: 'none' } }),
          },
        ],
        key: [
          { guard: 'cancelKey', target: '#returning', actions: cancelled },
          { guard: 'enterKeyWithPrinter', target: 'somethingElse', actions: chosePaper },
          {
            guard: 'enterKey',
            target: 'somethingElse',
            actions: record({ event: 'receipt-chosen', fields: { choice: 'none' } }),
          },
        ],
      },
    },

    receiptQr: {
      entry: waitForTouch,
      exit: [waitForNobody, session.assign({ qr: undefined })],
      on: {
        continue: 'somethingElse',
        key: [
          { guard: 'cancelKey', target: '#returning', actions: cancelled },
          { guard: 'enterKey', target: 'somethingElse' },
        ],
      },
    },

    somethingElse: {
      entry: waitForTouch,
      exit: waitForNobody,
      on: {
        'another-service': 'menu',
        key: [
          { guard: 'cancelKey', ...finished },
          { guard: 'enterKey', ...finished },
        ],
      },
    },

    notLinked: {
      entry: waitForTouch,
      exit: waitForNobody,
      on: {
        finish: understood,
        'queue-ticket': { guard: 'printerReady', target: 'issuingTicket' },
        key: [
          { guard: 'cancelKey', ...understood },
          { guard: 'enterKey', ...understood },
        ],
      },
    },

    sorry: {
      entry: waitForTouch,
      exit: waitForNobody,
      on: {
        finish: understood,
        cancel: understood,
        'timed-out': understood,
        'queue-ticket': { guard: 'printerReady', target: 'issuingTicket' },
        key: [
          { guard: 'cancelKey', ...understood },
          { guard: 'enterKey', ...understood },
        ],
      },
    },

    issuingTicket: {
      invoke: {
        src: 'issueTicket',
        onDone: {
          ...understood,
          actions: [
            assign(({ context, event }) => ({
              papers: [
                {
                  what: 'ticket' as const,
                  receipt: queueTicket(context.terminal, context.language, event.output.number, event.output.at),
                },
              ],
              ending: { screen: 'take-card' as const, why: 'refused' as const },
            })),
            {
              type: 'record',
              params: ({ event }) => ({ event: 'ticket-issued' as const, fields: { number: event.output.number } }),
            },
          ],
        },
        onError: defect('issue-ticket'),
      },
    },
  },
});
