/** What is wrong with a message: where, what should be there and what kind of thing is. Never what it holds. */
import type { Message } from './message.ts';

export type CodecErrorCode =
  /** The bytes end before the element does. */
  | 'truncated'
  /** Bytes are left after the last element. */
  | 'trailing'
  /** Longer than the profile lets any message be. */
  | 'too-long'
  /** A length that the element may not have, or a length prefix that is not digits. */
  | 'length'
  /** A character that the element's class does not have. */
  | 'class'
  /** The message type, or a bitmap, is not what it must be. */
  | 'mti'
  | 'bitmap'
  /** A bit is on for which the profile has no element. */
  | 'unknown-element'
  /** What is inside an element breaks a rule of its table. */
  | 'composite';

export interface CodecError {
  readonly code: CodecErrorCode;
  /** 0 is the message type, 1 the bitmaps. */
  readonly element?: number;
  /** `MTI`, `bitmap`, `DE35`, `DE48.MB[2].BL`. */
  readonly path: string;
  /** Unpacking: bytes from the start of the message. Packing: characters from the start of the value. */
  readonly offset?: number;
  readonly expected: string;
  readonly got: string;
}

export interface UnpackError extends CodecError {
  /** The elements read before the error. */
  readonly decoded: Message;
}

/** One line for a log: `DE35 at 74: expected digits and a separator (= or D), got a lower-case letter`. */
export function explain(error: CodecError): string {
  const where = error.offset === undefined ? error.path : `${error.path} at ${error.offset}`;
  return `${where}: expected ${error.expected}, got ${error.got}`;
}
