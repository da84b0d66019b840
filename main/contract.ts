/**
 * What the core and a user interface share: the one View to draw, the Actions a customer can take, and (in simulation
 * only) the workbench's view of the hardware and its verbs. Types and pure functions; no I/O, no state.
 *
 * Nothing here can carry a track, a PIN, a PIN block, a full card number, a key or a host message.
 */
import type { CardReaderSimulatorState, PaperState, PinPadSimulatorState } from '../devices/simulator/contract.ts';

export type Language = 'id' | 'en';

/** Indonesian time zones, as the customer knows them. */
export type Zone = 'WIB' | 'WITA' | 'WIT';

/** Everything the screen is drawn from. A user interface keeps nothing else. */
export interface View {
  /** Grows whenever the screen becomes another one; not when a countdown ticks. An Action quotes it. */
  readonly step: number;
  readonly language: Language;
  readonly terminal: {
    readonly id: string;
    readonly bank: string;
    readonly place: string;
    readonly zone: Zone;
    /** IANA name of `zone`, e.g. Asia/Jakarta. */
    readonly timeZone: string;
    /** True when devices and host are simulated: the screen then says CONTOH. */
    readonly simulated: boolean;
    /** Telephone of BPJS Ketenagakerjaan's call centre. */
    readonly callCentre: string;
  };
  readonly screen: Screen;
  /** "Still there?" over the screen, counting down. Any touch extends. */
  readonly warning?: { readonly secondsLeft: number; readonly ofSeconds: number };
}

export type Screen =
  | {
      readonly kind: 'out-of-service';
      readonly reason: OutOfServiceReason;
      /** A card could not be given back: its owner must know whom to call. */
      readonly cardInside: boolean;
    }
  | {
      readonly kind: 'idle';
      readonly receipt: ReceiptAvailability;
      /** The reader refused what was offered at its mouth: wrong way round, or no stripe. */
      readonly hint?: 'turn-the-card';
    }
  | { readonly kind: 'card-entering' }
  | {
      readonly kind: 'card-unreadable';
      readonly problem: CardProblem;
      readonly secondsLeft: number;
      /** The whole wait, of which `secondsLeft` are left. */
      readonly ofSeconds: number;
      readonly urgency: Urgency;
    }
  | {
      readonly kind: 'pin';
      /** How many digits the PIN pad has heard; never which. */
      readonly digits: number;
      readonly minDigits: number;
      readonly maxDigits: number;
      readonly problem?: 'too-short';
    }
  | { readonly kind: 'pin-wrong'; readonly lastTry: boolean }
  | { readonly kind: 'menu' }
  | {
      readonly kind: 'asking-host';
      /** sent: the first second; working: progress is shown; still-working: it takes long, cancel is offered. */
      readonly stage: 'sent' | 'working' | 'still-working';
    }
  | { readonly kind: 'choose-membership'; readonly memberships: readonly MembershipChoice[]; readonly more: boolean }
  | {
      readonly kind: 'result';
      readonly membership: MembershipView;
      /** YYYYMMDD: the day the figures are of; absent when the host did not say. */
      readonly asOf?: string;
      /** True while the customer presses "show": number and name are then in full. */
      readonly revealed: boolean;
      /** Several memberships are linked: the customer may look at another. */
      readonly canChooseAnother: boolean;
    }
  | {
      readonly kind: 'not-linked';
      /** A queue ticket can be had (the printer works). */
      readonly ticket: boolean;
    }
  | { readonly kind: 'receipt-choice'; readonly receipt: ReceiptAvailability }
  | {
      readonly kind: 'receipt-qr';
      /** The receipt's text, masked as on paper; the user interface draws it as a QR code. No link. */
      readonly text: string;
    }
  | { readonly kind: 'something-else' }
  | {
      readonly kind: 'take-card';
      readonly why: TakeCardWhy;
      readonly secondsLeft: number;
      readonly ofSeconds: number;
      readonly urgency: Urgency;
      readonly receiptFollows: boolean;
    }
  | {
      readonly kind: 'card-retained';
      readonly why: RetainWhy;
      readonly reference: string;
      readonly slip: 'printed' | 'failed' | 'printing';
    }
  | { readonly kind: 'printing'; readonly what: PaperKind }
  | { readonly kind: 'take-receipt'; readonly what: PaperKind }
  | {
      readonly kind: 'receipt-failed';
      readonly what: PaperKind;
      readonly fault: ReceiptFault;
      readonly printed: 'nothing' | 'part';
      readonly qr: boolean;
    }
  | { readonly kind: 'goodbye' }
  | {
      readonly kind: 'sorry';
      readonly cause: SorryCause;
      /** What the call centre or the bank can find it by: RRN, or the journal's number. */
      readonly reference: string;
      /** A queue ticket can be had (the printer works). */
      readonly ticket: boolean;
    };

