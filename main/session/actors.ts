/** What the session machine asks of devices, host and journal: each of its actors, with every expected failure as a value. */
import { fromCallback, fromPromise } from 'xstate';
import type { CardReader, TrackProblem } from '../../devices/card-reader/contract.ts';
import type { PinPad } from '../../devices/pin-pad/contract.ts';
import type { Receipt, ReceiptPrinter } from '../../devices/receipt-printer/contract.ts';
import type { Clock } from '../../protocol/clock.ts';
import type { LinkFailure } from '../../protocol/link/contract.ts';
import type { Link } from '../../protocol/link/link.ts';
import type { Membership } from '../../protocol/profile/contract.ts';
import { buildInquiry, readInquiryReply, type TerminalIdentity } from '../../protocol/profile/inquiry.ts';
import type { HostProfile } from '../../protocol/profile/profile.ts';
import type { CardProblem } from '../contract.ts';
import { localTime } from '../format.ts';
import type { Journal } from '../journal/journal.ts';
import { readCard } from './card.ts';
import type {
  Accepted,
  InquiryFailure,
  Inquired,
  Moved,
  PinBlocked,
  PinEntered,
  Printed,
  Read,
  Retained,
  SessionEvent,
  Ticketed,
} from './context.ts';
import { receiptFault } from './context.ts';
import type { ReceiptTerminal } from './receipt.ts';
import type { TicketCounter } from './tickets.ts';

export interface SessionParts {
  readonly clock: Clock;
  readonly reader: CardReader;
  readonly pad: PinPad;
  readonly printer: ReceiptPrinter;
  readonly link: Link;
  readonly profile: HostProfile;
  readonly identity: TerminalIdentity;
  readonly terminal: ReceiptTerminal;
  readonly journal: Journal;
  readonly tickets: TicketCounter;
  /** For measuring: the host's share of an inquiry, in milliseconds. */
  readonly onHostTime?: ((ms: number) => void) | undefined;
}

/** Reading a stripe once more often helps: the reader moves the card past its head again. */
const READ_TRIES = 2;
/** Pages of memberships fetched for one inquiry, nine each. */
const PAGES = 3;

const TRACK_PROBLEM: Readonly<Record<TrackProblem, CardProblem>> = {
  // Nothing where the stripe should be: most likely the card's other side.
  blank: 'wrong-way',
  // Something is written there: the right side, but damaged. A card the wrong way round is not let in at all.
  'start-sentinel': 'stripe',
  'end-sentinel': 'stripe',
  parity: 'stripe',
  lrc: 'stripe',
  jitter: 'stripe',
  unreadable: 'stripe',
};

const LINK_FAILURE: Readonly<Record<LinkFailure['code'], InquiryFailure>> = {
  'not-in-service': 'not-in-service',
  'no-answer': 'no-answer',
  lost: 'host-lost',
  cancelled: 'cancelled',
  'queue-full': 'not-in-service',
  unpackable: 'system',
  'mac-wrong': 'system',
  unreadable: 'system',
  security: 'pin-pad',
};

async function read(reader: CardReader): Promise<Read> {
  let problem: CardProblem = 'stripe';
  for (let attempt = 0; attempt < READ_TRIES; attempt += 1) {
    const track = await reader.readTrack2();
    if (!track.ok) {
      if (track.error.code === 'pulled-out' || track.error.code === 'no-card')
        return { kind: 'unreadable', problem: 'pulled-out' };
      if (track.error.code === 'card-too-long' || track.error.code === 'card-too-short')
        return { kind: 'unreadable', problem: 'not-accepted' };
      return { kind: 'failed', code: track.error.code };
    }
    if (track.value.ok) {
      const reading = readCard(track.value.data);
      return reading.ok ? { kind: 'card', card: reading.card } : { kind: 'unreadable', problem: reading.problem };
    }
    problem = TRACK_PROBLEM[track.value.problem];
  }
  return { kind: 'unreadable', problem };
}

type InquiryInput = { readonly track2: string; readonly pinBlock: string; readonly language: 'id' | 'en' };

async function inquire(parts: SessionParts, input: InquiryInput, signal: AbortSignal): Promise<Inquired> {
  const memberships: Membership[] = [];
  let page: string | undefined;
  for (let count = 0; ; count += 1) {
    const request = buildInquiry(parts.profile, parts.identity, {
      product: 'JHTBAL',
      language: input.language,
      track2: input.track2,
      pinBlock: input.pinBlock,
      entry: 'stripe',
      ...(page === undefined ? {} : { page }),
    });
    const exchange = await parts.link.request(request, signal);
    if (!exchange.ok) {
      const failure = LINK_FAILURE[exchange.error.code];
      parts.journal.append({ event: 'inquiry-failed', fields: { failure: exchange.error.code } });
      return { kind: 'failed', failure, reference: '' };
    }
    const { reply, stan, rrn, hostMs } = exchange.value;
    parts.onHostTime?.(hostMs);
    const understood = readInquiryReply(parts.profile, reply);
    if (!understood.ok) {
      parts.journal.append({ event: 'inquiry-failed', fields: { failure: understood.error.code } });
      return { kind: 'failed', failure: 'system', reference: rrn };
    }
    const { value } = understood;
    parts.journal.append({
      event: 'inquiry-answered',
      fields: {
        code: value.responseCode,
        meaning: value.meaning,
        known: value.known ? 'yes' : 'no',
        stan,
        rrn,
        memberships: String(value.memberships.length),
      },
    });
    memberships.push(...value.memberships);
    page = value.nextPage;
    if (page === undefined || count + 1 >= PAGES || value.meaning !== 'approved') {
      return {
        kind: 'answered',
        reply: value,
        answer: {
          memberships,
          more: page !== undefined,
          stan,
          rrn,
          at: parts.clock.now(),
          ...(value.asOf === undefined ? {} : { asOf: value.asOf }),
        },
      };
    }
  }
}

