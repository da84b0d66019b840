/**
 * ISO 8583:1987 messages to bytes and back, from a table of elements. Everything is checked both ways: type, bitmaps,
 * lengths, character classes, the end. What unpack accepts, pack turns into the same bytes again.
 */
import type { Result } from '../result.ts';
import { describeMessage, describeMessageJson } from './describe.ts';
import type { DescribedMessage } from './describe.ts';
import type { CodecError, UnpackError } from './error.ts';
import { fieldsOf } from './field.ts';
import type { Message } from './message.ts';
import { createPack } from './pack.ts';
import type { MessageSpec } from './spec.ts';
import { createUnpack } from './unpack.ts';

export interface Codec {
  readonly spec: MessageSpec;
  pack(message: Message): Result<Uint8Array, CodecError>;
  unpack(bytes: Uint8Array): Result<Message, UnpackError>;
  /** For people: one line per element, redacted as the table says. */
  describe(message: Message): string;
  /** For machines: the same. */
  describeJson(message: Message): DescribedMessage;
}

/** A spec that breaks a rule (field.ts, checkSpec) is a defect of the program, and throws. */
export function compile(spec: MessageSpec): Codec {
  const fields = fieldsOf(spec);
  return {
    spec,
    pack: createPack(spec, fields),
    unpack: createUnpack(spec, fields),
    describe: (message) => describeMessage(spec, message),
    describeJson: (message) => describeMessageJson(spec, message),
  };
}
