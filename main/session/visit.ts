/**
 * A customer's visit: the states in which the terminal holds the card, and what ends it from any of them. The states
 * themselves stand in identify.ts, ask.ts, show.ts and explain.ts, in the order a customer meets them.
 */
import { assign } from 'xstate';
import { ask } from './ask.ts';
import { explain } from './explain.ts';
import { identify } from './identify.ts';
import { endAs, record, session } from './setup.ts';
import { finished, show } from './show.ts';

const cancelled = [
  record({ event: 'cancelled', fields: {} }),
  endAs({ screen: 'take-card', why: 'cancelled' }, 'cancelled'),
];
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
  states: { ...identify, ...ask, ...show, ...explain },
});
