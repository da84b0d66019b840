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

class PlainMessage implements Message {
  readonly mti: string;
  readonly elements: readonly number[];
  readonly #values: ReadonlyMap<number, string>;

  constructor(mti: string, values: ReadonlyMap<number, string>) {
    this.mti = mti;
    this.#values = values;
    this.elements = [...values.keys()].sort((a, b) => a - b);
  }

  get(element: number): string | undefined {
    return this.#values.get(element);
  }

  has(element: number): boolean {
    return this.#values.has(element);
  }

  /** A message on a console or in a JSON log shows what it has, never what it holds. */
  toJSON(): unknown {
    return { mti: this.mti, elements: this.elements };
  }
}

/** Values that are undefined leave their bit off. */
export function createMessage(mti: string, values: Readonly<Record<number, string | undefined>>): Message {
  const map = new Map<number, string>();
  for (const [element, value] of Object.entries(values)) if (value !== undefined) map.set(Number(element), value);
  return new PlainMessage(mti, map);
}
