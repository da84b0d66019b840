/** Why there is no balance, what to do next, and a queue ticket for who wants to ask an officer. */
import { assign } from 'xstate';
import { queueTicket } from './receipt.ts';
import { defect, session, waitForNobody, waitForTouch } from './setup.ts';

/** After a screen that explains why there is no balance. */
const understood = {
  target: '#returning',
  actions: session.assign({ ending: { screen: 'take-card', why: 'refused' } }),
};

export const explain = {
  notLinked: session.createStateConfig({
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
  }),

  sorry: session.createStateConfig({
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
  }),

  issuingTicket: session.createStateConfig({
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
  }),
};
