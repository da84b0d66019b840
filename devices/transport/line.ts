/**
 * Keeps the line to one device: opens it, notices its loss, opens it again, and lets one exchange at a time own it.
 * Drivers are written on this and never touch a port.
 */
import type { Clock } from '../clock.ts';
import { fail, ok, type Result } from '../result.ts';
import type { OpenPipe, Pipe, PipeError } from './pipe.ts';
import { createTurn, type Turn } from './turn.ts';

export interface LineError {
  readonly code: 'absent' | 'no-answer' | 'cancelled' | 'queue-full';
  readonly detail: string;
}

/** Turns bytes, in any grouping, into tokens (frames, control characters, key presses). Bounded; owns no port. */
export interface Decoder<Token> {
  push(bytes: Uint8Array): readonly Token[];
  /** The wait between two bytes ran out: drop the half frame. May tell of it in tokens, so that somebody asks again at once. */
  expire(): void | readonly Token[];
  /** A frame has begun and not ended. */
  readonly midFrame: boolean;
  /** Bytes skipped so far: noise, half frames, wrong check bytes. */
  readonly discarded: number;
}

/** What a conversation may do while it owns the line. */
export interface Wire<Token> {
  send(bytes: Uint8Array): Promise<Result<undefined, LineError>>;
  /** The next token that `accept` takes, or `no-answer` after `deadlineMs`. Others go to `onUnsolicited`. */
  next<T extends Token>(deadlineMs: number, accept: (token: Token) => token is T): Promise<Result<T, LineError>>;
  /** Settles after `ms`, or at once when the line is lost or the conversation aborted. */
  pause(ms: number): Promise<Result<undefined, LineError>>;
  readonly signal: AbortSignal;
}

export type LineState =
  | { readonly state: 'opening' }
  | { readonly state: 'up' }
  | { readonly state: 'down'; readonly why: string };

export interface LineStatistics {
  readonly exchanges: number;
  readonly reconnects: number;
  readonly discardedBytes: number;
  readonly errors: Readonly<Record<string, number>>;
}

export interface Line<Token> {
  state(): LineState;
  onState(listener: (state: LineState) => void): () => void;
  /**
   * Queues the conversation (at most `queueLimit` wait), runs it alone, and always settles: `absent` when there is no line or
   * it is lost, `cancelled` when the signal aborts. Anything the conversation throws is a bug and rejects.
   */
  exchange<T, E>(
    conversation: (wire: Wire<Token>) => Promise<Result<T, E | LineError>>,
    signal?: AbortSignal,
  ): Promise<Result<T, E | LineError>>;
  /** The device stays silent although the line is open: drop it and open it anew. */
  reopen(why: string): void;
  statistics(): LineStatistics;
  close(): Promise<void>;
}

export interface LineOptions<Token> {
  readonly open: OpenPipe;
  readonly clock: Clock;
  readonly decoder: () => Decoder<Token>;
  readonly onUnsolicited: (token: Token) => void;
  /** Longest wait between two bytes of one frame. */
  readonly interByteMs: number;
  /** Waits between attempts to open, in order; the last repeats. Default 250, 500, 1000, 2000 ms. */
  readonly reopenMs?: readonly number[];
  /** Default 16. */
  readonly queueLimit?: number;
  /** Longest wait for one write. Default 2000 ms. */
  readonly writeMs?: number;
}

const reopenDefaultMs = [250, 500, 1000, 2000] as const;
/** The transports settle an opening sooner; this guards against one that does not. */
const openDeadlineMs = 8000;
/** A conversation that goes on after its line was lost or it was aborted is abandoned after this. */
const abandonMs = 1000;
interface Connection<Token> {
  readonly pipe: Pipe;
  readonly decoder: Decoder<Token>;
  expiry: unknown;
}

interface Job {
  start(): void;
  fail(error: LineError): void;
}

