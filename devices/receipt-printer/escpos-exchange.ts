/**
 * What the driver says to an ESC/POS printer while it owns the line: look at the sensors, see a piece of a document through,
 * throw away what was not printed. Every function settles: each wait has a deadline and each repetition a limit.
 */
import type { Clock } from '../clock.ts';
import { fail, ok, type Result } from '../result.ts';
import type { LineError, Wire } from '../transport/line.ts';
import type { PrinterFault, PrinterStatus } from './contract.ts';
import {
  CLEAR_BUFFERS,
  FEED_AND_CUT,
  INITIALISE,
  ORDERED_STATUS,
  RECOVER_AND_CLEAR,
  factsOfRealTime,
  realTimeStatus,
  statusOfFacts,
  type PrinterToken,
  type RealTimeStatusNumber,
} from './escpos.ts';
import { MAX_QR_BYTES } from './layout.ts';

export type Failure = { readonly code: PrinterFault } | LineError;
export type PrinterWire = Wire<PrinterToken>;
type Done = Result<undefined, Failure>;

export interface PrinterExchange {
  /** All sensors, reduced and published. */
  look(wire: PrinterWire): Promise<Result<PrinterStatus, LineError>>;
  /**
   * Settles when the printer has done everything sent before. With `twice` it is asked two times: a stray byte that looks
   * like an answer, or an answer that came late, is then not taken for the proof. `patient`: a hot head, which pauses the
   * printing and goes on by itself, is no failure; somebody else limits the time.
   */
  seeThrough(wire: PrinterWire, how?: { readonly twice?: boolean; readonly patient?: boolean }): Promise<Done>;
  /** Throws away what waits inside the printer; works while it is off-line, on models where it works at all. */
  clear(wire: PrinterWire): Promise<Result<undefined, LineError>>;
  /**
   * After a print that broke off, on a printer that is well again: clears, and cuts off what is on paper together with what
   * may have come out of a buffer that could not be cleared. Prints nothing.
   */
  tidy(wire: PrinterWire): Promise<Done>;
}

/** Wait for an ordered answer before the sensors are looked at again. */
const LOOK_MS = 400;
const ASK_TIMES = 3;
/** Wait for the answer to CLEAR_BUFFERS, which many models do not know. */
const CLEARED_MS = 300;
/** Ends the longest command that an unplugged line may have cut in two; a printer that waits for none ignores it. */
const PADDING = new Uint8Array(MAX_QR_BYTES + 34);
/** Ordered answers that may come before the real-time one; more are noise. */
const SPARE_ANSWERS = 4;
/** After a lost answer the line is heard for so long before anything is asked again; at most so many answers are skipped. */
const DRAIN_MS = 200;
const LATE_ANSWERS = 8;

const isOrdered = (token: PrinterToken) => token.kind === 'ordered';
const isAnswer = (token: PrinterToken) => token.kind === 'ordered' || token.kind === 'real-time';
const isCleared = (token: PrinterToken) => token.kind === 'cleared';

