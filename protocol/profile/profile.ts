/** A host profile, loaded and checked: how one host's messages look and what its codes mean. */
import { readFileSync } from 'node:fs';
import { compile } from '../iso8583/codec.ts';
import type { Codec } from '../iso8583/codec.ts';
import { createMessage } from '../iso8583/message.ts';
import type { ElementValues } from '../iso8583/message.ts';
import type { MessageSpec } from '../iso8583/spec.ts';
import type { FramingSpec } from '../link/framing.ts';
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import type { Keying } from '../security/keying.ts';
import type { MacAlgorithm, MacChoice } from '../security/mac-choice.ts';
import type { PinBlockFormatName } from '../security/pin-block-formats.ts';
import type { Meaning } from './contract.ts';
import { placesOf } from './places.ts';
import type { Places } from './places.ts';
import { jhtAlto } from './profiles/jht-alto.ts';
import { jhtAscii4 } from './profiles/jht-ascii4.ts';
import { jhtBcd } from './profiles/jht-bcd.ts';
import { jhtPln } from './profiles/jht-pln.ts';
import { jht } from './profiles/jht.ts';
import { parseProfile } from './schema.ts';
import type { ProfileData, ProfileMistake, TagName } from './schema.ts';
import { withOwnStan } from './wire.ts';

/** Where the profile does not say: MAC or PIN block wrong (63), cryptographic error (81). */
const KEY_ERRORS: readonly string[] = ['63', '81'];

/** DE64 and DE128 are b 8: of a longer MAC, the first eight bytes. */
const MAC_BYTES = 8;

/** DE70 by what it asks for. */
export type NetworkFunction = 'signOn' | 'signOff' | 'keyExchange' | 'cutOver' | 'echo';

export type MacRule =
  | {
      readonly kind: MacAlgorithm;
      /** 128 in a message with elements above 64: the MAC is always the last element (ISO 8583:1987 §4.3). */
      readonly element: 64;
      /** Message types that carry one. */
      readonly messages: readonly string[];
      /** For whoever holds the key; the pad can do X9.19. */
      readonly choice: MacChoice;
      /** Bytes it takes on the wire: 16 as hex digits, 8 raw. */
      readonly wireBytes: number;
    }
  | { readonly kind: 'none' };

export interface HostProfile {
  readonly name: string;
  readonly title: string;
  readonly codec: Codec;
  readonly framing: FramingSpec;
  readonly mac: MacRule;
  readonly pin: { readonly min: number; readonly max: number; readonly format: PinBlockFormatName };
  /** How the keys of a message come about. */
  readonly keying: Keying;
  /** DE39 that says that the terminal's keys are not the host's. */
  readonly keyErrors: readonly string[];
  /** By which elements an answer is known, where it is not by DE11, DE41 and, when there, DE37. */
  readonly correlation: ProfileData['correlation'];
  readonly network: Readonly<Record<NetworkFunction, string>>;
  readonly inquiry: {
    /** The request's type; the reply's is 10 more. */
    readonly mti: string;
    readonly processingCode: string;
    /** DE18. */
    readonly merchantType: string;
    /** DE25. */
    readonly conditionCode: string;
    /** DE22. */
    readonly entryModes: { readonly stripe: string; readonly chip: string };
    /** Memberships in one reply at most. */
    readonly pageSize: number;
    /** Elements above those of the mapping that every request has, and its reply repeats. */
    readonly constants: Readonly<Record<number, string>>;
  };
  /** DE49, ISO 4217 numeric. */
  readonly currency: string;
  /** DE54. */
  readonly balance: { readonly accountType: string; readonly amountType: string };
  /** Where the tags are, and their tables. */
  readonly places: Places;
  /** What this host calls a tag of the mapping. */
  tag(name: TagName): string;
  /** Lines of text that a reply may have for screen and paper. */
  readonly lines: ProfileData['lines'];
  /** What a DE39 means here; a code the profile does not have means that the host is unavailable. */
  meaning(code: string): { readonly meaning: Meaning; readonly known: boolean };
}

const BUILT_IN: Readonly<Record<string, unknown>> = {
  jht,
  'jht-ascii4': jhtAscii4,
  'jht-bcd': jhtBcd,
  'jht-alto': jhtAlto,
  'jht-pln': jhtPln,
};

/** Names that `loadProfile` knows. */
export const PROFILES: readonly string[] = Object.keys(BUILT_IN);

/** By name (`jht`), or by the path of a JSON file of the same shape. Mistakes come all at once. */
export function loadProfile(name: string): Result<HostProfile, readonly ProfileMistake[]> {
  if (Object.hasOwn(BUILT_IN, name)) return createProfile(name, BUILT_IN[name]);
  if (!name.endsWith('.json')) {
    const rule = `no such profile; known are ${PROFILES.join(', ')} and paths that end in .json`;
    return fail([{ profile: name, path: '', rule }]);
  }
  let data: unknown;
  try {
    data = JSON.parse(readFileSync(name, 'utf8'));
  } catch (error) {
    const rule = error instanceof SyntaxError ? 'the file is not JSON' : 'the file cannot be read';
    return fail([{ profile: name, path: '', rule }]);
  }
  return createProfile(name, data);
}

/** From data of unknown shape. */
export function createProfile(name: string, data: unknown): Result<HostProfile, readonly ProfileMistake[]> {
  const parsed = parseProfile(name, data);
  return parsed.ok ? ok(build(name, parsed.value.data, parsed.value.spec)) : parsed;
}

function build(name: string, data: ProfileData, spec: MessageSpec): HostProfile {
  const meanings: ReadonlyMap<string, Meaning> = new Map(Object.entries(data.responses));
  const codeWidth = [...meanings.keys()][0]?.length ?? 2;
  const codec = withOwnStan(compile(spec));
  return {
    name,
    title: data.title,
    codec,
    framing: framingOf(data.framing),
    mac: macOf(data.mac, codec),
    pin: data.pin,
    keying: data.keying,
    keyErrors: data.keyErrors ?? KEY_ERRORS.map((code) => code.padStart(codeWidth, '0')),
    correlation: data.correlation,
    network: data.network,
    inquiry: data.inquiry,
    currency: data.currency,
    balance: data.balance,
    places: placesOf(data),
    tag: (tag) => data.names[tag] ?? tag,
    lines: data.lines,
    meaning: (code) => {
      const meaning = meanings.get(code);
      return meaning === undefined ? { meaning: 'host-unavailable', known: false } : { meaning, known: true };
    },
  };
}

function framingOf(framing: ProfileData['framing']): FramingSpec {
  const { header, min = 1, max = 4096 } = framing;
  const around = { min, max, ...(header === undefined ? {} : { header }) };
  if (framing.length === 'none') return { terminator: framing.terminator, ...around };
  return { length: framing.length, bytes: framing.bytes, inclusive: framing.inclusive ?? false, ...around };
}

function macOf(mac: ProfileData['mac'], codec: Codec): MacRule {
  if (mac.kind === 'none') return { kind: 'none' };
  const size = (elements: ElementValues): number => {
    const packed = codec.pack(createMessage('0000', elements));
    return packed.ok ? packed.value.length : 0;
  };
  return {
    kind: mac.kind,
    element: 64,
    messages: mac.messages,
    choice: { algorithm: mac.kind, bytes: MAC_BYTES },
    wireBytes: size({ 64: '0'.repeat(2 * MAC_BYTES) }) - size({}),
  };
}
