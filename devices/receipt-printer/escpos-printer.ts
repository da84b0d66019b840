/**
 * The ESC/POS receipt printer driver: asks for status when idle, prints in pieces that it sees through, stops at the first
 * fault, and leaves nothing of a broken-off receipt for the next customer.
 *
 * A real-time answer (DLE EOT) overtakes what the printer has not done yet, so it only tells faults. That a piece is on
 * paper is told by an ordered request (GS r 1) sent after it: each piece is followed by one, and the next is not sent before
 * the answer. So at most one piece is ever inside the printer.
 */
import { abortAfter, type Clock } from '../clock.ts';
import { fail, ok, type Result } from '../result.ts';
import { createLine, type LineError, type LineStatistics } from '../transport/line.ts';
import type { OpenPipe } from '../transport/pipe.ts';
import type { PrinterFault, PrinterStatus, PrintError, Receipt, ReceiptPrinter } from './contract.ts';
import { INITIALISE, createPrinterDecoder, documentSegments, statusOfFacts, type PrinterToken } from './escpos.ts';
import { createPrinterExchange, type Failure, type PrinterWire } from './escpos-exchange.ts';
import { layOut } from './layout.ts';

export interface EscPosPrinterOptions {
  readonly open: OpenPipe;
  readonly clock: Clock;
  /** 32, 42 or 48 characters a line. */
  readonly columns: number;
  /** Between two rounds of status when idle. Default 1000 ms; a silent printer is noticed after this, 2 x `answerMs` and 200 ms. */
  readonly pollMs?: number;
  /** Longest wait for a real-time answer. Default 800 ms. */
  readonly answerMs?: number;
  /** Longest time for one piece of a receipt on a printer that is well, before it is asked anew. Default 3000 ms. */
  readonly askAgainMs?: number;
  /** Longest time for one receipt, waiting for its turn included. Default 30,000 ms. */
  readonly printMs?: number;
  /** Most bytes between two ordered requests. Default 512, about twelve lines. */
  readonly pieceBytes?: number;
}

export interface EscPosPrinter extends ReceiptPrinter {
  statistics(): LineStatistics;
}

/** Between two attempts to bring a printer with a cutter error back; each moves the cutter. */
const RECOVER_EVERY_MS = 10_000;
/** These leave the last ticket uncut or unsure, even when the printer says that it has done everything. */
const SPOILS_THE_END: ReadonlySet<PrinterFault> = new Set(['cutter', 'jam', 'hardware']);

