/**
 * ISO 8583:1987 messages to bytes and back, from a table of elements. Everything is checked both ways: type, bitmaps,
 * lengths, character classes, the end. What unpack accepts, pack turns into the same bytes again.
 */
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import { readComposite, writeComposite } from './composite.ts';
import { describeMessage, describeMessageJson } from './describe.ts';
import type { DescribedMessage } from './describe.ts';
import type { CodecError, UnpackError } from './error.ts';
import { fieldsOf } from './field.ts';
import type { Fields } from './field.ts';
import type { Message } from './message.ts';
import { createPack } from './pack.ts';
import type { MessageSpec } from './spec.ts';
import type { TlvEntry, TlvError, TlvInput } from './tlv.ts';
import { createUnpack } from './unpack.ts';

export interface Codec {
  readonly spec: MessageSpec;
  pack(message: Message): Result<Uint8Array, CodecError>;
  unpack(bytes: Uint8Array): Result<Message, UnpackError>;
  /**
   * What is inside an element that the spec has a composite for; nothing when the element is not there. The path of an
   * error goes into it (`DE48.MB[2].BL`), its offset counts characters of the element's value.
   */
  readInside(message: Message, element: number): Result<readonly TlvEntry[], CodecError>;
  /** An element's value from what is to be inside it. */
  writeInside(element: number, entries: readonly TlvInput[]): Result<string, CodecError>;
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
    ...inside(spec, fields),
    describe: (message) => describeMessage(spec, message),
    describeJson: (message) => describeMessageJson(spec, message),
  };
}

/** What stood there, in words, by what is wrong. */
const GOT: Readonly<Record<TlvError['code'], string>> = {
  truncated: 'too few',
  tag: 'no tag',
  length: 'another length',
  class: 'another character',
  repeated: 'one more',
  'too-many': 'more',
  'too-deep': 'one more',
  'too-long': 'more',
  trailing: 'more',
  bitmap: 'another character',
  unknown: 'another',
  missing: 'nothing',
};

function inside(spec: MessageSpec, fields: Fields): Pick<Codec, 'readInside' | 'writeInside'> {
  const refuse = (element: number, { code, path, offset, rule }: TlvError): Result<never, CodecError> =>
    fail({ code: CODES[code] ?? 'composite', element, path: `DE${path}`, offset, expected: rule, got: GOT[code] });
  return {
    readInside(message, element) {
      const composite = spec.composites?.[element];
      const value = message.get(element);
      if (composite === undefined || value === undefined) return ok([]);
      const kind = fields[element]?.paired === true ? 'bytes' : 'text';
      const read = readComposite(composite, value, `${element}`, kind);
      return read.ok ? read : refuse(element, read.error);
    },
    writeInside(element, entries) {
      const composite = spec.composites?.[element];
      const field = fields[element];
      if (composite === undefined || field === undefined) {
        const rule = `an element of ${spec.name} that has parts`;
        return refuse(element, { code: 'unknown', path: `${element}`, offset: 0, rule });
      }
      const written = writeComposite(composite, entries, `${element}`, field.paired ? 'bytes' : 'text', field.max);
      return written.ok ? written : refuse(element, written.error);
    },
  };
}

/** Codes that elements and what is inside them have in common. */
const CODES: Readonly<Partial<Record<TlvError['code'], CodecError['code']>>> = {
  truncated: 'truncated',
  length: 'length',
  class: 'class',
  trailing: 'trailing',
  bitmap: 'bitmap',
  'too-long': 'too-long',
};
