/** What the customer sees, from where the session is: a pure function of the machine's state and context. */
import { receiptText } from '../../devices/receipt-printer/layout.ts';
import type { Membership } from '../../protocol/profile/contract.ts';
import type {
  MembershipChoice,
  MembershipView,
  OutOfServiceReason,
  ReceiptAvailability,
  Screen,
  View,
} from '../contract.ts';
import type { Context } from './context.ts';
import { mediaOf } from './context.ts';
import { urgencyOf } from './farewell.ts';
import { maskKpj, maskName } from './mask.ts';

/** `visit.asking.working` and the like: the path of the flow region. */
export type FlowPath = readonly string[];

/** XState's nested value as a path. */
export function pathOf(value: unknown): FlowPath {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  const [entry] = Object.entries(value);
  return entry === undefined ? [] : [entry[0], ...pathOf(entry[1])];
}

/** The QR code's text is as narrow as the smallest printer's. */
const QR_COLUMNS = 32;

function receiptAvailability(context: Context): ReceiptAvailability {
  if (context.printer.state !== 'ready') return 'unavailable';
  return context.printer.paper === 'low' ? 'low' : 'ready';
}

function outOfServiceReason(context: Context, starting: boolean): OutOfServiceReason {
  if (context.stopping) return 'stopping';
  if (context.defect) return 'fault';
  if (starting) return 'starting';
  if (context.cardStuck) return 'card-stuck';
  if (context.pad.state === 'fault' && (context.pad.fault === 'tampered' || context.pad.fault === 'removed'))
    return 'tampered';
  if (context.reader.state !== 'ready' || context.readerTrouble) return 'card-reader';
  if (context.pad.state !== 'ready') return 'pin-pad';
  if (!context.storageOk) return 'storage';
  return 'host';
}

function outOfService(context: Context, starting: boolean): Screen {
  const media = mediaOf(context.reader);
  const cardInside =
    media === 'inside' || media === 'takeout' || context.cardStuck || context.outcome === 'reader-lost';
  return { kind: 'out-of-service', reason: outOfServiceReason(context, starting), cardInside };
}

function choiceView(membership: Membership, index: number): MembershipChoice {
  return {
    index,
    kpj: maskKpj(membership.kpj),
    employer: membership.employer,
    status: membership.status,
    inJht: membership.balance !== undefined,
    ...(membership.lastContribution === undefined ? {} : { lastContribution: membership.lastContribution }),
  };
}

function membershipView(membership: Membership, revealed: boolean): MembershipView {
  const { balance, contributions, development } = membership;
  return {
    kpj: revealed ? membership.kpj : maskKpj(membership.kpj),
    name: revealed ? membership.name : maskName(membership.name),
    employer: membership.employer,
    segment: membership.segment,
    status: membership.status,
    programs: membership.programs,
    ...(balance === undefined
      ? {}
      : {
          jht: {
            balance,
            ...(contributions === undefined ? {} : { contributions }),
            ...(development === undefined ? {} : { development }),
          },
        }),
    ...(membership.lastContribution === undefined ? {} : { lastContribution: membership.lastContribution }),
    ...(membership.lastPayment === undefined ? {} : { lastPayment: membership.lastPayment }),
  };
}

function resultScreen(context: Context): Screen {
  const membership = context.answer?.memberships[context.chosen];
  if (context.answer === undefined || membership === undefined) throw new Error('a result without a membership');
  return {
    kind: 'result',
    membership: membershipView(membership, context.revealed),
    revealed: context.revealed,
    canChooseAnother: context.answer.memberships.length > 1,
    ...(context.answer.asOf === undefined ? {} : { asOf: context.answer.asOf }),
  };
}

function returningScreen(context: Context): Screen {
  const call = {
    secondsLeft: context.secondsLeft,
    ofSeconds: Math.ceil(context.delays.takeCard / 1000),
    urgency: urgencyOf(context),
  };
  return context.ending.screen === 'card-unreadable'
    ? { kind: 'card-unreadable', problem: context.ending.problem, ...call }
    : { kind: 'take-card', why: context.ending.why, receiptFollows: context.papers.length > 0, ...call };
}

const STAGES = { sent: 'sent', working: 'working', stillWorking: 'still-working' } as const;

const pinScreen = (context: Context): Screen => ({
  kind: 'pin',
  digits: context.digits,
  minDigits: context.pinLength.min,
  maxDigits: context.pinLength.max,
  ...(context.tooShort ? { problem: 'too-short' as const } : {}),
});

