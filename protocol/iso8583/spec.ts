/** What a profile says about the messages of a host: the rows of its tables. Data only; a JSON file can hold all of it. */
import type { CharacterClass } from './format.ts';

/** whole: shown. last4: the last four characters, when at least twelve are there. hidden: only its length. */
export type Show = 'whole' | 'last4' | 'hidden';

export interface ElementSpec {
  readonly name: string;
  /** e.g. `n 6`, `ans ...999`; see format.ts. */
  readonly format: string;
  /** Default hidden. */
  readonly show?: Show;
  /** Least length of a variable element. Default 1. */
  readonly min?: number;
}

export interface TagSpec {
  readonly name: string;
  readonly class: CharacterClass;
  /** Least and greatest length in characters. Default 1 and what the length field can say. */
  readonly min?: number;
  readonly max?: number;
  /** How often it may stand there. Default 1. */
  readonly times?: number;
  /** In a description. Default hidden. */
  readonly show?: Show;
  /** Tags inside this one. */
  readonly inside?: TlvSpec;
}

/** Tag-length-value inside an element, each of fixed width in characters. */
export interface TlvSpec {
  readonly tag: number;
  readonly length: number;
  readonly tags: Readonly<Record<string, TagSpec>>;
}

export interface MessageSpec {
  readonly name: string;
  /** Elements that are not here are refused. Usually ELEMENTS_1987 with rows replaced. */
  readonly elements: Readonly<Record<number, ElementSpec>>;
  /** Elements that are tag-length-value inside: how to read them for a description. */
  readonly composites?: Readonly<Record<number, TlvSpec>>;
  /** `as-needed` (default): the secondary bitmap is there when an element above 64 is. `always`: in every message. */
  readonly secondaryBitmap?: 'as-needed' | 'always';
  /** Longest message in bytes, both ways. Default 4096. */
  readonly maxBytes?: number;
}
