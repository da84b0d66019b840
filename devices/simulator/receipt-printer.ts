/**
 * An ESC/POS receipt printer as the terminal's line sees it: paper, cover, cutter, a receive buffer that is worked off in
 * order, and real-time requests that are answered whatever else happens. Status bits as in Epson's ESC/POS reference.
 */
import type { Clock } from '../clock.ts';
import type { PaperLine, PaperState, PrinterSimulatorVerbs, Simulator, Ticket } from './contract.ts';
import { createEscPosInterpreter, type PaperEvent } from './escpos-interpreter.ts';
import { paperText } from './paper-text.ts';
import { createRealTimeScanner } from './escpos-real-time.ts';

export interface ReceiptPrinterSimulatorOptions {
  readonly clock: Clock;
  /** Characters of font A a line. Default 42. */
  readonly columns?: number;
  /** Receive buffer in bytes; what exceeds it is lost, as without flow control. Default 4096. */
  readonly bufferBytes?: number;
  /** Time for one printed line. Default 0: at once. A 150 mm/s printer takes 25. */
  readonly msPerLine?: number;
  /** Whether it knows DLE DC4 8 (clear buffers), which many models do not. Default true. */
  readonly clearsBuffers?: boolean;
  /** GS a mask it starts with, as a switch inside sets it. Default 0, no automatic status. */
  readonly automaticStatus?: number;
  /** For GS I 68. Default SIM00001. */
  readonly serial?: string;
}

/** What does not happen to paper but to electronics; for tests. */
export interface PrinterMisbehaviour {
  /** Power off or firmware hung: hears nothing, says nothing, prints nothing, until it is switched back. */
  silence(on: boolean): void;
  /** The next answer is lost on its way. */
  dropNextAnswer(): void;
  /** These bytes arrive at the terminal out of nowhere. */
  noise(bytes: Uint8Array): void;
  /** The head is too hot: printing pauses, and goes on by itself when it has cooled down. */
  overheat(on: boolean): void;
}

export interface ReceiptPrinterSimulator extends Simulator<PaperState, PrinterSimulatorVerbs & PrinterMisbehaviour> {
  /** Bytes lost because the receive buffer was full. */
  readonly overflowed: number;
  /** Commands that it does not draw or does not know. */
  readonly skipped: number;
}

/** What hangs out before the oldest falls down, and the longest piece of paper that is kept. */
const MAX_TICKETS = 20;
const MAX_LINES = 500;

/**
 * `jam()` wedges paper in the cutter: nobody notices before the next cut, which then fails. `clearJam()` takes the paper out;
 * the error stays until the printer is told to recover (DLE ENQ 1: cut again; DLE ENQ 2: forget) or the cover was opened.
 */
