/** A host profile, loaded and checked: how one host's messages look and what its codes mean. */
import { readFileSync } from 'node:fs';
import { compile } from '../iso8583/codec.ts';
import type { Codec } from '../iso8583/codec.ts';
import type { MessageSpec, TlvSpec } from '../iso8583/spec.ts';
import type { FramingSpec } from '../link/framing.ts';
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import type { Meaning } from './contract.ts';
import { jht } from './profiles/jht.ts';
import { parseProfile } from './schema.ts';
import type { ProfileData, ProfileMistake } from './schema.ts';

/** DE70 by what it asks for. */
export type NetworkFunction = 'signOn' | 'signOff' | 'keyExchange' | 'cutOver' | 'echo';

export type MacRule =
  | {
      readonly kind: 'x9.19';
      /** 128 in a message with elements above 64: the MAC is always the last element (ISO 8583:1987 §4.3). */
      readonly element: 64;
      /** Message types that carry one. */
      readonly messages: readonly string[];
    }
  | { readonly kind: 'none' };

export interface HostProfile {
  readonly name: string;
  readonly title: string;
  readonly codec: Codec;
  readonly framing: FramingSpec;
  readonly mac: MacRule;
  readonly pin: { readonly min: number; readonly max: number; readonly format: 'iso-0' };
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
  };
  /** DE49, ISO 4217 numeric. */
  readonly currency: string;
  /** DE54. */
  readonly balance: { readonly accountType: string; readonly amountType: string };
  /** DE48. */
  readonly additional: TlvSpec;
  /** What a DE39 means here; a code the profile does not have means that the host is unavailable. */
  meaning(code: string): { readonly meaning: Meaning; readonly known: boolean };
}

const BUILT_IN: Readonly<Record<string, unknown>> = { jht };

/** By name (`jht`), or by the path of a JSON file of the same shape. Mistakes come all at once. */
export function loadProfile(name: string): Result<HostProfile, readonly ProfileMistake[]> {
  if (Object.hasOwn(BUILT_IN, name)) return createProfile(name, BUILT_IN[name]);
  if (!name.endsWith('.json')) {
    const rule = `no such profile; known are ${Object.keys(BUILT_IN).join(', ')} and paths that end in .json`;
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
  const { framing, responses } = data;
  const meanings: ReadonlyMap<string, Meaning> = new Map(Object.entries(responses));
  return {
    name,
    title: data.title,
    codec: compile(spec),
    framing: {
      length: framing.length,
      bytes: framing.bytes,
      inclusive: framing.inclusive ?? false,
      min: framing.min ?? 1,
      max: framing.max ?? 4096,
    },
    mac: data.mac.kind === 'none' ? data.mac : { ...data.mac, element: 64 },
    pin: data.pin,
    network: data.network,
    inquiry: data.inquiry,
    currency: data.currency,
    balance: data.balance,
    additional: data.additional as TlvSpec,
    meaning: (code) => {
      const meaning = meanings.get(code);
      return meaning === undefined ? { meaning: 'host-unavailable', known: false } : { meaning, known: true };
    },
  };
}
