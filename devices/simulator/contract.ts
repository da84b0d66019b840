/** What a simulated device shows and what a person can do to it: the verbs of the physical world. */

/** Where the simulated card is. `mouth`: offered, not drawn in. `takeout`: held out to the customer. */
export type CardPlace = 'none' | 'mouth' | 'inside' | 'takeout' | 'stuck' | 'retained';

export interface CardReaderSimulatorState {
  readonly plugged: boolean;
  readonly place: CardPlace;
  /** What the card in the slot is called by whoever put it in (a persona's name), never its number. */
  readonly label?: string;
  /** The entry light: the reader accepts a card now. */
  readonly accepting: boolean;
  readonly jammed: boolean;
  readonly retained: number;
}

/** A card as the simulated slot gets it. Track data without sentinels and LRC; the simulator adds what the stripe holds. */
export interface SimulatedCard {
  readonly label: string;
  readonly track1?: string;
  readonly track2?: string;
  readonly flaw: 'none' | 'wrong-way' | 'unreadable' | 'bad-lrc' | 'no-stripe';
}

/** Verbs never fail silently: false means that the physical world did not allow it (no card to take, slot occupied). */
export interface CardReaderSimulatorVerbs {
  insert(card: SimulatedCard): boolean;
  take(): boolean;
  /** Tears the card out while the reader holds it. */
  pullOut(): boolean;
  jam(): void;
  clearJam(): void;
  emptyBin(): void;
}

export interface PinPadSimulatorState {
  readonly plugged: boolean;
  /** PIN entry is open: keys are masked and counted. */
  readonly entering: boolean;
  readonly digits: number;
  readonly tampered: boolean;
  /** Names of the keys that are loaded, with their check values: e.g. PIN 08D7B4. */
  readonly keys: readonly { readonly name: string; readonly checkValue: string }[];
}

export type SimulatedPadKey = '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | 'enter' | 'cancel' | 'clear';

export interface PinPadSimulatorVerbs {
  press(key: SimulatedPadKey): void;
  tamper(): void;
  /** A service visit: the tamper state is cleared and the master key loaded again. */
  repair(): void;
}

/** One run of text in one style, as an ESC/POS printer would put it on paper. */
export interface PaperRun {
  readonly text: string;
  readonly bold: boolean;
  readonly underline: boolean;
  readonly inverse: boolean;
  /** Magnification 1..8. */
  readonly width: number;
  readonly height: number;
}

export type PaperLine =
  | { readonly kind: 'text'; readonly align: 'left' | 'center' | 'right'; readonly runs: readonly PaperRun[] }
  | {
      readonly kind: 'qr';
      readonly align: 'left' | 'center' | 'right';
      /** Dots per module. */
      readonly module: number;
      readonly text: string;
    };

export interface Ticket {
  readonly lines: readonly PaperLine[];
  readonly cut: 'full' | 'partial' | 'none';
}

export interface PaperState {
  readonly plugged: boolean;
  readonly columns: number;
  readonly paper: 'ok' | 'low' | 'out';
  readonly cover: 'closed' | 'open';
  readonly jammed: boolean;
  /** What hangs out of the printer now, oldest first; `tear` removes it. */
  readonly tickets: readonly Ticket[];
  /** Printed, not yet cut. */
  readonly current: readonly PaperLine[];
}

export interface PrinterSimulatorVerbs {
  /** Takes what hangs out; the text of it, or undefined when there is nothing to take. */
  tear(): string | undefined;
  paperLow(): void;
  /** `afterLines`: the roll ends once that many more lines are printed; 0 or absent: it has ended. */
  paperOut(afterLines?: number): void;
  loadPaper(): void;
  openCover(): void;
  closeCover(): void;
  jam(): void;
  clearJam(): void;
}

/** What every simulator offers around its verbs. */
export interface Simulator<State, Verbs> {
  readonly verbs: Verbs;
  state(): State;
  /** Called after every change of state. */
  onChange(listener: () => void): () => void;
  /** Bytes from the terminal. */
  receive(bytes: Uint8Array): void;
  /** Where its bytes to the terminal go; the line sets it when somebody connects, and takes it away when they leave. */
  attach(send: ((bytes: Uint8Array) => void) | undefined): void;
}