/**
 * Opens at once and keeps on trying; the state is `opening` until the first attempt has settled, `down` between attempts.
 * Tokens that arrive while a conversation owns the line but does not wait are kept for its next `next`, in order; what it
 * never takes goes to `onUnsolicited` when it ends. A write that fails or is not done in time costs the line: half a
 * command must not be followed by another one.
 */
export function createLine<Token>(options: LineOptions<Token>): Line<Token> {
  const { clock, onUnsolicited } = options;
  const reopenMs = options.reopenMs ?? reopenDefaultMs;
  const queueLimit = options.queueLimit ?? 16;
  const writeMs = options.writeMs ?? 2000;

  const listeners = new Set<(state: LineState) => void>();
  const queue: Job[] = [];
  const errors: Record<string, number> = {};
  let state: LineState = { state: 'opening' };
  let connection: Connection<Token> | undefined;
  let turn: Turn<Token> | undefined;
  let reopenTimer: unknown;
  let failedAttempts = 0;
  let exchanges = 0;
  let openings = 0;
  let discardedBefore = 0;
  let closing: Promise<void> | undefined;

  function count(kind: string): void {
    errors[kind] = (errors[kind] ?? 0) + 1;
  }

  function setState(next: LineState): void {
    state = next;
    // The newest state, should a listener itself have changed it.
    for (const listener of listeners) listener(state);
  }

  function absent(): LineError {
    return { code: 'absent', detail: state.state === 'down' ? state.why : 'the line is not open yet' };
  }

  function connect(): void {
    let settled = false;
    const settle = (result: Result<Pipe, PipeError>): void => {
      clock.clearTimeout(deadline);
      if (!settled && !closing) opened(result);
      else if (result.ok) void result.value.close();
      settled = true;
    };
    const tooLong: PipeError = { code: 'timeout', detail: `not open after ${String(openDeadlineMs)} ms` };
    const deadline = clock.setTimeout(() => settle(fail(tooLong)), openDeadlineMs, 'peer');
    void options.open().then(settle);
  }

  function opened(result: Result<Pipe, PipeError>): void {
    if (!result.ok) {
      count(`open ${result.error.code}`);
      down(`${result.error.code}: ${result.error.detail}`);
      return;
    }
    const made: Connection<Token> = { pipe: result.value, decoder: options.decoder(), expiry: undefined };
    connection = made;
    failedAttempts = 0;
    openings += 1;
    setState({ state: 'up' });
    made.pipe.onLost((error) => {
      lose(made, `${error.code}: ${error.detail}`);
    });
    made.pipe.onData((bytes) => {
      if (connection === made) received(made, bytes);
    });
  }

  function lose(lost: Connection<Token>, why: string): void {
    if (connection !== lost) return;
    connection = undefined;
    clock.clearTimeout(lost.expiry);
    discardedBefore += lost.decoder.discarded;
    void lost.pipe.close();
    count('lost');
    down(why);
  }

  function down(why: string): void {
    const wait = reopenMs[Math.min(failedAttempts, reopenMs.length - 1)] ?? 2000;
    failedAttempts += 1;
    reopenTimer = clock.setTimeout(connect, wait);
    const changed = state.state !== 'down' || state.why !== why;
    state = { state: 'down', why };
    failAll({ code: 'absent', detail: why });
    if (changed) setState(state);
  }

  function failAll(error: LineError): void {
    for (const job of queue.splice(0)) job.fail(error);
    turn?.kill(error);
  }

  function received(from: Connection<Token>, bytes: Uint8Array): void {
    clock.clearTimeout(from.expiry);
    const tokens = from.decoder.push(bytes);
    const expire = (): void => (from.decoder.expire() ?? []).forEach(deliver);
    from.expiry = from.decoder.midFrame ? clock.setTimeout(expire, options.interByteMs, 'peer') : undefined;
    for (const token of tokens) deliver(token);
  }

  function deliver(token: Token): void {
    if (turn) turn.hear(token);
    else onUnsolicited(token);
  }

  function transmit(bytes: Uint8Array, written: () => void): () => void {
    const over = connection;
    if (!over) {
      turn?.kill(absent());
      return () => undefined;
    }
    const late = clock.setTimeout(() => lose(over, `not written after ${String(writeMs)} ms`), writeMs, 'peer');
    void over.pipe.write(bytes, writeMs).then((result) => {
      if (!result.ok) lose(over, `write ${result.error.code}: ${result.error.detail}`);
      written();
    });
    return () => clock.clearTimeout(late);
  }

  /** Runs the conversation; when its line is gone and it does not come back, answers for it and lets the line go on. */
  async function run<T, E>(
    mine: Turn<Token>,
    conversation: (wire: Wire<Token>) => Promise<Result<T, E | LineError>>,
  ): Promise<Result<T, E | LineError>> {
    let abandonTimer: unknown;
    let forget: () => void = () => undefined;
    const abandoned = new Promise<Result<T, E | LineError>>((resolve) => {
      forget = mine.onDeath((error) => {
        abandonTimer = clock.setTimeout(() => resolve(fail(error)), abandonMs, 'peer');
      });
    });
    try {
      // Lost or aborted between leaving the queue and now.
      if (mine.dead) return fail(mine.dead);
      return await Promise.race([conversation(mine.wire), abandoned]);
    } finally {
      forget();
      clock.clearTimeout(abandonTimer);
      turn = undefined;
      mine.finish();
      queue.shift()?.start();
    }
  }

  /** Settles when it is this turn's time (then it owns the line), or with the error that took it out of the queue. */
  function waitInQueue(mine: Turn<Token>): Promise<Result<undefined, LineError>> {
    return new Promise((resolve) => {
      const leave = (error: LineError): void => {
        const place = queue.indexOf(job);
        if (place >= 0) queue.splice(place, 1);
        resolve(fail(error));
      };
      const job: Job = {
        start() {
          stay();
          turn = mine;
          resolve(ok());
        },
        fail: (error) => mine.kill(error),
      };
      queue.push(job);
      const stay = mine.onDeath(leave);
    });
  }

  async function closeNow(): Promise<void> {
    clock.clearTimeout(reopenTimer);
    const last = connection;
    connection = undefined;
    clock.clearTimeout(last?.expiry);
    discardedBefore += last?.decoder.discarded ?? 0;
    state = { state: 'down', why: 'closed' };
    failAll({ code: 'absent', detail: 'closed' });
    setState(state);
    await last?.pipe.close();
  }

  connect();
  return {
    state: () => state,
    onState(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async exchange<T, E>(
      conversation: (wire: Wire<Token>) => Promise<Result<T, E | LineError>>,
      signal?: AbortSignal,
    ): Promise<Result<T, E | LineError>> {
      const aborted: LineError = { code: 'cancelled', detail: 'aborted by the caller' };
      if (signal?.aborted) return fail(aborted);
      if (state.state !== 'up') return fail(absent());
      const mine = createTurn({ clock, onUnsolicited, transmit });
      const onAbort = (): void => mine.kill(aborted);
      signal?.addEventListener('abort', onAbort, { once: true });
      try {
        if (turn) {
          if (queue.length >= queueLimit)
            return fail({ code: 'queue-full', detail: `${String(queueLimit)} wait already` });
          const queued = await waitInQueue(mine);
          if (!queued.ok) return queued;
        } else {
          turn = mine;
        }
        exchanges += 1;
        const result = await run(mine, conversation);
        if (!result.ok) count(codeOf(result.error));
        return result;
      } finally {
        signal?.removeEventListener('abort', onAbort);
      }
    },
    reopen(why) {
      if (connection) lose(connection, why);
    },
    statistics: () => ({
      exchanges,
      reconnects: Math.max(0, openings - 1),
      discardedBytes: discardedBefore + (connection?.decoder.discarded ?? 0),
      errors: { ...errors },
    }),
    close() {
      closing ??= closeNow();
      return closing;
    },
  };
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'other';
}
