/** Who is there: the card is read, the PIN is typed into the pad, and asked again when it was wrong. */
import { assign } from 'xstate';
import { maskCard } from './mask.ts';
import { defect, endAs, record, session, waitForNobody, waitForPin } from './setup.ts';

const sorryDevice = {
  target: 'sorry',
  actions: session.assign(({ context }) => ({
    sorry: { cause: 'device' as const, reference: context.reference },
    outcome: 'device',
  })),
};

export const identify = {
  reading: session.createStateConfig({
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
  }),

  pin: session.createStateConfig({
    entry: [session.assign({ digits: 0 }), waitForPin],
    exit: waitForNobody,
    invoke: {
      src: 'enterPin',
      input: ({ context }) => ({ maxDigits: context.pinLength.max, pan: context.card?.pan ?? '' }),
      onDone: [
        {
          guard: ({ context, event }) => event.output.kind === 'entered' && event.output.digits < context.pinLength.min,
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
  }),

  makingPinBlock: session.createStateConfig({
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
  }),

  pinWrong: session.createStateConfig({
    after: { pinWrongNotice: 'pin' },
    on: {
      retry: 'pin',
      key: { guard: 'enterKey', target: 'pin' },
    },
  }),
};
