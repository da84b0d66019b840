/**
 * The vocabulary of the session machine: its actors, guards and named delays. The machine decides and does no I/O:
 * devices, host and journal are provided to it (actors.ts), time is the actor system's clock.
 */
import { fromCallback, fromPromise, setup } from 'xstate';
import type { Receipt } from '../../devices/receipt-printer/contract.ts';
import type { JournalEntry } from '../journal/events.ts';
import type {
  Accepted,
  Context,
  Ending,
  Inquired,
  Moved,
  PinBlocked,
  PinEntered,
  Printed,
  Read,
  Retained,
  SessionEvent,
  SessionInput,
  Ticketed,
} from './context.ts';
import { mediaOf } from './context.ts';

/** An actor that nobody provided is a defect of the composition. */
function missing(): never {
  throw new Error('the session machine runs only with its actors and actions provided');
}

const actor = <Output, Input = undefined>() => fromPromise<Output, Input>(missing);

/** Every part that a session needs is there. The printer is not one: a receipt can be done without. */
function operational(context: Context): boolean {
  return (
    context.reader.state === 'ready' &&
    context.pad.state === 'ready' &&
    context.link === 'in-service' &&
    context.storageOk &&
    !context.stopping &&
    !context.defect &&
    !context.readerTrouble
  );
}

export const session = setup({
  types: {
    context: {} as Context,
    events: {} as SessionEvent,
    input: {} as SessionInput,
  },
  actors: {
    acceptCard: actor<Accepted>(),
    readCard: actor<Read>(),
    resetReader: actor<Moved>(),
    enterPin: actor<PinEntered, { readonly maxDigits: number; readonly pan: string }>(),
    makePinBlock: actor<PinBlocked, { readonly pan: string }>(),
    inquire: actor<Inquired, { readonly track2: string; readonly pinBlock: string; readonly language: 'id' | 'en' }>(),
    ejectCard: actor<Moved>(),
    waitForRemoval: actor<Moved>(),
    retainCard: actor<Retained>(),
    issueTicket: actor<Ticketed>(),
    print: actor<Printed, { readonly receipt: Receipt }>(),
    /** Sends `tick` each second. */
    ticker: fromCallback<SessionEvent>(missing),
  },
  actions: {
    /** To the journal. */
    record: missing as (args: unknown, entry: JournalEntry) => void,
  },
  guards: {
    operational: ({ context }) => operational(context),
    notOperational: ({ context }) => !operational(context),
    cardInReader: ({ context }) => {
      const media = mediaOf(context.reader);
      return context.reader.state === 'ready' && !context.readerTrouble && (media === 'inside' || media === 'takeout');
    },
    readerGone: ({ context }) => context.reader.state === 'absent',
    readerNeedsReset: ({ context }) => context.readerTrouble || context.reader.state === 'fault',
    storageBroken: ({ context }) => !context.storageOk,
    /** Not before the reader has said whether somebody's card is in it; it also shuts its entry when it starts. */
    mayStop: ({ context }) => context.stopping && context.reader.state !== 'unknown',
    printerReady: ({ context }) => context.printer.state === 'ready',
    /** While "still there?" is asked, Enter only says yes. */
    enterKey: ({ context, event }) =>
      event.type === 'key' && event.key === 'enter' && context.warningLeft === undefined,
    enterKeyWithPrinter: ({ context, event }) =>
      event.type === 'key' &&
      event.key === 'enter' &&
      context.warningLeft === undefined &&
      context.printer.state === 'ready',
    cancelKey: ({ event }) => event.type === 'key' && event.key === 'cancel',
    digitKey: ({ event }) => event.type === 'key' && event.key === 'digit',
    clearKey: ({ event }) => event.type === 'key' && event.key === 'clear',
    lastSecond: ({ context }) => context.secondsLeft <= 1,
    lastWarningSecond: ({ context }) => (context.warningLeft ?? 0) <= 1,
    papersWaiting: ({ context }) => context.papers.length > 0,
    several: ({ context }) => (context.answer?.memberships.length ?? 0) > 1,
    memberExists: ({ context, event }) =>
      event.type === 'choose-membership' && context.answer?.memberships[event.index] !== undefined,
    /** The card left the reader by hand while the terminal held it. */
    pulledOut: ({ context, event }) => {
      if (event.type !== 'reader' || mediaOf(event.status) !== 'none') return false;
      const before = mediaOf(context.reader);
      return before === 'inside' || before === 'takeout';
    },
  },
  delays: {
    touchScreen: ({ context }) => context.delays.touchScreen,
    pinEntry: ({ context }) => context.delays.pinEntry,
    takeReceipt: ({ context }) => context.delays.takeReceipt,
    pinWrongNotice: ({ context }) => context.delays.pinWrongNotice,
    goodbye: ({ context }) => context.delays.goodbye,
    cardRetained: ({ context }) => context.delays.cardRetained,
    progressShown: ({ context }) => context.delays.progressShown,
    stillWorking: ({ context }) => context.delays.stillWorking - context.delays.progressShown,
    /** Longest wait for the parts to report at start; afterwards the screen names what is missing. */
    startUp: 20_000,
    /** Between two attempts to reset a reader in trouble. */
    readerRecovery: 3_000,
    /** How long "turn the card" stays on the idle screen. */
    hint: 8_000,
  },
});

/** Starts the patience region's wait for the customer (patience.ts). */
export const waitForTouch = session.raise({ type: 'wait', for: 'touch' });
export const waitForPin = session.raise({ type: 'wait', for: 'pin' });
export const waitForNobody = session.raise({ type: 'wait', for: 'nobody' });

/** A journal entry as an action. */
export const record = (entry: JournalEntry) => ({ type: 'record', params: entry }) as const;

/** How the session ends: the screen that asks for the card, and the outcome for the journal. */
export const endAs = (ending: Ending, outcome: string) => session.assign({ ending, outcome });

/** An exception in an actor is a bug: the card goes back, and the terminal out of service until its restart. */
export const defect = (where: string) => ({
  target: '#returning',
  actions: [
    session.assign({ defect: true }),
    endAs({ screen: 'take-card', why: 'fault' }, 'defect'),
    record({ event: 'defect', fields: { where } }),
  ],
});