export type ScreenKind = Screen['kind'];

export type OutOfServiceReason =
  | 'starting'
  | 'host'
  | 'card-reader'
  | 'pin-pad'
  | 'tampered'
  | 'card-stuck'
  | 'storage'
  | 'stopping'
  | 'fault';

/** Whether a paper receipt can be had now; `low` still prints. */
export type ReceiptAvailability = 'ready' | 'low' | 'unavailable';
export type ReceiptFault = 'paper-out' | 'cover-open' | 'jam' | 'cutter' | 'offline' | 'unknown';
export type PaperKind = 'receipt' | 'ticket';
/** stripe: it could not be read. not-debit: read, but not a card this terminal knows. invalid: check digit or content. */
export type CardProblem = 'stripe' | 'wrong-way' | 'not-accepted' | 'invalid' | 'pulled-out';
export type TakeCardWhy = 'finished' | 'cancelled' | 'timed-out' | 'pin-timed-out' | 'refused' | 'fault';
export type RetainWhy = 'host' | 'pin-tries' | 'not-taken';
/** How loudly the terminal asks for the card: 0 calm, 1 beep, 2 and 3 grow. */
export type Urgency = 0 | 1 | 2 | 3;

export type SorryCause =
  | 'host-unavailable'
  | 'host-silent'
  | 'system-error'
  | 'card-expired'
  | 'card-refused'
  | 'pin-tries'
  | 'device'
  | 'cancelled-by-host-loss';

export type MembershipStatus = 'active' | 'inactive' | 'claimed';
export type Segment = 'PU' | 'BPU' | 'JK' | 'PMI';
export type Program = 'JHT' | 'JKK' | 'JKM' | 'JP' | 'JKP';

export interface MembershipChoice {
  /** Place in the list, from 0; the Action quotes it. */
  readonly index: number;
  /** Masked, e.g. 1900•••••12. */
  readonly kpj: string;
  readonly employer: string;
  readonly status: MembershipStatus;
  readonly inJht: boolean;
  /** YYYYMM of the last contribution. */
  readonly lastContribution?: string;
}

export interface MembershipView {
  /** Masked unless revealed. */
  readonly kpj: string;
  /** Masked unless revealed. */
  readonly name: string;
  readonly employer: string;
  readonly segment: Segment;
  readonly status: MembershipStatus;
  readonly programs: readonly Program[];
  /** Absent when the member is not in the JHT program; never zero instead of absent. Amounts are sen (1/100 rupiah). */
  readonly jht?: { readonly balance: number; readonly contributions?: number; readonly development?: number };
  /** YYYYMM. */
  readonly lastContribution?: string;
  /** YYYYMMDD. */
  readonly lastPayment?: string;
}

/** What a customer can do on the touch screen. */
export type Action =
  | { readonly kind: 'language'; readonly language: Language }
  | { readonly kind: 'check-balance' }
  | { readonly kind: 'choose-membership'; readonly index: number }
  | { readonly kind: 'choose-another' }
  | { readonly kind: 'reveal' }
  | { readonly kind: 'conceal' }
  | { readonly kind: 'continue' }
  | { readonly kind: 'receipt'; readonly choice: 'paper' | 'qr' | 'none' }
  | { readonly kind: 'another-service' }
  | { readonly kind: 'finish' }
  | { readonly kind: 'retry' }
  | { readonly kind: 'queue-ticket' }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'still-here' };

export type ActionKind = Action['kind'];

/** An action with the step it was made on: a touch meant for the screen before is dropped. */
export interface ActionMessage {
  readonly step: number;
  readonly action: Action;
}

