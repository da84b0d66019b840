/** The balance on the screen, the choice of a receipt, and whether there is something else. */
import type { Receipt } from '../../devices/receipt-printer/contract.ts';
import type { Context } from './context.ts';
import { maskKpj } from './mask.ts';
import { balanceReceipt } from './receipt.ts';
import { endAs, record, session, waitForNobody, waitForTouch } from './setup.ts';

export const finished = { target: '#returning', actions: endAs({ screen: 'take-card', why: 'finished' }, 'balance') };
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
export const show = {
  result: session.createStateConfig({
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
      key: { guard: 'enterKey', target: 'receiptChoice' },
    },
  }),

  receiptChoice: session.createStateConfig({
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
        { guard: 'enterKeyWithPrinter', target: 'somethingElse', actions: chosePaper },
        {
          guard: 'enterKey',
          target: 'somethingElse',
          actions: record({ event: 'receipt-chosen', fields: { choice: 'none' } }),
        },
      ],
    },
  }),

  receiptQr: session.createStateConfig({
    entry: waitForTouch,
    exit: [waitForNobody, session.assign({ qr: undefined })],
    on: {
      continue: 'somethingElse',
      key: { guard: 'enterKey', target: 'somethingElse' },
    },
  }),

  somethingElse: session.createStateConfig({
    entry: waitForTouch,
    exit: waitForNobody,
    on: {
      'another-service': 'menu',
      // Nothing is left to cancel: both keys mean no.
      key: [
        { guard: 'cancelKey', ...finished },
        { guard: 'enterKey', ...finished },
      ],
    },
  }),
};