export function createPrinterExchange(options: {
  readonly clock: Clock;
  /** Longest wait for a real-time answer. */
  readonly answerMs: number;
  /** Without an ordered answer for so long, from a printer that is well, the answer was lost: it is asked for again. */
  readonly askAgainMs: number;
  readonly publish: (status: PrinterStatus) => void;
}): PrinterExchange {
  const { clock, answerMs, askAgainMs, publish } = options;

  async function askOnce(
    wire: PrinterWire,
    n: RealTimeStatusNumber,
    onOrdered: () => void,
  ): Promise<Result<number, LineError>> {
    const sent = await wire.send(realTimeStatus(n));
    if (!sent.ok) return sent;
    for (let heardOthers = 0; heardOthers < SPARE_ANSWERS; heardOthers += 1) {
      const heard = await wire.next(answerMs, isAnswer);
      if (!heard.ok) return heard;
      if (heard.value.kind === 'real-time') return ok(heard.value.byte);
      onOrdered();
    }
    return fail({ code: 'no-answer', detail: `nothing but ordered answers to DLE EOT ${String(n)}` });
  }

  /** Answers carry no number, so one is asked at a time. */
  async function askAll(wire: PrinterWire, onOrdered: () => void): Promise<Result<PrinterStatus, LineError>> {
    const bytes: number[] = [];
    for (const n of [1, 2, 3, 4] as const) {
      const answer = await askOnce(wire, n, onOrdered);
      if (!answer.ok) return answer;
      bytes.push(answer.value);
    }
    const [one = 0, two = 0, three = 0, four = 0] = bytes;
    return ok(statusOfFacts(factsOfRealTime(one, two, three, four)));
  }

  /** Until nothing comes any more: a late answer must not be taken for that to the next request. */
  async function drain(wire: PrinterWire, onOrdered: () => void): Promise<Result<undefined, LineError>> {
    for (let late = 0; late < LATE_ANSWERS; late += 1) {
      const heard = await wire.next(DRAIN_MS, isAnswer);
      if (!heard.ok) return heard.error.code === 'no-answer' ? ok() : heard;
      if (heard.value.kind === 'ordered') onOrdered();
    }
    return ok();
  }

  /** One byte is easily lost, so a round that fails is done again, once. */
  async function lookWhile(wire: PrinterWire, onOrdered: () => void): Promise<Result<PrinterStatus, LineError>> {
    let seen = await askAll(wire, onOrdered);
    if (!seen.ok && seen.error.code === 'no-answer') {
      const quiet = await drain(wire, onOrdered);
      if (!quiet.ok) return quiet;
      seen = await askAll(wire, onOrdered);
    }
    if (seen.ok) publish(seen.value);
    return seen;
  }

  async function seeThrough(
    wire: PrinterWire,
    how: { readonly twice?: boolean; readonly patient?: boolean } = {},
  ): Promise<Done> {
    let missing = how.twice === true ? 2 : 1;
    let asked = 0;
    let askAt = clock.now();
    const onOrdered = (): void => {
      missing -= 1;
    };
    for (let ask = missing; missing > 0; ask = 1) {
      if (clock.now() >= askAt) {
        if (asked === ASK_TIMES) return fail({ code: 'no-answer', detail: 'no answer to GS r' });
        const sent = await wire.send(Buffer.concat(Array<Uint8Array>(ask).fill(ORDERED_STATUS)));
        if (!sent.ok) return sent;
        asked += 1;
        askAt = clock.now() + askAgainMs;
      }
      const heard = await wire.next(LOOK_MS, isOrdered);
      if (heard.ok) {
        onOrdered();
        continue;
      }
      if (heard.error.code !== 'no-answer') return heard;
      const seen = await lookWhile(wire, onOrdered);
      if (!seen.ok) return seen;
      if (seen.value.state !== 'fault' || missing <= 0) continue;
      if (seen.value.fault !== 'overheated' || how.patient !== true) return fail({ code: seen.value.fault });
      askAt = clock.now() + askAgainMs;
    }
    return ok();
  }

  async function clear(wire: PrinterWire): Promise<Result<undefined, LineError>> {
    for (const command of [RECOVER_AND_CLEAR, CLEAR_BUFFERS]) {
      const sent = await wire.send(command);
      if (!sent.ok) return sent;
    }
    const cleared = await wire.next(CLEARED_MS, isCleared);
    return cleared.ok || cleared.error.code === 'no-answer' ? ok() : cleared;
  }

  return {
    look: (wire) => lookWhile(wire, () => undefined),
    seeThrough,
    clear,
    async tidy(wire) {
      const cleared = await clear(wire);
      if (!cleared.ok) return cleared;
      const sent = await wire.send(Buffer.concat([PADDING, INITIALISE, FEED_AND_CUT]));
      return sent.ok ? seeThrough(wire, { twice: true }) : sent;
    },
  };
}
