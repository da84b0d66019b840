/**
 * Where a message ends on a stream, as a profile describes it: a length in front of each, or a byte behind it; perhaps a
 * header of the network between the two. Takes bytes however they are cut, keeps at most one message, and refuses a length
 * that cannot be before waiting for its bytes.
 */
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import { checkHeader, headerBytes, headerInReply } from './frame-header.ts';
import type { FrameHeader } from './frame-header.ts';

interface FrameLimits {
  /** In front of every message, behind its length. Default none. */
  readonly header?: FrameHeader;
  /** Shortest message in bytes: what is shorter is no message but a stream that went out of step. Default 1. */
  readonly min?: number;
  /** Longest message in bytes, without length, header and terminator. Default 4096. */
  readonly max?: number;
}

export interface LengthFraming extends FrameLimits {
  /** The length as: binary, high byte first (`be`) or low byte first (`le`), or ASCII decimal digits. It counts the header. */
  readonly length: 'be' | 'le' | 'ascii';
  /** Bytes of the length: 2 or 4. */
  readonly bytes: 2 | 4;
  /** Whether the length counts itself. Default false. */
  readonly inclusive?: boolean;
}

/** No length: a byte ends the message that no message holds. For text only. */
export interface TerminatorFraming extends FrameLimits {
  readonly terminator: 0x03 | 0xff;
}

export type FramingSpec = LengthFraming | TerminatorFraming;

export interface FramingError {
  readonly code: 'length-not-digits' | 'length-too-small' | 'length-too-large' | 'header-wrong';
  readonly expected: string;
  readonly got: string;
  /** Whole messages that came before the error, in the same bytes. */
  readonly before: readonly Uint8Array[];
}

export interface Framer {
  /**
   * A body that is too long, too short or holds the terminator is a defect of the caller, and throws. Who speaks first sends
   * the profile's header; who was spoken to first answers with the header of the last message that came, turned round.
   */
  encode(body: Uint8Array): Uint8Array;
  /** The messages that are whole now. After an error the stream cannot be trusted: every later push fails alike. */
  push(bytes: Uint8Array): Result<readonly Uint8Array[], FramingError>;
  /** Bytes kept for a message that is not whole yet. */
  readonly pending: number;
}

type Wrong = Omit<FramingError, 'before'>;

/** Cuts a stream into frames: header and body, without length and terminator. */
interface Cutter {
  wrap(header: Uint8Array, body: Uint8Array): Uint8Array;
  /** Hands over each whole frame; what is wrong ends it for good. */
  push(bytes: Uint8Array, whole: (frame: Uint8Array) => Wrong | undefined): Wrong | undefined;
  readonly pending: number;
}

const MAX_BODY = 4096;

export function createFramer(spec: FramingSpec): Framer {
  const header = headerBytes(spec.header);
  const min = spec.min ?? 1;
  const max = spec.max ?? MAX_BODY;
  const limits = { min, max, extra: header.length };
  const cutter = 'terminator' in spec ? terminated(spec.terminator, limits) : counted(spec, limits);
  let spokeFirst: boolean | undefined;
  let received: Uint8Array | undefined;
  let broken: Wrong | undefined;

  return {
    get pending() {
      return broken === undefined ? cutter.pending : 0;
    },

    encode(body) {
      if (body.length > max || body.length < min) throw tooBig(body);
      spokeFirst ??= true;
      const answering = spec.header !== undefined && !spokeFirst && received !== undefined;
      return cutter.wrap(answering ? headerInReply(spec.header, received ?? header) : header, body);
    },

    push(bytes) {
      const whole: Uint8Array[] = [];
      if (bytes.length > 0) spokeFirst ??= false;
      broken ??= cutter.push(bytes, (frame) => {
        const wrong = checkHeader(spec.header, frame);
        if (wrong !== undefined) return { code: 'header-wrong', ...wrong };
        if (header.length > 0) received = Buffer.from(frame.subarray(0, header.length));
        whole.push(frame.subarray(header.length));
        return undefined;
      });
      return broken === undefined ? ok(whole) : fail({ ...broken, before: whole });
    },
  };
}

const tooBig = (body: Uint8Array): RangeError =>
  new RangeError(`a message of ${body.length} bytes does not fit its frame`);

interface Limits {
  readonly min: number;
  readonly max: number;
  /** Bytes of the header. */
  readonly extra: number;
}

