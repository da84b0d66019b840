/** What the session machine remembers, and the events and results it is driven by. Plain data. */
import type { CardReaderStatus, Media } from '../../devices/card-reader/contract.ts';
import type { PadKeyEvent, PinPadStatus } from '../../devices/pin-pad/contract.ts';
import type { PrinterFault, PrinterStatus, Receipt } from '../../devices/receipt-printer/contract.ts';
import type { LinkState } from '../../protocol/link/contract.ts';
import type { InquiryReply, Membership } from '../../protocol/profile/contract.ts';
import type { Delays } from '../config.ts';
import type {
  Action,
  CardProblem,
  Language,
  PaperKind,
  ReceiptFault,
  RetainWhy,
  SorryCause,
  TakeCardWhy,
} from '../contract.ts';
import type { Card } from './card.ts';
import type { ReceiptTerminal } from './receipt.ts';

/** An approved inquiry, as long as the session lasts. Sensitive. */
export interface Answer {
  readonly memberships: readonly Membership[];
  readonly more: boolean;
  readonly asOf?: string;
  readonly stan: string;
  readonly rrn: string;
  /** Milliseconds since the epoch: the time on the receipt. */
  readonly at: number;
}

export interface Paper {
  readonly what: PaperKind;
  readonly receipt: Receipt;
}

/** How the card goes back, which decides the screen that asks for it. */
export type Ending =
  | { readonly screen: 'take-card'; readonly why: TakeCardWhy }
  | { readonly screen: 'card-unreadable'; readonly problem: CardProblem };

export interface Context {
  readonly delays: Delays;
  readonly terminal: ReceiptTerminal;
  readonly defaultLanguage: Language;
  readonly pinLength: { readonly min: number; readonly max: number };

  // The terminal, as its parts say it is.
  readonly reader: CardReaderStatus;
  readonly pad: PinPadStatus;
  readonly printer: PrinterStatus;
  readonly link: LinkState['state'];
  readonly storageOk: boolean;
  readonly stopping: boolean;
  /** An exception, which is a bug: the card went back, the terminal waits for its restart. */
  readonly defect: boolean;
  /** The reader failed in a way its status does not show: reset it before another card. */
  readonly readerTrouble: boolean;
  readonly cardStuck: boolean;
  readonly turnTheCard: boolean;

  readonly language: Language;
  /** What this session is found by in the journal; shown where the host gave no number of its own. */
  readonly reference: string;

  // The session's personal data; wiped when the card goes back.
  readonly card?: Card | undefined;
  readonly pinBlock?: string | undefined;
  readonly digits: number;
  readonly tooShort: boolean;
  readonly wrongPins: number;
  readonly answer?: Answer | undefined;
  readonly chosen: number;
  readonly revealed: boolean;
  readonly sorry?: { readonly cause: SorryCause; readonly reference: string } | undefined;

  // What is left to do after the card: masked, and gone at goodbye.
  readonly qr?: Receipt | undefined;
  readonly ending: Ending;
  readonly retain?:
    | { readonly why: RetainWhy; readonly reference: string; readonly slip: 'printing' | 'printed' | 'failed' }
    | undefined;
  readonly papers: readonly Paper[];
  readonly printFailure?:
    | { readonly paper: Paper; readonly fault: ReceiptFault; readonly printed: 'nothing' | 'part' }
    | undefined;
  readonly outcome: string;

  readonly secondsLeft: number;
  /** Seconds of "still there?" left; absent when nobody is being asked. */
  readonly warningLeft?: number | undefined;
  readonly warningOf: number;
}

type ActionEvent = {
  [K in Action['kind']]: { readonly type: K } & Omit<Extract<Action, { kind: K }>, 'kind'>;
}[Action['kind']];

