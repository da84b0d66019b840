/**
 * Reads ESC/POS as a printer does: bytes in any grouping -> what happens to the paper, in order. Pure: no time, no I/O.
 * Commands that draw nothing here (bit images, barcodes, page mode) are skipped at their right length and counted.
 * Real-time commands (DLE) are the business of whoever owns the line.
 */
import type { PaperLine, PaperRun, Ticket } from './contract.ts';
import { CODE_PAGES, CP437, DLE, ESC, FS, GS, commandSyntax, type CommandSyntax } from './escpos-commands.ts';

export type PaperEvent =
  | { readonly kind: 'line'; readonly line: PaperLine }
  | { readonly kind: 'cut'; readonly cut: 'full' | 'partial' }
  /** GS r n, in its turn. */
  | { readonly kind: 'status-wanted'; readonly what: 'paper' | 'drawer' }
  /** GS a n: the sensors to be reported by themselves; 0 none. */
  | { readonly kind: 'automatic-status'; readonly mask: number }
  /** GS I n. */
  | { readonly kind: 'identity-wanted'; readonly what: number };

export interface EscPosInterpreter {
  push(byte: number): readonly PaperEvent[];
  /** Forgets half a command and the line that is being composed (buffers cleared); modes stay. */
  clear(): void;
  /** Commands known but drawing nothing here, and bytes that begin no known command. */
  readonly skipped: number;
}

/** Dots of a character of font A and B; a line of n columns is 12 n dots. */
const FONT_A = 12;
const FONT_B = 9;
/** Dots of one line of text with its spacing, for feeds in dots. */
const LINE_DOTS = 30;
/** A QR code's data and nothing else is kept; the longest is 7089 digits. */
const MAX_ARGUMENTS = 7200;

type Align = PaperLine['align'];
const ALIGNMENTS: Readonly<Record<number, Align>> = {
  0: 'left',
  1: 'center',
  2: 'right',
  48: 'left',
  49: 'center',
  50: 'right',
};
type Style = Omit<PaperRun, 'text'>;
const PLAIN: Style = { bold: false, underline: false, inverse: false, width: 1, height: 1 };

type Action = (args: readonly number[]) => void;
interface Command {
  readonly syntax: CommandSyntax;
  readonly run: Action | undefined;
}

const FAMILIES: ReadonlySet<number> = new Set([DLE, ESC, FS, GS]);
/** NUL, FF, CR, CAN: nothing to be seen outside page mode. */
const SILENT: ReadonlySet<number> = new Set([0x00, 0x0c, 0x0d, 0x18]);