const PLAIN: ReadonlySet<string> = new Set<ActionKind>([
  'check-balance',
  'choose-another',
  'reveal',
  'conceal',
  'continue',
  'another-service',
  'finish',
  'retry',
  'queue-ticket',
  'cancel',
  'still-here',
]);

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseActionBody(value: unknown): Action | undefined {
  if (!isRecord(value) || typeof value['kind'] !== 'string') return undefined;
  const kind = value['kind'];
  if (PLAIN.has(kind)) return { kind } as Action;
  if (kind === 'language') {
    const language = value['language'];
    return language === 'id' || language === 'en' ? { kind, language } : undefined;
  }
  if (kind === 'choose-membership') {
    const index = value['index'];
    return typeof index === 'number' && Number.isInteger(index) && index >= 0 && index < 99
      ? { kind, index }
      : undefined;
  }
  if (kind === 'receipt') {
    const choice = value['choice'];
    return choice === 'paper' || choice === 'qr' || choice === 'none' ? { kind, choice } : undefined;
  }
  return undefined;
}

/** Reads what a user interface sent; undefined when it is not an action, with nothing taken over but known fields. */
export function parseAction(value: unknown): ActionMessage | undefined {
  if (!isRecord(value)) return undefined;
  const step = value['step'];
  const action = parseActionBody(value['action']);
  if (typeof step !== 'number' || !Number.isInteger(step) || step < 0 || action === undefined) return undefined;
  return { step, action };
}

// ---- The workbench: the simulated hardware as a person sees it. Simulation only. ----

export interface PersonaView {
  /** e.g. `normal`, `multi`: the name used on every command line. */
  readonly id: string;
  readonly name: string;
  /** One line, what this persona shows, per language. */
  readonly note: Readonly<Record<Language, string>>;
  /** ******1234 */
  readonly card: string;
}

export type HostBehaviour =
  | 'normal'
  | 'late'
  | 'never'
  | 'twice'
  | 'out-of-order'
  | 'garbled'
  | 'truncated'
  | 'bad-mac'
  | 'close-mid-message'
  | 'trickle';

export interface WorkbenchView {
  /** The kiosk's own address, to be shown in a frame; absent when the kiosk is another window. */
  readonly kioskUrl?: string;
  readonly personas: readonly PersonaView[];
  /** Every persona's PIN. */
  readonly pin: string;
  readonly reader: CardReaderSimulatorState;
  readonly pad: PinPadSimulatorState;
  readonly paper: PaperState;
  readonly host: {
    readonly running: boolean;
    readonly connections: number;
    readonly delayMs: number;
    readonly behaviour: HostBehaviour;
    /** Answer every inquiry with this DE39; absent = as the member is. */
    readonly responseCode?: string;
  };
  /** Newest last, masked; at most 200 lines. */
  readonly log: readonly {
    readonly at: number;
    readonly source: 'reader' | 'pad' | 'printer' | 'host';
    readonly text: string;
  }[];
}

export type CardFlaw = 'none' | 'wrong-way' | 'unreadable' | 'bad-lrc' | 'bad-luhn' | 'no-stripe';

export type WorkbenchVerb =
  | { readonly device: 'reader'; readonly verb: 'insert'; readonly persona: string; readonly flaw: CardFlaw }
  | {
      readonly device: 'reader';
      readonly verb: 'take' | 'pull-out' | 'jam' | 'clear-jam' | 'empty-bin' | 'plug' | 'unplug';
    }
  | { readonly device: 'pad'; readonly verb: 'press'; readonly key: PadKey }
  | { readonly device: 'pad'; readonly verb: 'tamper' | 'repair' | 'plug' | 'unplug' }
  | {
      readonly device: 'printer';
      readonly verb:
        | 'tear'
        | 'paper-low'
        | 'paper-out'
        | 'load-paper'
        | 'open-cover'
        | 'close-cover'
        | 'jam'
        | 'clear-jam'
        | 'plug'
        | 'unplug';
    }
  | { readonly device: 'host'; readonly verb: 'start' | 'stop' }
  | { readonly device: 'host'; readonly verb: 'delay'; readonly ms: number }
  | { readonly device: 'host'; readonly verb: 'behave'; readonly behaviour: HostBehaviour }
  | { readonly device: 'host'; readonly verb: 'answer'; readonly responseCode?: string };

export type PadKey = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | 'enter' | 'cancel' | 'clear';

// ---- How both sides write amounts, dates and times. ----

export { dateIn, formatRupiah, localTime, monthIn } from './format.ts';

export type { CardReaderSimulatorState, PaperState, PinPadSimulatorState } from '../devices/simulator/contract.ts';
export type { PaperLine, PaperRun, Ticket } from '../devices/simulator/contract.ts';