export type SessionEvent =
  | ActionEvent
  | { readonly type: 'reader'; readonly status: CardReaderStatus }
  | { readonly type: 'refused-at-mouth' }
  | { readonly type: 'pad'; readonly status: PinPadStatus }
  | { readonly type: 'key'; readonly key: PadKeyEvent }
  | { readonly type: 'printer'; readonly status: PrinterStatus }
  | { readonly type: 'link'; readonly state: LinkState['state'] }
  | { readonly type: 'storage'; readonly ok: boolean }
  | { readonly type: 'stop' }
  // Between the machine's own regions.
  | { readonly type: 'tick' }
  | { readonly type: 'wait'; readonly for: 'touch' | 'pin' | 'nobody' }
  | { readonly type: 'timed-out' };

// What the actors answer: every expected end is a value.
export type Accepted =
  | { readonly kind: 'inserted'; readonly reference: string }
  | { readonly kind: 'failed'; readonly code: string };
export type Read =
  | { readonly kind: 'card'; readonly card: Card }
  | { readonly kind: 'unreadable'; readonly problem: CardProblem }
  | { readonly kind: 'failed'; readonly code: string };
export type PinEntered =
  | { readonly kind: 'entered'; readonly digits: number }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly code: string };
export type PinBlocked =
  | { readonly kind: 'block'; readonly block: string }
  | { readonly kind: 'failed'; readonly code: string };
export type InquiryFailure = 'no-answer' | 'host-lost' | 'not-in-service' | 'system' | 'pin-pad' | 'cancelled';
export type Inquired =
  | { readonly kind: 'answered'; readonly reply: InquiryReply; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly failure: InquiryFailure; readonly reference: string };
export type Moved =
  | { readonly kind: 'done' }
  | { readonly kind: 'no-card' }
  | { readonly kind: 'failed'; readonly code: string };
export type Retained =
  | { readonly kind: 'done'; readonly at: number }
  | { readonly kind: 'failed'; readonly code: string };
export type Ticketed = { readonly number: string; readonly at: number };
export type Printed =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly fault: ReceiptFault; readonly printed: 'nothing' | 'part' };

const FAULTS: Readonly<Record<PrinterFault | 'absent' | 'no-answer' | 'cancelled' | 'too-long', ReceiptFault>> = {
  'paper-out': 'paper-out',
  'cover-open': 'cover-open',
  jam: 'jam',
  cutter: 'cutter',
  overheated: 'unknown',
  hardware: 'unknown',
  offline: 'offline',
  absent: 'offline',
  'no-answer': 'offline',
  cancelled: 'unknown',
  'too-long': 'unknown',
};

/** A printer's fault as the customer is told it. */
export function receiptFault(code: keyof typeof FAULTS): ReceiptFault {
  return FAULTS[code];
}

export function mediaOf(status: CardReaderStatus): Media {
  return status.state === 'ready' || status.state === 'fault' ? status.media : 'unknown';
}

/** The session's personal data, as nothing. */
export const WIPED = {
  card: undefined,
  pinBlock: undefined,
  digits: 0,
  tooShort: false,
  wrongPins: 0,
  answer: undefined,
  chosen: 0,
  revealed: false,
  sorry: undefined,
} as const satisfies Partial<Context>;

export interface SessionInput {
  readonly delays: Delays;
  readonly terminal: ReceiptTerminal;
  readonly language: Language;
  readonly pinLength: { readonly min: number; readonly max: number };
}

export function initialContext(options: SessionInput): Context {
  return {
    delays: options.delays,
    terminal: options.terminal,
    defaultLanguage: options.language,
    pinLength: options.pinLength,
    reader: { state: 'unknown' },
    pad: { state: 'unknown' },
    printer: { state: 'unknown' },
    link: 'connecting',
    storageOk: true,
    stopping: false,
    defect: false,
    readerTrouble: false,
    cardStuck: false,
    turnTheCard: false,
    language: options.language,
    reference: '',
    ...WIPED,
    ending: { screen: 'take-card', why: 'finished' },
    papers: [],
    outcome: 'none',
    secondsLeft: 0,
    warningOf: 0,
  };
}
