/**
 * The wire format of an ESC/POS receipt printer: laid-out lines -> bytes (by node-thermal-printer), the requests of the
 * driver, and what the printer answers. Pure. Bits and fixed bits as in the Epson and Citizen command references.
 */
import { BreakLine, PrinterTypes, ThermalPrinter } from 'node-thermal-printer';
import type { Decoder } from '../transport/line.ts';
import type { PrinterStatus } from './contract.ts';
import { MAX_QR_BYTES, type Align, type LaidLine } from './layout.ts';

const ESC = 0x1b;
const GS = 0x1d;
const DLE = 0x10;

/** Answered at once, whatever the printer is doing (DLE EOT n). Never send it inside another command. */
export const realTimeStatus = (n: RealTimeStatusNumber): Uint8Array => Uint8Array.of(DLE, 0x04, n);
export type RealTimeStatusNumber = 1 | 2 | 3 | 4;

/** Answered in its turn (GS r 1), so the answer proves that everything sent before it has been done. */
export const ORDERED_STATUS = Uint8Array.of(GS, 0x72, 0x01);
/** Leave a cutter or mechanical error and throw away what was received (DLE ENQ 2); without such an error, nothing. */
export const RECOVER_AND_CLEAR = Uint8Array.of(DLE, 0x05, 0x02);
/** Throw away what was received and not printed, even when off-line (DLE DC4 8); answered by 37 25 00. */
export const CLEAR_BUFFERS = Uint8Array.of(DLE, 0x14, 0x08, 0x01, 0x03, 0x14, 0x01, 0x06, 0x02, 0x08);
/** Modes and the half-composed line are forgotten (ESC @). */
export const INITIALISE = Uint8Array.of(ESC, 0x40);
/** Feed to the cutter and cut, leaving a bridge of paper so that the ticket does not fall (GS V 66 n). */
export const FEED_AND_CUT = Uint8Array.of(GS, 0x56, 0x42, 0x00);

/**
 * The document in complete commands, so that a real-time request may go between any two elements: first the
 * initialisation, which prints nothing, then one element per line, last the cut.
 */
export function documentSegments(lines: readonly LaidLine[], columns: number): readonly Uint8Array[] {
  const printer = new ThermalPrinter({
    type: PrinterTypes.EPSON,
    // No interface: the library only composes. No character set here: it would stand before ESC @, which undoes it.
    interface: '',
    width: columns,
    breakLine: BreakLine.NONE,
  });
  const take = (): Uint8Array => {
    const bytes = printer.getBuffer();
    printer.clear();
    return bytes;
  };

  printer.append(Buffer.from(INITIALISE));
  printer.setCharacterSet('PC437_USA');
  // ESC R 0: the international set may be another one by a switch inside; then # $ @ [ \ ] { | } ~ differ.
  printer.append(Buffer.from([ESC, 0x52, 0x00]));
  const segments = [take()];

  const now: { align: Align; bold: boolean; large: boolean } = { align: 'left', bold: false, large: false };
  const align = (wanted: Align): void => {
    if (now.align === wanted) return;
    now.align = wanted;
    if (wanted === 'left') printer.alignLeft();
    else if (wanted === 'center') printer.alignCenter();
    else printer.alignRight();
  };
  const size = (large: boolean): void => {
    if (now.large !== large) printer.setTextSize(large ? 1 : 0, large ? 1 : 0);
    now.large = large;
  };
  for (const line of lines) {
    if (line.kind === 'text') {
      align(line.align);
      if (now.bold !== line.bold) printer.bold(line.bold);
      now.bold = line.bold;
      size(line.large);
      // As bytes: given a string the library looks for a code page by itself.
      printer.append(Buffer.from(line.text, 'latin1'));
      printer.newLine();
    } else if (line.kind === 'blank') {
      size(false);
      printer.newLine();
    } else {
      align('center');
      printer.append(qrCode(line.text, columns));
    }
    segments.push(take());
  }
  return [...segments, FEED_AND_CUT];
}

/** Most bytes (UTF-8) that versions 1, 2, 3... of a QR code hold at level M (ISO/IEC 18004, table 7). */
const QR_CAPACITY_M = [
  14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624, 666,
] as const;
const DOTS_PER_COLUMN = 12;

/** GS ( k, functions 165, 167, 169, 180, 181; composed here because the library counts characters, not bytes. */
function qrCode(text: string, columns: number): Buffer {
  const data = Buffer.from(text, 'utf8');
  if (data.length > MAX_QR_BYTES) throw new RangeError('the layout lets no QR code of this length through');
  const version = QR_CAPACITY_M.findIndex((capacity) => data.length <= capacity) + 1;
  const modulesAcross = 17 + 4 * version + 8;
  const dots = Math.min(6, Math.max(3, Math.floor((columns * DOTS_PER_COLUMN) / modulesAcross)));
  const command = (...parameters: readonly number[]): Buffer =>
    Buffer.from([GS, 0x28, 0x6b, parameters.length & 0xff, parameters.length >> 8, ...parameters]);
  return Buffer.concat([
    command(0x31, 0x41, 0x32, 0x00), // model 2
    command(0x31, 0x43, dots), // dots per module
    command(0x31, 0x45, 0x31), // correction M
    command(0x31, 0x50, 0x30, ...data), // store
    command(0x31, 0x51, 0x30), // print
  ]);
}

