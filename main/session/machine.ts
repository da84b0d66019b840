/**
 * The session: one machine from an idle terminal through a customer's visit back to an idle terminal.
 * `flow` is where the customer is (visit.ts while the terminal holds the card, farewell.ts on the way out);
 * `patience` asks "still there?" over any wait.
 */
import { assign } from 'xstate';
import { initialContext, mediaOf, WIPED } from './context.ts';
import {
  afterCard,
  goodbye,
  nextPaper,
  printing,
  receiptFailed,
  receiptQrAfter,
  retaining,
  returning,
  takeReceipt,
} from './farewell.ts';
import { patience } from './patience.ts';
import { endAs, record, session } from './setup.ts';
import { visit } from './visit.ts';

const CLEAN = { ...WIPED, papers: [], qr: undefined, retain: undefined, printFailure: undefined } as const;

/** Service begins only with an empty reader: somebody's card may be in there after a crash or a power cut. */
const intoService = [
  { guard: 'cardInReader', target: 'cardLeftInside' },
  { guard: 'operational', target: 'idle' },
] as const;

export const sessionMachine = session.createMachine({
  id: 'terminal',
  type: 'parallel',
  context: ({ input }) => initialContext(input),
  on: {
    pad: { actions: assign({ pad: ({ event }) => event.status }) },
    printer: { actions: assign({ printer: ({ event }) => event.status }) },
    link: { actions: assign({ link: ({ event }) => event.state }) },
    storage: { actions: assign({ storageOk: ({ event }) => event.ok }) },
    language: { actions: assign({ language: ({ event }) => event.language }) },
  },
  states: {
    patience,
    flow: {
      initial: 'starting',
      on: {
        reader: { actions: assign({ reader: ({ event }) => event.status }) },
        stop: { actions: session.assign({ stopping: true }) },
      },
      states: {
        starting: {
          always: [...intoService, { guard: 'mayStop', target: 'outOfService' }],
          after: { startUp: 'outOfService' },
        },

        outOfService: {
          id: 'outOfService',
          entry: session.assign(CLEAN),
          always: [...intoService],
          initial: 'waiting',
          states: {
            waiting: { after: { readerRecovery: { target: 'looking' } } },
            looking: { always: [{ guard: 'readerNeedsReset', target: 'resetting' }, { target: 'waiting' }] },
            resetting: {
              invoke: {
                src: 'resetReader',
                onDone: {
                  target: 'waiting',
                  actions: assign(({ context, event }) => ({
                    readerTrouble: event.output.kind === 'failed' && context.readerTrouble,
                    cardStuck: event.output.kind !== 'no-card' && context.cardStuck,
                  })),
                },
                onError: { target: 'waiting', actions: record({ event: 'defect', fields: { where: 'reset-reader' } }) },
              },
            },
          },
        },

        cardLeftInside: {
          entry: [
            {
              type: 'record',
              params: ({ context }) => ({ event: 'card-found' as const, fields: { media: mediaOf(context.reader) } }),
            },
            session.assign(CLEAN),
            endAs({ screen: 'take-card', why: 'fault' }, 'recovered'),
          ],
          always: '#returning',
        },

        idle: {
          entry: session.assign(({ context }) => ({
            ...CLEAN,
            ending: { screen: 'take-card', why: 'finished' } as const,
            reference: '',
            outcome: 'none',
            cardStuck: false,
            language: context.defaultLanguage,
          })),
          always: { guard: 'notOperational', target: 'outOfService' },
          invoke: {
            src: 'acceptCard',
            onDone: [
              {
                guard: ({ event }) => event.output.kind === 'inserted',
                target: 'visit',
                actions: [
                  assign(({ event }) =>
                    event.output.kind === 'inserted' ? { reference: event.output.reference } : {},
                  ),
                  record({ event: 'session-started', fields: {} }),
                ],
              },
              { target: 'outOfService', actions: session.assign({ readerTrouble: true }) },
            ],
            onError: {
              target: 'outOfService',
              actions: [
                session.assign({ defect: true }),
                record({ event: 'defect', fields: { where: 'accept-card' } }),
              ],
            },
          },
          initial: 'waiting',
          states: {
            waiting: {
              entry: session.assign({ turnTheCard: false }),
              // Who chose a language and walked away leaves none behind.
              after: {
                touchScreen: {
                  target: 'waiting',
                  reenter: true,
                  actions: session.assign(({ context }) => ({ language: context.defaultLanguage })),
                },
              },
            },
            hinting: { entry: session.assign({ turnTheCard: true }), after: { hint: 'waiting' } },
          },
          on: {
            'refused-at-mouth': { target: '.hinting', actions: record({ event: 'card-refused-at-mouth', fields: {} }) },
          },
        },

        visit,
        returning,
        retaining,
        afterCard,
        printing,
        takeReceipt,
        nextPaper,
        receiptFailed,
        receiptQrAfter,
        goodbye,
      },
    },
  },
});
