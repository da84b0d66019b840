/**
 * A codec that knows its table: elements that the table lacks do not compile, and a value's type is its format, so that
 * one element's value does not pass for another's. Nothing of this is there at run time; the messages are plain ones.
 *
 *     const codec = typed({ name: 'jht', elements: TABLE_1987 });
 *     const message = codec.message('0200', { 3: '310000', 11: '000001' });
 *     message.get(3); // Value<'n 6'> | undefined
 *     message.get(193); // does not compile
 */
import type { Result } from '../result.ts';
import { compile } from './codec.ts';
import type { Codec } from './codec.ts';
import type { CodecError, UnpackError } from './error.ts';
import { createMessage } from './message.ts';
import type { ElementValues, Message } from './message.ts';
import type { ElementSpec, MessageSpec } from './spec.ts';

export type ElementTable = Readonly<Record<number, ElementSpec>>;

declare const FORMAT: unique symbol;

/** Text of a format. Any text passes for it (the codec checks what it holds), but no value of another format does. */
export type Value<Format extends string> = string & { readonly [FORMAT]?: Format };

type Elements<Table extends ElementTable> = keyof Table & number;

export type TypedValues<Table extends ElementTable> = {
  readonly [Element in Elements<Table>]?: Value<Table[Element]['format']> | undefined;
};

export interface TypedMessage<Table extends ElementTable> extends Omit<Message, 'get' | 'has'> {
  get<Element extends Elements<Table>>(element: Element): Value<Table[Element]['format']> | undefined;
  has(element: Elements<Table>): boolean;
}

export interface TypedCodec<Table extends ElementTable> {
  /** The same codec for code that takes any message. */
  readonly codec: Codec;
  message(mti: string, values: TypedValues<Table>): TypedMessage<Table>;
  pack(message: TypedMessage<Table>): Result<Uint8Array, CodecError>;
  unpack(bytes: Uint8Array): Result<TypedMessage<Table>, UnpackError>;
}

/** The table `as const`, or TABLE_1987, or a spread of both. A spec that breaks a rule throws, as compile does. */
export function typed<const Table extends ElementTable>(
  spec: Omit<MessageSpec, 'elements'> & { readonly elements: Table },
): TypedCodec<Table> {
  const codec = compile(spec);
  return {
    codec,
    message: (mti, values) => createMessage(mti, values as ElementValues) as TypedMessage<Table>,
    pack: (message) => codec.pack(message as Message),
    unpack: (bytes) => codec.unpack(bytes) as Result<TypedMessage<Table>, UnpackError>,
  };
}