/** While a customer's PIN block is in use, the link changes no keys. */
export interface PinKeyHold {
  /** Settles when no key change is under way. */
  take(): Promise<void>;
  release(): void;
}

export function createPinKeyHold(link: Pick<Link, 'hold'>): PinKeyHold {
  let hold: ReturnType<Link['hold']> | undefined;
  return {
    take() {
      hold ??= link.hold();
      return hold.ready;
    },
    release() {
      hold?.release();
      hold = undefined;
    },
  };
}

/** The implementations that sessionMachine.provide() takes. Signals abort when the machine leaves the state. */
export function createActors(parts: SessionParts, pinKeys: PinKeyHold) {
  const { clock, reader, pad, printer, journal } = parts;
  return {
    acceptCard: fromPromise<Accepted, undefined>(async ({ signal }) => {
      const accepted = await reader.acceptCard(signal);
      if (!accepted.ok) return { kind: 'failed', code: accepted.error.code };
      return { kind: 'inserted', reference: journal.beginSession() };
    }),

    readCard: fromPromise<Read, undefined>(() => read(reader)),

    resetReader: fromPromise<Moved, undefined>(async () => {
      const reset = await reader.reset('hold');
      if (!reset.ok) return { kind: 'failed', code: reset.error.code };
      return reset.value === 'none' ? { kind: 'no-card' } : { kind: 'done' };
    }),

    enterPin: fromPromise<PinEntered, { readonly maxDigits: number; readonly pan: string }>(
      async ({ input, signal }) => {
        await pinKeys.take();
        const entered = await pad.enterPin(input.maxDigits, signal, input.pan);
        if (entered.ok) return { kind: 'entered', digits: entered.value.digits };
        return entered.error.code === 'cancelled'
          ? { kind: 'cancelled' }
          : { kind: 'failed', code: entered.error.code };
      },
    ),

    makePinBlock: fromPromise<PinBlocked, { readonly pan: string }>(async ({ input }) => {
      const block = await pad.pinBlock(input.pan);
      if (!block.ok) return { kind: 'failed', code: block.error.code };
      return { kind: 'block', block: Buffer.from(block.value).toString('hex').toUpperCase() };
    }),

    inquire: fromPromise<Inquired, InquiryInput>(({ input, signal }) => inquire(parts, input, signal)),

    ejectCard: fromPromise<Moved, undefined>(async () => {
      const ejected = await reader.eject();
      if (ejected.ok) return { kind: 'done' };
      return ejected.error.code === 'no-card' || ejected.error.code === 'pulled-out'
        ? { kind: 'no-card' }
        : { kind: 'failed', code: ejected.error.code };
    }),

    waitForRemoval: fromPromise<Moved, undefined>(async ({ signal }) => {
      const removed = await reader.waitForRemoval(signal);
      return removed.ok ? { kind: 'done' } : { kind: 'failed', code: removed.error.code };
    }),

    retainCard: fromPromise<Retained, undefined>(async () => {
      const retained = await reader.retain();
      return retained.ok ? { kind: 'done', at: clock.now() } : { kind: 'failed', code: retained.error.code };
    }),

    issueTicket: fromPromise<Ticketed, undefined>(() => {
      const at = clock.now();
      const number = parts.tickets.next(localTime(at, parts.terminal.timeZone, parts.terminal.zone).date);
      // Without storage there is no number that nobody else has; the time is the next best thing to wait by.
      return Promise.resolve({
        number: number.ok ? number.value : localTime(at, parts.terminal.timeZone, parts.terminal.zone).time.slice(0, 5),
        at,
      });
    }),

    print: fromPromise<Printed, { readonly receipt: Receipt }>(async ({ input, signal }) => {
      const printed = await printer.print(input.receipt, signal);
      if (printed.ok) return { kind: 'done' };
      return { kind: 'failed', fault: receiptFault(printed.error.code), printed: printed.error.printed };
    }),

    ticker: fromCallback<SessionEvent>(({ sendBack }) => {
      let timer: unknown;
      const tick = (): void => {
        timer = clock.setTimeout(() => {
          tick();
          sendBack({ type: 'tick' });
        }, 1_000);
      };
      tick();
      return () => {
        clock.clearTimeout(timer);
      };
    }),
  };
}
