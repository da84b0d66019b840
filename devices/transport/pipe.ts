/** A byte pipe to a device: a serial line or a TCP connection to a serial device server, of equal standing. */
import type { Result } from '../result.ts';

export type LineAddress =
  | {
      readonly kind: 'serial';
      /** e.g. /dev/ttyUSB0, COM3, or the slave end of a pty. */
      readonly path: string;
      readonly baudRate: number;
      readonly dataBits: 7 | 8;
      readonly parity: 'none' | 'even' | 'odd';
      readonly stopBits: 1 | 2;
    }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

export interface PipeError {
  /** not-found: no such device; busy: somebody else has it; refused: nobody listens; lost: it was there and went. */
  readonly code: 'not-found' | 'busy' | 'denied' | 'refused' | 'timeout' | 'lost' | 'closed';
  /** For the technician; never holds what was sent. */
  readonly detail: string;
}

export interface Pipe {
  /** Settles when the bytes are handed to the operating system, or after `deadlineMs` with `timeout`. */
  write(bytes: Uint8Array, deadlineMs: number): Promise<Result<undefined, PipeError>>;
  /** One listener for the pipe's life: bytes as they arrive, in any grouping. */
  onData(listener: (bytes: Uint8Array) => void): void;
  /** Called once, when the pipe is gone for whatever reason but our own `close`. */
  onLost(listener: (error: PipeError) => void): void;
  /** Idempotent; settles within a second. */
  close(): Promise<void>;
}

/** Opens one pipe; each connection is a new object. */
export type OpenPipe = () => Promise<Result<Pipe, PipeError>>;