export function createEscPosPrinter(options: EscPosPrinterOptions): EscPosPrinter {
  const { clock, columns } = options;
  const pollMs = options.pollMs ?? 1000;
  const printMs = options.printMs ?? 30_000;
  const pieceBytes = options.pieceBytes ?? 512;

  const listeners = new Set<(status: PrinterStatus) => void>();
  let status: PrinterStatus = { state: 'unknown' };
  /**
   * Something of a receipt may be inside the printer, or on paper and not cut. At first nobody knows: an earlier run may have
   * ended in the middle of one, which must not stand above the next customer's.
   */
  let unclean = true;
  let recoverAfter = 0;
  let pollTimer: unknown;
  let polling = false;
  let closing: Promise<void> | undefined;

  const line = createLine<PrinterToken>({
    open: options.open,
    clock,
    decoder: createPrinterDecoder,
    interByteMs: 100,
    // Automatic status comes from a printer that is set up for it by a switch. Other answers came too late.
    onUnsolicited(token) {
      if (token.kind === 'automatic') publish(statusOfFacts(token.facts));
    },
  });
  const talk = createPrinterExchange({
    clock,
    answerMs: options.answerMs ?? 800,
    askAgainMs: options.askAgainMs ?? 3000,
    publish,
  });

  function publish(next: PrinterStatus): void {
    if (closing || JSON.stringify(next) === JSON.stringify(status)) return;
    status = next;
    for (const listener of listeners) listener(status);
  }

  async function tidyUp(wire: PrinterWire): Promise<Result<undefined, Failure>> {
    const tidied = await talk.tidy(wire);
    if (tidied.ok) unclean = false;
    return tidied;
  }

  /** What stopped the cutter has been removed, perhaps: only having the printer try tells. */
  async function tryToRecover(wire: PrinterWire, fault: PrinterFault): Promise<void> {
    if ((fault !== 'cutter' && fault !== 'jam') || clock.now() < recoverAfter) return;
    recoverAfter = clock.now() + RECOVER_EVERY_MS;
    const cleared = await talk.clear(wire);
    if (cleared.ok) await talk.look(wire);
  }

  async function poll(): Promise<void> {
    if (polling || closing || line.state().state !== 'up') return;
    polling = true;
    clock.clearTimeout(pollTimer);
    const polled = await line.exchange<undefined, Failure>(async (wire) => {
      const seen = await talk.look(wire);
      if (!seen.ok) return seen;
      if (seen.value.state === 'fault') await tryToRecover(wire, seen.value.fault);
      else if (unclean) return tidyUp(wire);
      return ok();
    });
    polling = false;
    if (!polled.ok) afterFailure(polled.error);
    if (!closing && line.state().state === 'up') pollTimer = clock.setTimeout(() => void poll(), pollMs);
  }

  /** The line is there and the printer is not: a new connection is the only thing that may help. */
  function afterFailure(error: Failure): void {
    if (error.code === 'no-answer') line.reopen('the printer does not answer');
  }

  async function printSegments(
    wire: PrinterWire,
    segments: readonly Uint8Array[],
    onPaper: () => void,
  ): Promise<Result<undefined, Failure>> {
    const before = await talk.look(wire);
    if (!before.ok) return before;
    if (before.value.state === 'fault') return fail({ code: before.value.fault });
    if (unclean) {
      const tidied = await tidyUp(wire);
      if (!tidied.ok) return tidied;
    }
    // The first piece prints nothing, and shows that the printer does what it is told.
    const [initialisation = INITIALISE, ...printing] = segments;
    const pieces = [initialisation, ...inPieces(printing, pieceBytes)];
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) onPaper();
      const sent = await wire.send(piece);
      if (!sent.ok) return sent;
      const done = await talk.seeThrough(wire, { patient: true, twice: index === pieces.length - 1 });
      if (!done.ok) return done;
    }
    const after = await talk.look(wire);
    if (!after.ok) return after;
    // Paper that ends after the cut is the next receipt's trouble.
    const spoilt =
      after.value.state === 'fault' && SPOILS_THE_END.has(after.value.fault) ? after.value.fault : undefined;
    return spoilt === undefined ? ok() : fail({ code: spoilt });
  }

  /** Keeps in what may still come out, as far as the line allows; then takes up polling, which tidies when all is well. */
  async function stop(): Promise<void> {
    recoverAfter = clock.now() + RECOVER_EVERY_MS;
    const stopped = await line.exchange((wire) => talk.clear(wire));
    if (!stopped.ok) afterFailure(stopped.error);
    void poll();
  }

  async function print(receipt: Receipt, signal: AbortSignal): Promise<Result<undefined, PrintError>> {
    const laid = layOut(receipt, columns);
    if (!laid.ok) return fail({ code: 'too-long', printed: 'nothing' });
    const segments = documentSegments(laid.value, columns);
    let begun = false;
    let printed: PrintError['printed'] = 'nothing';
    const deadline = abortAfter(clock, printMs);
    const result = await line
      .exchange<undefined, Failure>(
        (wire) => {
          begun = true;
          return printSegments(wire, segments, () => {
            printed = 'part';
            unclean = true;
          });
        },
        AbortSignal.any([signal, deadline.signal]),
      )
      .finally(deadline.clear);
    if (result.ok) {
      unclean = false;
      return ok();
    }
    const lateCode = status.state === 'fault' ? status.fault : 'no-answer';
    const tooLate = result.error.code === 'cancelled' && !signal.aborted;
    const code = tooLate ? lateCode : printErrorCode(result.error.code);
    if (result.error.code === 'no-answer') afterFailure(result.error);
    else if (begun && (unclean || result.error.code === 'cancelled')) await stop();
    return fail({ code, printed });
  }

  line.onState((state) => {
    if (state.state === 'up') void poll();
    else if (state.state === 'down') publish({ state: 'absent', why: state.why });
  });

  async function closeNow(): Promise<void> {
    clock.clearTimeout(pollTimer);
    await line.close();
  }

  return {
    columns,
    status: () => status,
    onStatus(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    print,
    statistics: () => line.statistics(),
    close() {
      closing ??= closeNow();
      return closing;
    },
  };
}

/** A full queue means that the printer has not answered those before. */
function printErrorCode(code: PrinterFault | LineError['code']): PrintError['code'] {
  return code === 'queue-full' ? 'no-answer' : code;
}

/** Joins whole segments up to `most` bytes: a real-time request must never fall inside a command. */
function inPieces(segments: readonly Uint8Array[], most: number): readonly Uint8Array[] {
  const pieces: Uint8Array[][] = [];
  let size = Infinity;
  for (const segment of segments) {
    if (size + segment.length > most) {
      pieces.push([]);
      size = 0;
    }
    pieces.at(-1)?.push(segment);
    size += segment.length;
  }
  return pieces.map((piece) => Buffer.concat(piece));
}
