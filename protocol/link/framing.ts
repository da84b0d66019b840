/**
 * Where a message ends on a stream: a length in front of each, as a profile describes it. Takes bytes however they are
 * cut, keeps at most one message, and refuses a length that cannot be before waiting for its bytes.
 */
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';

export interface FramingSpec {
  /** The length as: binary, high byte first (`be`) or low byte first (`le`), or ASCII decimal digits. */
  readonly length: 'be' | 'le' | 'ascii';
  /** Bytes of the length: 2 or 4. */
  readonly bytes: 2 | 4;
  /** Whether the length counts itself. Default false. */
  readonly inclusive?: boolean;
  /** Shortest message in bytes: what is shorter is no message but a stream that went out of step. Default 1. */
  readonly min?: number;
  /** Longest message in bytes, without the length. Default 4096. */
  readonly max?: number;
}

export interface FramingError {
  readonly code: 'length-not-digits' | 'length-too-small' | 'length-too-large';
  readonly expected: string;
  readonly got: string;
  /** Whole messages that came before the error, in the same bytes. */
  readonly before: readonly Uint8Array[];
}

export interface Framer {
  /** A body longer than `max` is a defect of the caller, and throws. */
  encode(body: Uint8Array): Uint8Array;
  /** The messages that are whole now. After an error the stream cannot be trusted: every later push fails alike. */
  push(bytes: Uint8Array): Result<readonly Uint8Array[], FramingError>;
  /** Bytes kept for a message that is not whole yet. */
  readonly pending: number;
}

const MAX_BODY = 4096;

export function createFramer(spec: FramingSpec): Framer {
  const size = spec.bytes;
  const own = spec.inclusive === true ? size : 0;
  const max = spec.max ?? MAX_BODY;
  const min = spec.min ?? 1;
  const limit = spec.length === 'ascii' ? 10 ** size - 1 : 256 ** size - 1;
  const header = new Uint8Array(size);
  let headed = 0;
  let body: Uint8Array | undefined;
  let filled = 0;
  let broken: Omit<FramingError, 'before'> | undefined;

  /** Length of the body, or what is wrong with it. */
  const readLength = (): number | Omit<FramingError, 'before'> => {
    let value = 0;
    for (let index = 0; index < size; index++) {
      const byte = header[spec.length === 'le' ? size - 1 - index : index] ?? 0;
      if (spec.length !== 'ascii') value = value * 256 + byte;
      else if (byte >= 0x30 && byte <= 0x39) value = value * 10 + byte - 0x30;
      else return { code: 'length-not-digits', expected: `${size} digits`, got: 'another character' };
    }
    value -= own;
    if (value < min) return { code: 'length-too-small', expected: `at least ${min} bytes`, got: `${value}` };
    if (value > max) return { code: 'length-too-large', expected: `at most ${max} bytes`, got: `${value}` };
    return value;
  };

  return {
    get pending() {
      return headed + filled;
    },

    encode(message) {
      const length = message.length + own;
      if (message.length > max || message.length < min || length > limit) {
        throw new RangeError(`a message of ${message.length} bytes does not fit its frame`);
      }
      const out = Buffer.allocUnsafe(size + message.length);
      let rest = length;
      const base = spec.length === 'ascii' ? 10 : 256;
      for (let index = size - 1; index >= 0; index--) {
        const digit = rest % base;
        rest = (rest - digit) / base;
        out[spec.length === 'le' ? size - 1 - index : index] = spec.length === 'ascii' ? 0x30 + digit : digit;
      }
      out.set(message, size);
      return out;
    },

    push(bytes) {
      const whole: Uint8Array[] = [];
      let at = 0;
      while (broken === undefined && at < bytes.length) {
        if (body === undefined) {
          while (headed < size && at < bytes.length) header[headed++] = bytes[at++] ?? 0;
          if (headed < size) break;
          const length = readLength();
          if (typeof length !== 'number') {
            broken = length;
            headed = 0;
            break;
          }
          body = Buffer.allocUnsafe(length);
          filled = 0;
        }
        const take = Math.min(body.length - filled, bytes.length - at);
        body.set(bytes.subarray(at, at + take), filled);
        filled += take;
        at += take;
        if (filled === body.length) {
          whole.push(body);
          body = undefined;
          headed = 0;
          filled = 0;
        }
      }
      return broken === undefined ? ok(whole) : fail({ ...broken, before: whole });
    },
  };
}
