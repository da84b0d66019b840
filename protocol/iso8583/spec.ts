/** What a profile says about the messages of a host: the rows of its tables. Data only; a JSON file can hold all of it. */
import type { EncodingName } from './encoding.ts';
import type { CharacterClass, PadName } from './format.ts';
import type { CountUnit, PrefixName } from './prefix.ts';

/** whole: shown. last4: the last four characters, when at least twelve are there. hidden: only its length. */
export type Show = 'whole' | 'last4' | 'hidden';

/** How an element stands on the wire; what is absent is the message's default (MessageSpec.wire). */
export interface WireSpec {
  readonly encoding?: EncodingName;
  /** Of a variable element: how its length is written. `binary` is one byte up to `..`, two from `...` on. */
  readonly prefix?: PrefixName;
  /** Of a variable element: what its length counts. Default bytes for the encoding binary, characters for all others. */
  readonly counts?: CountUnit;
  /** Of the encoding bcd. Default left-0. */
  readonly pad?: PadName;
}

export interface ElementSpec extends WireSpec {
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
  /** Least and greatest length: characters, in BER-TLV bytes. Default 1 (BER-TLV: 0) and what the length can say. */
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
  readonly kind?: 'tlv';
  readonly tag: number;
  readonly length: number;
  readonly tags: Readonly<Record<string, TagSpec>>;
}

/** BER-TLV (ISO/IEC 8825-1, EMV Book 3 annex B) in an element of class b; tags as upper-case hex: `9F02`. */
export interface BerSpec {
  readonly kind: 'ber';
  readonly tags: Readonly<Record<string, TagSpec>>;
}

/** A part of fixed place: a format like an element's, over the characters (class b: the bytes) of what it is part of. */
export interface PartSpec extends ElementSpec {
  /** In paths and values: `90.stan`. */
  readonly key: string;
  /** May be missing at the end, with everything after it. Default false. */
  readonly optional?: boolean;
  readonly inside?: CompositeSpec;
}

/** Parts one after another. */
export interface PositionalSpec {
  readonly kind: 'positional';
  readonly parts: readonly PartSpec[];
  /** How often all of them may stand there (DE54: 6); then each time is an entry of its own. Default once. */
  readonly times?: number;
}

/** A bitmap, then the parts whose bits are on. Keys are bit numbers; bit 1 is the first and has no meaning of its own. */
export interface BitmapSpec {
  readonly kind: 'bitmap';
  /** Default hex. */
  readonly bitmap?: 'hex' | 'binary';
  /** Bytes of the bitmap: 1 to 24. */
  readonly bytes: number;
  readonly parts: Readonly<Record<number, Omit<PartSpec, 'key' | 'optional'>>>;
}

export type CompositeSpec = TlvSpec | BerSpec | PositionalSpec | BitmapSpec;

/** How everything stands on the wire that no element row says otherwise. */
export interface MessageWire {
  /** Message type. Default ascii. */
  readonly mti?: 'ascii' | 'ebcdic' | 'bcd';
  /** Bitmaps: upper-case hex digits (in ASCII or EBCDIC) or bytes. Default hex. */
  readonly bitmap?: 'hex' | 'hex-ebcdic' | 'binary';
  /** Classes n, z and x+n. Default ascii. */
  readonly digits?: EncodingName;
  /** Classes of letters and special characters. Default ascii. */
  readonly text?: EncodingName;
  /** Class b. Default ascii, which is hex digits. */
  readonly binary?: EncodingName;
  /** Default ascii. */
  readonly prefix?: PrefixName;
  /** Default left-0. */
  readonly pad?: PadName;
}

export interface MessageSpec {
  readonly name: string;
  /** Elements that are not here are refused. Usually ELEMENTS_1987 with rows replaced. */
  readonly elements: Readonly<Record<number, ElementSpec>>;
  readonly wire?: MessageWire;
  /** Elements that have parts: how to read them. */
  readonly composites?: Readonly<Record<number, CompositeSpec>>;
  /** `as-needed` (default): the secondary bitmap is there when an element above 64 is. `always`: in every message. */
  readonly secondaryBitmap?: 'as-needed' | 'always';
  /** `none` (default): elements end at 128. `as-needed`: bit 65 says that a third bitmap follows the second: 129 to 192. */
  readonly tertiaryBitmap?: 'none' | 'as-needed';
  /** Longest message in bytes, both ways. Default 4096. */
  readonly maxBytes?: number;
}
