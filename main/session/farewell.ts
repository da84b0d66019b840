/**
 * The way out: the card goes back and is taken, or is retained with its reason; only then does paper come out.
 * Where the card is, the reader says.
 */
import { assign } from 'xstate';
import type { Context } from './context.ts';
import { WIPED } from './context.ts';
import { retainedSlip } from './receipt.ts';
import { record, session, waitForNobody, waitForTouch } from './setup.ts';

/** How loudly to ask for the card: calm first, then three steps over the rest of the wait. */
export function urgencyOf(context: Context): 0 | 1 | 2 | 3 {
  const total = context.delays.takeCard / 1000;
  const calm = context.delays.takeCardCalm / 1000;
  const late = total - context.secondsLeft - calm;
  if (late < 0) return 0;
  const third = (total - calm) / 3;
  return late < third ? 1 : late < 2 * third ? 2 : 3;
}

const cardStuck = (code: string) => ({
  target: '#outOfService',
  actions: [
    session.assign({ readerTrouble: true, cardStuck: true }),
    record({ event: 'card-stuck', fields: { code } }),
  ],
});

const stuckAs = {
  target: '#outOfService',
  actions: [
    session.assign({ readerTrouble: true, cardStuck: true }),
    {
      type: 'record' as const,
      params: ({
        event,
      }: {
        readonly event: { readonly output: { readonly kind: string; readonly code?: string } };
      }) => ({
        event: 'card-stuck' as const,
        fields: { code: event.output.code ?? 'unknown' },
      }),
    },
  ],
};

const onReaderGone = {
  guard: 'readerGone',
  target: '#outOfService',
  actions: [
    session.assign({ outcome: 'reader-lost' }),
    record({ event: 'session-ended', fields: { outcome: 'reader-lost' } }),
  ],
} as const;

export const returning = session.createStateConfig({
  id: 'returning',
  initial: 'ejecting',
  entry: [
    session.assign(({ context }) => ({
      ...WIPED,
      qr: undefined,
      secondsLeft: Math.ceil(context.delays.takeCard / 1000),
    })),
    {
      type: 'record',
      params: ({ context }) => ({
        event: 'card-ejected' as const,
        fields: { reason: context.ending.screen === 'take-card' ? context.ending.why : context.ending.problem },
      }),
    },
  ],
  always: onReaderGone,
  states: {
    ejecting: {
      invoke: {
        src: 'ejectCard',
        onDone: [
          { guard: ({ event }) => event.output.kind === 'done', target: 'waiting' },
          // It was taken, or torn out, while the reader was being told to.
          {
            guard: ({ event }) => event.output.kind === 'no-card',
            target: '#afterCard',
            actions: record({ event: 'card-taken', fields: {} }),
          },
          stuckAs,
        ],
        onError: cardStuck('defect'),
      },
    },
    waiting: {
      invoke: [
        {
          src: 'waitForRemoval',
          onDone: [
            {
              guard: ({ event }) => event.output.kind !== 'failed',
              target: '#afterCard',
              actions: record({ event: 'card-taken', fields: {} }),
            },
            stuckAs,
          ],
          onError: cardStuck('defect'),
        },
        { src: 'ticker' },
      ],
      on: {
        tick: [
          {
            guard: 'lastSecond',
            target: '#retaining',
            actions: session.assign(({ context }) => ({
              papers: [],
              outcome: 'retained',
              retain: { why: 'not-taken' as const, reference: context.reference, slip: 'printing' as const },
            })),
          },
          { actions: session.assign(({ context }) => ({ secondsLeft: context.secondsLeft - 1 })) },
        ],
      },
    },
  },
});

