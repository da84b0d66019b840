/**
 * One command and its answer. The protocol has no sequence numbers, so after anything went wrong a late answer could pass
 * for the answer to the next command: then information is asked for first, and everything before its answer, which no
 * other looks like, is thrown away (the pad answers in order).
 *
 * Every command here may be sent again when its answer was lost: loading the same key, starting an entry, a setting and a
 * MAC step come to the same; a PIN block that was lost is answered with "no PIN" the second time.
 */
import { fail, ok, type Result } from '../result.ts';
import type { LineError, Wire } from '../transport/line.ts';
import type { PinPadError } from './contract.ts';
import { answerShapes, hex2, refusal, type PadStatusRow } from './zt598-commands.ts';
import { encodeFrame, type PadToken } from './zt598-frame.ts';

type Answer = Extract<PadToken, { kind: 'answer' }>;
type Reply = Extract<PadToken, { kind: 'answer' | 'garbled' }>;

export type PadFailure = PinPadError | LineError;

export interface PadTalk {
  /** The data of the answer, which has the shape; or the refusal. `text` is Latin-1 or bytes. */
  ask(
    wire: Wire<PadToken>,
    text: string | Uint8Array,
    shape: RegExp,
    patience?: PadPatience,
  ): Promise<Result<string, PadFailure>>;
  /** An answer may still be under way for which nobody waits any more. */
  distrust(): void;
}

export interface PadPatience {
  /** Longest wait for one answer, the time on the line not counted. */
  readonly answerMs: number;
  readonly tries: number;
}

/** 9600 bits a second, 10 to a byte: a frame of 999 bytes is a second on its way. */
const lineMsPerByte = 1.1;

export function createTalk(usual: PadPatience, onRefusal: (row: PadStatusRow, deviceCode: string) => void): PadTalk {
  let stale = true;

  function refused(answer: Answer, row: PadStatusRow): Result<never, PadFailure> {
    const deviceCode = hex2(answer.status);
    onRefusal(row, deviceCode);
    return fail({ code: row.error, deviceCode });
  }

  async function attempt(
    wire: Wire<PadToken>,
    text: Uint8Array,
    accept: (reply: Reply) => boolean,
    answerMs: number,
  ): Promise<Result<Reply, LineError>> {
    const frame = encodeFrame(text);
    // Asked for before the command goes out: a quick pad answers before the write is reported done, and during PIN entry
    // somebody else listens meanwhile, who has no use for an answer.
    const answered = wire.next(
      answerMs + frame.length * lineMsPerByte,
      (token): token is Reply => token.kind !== 'key' && accept(token),
    );
    const sent = await wire.send(frame);
    const reply = sent.ok ? await answered : sent;
    if (!reply.ok || reply.value.kind === 'garbled') stale = true;
    return reply;
  }

  async function ask(
    wire: Wire<PadToken>,
    text: string | Uint8Array,
    shape: RegExp,
    patience: PadPatience = usual,
  ): Promise<Result<string, PadFailure>> {
    const synchronising = shape === answerShapes.information;
    if (stale && !synchronising) {
      const synchronised = await ask(wire, '3', answerShapes.information, patience);
      if (!synchronised.ok) return synchronised;
    }
    // While it gets into step, a refusal may be a late one; only those that every command would get count.
    const accept = (reply: Reply): boolean => {
      if (reply.kind === 'garbled') return true;
      const row = refusal(reply.status);
      return row ? !(synchronising && stale) || row.fault !== undefined : shape.test(reply.data);
    };
    let last: Result<never, PadFailure> = fail({ code: 'no-answer' });
    for (let left = patience.tries; left > 0; left -= 1) {
      const reply = await attempt(
        wire,
        typeof text === 'string' ? Buffer.from(text, 'latin1') : text,
        accept,
        patience.answerMs,
      );
      if (!reply.ok) {
        if (reply.error.code !== 'no-answer') return reply;
        continue;
      }
      if (reply.value.kind === 'garbled') continue;
      const row = refusal(reply.value.status);
      if (!row) {
        if (synchronising) stale = false;
        return ok(reply.value.data);
      }
      last = refused(reply.value, row);
      if (row.remedy !== 'again') return last;
    }
    return last;
  }

  return {
    ask,
    distrust() {
      stale = true;
    },
  };
}

export function toPinPadError(error: PadFailure): PinPadError {
  return error.code === 'queue-full' ? { code: 'refused' } : { code: error.code, ...deviceCodeOf(error) };
}

export function deviceCodeOf(error: PadFailure): { readonly deviceCode?: string } {
  return 'deviceCode' in error && error.deviceCode !== undefined ? { deviceCode: error.deviceCode } : {};
}