/** `columns`: characters of font A a line; longer text goes on on the next line, as on a real printer. */
export function createEscPosInterpreter(columns: number): EscPosInterpreter {
  let events: PaperEvent[] = [];
  let runs: PaperRun[] = [];
  let dotsUsed = 0;
  let style = PLAIN;
  let font = FONT_A;
  let align: Align = 'left';
  let page = CP437;
  let qr = { module: 3, data: new Uint8Array(0) };
  let skipped = 0;
  /** ESC, FS, GS or DLE has come, and not yet what it introduces. */
  let family: number | undefined;
  /** The command under way and its arguments; `count` runs on when the arguments are no longer kept. */
  let command: Command | undefined;
  let args: number[] = [];
  let count = 0;
  let length = 0;

  function printLine(): void {
    events.push({ kind: 'line', line: { kind: 'text', align, runs } });
    runs = [];
    dotsUsed = 0;
  }

  function flush(): void {
    if (runs.length > 0) printLine();
  }

  /** Prints what is composed, which feeds one line of the `lines`. */
  function feed(lines: number): void {
    if (lines === 0) flush();
    for (let n = 0; n < lines; n += 1) printLine();
  }

  function put(character: string): void {
    const dots = font * style.width;
    if (dotsUsed + dots > columns * FONT_A) printLine();
    dotsUsed += dots;
    const last = runs.at(-1);
    const same = last && (Object.keys(PLAIN) as (keyof Style)[]).every((key) => last[key] === style[key]);
    if (last && same) runs = [...runs.slice(0, -1), { ...last, text: last.text + character }];
    else runs.push({ text: character, ...style });
  }

  function reset(): void {
    runs = [];
    dotsUsed = 0;
    style = PLAIN;
    font = FONT_A;
    align = 'left';
    page = CP437;
    qr = { module: 3, data: new Uint8Array(0) };
  }

  function printMode(mode: number): void {
    font = (mode & 0x01) === 0 ? FONT_A : FONT_B;
    style = {
      ...style,
      bold: (mode & 0x08) !== 0,
      height: (mode & 0x10) === 0 ? 1 : 2,
      width: (mode & 0x20) === 0 ? 1 : 2,
      underline: (mode & 0x80) !== 0,
    };
  }

  function setAlign(n: number): void {
    // Only at the beginning of a line.
    if (runs.length === 0) align = ALIGNMENTS[n] ?? align;
  }

  function cut(cutting: 'full' | 'partial'): void {
    flush();
    events.push({ kind: 'cut', cut: cutting });
  }

  /** The next multiple of eight characters, as far as the line goes. */
  function tab(): void {
    const stop = (Math.floor(dotsUsed / (8 * font)) + 1) * 8 * font;
    const step = font * style.width;
    while (dotsUsed < stop && dotsUsed + step <= columns * FONT_A) put(' ');
  }

  /** GS ( letter pL pH data. Of these, k with cn 49 is the QR code: cn fn parameters. */
  function extended([letter, , , symbol, what, first = 0, ...data]: readonly number[]): void {
    if (letter !== 0x6b || symbol !== 0x31) {
      // Graphics, or another two-dimensional code that is printed now.
      if (letter === 0x4c || (letter === 0x6b && what === 0x51)) skipped += 1;
    } else if (what === 0x43) qr = { ...qr, module: Math.min(16, Math.max(1, first)) };
    else if (what === 0x50) qr = { ...qr, data: Uint8Array.from(data) };
    else if (what === 0x51 && qr.data.length > 0) {
      flush();
      const text = new TextDecoder().decode(qr.data);
      events.push({ kind: 'line', line: { kind: 'qr', align, module: qr.module, text } });
    }
  }

  /** GS r and its like count in digits as well: 1 and 49 are the same. */
  const digit = (n: number): number => n % 48;
  const ACTIONS: Readonly<Record<number, Readonly<Record<string, Action>>>> = {
    [ESC]: {
      '@': reset,
      '!': ([mode = 0]) => printMode(mode),
      E: ([n = 0]) => (style = { ...style, bold: (n & 1) === 1 }),
      G: ([n = 0]) => (style = { ...style, bold: (n & 1) === 1 }),
      '-': ([n = 0]) => (style = { ...style, underline: digit(n) === 1 || digit(n) === 2 }),
      M: ([n = 0]) => (font = digit(n) === 0 ? FONT_A : FONT_B),
      a: ([n = 0]) => setAlign(n),
      t: ([n = 0]) => (page = CODE_PAGES[n] ?? '\ufffd'.repeat(128)),
      d: ([n = 0]) => feed(n),
      J: ([n = 0]) => feed(Math.round(n / LINE_DOTS)),
      i: () => cut('partial'),
      m: () => cut('partial'),
    },
    [GS]: {
      '!': ([n = 0]) => (style = { ...style, width: ((n >> 4) & 7) + 1, height: (n & 7) + 1 }),
      B: ([n = 0]) => (style = { ...style, inverse: (n & 1) === 1 }),
      V: ([n = 0]) => cut([0, 48, 65, 97, 103].includes(n) ? 'full' : 'partial'),
      '(': extended,
      r: ([n = 0]) => events.push({ kind: 'status-wanted', what: digit(n) === 2 ? 'drawer' : 'paper' }),
      a: ([mask = 0]) => events.push({ kind: 'automatic-status', mask }),
      I: ([what = 0]) => events.push({ kind: 'identity-wanted', what }),
    },
  };

  function plainByte(byte: number): void {
    if (byte === 0x0a) printLine();
    else if (byte === 0x09) tab();
    else if (byte >= 0x80) put(page[byte - 0x80] ?? '\ufffd');
    else if (byte >= 0x20 && byte !== 0x7f) put(String.fromCharCode(byte));
    else if (FAMILIES.has(byte)) family = byte;
    else if (!SILENT.has(byte)) skipped += 1;
  }

  function begin(of: number, code: number): void {
    family = undefined;
    const syntax = commandSyntax(of, code);
    if (!syntax) {
      skipped += 1;
      return;
    }
    command = { syntax, run: ACTIONS[of]?.[String.fromCharCode(code)] };
    args = [];
    count = 0;
    finishWhenWhole(command);
  }

  function finishWhenWhole(current: Command): void {
    // Beyond what is kept, the length is known already, or it is garbage that has gone on for long enough.
    if (count <= MAX_ARGUMENTS) length = current.syntax.length(args);
    if (count < length) return;
    command = undefined;
    if (current.syntax.draws) skipped += 1;
    current.run?.(args);
  }

  return {
    push(byte) {
      events = [];
      if (command) {
        count += 1;
        if (count <= MAX_ARGUMENTS) args.push(byte);
        finishWhenWhole(command);
      } else if (family !== undefined) begin(family, byte);
      else plainByte(byte);
      return events;
    },
    clear() {
      family = undefined;
      command = undefined;
      runs = [];
      dotsUsed = 0;
    },
    get skipped() {
      return skipped;
    },
  };
}

export interface Interpretation {
  readonly tickets: readonly Ticket[];
  /** Printed after the last cut. */
  readonly current: readonly PaperLine[];
  readonly skipped: number;
}

/** A whole stream at once, on a printer where nothing goes wrong. */
export function interpretEscPos(bytes: Uint8Array, columns: number): Interpretation {
  const interpreter = createEscPosInterpreter(columns);
  const tickets: Ticket[] = [];
  let current: PaperLine[] = [];
  for (const byte of bytes) {
    for (const event of interpreter.push(byte)) {
      if (event.kind === 'line') current.push(event.line);
      if (event.kind !== 'cut') continue;
      tickets.push({ lines: current, cut: event.cut });
      current = [];
    }
  }
  return { tickets, current, skipped: interpreter.skipped };
}
