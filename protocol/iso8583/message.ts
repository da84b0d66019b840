/** A message as a program sees it. Values are text as the field's class says (n: digits, b: hex); nothing is trimmed. */
export interface Message {
  /** Message type identifier, 4 digits: `0200`. */
  readonly mti: string;
  /** The element's value, or undefined when its bit is off. Binary elements are upper-case hex. */
  get(element: number): string | undefined;
  has(element: number): boolean;
  /** Numbers of the elements present, ascending; without the bitmaps (1, 65). */
  readonly elements: readonly number[];
}

export type ElementValues = Readonly<Record<number, string | undefined>>;

/** Greatest number of a data element in any edition (ISO 8583:1993 has three bitmaps). */
export const LAST_ELEMENT = 192;

class PlainMessage implements Message {
  readonly mti: string;
  readonly #values: ElementValues;
  #elements: readonly number[] | undefined;

  constructor(mti: string, values: ElementValues) {
    this.mti = mti;
    this.#values = values;
    this.#elements = undefined;
  }

  get(element: number): string | undefined {
    return this.#values[element];
  }

  has(element: number): boolean {
    return this.#values[element] !== undefined;
  }

  get elements(): readonly number[] {
    if (this.#elements === undefined) {
      const elements: number[] = [];
      for (let element = 0; element <= LAST_ELEMENT; element++) {
        if (this.#values[element] !== undefined) elements.push(element);
      }
      this.#elements = elements;
    }
    return this.#elements;
  }

  static valuesOf(message: PlainMessage): ElementValues {
    return message.#values;
  }

  /** A message on a console or in a JSON log shows what it has, never what it holds. */
  toJSON(): unknown {
    return { mti: this.mti, elements: this.elements };
  }
}

/** Values that are undefined leave their bit off. */
export function createMessage(mti: string, values: ElementValues): Message {
  return new PlainMessage(mti, { ...values });
}

/** Values by number, for whoever needs all of them: without a call for each where the message is a plain one. */
export function valuesOf(message: Message): ElementValues {
  if (message instanceof PlainMessage) return PlainMessage.valuesOf(message);
  const values: Record<number, string | undefined> = {};
  for (const element of message.elements) values[element] = message.get(element);
  return values;
}

/** The same message with elements set, replaced or (undefined) taken away. */
export function withElements(message: Message, values: ElementValues): Message {
  return createMessage(message.mti, { ...valuesOf(message), ...values });
}
