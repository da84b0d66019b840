/**
 * Keeps the line to one device: opens it, notices its loss, opens it again, and lets one exchange at a time own it.
 * Drivers are written on this and never touch a port.
 */
import type { Clock } from '../clock.ts';
import type { Result } from '../result.ts';
import type { OpenPipe } from './pipe.ts';

export interface LineError {
  readonly code: 'absent' | 'no-answer' | 'cancelled' | 'queue-full';
  readonly detail: string;
}

/** Turns bytes, in any grouping, into tokens (frames, control characters, key presses). Bounded; owns no port. */
export interface Decoder<Token> {
  push(bytes: Uint8Array): readonly Token[];
  /** The wait between two bytes ran out: drop the half frame. */
  expire(): void;
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

export type LineState = { readonly state: 'opening' } | { readonly state: 'up' } | { readonly state: 'down'; readonly why: string };

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