/** What the sensors say, whichever way they said it. */
export interface PrinterFacts {
  readonly offline: boolean;
  readonly coverOpen: boolean;
  readonly stoppedForPaper: boolean;
  readonly paperNearEnd: boolean;
  readonly paperEnd: boolean;
  readonly cutter: boolean;
  readonly mechanism: boolean;
  readonly fatal: boolean;
  /** Head too hot or voltage out of range: goes on by itself. */
  readonly recovering: boolean;
  readonly error: boolean;
}

/** The four answers to DLE EOT 1..4. Answers carry no number: ask one at a time. */
export function factsOfRealTime(one: number, two: number, three: number, four: number): PrinterFacts {
  return {
    offline: (one & 0x08) !== 0,
    coverOpen: (two & 0x04) !== 0,
    stoppedForPaper: (two & 0x20) !== 0,
    error: (two & 0x40) !== 0,
    mechanism: (three & 0x04) !== 0,
    cutter: (three & 0x08) !== 0,
    fatal: (three & 0x20) !== 0,
    recovering: (three & 0x40) !== 0,
    paperNearEnd: (four & 0x0c) !== 0,
    paperEnd: (four & 0x60) !== 0,
  };
}

/** The four bytes of automatic status (GS a). */
export function factsOfAutomatic(one: number, two: number, three: number): PrinterFacts {
  return {
    offline: (one & 0x08) !== 0,
    coverOpen: (one & 0x20) !== 0,
    stoppedForPaper: false,
    error: false,
    mechanism: (two & 0x04) !== 0,
    cutter: (two & 0x08) !== 0,
    fatal: (two & 0x20) !== 0,
    recovering: (two & 0x40) !== 0,
    paperNearEnd: (three & 0x03) !== 0,
    paperEnd: (three & 0x0c) !== 0,
  };
}

/** The one place where sensor bits become a status. The first that applies is what a person has to do first. */
export function statusOfFacts(facts: PrinterFacts): PrinterStatus {
  if (facts.fatal) return { state: 'fault', fault: 'hardware' };
  if (facts.coverOpen) return { state: 'fault', fault: 'cover-open' };
  if (facts.cutter) return { state: 'fault', fault: 'cutter' };
  if (facts.mechanism) return { state: 'fault', fault: 'jam' };
  if (facts.paperEnd || facts.stoppedForPaper) return { state: 'fault', fault: 'paper-out' };
  if (facts.recovering) return { state: 'fault', fault: 'overheated' };
  if (facts.error) return { state: 'fault', fault: 'hardware' };
  if (facts.offline) return { state: 'fault', fault: 'offline' };
  return { state: 'ready', paper: facts.paperNearEnd ? 'low' : 'ok' };
}

export type PrinterToken =
  | { readonly kind: 'real-time'; readonly byte: number }
  | { readonly kind: 'ordered'; readonly byte: number }
  | { readonly kind: 'automatic'; readonly facts: PrinterFacts }
  | { readonly kind: 'cleared' };

/** Bits 0 and 1, and bits 2 and 3, are pairs in the answer to GS r 1: anything else is noise. */
const ORDERED_ANSWERS: readonly number[] = [0x00, 0x03, 0x0c, 0x0f];

/** Reads the token that these bytes are; `more` while they may become one, `none` when they cannot. */
function readToken([first = 0, ...rest]: readonly number[]): PrinterToken | 'more' | 'none' {
  if ((first & 0x93) === 0x12) return { kind: 'real-time', byte: first };
  if (first === 0x37) {
    if (rest.some((byte, index) => byte !== [0x25, 0x00][index])) return 'none';
    return rest.length < 2 ? 'more' : { kind: 'cleared' };
  }
  if ((first & 0x93) === 0x10) {
    if (rest.some((byte) => (byte & 0x90) !== 0)) return 'none';
    const [second = 0, third = 0] = rest;
    return rest.length < 3 ? 'more' : { kind: 'automatic', facts: factsOfAutomatic(first, second, third) };
  }
  const ordered = (first & 0x90) === 0 && ORDERED_ANSWERS.includes(first & 0x0f);
  return ordered ? { kind: 'ordered', byte: first } : 'none';
}

/** Tells the printer's answers apart by their fixed bits; what fits none is skipped and counted. */
export function createPrinterDecoder(): Decoder<PrinterToken> {
  let held: number[] = [];
  let discarded = 0;

  /** One byte joins what is held. Bytes that cannot begin a token are dropped, and the rest is looked at again. */
  function accept(byte: number, tokens: PrinterToken[]): void {
    held.push(byte);
    while (held.length > 0) {
      const read = readToken(held);
      if (read === 'more') return;
      if (read === 'none') {
        const again = held.slice(1);
        discarded += 1;
        held = [];
        for (const later of again) accept(later, tokens);
      } else {
        tokens.push(read);
        held = [];
      }
    }
  }

  return {
    push(bytes) {
      const tokens: PrinterToken[] = [];
      for (const byte of bytes) accept(byte, tokens);
      return tokens;
    },
    expire() {
      discarded += held.length;
      held = [];
    },
    get midFrame() {
      return held.length > 0;
    },
    get discarded() {
      return discarded;
    },
  };
}