export const retaining = session.createStateConfig({
  id: 'retaining',
  initial: 'moving',
  entry: session.assign(WIPED),
  states: {
    moving: {
      always: onReaderGone,
      invoke: {
        src: 'retainCard',
        onDone: [
          {
            guard: ({ event }) => event.output.kind === 'done',
            target: 'told',
            actions: [
              assign(({ context, event }) =>
                event.output.kind === 'done' && context.retain !== undefined
                  ? {
                      qr: retainedSlip(
                        context.terminal,
                        context.language,
                        context.retain.why,
                        context.retain.reference,
                        event.output.at,
                      ),
                    }
                  : {},
              ),
              {
                type: 'record',
                params: ({ context }) => ({
                  event: 'card-retained' as const,
                  fields: { reason: context.retain?.why, reference: context.retain?.reference },
                }),
              },
            ],
          },
          // It was taken in the last moment after all.
          {
            guard: ({ event }) => event.output.kind === 'failed' && event.output.code === 'no-card',
            target: '#afterCard',
            actions: record({ event: 'card-taken', fields: {} }),
          },
          stuckAs,
        ],
        onError: cardStuck('defect'),
      },
    },
    /** The screen says why and whom to call; the same on a slip, if the printer can. */
    told: {
      after: { cardRetained: '#goodbye' },
      on: { finish: '#goodbye' },
      initial: 'printing',
      exit: session.assign({ qr: undefined }),
      states: {
        printing: {
          invoke: {
            src: 'print',
            input: ({ context }) => ({ receipt: context.qr ?? { lines: [] } }),
            onDone: {
              target: 'printed',
              actions: assign(({ context, event }) =>
                context.retain === undefined
                  ? {}
                  : {
                      retain: {
                        ...context.retain,
                        slip: event.output.kind === 'done' ? ('printed' as const) : ('failed' as const),
                      },
                    },
              ),
            },
            onError: {
              target: 'printed',
              actions: [
                session.assign(({ context }) =>
                  context.retain === undefined ? {} : { retain: { ...context.retain, slip: 'failed' as const } },
                ),
                record({ event: 'defect', fields: { where: 'print-slip' } }),
              ],
            },
          },
        },
        printed: {},
      },
    },
  },
});

/** The card is with its owner. */
export const afterCard = session.createStateConfig({
  id: 'afterCard',
  entry: session.assign({ ...WIPED, warningLeft: undefined }),
  always: [{ guard: 'papersWaiting', target: 'printing' }, { target: 'goodbye' }],
});

const restOfPapers = session.assign(({ context }) => ({ papers: context.papers.slice(1) }));
const noMorePapers = session.assign({ papers: [] });

export const printing = session.createStateConfig({
  invoke: {
    src: 'print',
    input: ({ context }) => ({ receipt: context.papers[0]?.receipt ?? { lines: [] } }),
    onDone: [
      {
        guard: ({ event }) => event.output.kind === 'done',
        target: 'takeReceipt',
        actions: {
          type: 'record',
          params: ({ context }) => ({ event: 'print-done' as const, fields: { what: context.papers[0]?.what } }),
        },
      },
      {
        target: 'receiptFailed',
        actions: [
          assign(({ context, event }) => {
            const paper = context.papers[0];
            return event.output.kind === 'failed' && paper !== undefined
              ? { printFailure: { paper, fault: event.output.fault, printed: event.output.printed }, papers: [] }
              : {};
          }),
          {
            type: 'record',
            params: ({ context }) => ({
              event: 'print-failed' as const,
              fields: {
                what: context.printFailure?.paper.what,
                fault: context.printFailure?.fault,
                printed: context.printFailure?.printed,
              },
            }),
          },
        ],
      },
    ],
    onError: {
      target: 'goodbye',
      actions: [session.assign({ defect: true, papers: [] }), record({ event: 'defect', fields: { where: 'print' } })],
    },
  },
});

export const takeReceipt = session.createStateConfig({
  exit: restOfPapers,
  after: { takeReceipt: 'nextPaper' },
  on: { finish: 'nextPaper', key: { guard: 'enterKey', target: 'nextPaper' } },
});

export const nextPaper = session.createStateConfig({
  always: [{ guard: 'papersWaiting', target: 'printing' }, { target: 'goodbye' }],
});

/** Never printed again by itself: the customer is told, and may have it as a QR code. */
export const receiptFailed = session.createStateConfig({
  entry: waitForTouch,
  exit: waitForNobody,
  on: {
    receipt: {
      guard: ({ context, event }) => event.choice === 'qr' && context.printFailure?.paper.what === 'receipt',
      target: 'receiptQrAfter',
      actions: session.assign(({ context }) => ({ qr: context.printFailure?.paper.receipt })),
    },
    finish: 'goodbye',
    cancel: 'goodbye',
    'timed-out': 'goodbye',
    key: [
      { guard: 'cancelKey', target: 'goodbye' },
      { guard: 'enterKey', target: 'goodbye' },
    ],
  },
});

export const receiptQrAfter = session.createStateConfig({
  entry: waitForTouch,
  exit: waitForNobody,
  on: {
    continue: 'goodbye',
    finish: 'goodbye',
    cancel: 'goodbye',
    'timed-out': 'goodbye',
    key: [
      { guard: 'cancelKey', target: 'goodbye' },
      { guard: 'enterKey', target: 'goodbye' },
    ],
  },
});

export const goodbye = session.createStateConfig({
  id: 'goodbye',
  entry: [
    {
      type: 'record',
      params: ({ context }) => ({ event: 'session-ended' as const, fields: { outcome: context.outcome } }),
    },
    noMorePapers,
    session.assign({ ...WIPED, qr: undefined, retain: undefined, printFailure: undefined }),
  ],
  after: { goodbye: 'idle' },
});