export function createReceiptPrinterSimulator(options: ReceiptPrinterSimulatorOptions): ReceiptPrinterSimulator {
  const { clock } = options;
  const columns = options.columns ?? 42;
  const bufferBytes = options.bufferBytes ?? 4096;
  const msPerLine = options.msPerLine ?? 0;
  const interpreter = createEscPosInterpreter(columns);
  const listeners = new Set<() => void>();

  let send: ((bytes: Uint8Array) => void) | undefined;
  let paper: PaperState['paper'] = 'ok';
  let linesLeft: number | undefined;
  let coverOpen = false;
  let jammed = false;
  let cutterError = false;
  let hot = false;
  let silent = false;
  let dropNext = false;
  let tickets: readonly Ticket[] = [];
  let current: readonly PaperLine[] = [];

  let received: number[] = [];
  let overflowed = 0;
  /** Decided by the interpreter, not yet done by the mechanism. */
  let todo: PaperEvent[] = [];
  let busy: unknown;
  let working = false;
  let automaticMask = options.automaticStatus ?? 0;
  let lastAutomatic = '';

  function answer(...bytes: readonly number[]): void {
    if (dropNext) dropNext = false;
    else if (!silent) send?.(Uint8Array.from(bytes));
  }

  const bit = (mask: number, on: boolean): number => (on ? mask : 0);
  const stopped = (): boolean => paper === 'out' || coverOpen || cutterError || hot;

  function realTimeStatus(n: number): number | undefined {
    const low = paper !== 'ok';
    const out = paper === 'out';
    const answers: Readonly<Record<number, number>> = {
      1: 0x12 | bit(0x08, stopped()),
      2: 0x12 | bit(0x04, coverOpen) | bit(0x20, out) | bit(0x40, cutterError || hot),
      3: 0x12 | bit(0x08, cutterError) | bit(0x40, hot),
      4: 0x12 | bit(0x0c, low) | bit(0x60, out),
    };
    return answers[n];
  }

  function automaticStatus(): readonly number[] {
    return [
      0x10 | bit(0x08, stopped()) | bit(0x20, coverOpen),
      bit(0x08, cutterError) | bit(0x40, hot),
      bit(0x03, paper !== 'ok') | bit(0x0c, paper === 'out'),
      0x00,
    ];
  }

  /** After anything that a sensor sees or a person sees. */
  function changed(): void {
    const status = automaticStatus();
    if (automaticMask !== 0 && status.join() !== lastAutomatic) answer(...status);
    lastAutomatic = status.join();
    for (const listener of listeners) listener();
  }

  /** After a change that may let the mechanism go on. */
  function changedAndOn(): void {
    changed();
    work();
  }

  function print(line: PaperLine): void {
    current = [...current, line].slice(-MAX_LINES);
    if (linesLeft !== undefined) {
      linesLeft -= 1;
      if (linesLeft <= 0) paper = 'out';
    }
    if (msPerLine > 0) busy = clock.setTimeout(rested, msPerLine);
    changed();
  }

  function rested(): void {
    busy = undefined;
    work();
  }

  /** False: the blade did not come through, and the cut is still to be done. */
  function cut(kind: 'full' | 'partial'): boolean {
    cutterError = jammed;
    // A strip with nothing on it is not kept.
    if (!jammed && current.length > 0) {
      tickets = [...tickets, { lines: current, cut: kind }].slice(-MAX_TICKETS);
      current = [];
    }
    changed();
    return !jammed;
  }

  function identity(what: number): readonly number[] {
    const names: Readonly<Record<number, string>> = {
      65: '1.00',
      66: 'ANJUNGAN',
      67: `SIM-${String(columns)}`,
      68: options.serial ?? 'SIM00001',
    };
    const name = names[what];
    return name === undefined ? [0x02] : [0x5f, ...Buffer.from(name, 'latin1'), 0x00];
  }

  function perform(event: PaperEvent): boolean {
    switch (event.kind) {
      case 'line':
        print(event.line);
        return true;
      case 'cut':
        return cut(event.cut);
      case 'status-wanted':
        answer(event.what === 'paper' ? bit(0x03, paper !== 'ok') : 0x00);
        return true;
      case 'automatic-status':
        automaticMask = event.mask;
        if (automaticMask !== 0) answer(...automaticStatus());
        return true;
      case 'identity-wanted':
        answer(...identity(event.what));
        return true;
    }
  }

  /** Works off what was received, until something stops the mechanism. */
  function work(): void {
    // Whoever hears of a change may bring about the next one.
    if (working) return;
    working = true;
    while (busy === undefined && !silent && !stopped()) {
      const [next] = todo;
      if (next) {
        // A cut that failed stays first: DLE ENQ 1 has it done again.
        if (perform(next)) todo = todo.slice(1);
        continue;
      }
      const byte = received.shift();
      if (byte === undefined) break;
      todo = [...interpreter.push(byte)];
    }
    working = false;
  }

  function clearBuffers(): void {
    received = [];
    todo = [];
    interpreter.clear();
  }

  /** The cutter goes home, which it cannot while something is wedged in it. */
  function recover(): void {
    if (!cutterError) return;
    cutterError = jammed;
    changedAndOn();
  }

  const realTime = createRealTimeScanner({
    status(n) {
      const status = realTimeStatus(n);
      if (status !== undefined) answer(status);
    },
    recover(clear) {
      // Without an error to recover from it is ignored.
      if (!cutterError) return;
      if (clear) clearBuffers();
      recover();
    },
    clear() {
      if (options.clearsBuffers === false) return;
      clearBuffers();
      recover();
      answer(0x37, 0x25, 0x00);
    },
  });

  const verbs: PrinterSimulatorVerbs & PrinterMisbehaviour = {
    tear() {
      if (tickets.length === 0) return undefined;
      const text = tickets.map((ticket) => paperText(ticket.lines, columns)).join('\n');
      tickets = [];
      changed();
      return text;
    },
    paperLow() {
      if (paper === 'ok') paper = 'low';
      changed();
    },
    paperOut(afterLines = 0) {
      linesLeft = Math.max(0, afterLines);
      paper = linesLeft === 0 ? 'out' : paper === 'out' ? 'low' : paper;
      changedAndOn();
    },
    loadPaper() {
      paper = 'ok';
      linesLeft = undefined;
      changedAndOn();
    },
    openCover() {
      coverOpen = true;
      changed();
    },
    closeCover() {
      coverOpen = false;
      cutterError = cutterError && jammed;
      changedAndOn();
    },
    jam() {
      jammed = true;
      changed();
    },
    clearJam() {
      jammed = false;
      changed();
    },
    silence(on) {
      silent = on;
      if (!on) work();
    },
    dropNextAnswer() {
      dropNext = true;
    },
    noise(bytes) {
      send?.(bytes);
    },
    overheat(on) {
      hot = on;
      changedAndOn();
    },
  };

  return {
    verbs,
    state: () => ({
      plugged: send !== undefined,
      columns,
      paper,
      cover: coverOpen ? 'open' : 'closed',
      jammed,
      tickets,
      current,
    }),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    receive(bytes) {
      if (silent) return;
      for (const byte of bytes) {
        for (const data of realTime.push(byte)) {
          if (received.length < bufferBytes) received.push(data);
          else overflowed += 1;
        }
      }
      work();
    },
    attach(to) {
      send = to;
      for (const listener of listeners) listener();
    },
    get overflowed() {
      return overflowed;
    },
    get skipped() {
      return interpreter.skipped;
    },
  };
}