const qrScreen = (context: Context): Screen => ({
  kind: 'receipt-qr',
  text: context.qr === undefined ? '' : receiptText(context.qr, QR_COLUMNS),
});

/** One row for each state of the flow; `inner` is the state within it. */
const SCREENS: Readonly<Record<string, (context: Context, inner: string | undefined) => Screen>> = {
  starting: (context) => outOfService(context, true),
  outOfService: (context) => outOfService(context, false),
  cardLeftInside: returningScreen,
  idle: (context) => ({
    kind: 'idle',
    receipt: receiptAvailability(context),
    ...(context.turnTheCard ? { hint: 'turn-the-card' as const } : {}),
  }),
  'visit.reading': () => ({ kind: 'card-entering' }),
  'visit.pin': pinScreen,
  'visit.makingPinBlock': pinScreen,
  'visit.menu': () => ({ kind: 'menu' }),
  'visit.asking': (_, inner) => ({ kind: 'asking-host', stage: STAGES[inner as keyof typeof STAGES] }),
  'visit.pinWrong': (context) => ({ kind: 'pin-wrong', lastTry: context.wrongPins >= 2 }),
  'visit.choose': (context) => ({
    kind: 'choose-membership',
    memberships: (context.answer?.memberships ?? []).map(choiceView),
    more: context.answer?.more ?? false,
  }),
  'visit.result': resultScreen,
  'visit.notLinked': notLinkedScreen,
  'visit.receiptChoice': (context) => ({ kind: 'receipt-choice', receipt: receiptAvailability(context) }),
  'visit.receiptQr': qrScreen,
  'visit.somethingElse': () => ({ kind: 'something-else' }),
  'visit.sorry': sorryScreen,
  'visit.issuingTicket': (context) => (context.sorry === undefined ? notLinkedScreen(context) : sorryScreen(context)),
  returning: returningScreen,
  retaining: ({ retain }) => {
    if (retain === undefined) throw new Error('a card retained without a reason');
    return { kind: 'card-retained', ...retain };
  },
  afterCard: () => ({ kind: 'goodbye' }),
  printing: (context) => ({ kind: 'printing', what: context.papers[0]?.what ?? 'receipt' }),
  takeReceipt: (context) => ({ kind: 'take-receipt', what: context.papers[0]?.what ?? 'receipt' }),
  nextPaper: () => ({ kind: 'goodbye' }),
  receiptFailed: (context) => ({
    kind: 'receipt-failed',
    what: context.printFailure?.paper.what ?? 'receipt',
    fault: context.printFailure?.fault ?? 'unknown',
    printed: context.printFailure?.printed ?? 'nothing',
    qr: context.printFailure?.paper.what === 'receipt',
  }),
  receiptQrAfter: qrScreen,
  // Who tore the card out is told how it is done instead of thanked; there is nothing to wait for.
  goodbye: (context) =>
    context.ending.screen === 'card-unreadable' && context.ending.problem === 'pulled-out'
      ? { kind: 'card-unreadable', problem: 'pulled-out', secondsLeft: 0, ofSeconds: 0, urgency: 0 }
      : { kind: 'goodbye' },
};

function notLinkedScreen(context: Context): Screen {
  return { kind: 'not-linked', ticket: context.printer.state === 'ready' };
}

function sorryScreen(context: Context): Screen {
  return {
    kind: 'sorry',
    cause: context.sorry?.cause ?? 'system-error',
    reference: context.sorry?.reference ?? context.reference,
    ticket: context.printer.state === 'ready',
  };
}

/** The screen of a state; every state of the flow has one, and a test walks them all. */
export function screenOf(path: FlowPath, context: Context): Screen {
  const [outer = '', inner, innermost] = path;
  const draw = SCREENS[`${outer}.${inner ?? ''}`] ?? SCREENS[outer];
  if (draw === undefined) throw new Error(`no screen for the state ${path.join('.')}`);
  return draw(context, SCREENS[outer] === undefined ? innermost : inner);
}

/** The View without its step, which counts over time. */
export function viewOf(path: FlowPath, context: Context): Omit<View, 'step'> {
  return {
    language: context.language,
    terminal: {
      id: context.terminal.id,
      bank: context.terminal.bank,
      place: context.terminal.place,
      zone: context.terminal.zone,
      timeZone: context.terminal.timeZone,
      simulated: context.terminal.simulated,
      callCentre: context.terminal.callCentre,
    },
    screen: screenOf(path, context),
    ...(context.warningLeft === undefined
      ? {}
      : { warning: { secondsLeft: context.warningLeft, ofSeconds: context.warningOf } }),
  };
}