const tooSmall = ({ min }: Limits, got: number): Wrong => ({
  code: 'length-too-small',
  expected: `at least ${min} bytes`,
  got: `${got}`,
});

const tooLarge = ({ max }: Limits, got: string): Wrong => ({
  code: 'length-too-large',
  expected: `at most ${max} bytes`,
  got,
});

function counted(spec: LengthFraming, limits: Limits): Cutter {
  const size = spec.bytes;
  const ascii = spec.length === 'ascii';
  const base = ascii ? 10 : 256;
  const greatest = base ** size - 1;
  const own = spec.inclusive === true ? size : 0;
  const prefix = new Uint8Array(size);
  let headed = 0;
  let frame: Uint8Array | undefined;
  let filled = 0;

  /** Bytes that follow, or what is wrong with them. */
  const readLength = (): number | Wrong => {
    let value = 0;
    for (let index = 0; index < size; index++) {
      const byte = prefix[spec.length === 'le' ? size - 1 - index : index] ?? 0;
      if (!ascii) value = value * 256 + byte;
      else if (byte >= 0x30 && byte <= 0x39) value = value * 10 + byte - 0x30;
      else return { code: 'length-not-digits', expected: `${size} digits`, got: 'another character' };
    }
    const length = value - own;
    const body = length - limits.extra;
    if (body < limits.min) return tooSmall(limits, body);
    return body > limits.max ? tooLarge(limits, `${body}`) : length;
  };

  return {
    get pending() {
      return headed + filled;
    },

    wrap(header, body) {
      const length = header.length + body.length + own;
      if (length > greatest) throw tooBig(body);
      const out = Buffer.allocUnsafe(size + header.length + body.length);
      let rest = length;
      for (let index = size - 1; index >= 0; index--) {
        const digit = rest % base;
        rest = (rest - digit) / base;
        out[spec.length === 'le' ? size - 1 - index : index] = ascii ? 0x30 + digit : digit;
      }
      if (header.length > 0) out.set(header, size);
      out.set(body, size + header.length);
      return out;
    },

    push(bytes, whole) {
      let at = 0;
      while (at < bytes.length) {
        if (frame === undefined) {
          while (headed < size && at < bytes.length) prefix[headed++] = bytes[at++] ?? 0;
          if (headed < size) return undefined;
          const length = readLength();
          if (typeof length !== 'number') return length;
          frame = Buffer.allocUnsafe(length);
          filled = 0;
        }
        const take = Math.min(frame.length - filled, bytes.length - at);
        frame.set(bytes.subarray(at, at + take), filled);
        filled += take;
        at += take;
        if (filled < frame.length) return undefined;
        const done = frame;
        frame = undefined;
        headed = 0;
        filled = 0;
        const wrong = whole(done);
        if (wrong !== undefined) return wrong;
      }
      return undefined;
    },
  };
}

const FIRST_BYTES = 512;

function terminated(terminator: number, limits: Limits): Cutter {
  const greatest = limits.extra + limits.max;
  let kept = Buffer.alloc(0);
  let filled = 0;

  const keep = (bytes: Uint8Array): void => {
    if (filled + bytes.length > kept.length) {
      const grown = Buffer.allocUnsafe(Math.min(greatest, Math.max(FIRST_BYTES, 2 * (filled + bytes.length))));
      kept.copy(grown, 0, 0, filled);
      kept = grown;
    }
    kept.set(bytes, filled);
    filled += bytes.length;
  };

  return {
    get pending() {
      return filled;
    },

    wrap(header, body) {
      if (body.includes(terminator)) throw new RangeError('a message holds the byte that would end it');
      return Buffer.concat([header, body, Uint8Array.of(terminator)]);
    },

    push(bytes, whole) {
      let at = 0;
      while (at < bytes.length) {
        const end = bytes.indexOf(terminator, at);
        const stop = end < 0 ? bytes.length : end;
        // Its end is not here yet, and it is too long already.
        if (filled + stop - at > greatest) return tooLarge(limits, 'more');
        keep(bytes.subarray(at, stop));
        if (end < 0) return undefined;
        at = end + 1;
        const body = filled - limits.extra;
        if (body < limits.min) return tooSmall(limits, body);
        const frame = Buffer.from(kept.subarray(0, filled));
        filled = 0;
        const wrong = whole(frame);
        if (wrong !== undefined) return wrong;
      }
      return undefined;
    },
  };
}
