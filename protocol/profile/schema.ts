/** The shape of a profile's data; what its parts must agree on is in agree.ts. Mistakes come all at once, each with its place. */
import * as v from 'valibot';
import { ELEMENTS_1987 } from '../iso8583/elements.ts';
import type { EncodingName } from '../iso8583/encoding.ts';
import { CLASSES } from '../iso8583/format.ts';
import type { CharacterClass, PadName } from '../iso8583/format.ts';
import type { CountUnit, PrefixName } from '../iso8583/prefix.ts';
import type { ElementSpec, MessageSpec } from '../iso8583/spec.ts';
import { HEADER_RULES } from '../link/frame-header.ts';
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import type { DukptSchemeName } from '../security/dukpt-scheme.ts';
import { DUKPT_CIPHERS, PIN_BLOCK_CIPHERS } from '../security/keying.ts';
import { MAC_ALGORITHMS } from '../security/mac-choice.ts';
import type { MacAlgorithm } from '../security/mac-choice.ts';
import type { PinBlockFormatName } from '../security/pin-block-formats.ts';
import { agree } from './agree.ts';
import { compositesOf } from './places.ts';

export interface ProfileMistake {
  readonly profile: string;
  /** The data element, where the mistake is one element's. */
  readonly element?: number;
  /** Place in the profile: `elements.35.format`, `responses.00`. */
  readonly path: string;
  readonly rule: string;
}

const digits = (length: number): v.GenericSchema<string> =>
  v.pipe(v.string(), v.regex(new RegExp(`^[0-9]{${length}}$`), `${length} digits`));

const show = v.optional(v.picklist(['whole', 'last4', 'hidden'], 'whole, last4 or hidden'));
const count = (min: number, max: number): v.GenericSchema<number> =>
  v.pipe(
    v.number(`${min} to ${max}`),
    v.integer('a whole number'),
    v.minValue(min, `${min} to ${max}`),
    v.maxValue(max, `${min} to ${max}`),
  );

const named = <T extends string>(names: readonly [T, ...T[]]): v.PicklistSchema<readonly [T, ...T[]], string> =>
  v.picklist(names, `one of ${names.join(', ')}`);

const encoding = v.optional(named<EncodingName>(['ascii', 'ebcdic', 'ebcdic-1047', 'bcd', 'binary', 'hex']));
const prefix = v.optional(named<PrefixName>(['ascii', 'ebcdic', 'bcd', 'binary']));
const pad = v.optional(named<PadName>(['left-0', 'left-f', 'right-0', 'right-f']));

const elementRow = v.strictObject({
  name: v.string(),
  format: v.string(),
  show,
  min: v.optional(count(0, 999)),
  encoding,
  prefix,
  counts: v.optional(named<CountUnit>(['characters', 'bytes', 'nibbles'])),
  pad,
});

const classNames = Object.keys(CLASSES) as [CharacterClass, ...CharacterClass[]];

export interface TagRow {
  name: string;
  class: CharacterClass;
  min?: number | undefined;
  max?: number | undefined;
  times?: number | undefined;
  show?: 'whole' | 'last4' | 'hidden' | undefined;
  inside?: TlvRows | undefined;
}
export interface TlvRows {
  tag: number;
  length: number;
  tags: Record<string, TagRow>;
}

const tlvRows = {
  tag: count(1, 4),
  length: count(1, 4),
  tags: v.record(
    v.string(),
    v.lazy(() => tagRow),
  ),
};
const tlv: v.GenericSchema<TlvRows> = v.strictObject(tlvRows);
/** Tags, and the element they are in. */
const place = v.strictObject({ element: v.optional(count(2, 127), 48), ...tlvRows });
const tagRow: v.GenericSchema<TagRow> = v.strictObject({
  name: v.string(),
  class: v.picklist(classNames, 'a character class'),
  min: v.optional(count(0, 9999)),
  max: v.optional(count(1, 9999)),
  times: v.optional(count(1, 99)),
  show,
  inside: v.optional(tlv),
});

const meanings = [
  'approved',
  'pin-wrong',
  'pin-tries',
  'pin-tries-retain',
  'card-expired',
  'retain',
  'card-refused',
  'not-linked',
  'host-unavailable',
  'system-error',
] as const;

/** The tags of the mapping by what they say; `names` gives a host's own for them. */
export const TAG_NAMES = ['PI', 'LG', 'KP', 'PG', 'MO', 'AS', 'MB', 'TP', 'TV', 'TA', 'AV'] as const;
export type TagName = (typeof TAG_NAMES)[number];

const header = (kind: keyof typeof HEADER_RULES): v.GenericSchema<string> =>
  v.pipe(v.string(), v.regex(HEADER_RULES[kind].pattern, HEADER_RULES[kind].says));

const limits = {
  header: v.optional(
    v.variant('kind', [
      v.strictObject({ kind: v.literal('tpdu'), value: header('tpdu') }),
      v.strictObject({ kind: v.literal('iso'), value: header('iso') }),
    ]),
  ),
  // A message type and one bitmap: every message has them.
  min: v.optional(count(1, 20)),
  max: v.optional(count(20, 65_535)),
};

const macAlgorithms = Object.keys(MAC_ALGORITHMS) as [MacAlgorithm, ...MacAlgorithm[]];

const pinFormats = Object.keys(PIN_BLOCK_CIPHERS) as [PinBlockFormatName, ...PinBlockFormatName[]];
const dukptSchemes = Object.keys(DUKPT_CIPHERS) as [DukptSchemeName, ...DukptSchemeName[]];

const schema = v.strictObject({
  title: v.string(),
  framing: v.variant('length', [
    v.strictObject({
      length: v.picklist(['be', 'le', 'ascii'], 'be, le or ascii'),
      bytes: v.picklist([2, 4], '2 or 4'),
      inclusive: v.optional(v.boolean()),
      ...limits,
    }),
    v.strictObject({
      length: v.literal('none'),
      terminator: v.picklist([0x03, 0xff], '3 or 255'),
      ...limits,
    }),
  ]),
  secondaryBitmap: v.optional(v.picklist(['as-needed', 'always'], 'as-needed or always')),
  /** What an element's row does not say of its bytes. */
  wire: v.optional(
    v.strictObject({
      mti: v.optional(named<'ascii' | 'ebcdic' | 'bcd'>(['ascii', 'ebcdic', 'bcd'])),
      bitmap: v.optional(named<'hex' | 'hex-ebcdic' | 'binary'>(['hex', 'hex-ebcdic', 'binary'])),
      digits: encoding,
      text: encoding,
      binary: encoding,
      prefix,
      pad,
    }),
    {},
  ),
  elements: v.record(v.pipe(v.string(), v.regex(/^[0-9]{1,3}$/, 'an element number')), v.nullable(elementRow)),
  mac: v.variant('kind', [
    v.strictObject({ kind: named(macAlgorithms), messages: v.array(digits(4)) }),
    v.strictObject({ kind: v.literal('none') }),
  ]),
  pin: v.strictObject({ min: count(4, 12), max: count(4, 12), format: named(pinFormats) }),
  keying: v.optional(
    v.variant('kind', [
      v.strictObject({ kind: v.literal('session-keys') }),
      v.strictObject({ kind: v.literal('dukpt'), scheme: named(dukptSchemes), ksnElement: count(2, 127) }),
    ]),
    { kind: 'session-keys' },
  ),
  /** DE39 that says that the terminal's keys are not the host's. */
  keyErrors: v.optional(v.array(v.string())),
  correlation: v.optional(
    v.strictObject({ always: v.array(count(2, 127)), whenPresent: v.optional(v.array(count(2, 127)), []) }),
  ),
  network: v.strictObject({
    signOn: digits(3),
    signOff: digits(3),
    keyExchange: digits(3),
    cutOver: digits(3),
    echo: digits(3),
  }),
  inquiry: v.strictObject({
    mti: v.pipe(v.string(), v.regex(/^[0-9][0-79]00$/, 'a request: two digits and 00, but no network management')),
    processingCode: digits(6),
    merchantType: digits(4),
    conditionCode: digits(2),
    entryModes: v.strictObject({ stripe: digits(3), chip: digits(3) }),
    pageSize: count(1, 99),
    constants: v.optional(v.record(v.pipe(v.string(), v.regex(/^[0-9]{1,3}$/, 'an element number')), v.string()), {}),
  }),
  currency: digits(3),
  balance: v.strictObject({ accountType: digits(2), amountType: digits(2) }),
  additional: place,
  answer: v.optional(place),
  names: v.optional(v.record(v.picklist(TAG_NAMES, `one of ${TAG_NAMES.join(', ')}`), v.string()), {}),
  lines: v.optional(
    v.strictObject({
      element: count(2, 127),
      tag: count(2, 4),
      length: count(2, 3),
      screen: v.strictObject({ letter: v.pipe(v.string(), v.regex(/^[A-Z]$/, 'a letter')), count: count(1, 99) }),
      receipt: v.strictObject({ letter: v.pipe(v.string(), v.regex(/^[A-Z]$/, 'a letter')), count: count(1, 99) }),
      width: count(16, 80),
    }),
  ),
  responses: v.record(
    v.pipe(v.string(), v.regex(/^[0-9A-Za-z]{2,4}$/, 'a response code of 2 to 4 characters')),
    v.picklist(meanings, `one of ${meanings.join(', ')}`),
  ),
});

export type ProfileData = v.InferOutput<typeof schema>;

/** Data that holds together, and the message table it makes. */
export function parseProfile(
  profile: string,
  data: unknown,
): Result<{ readonly data: ProfileData; readonly spec: MessageSpec }, readonly ProfileMistake[]> {
  const parsed = v.safeParse(schema, data);
  if (!parsed.success) {
    return fail(
      parsed.issues.map((issue) => {
        const path = v.getDotPath(issue) ?? '';
        const element = /^elements\.(\d+)/.exec(path)?.[1];
        return { profile, path, rule: issue.message, ...(element === undefined ? {} : { element: Number(element) }) };
      }),
    );
  }
  const spec = specOf(profile, parsed.output);
  const mistakes = agree(profile, parsed.output, spec);
  return mistakes.length > 0 ? fail(mistakes) : ok({ data: parsed.output, spec });
}

function specOf(name: string, data: ProfileData): MessageSpec {
  const elements: Record<number, ElementSpec> = { ...ELEMENTS_1987 };
  for (const [key, row] of Object.entries(data.elements)) {
    if (row === null) delete elements[Number(key)];
    else elements[Number(key)] = defined(row);
  }
  return {
    name,
    elements,
    wire: defined(data.wire),
    composites: compositesOf(data),
    secondaryBitmap: data.secondaryBitmap ?? 'as-needed',
    maxBytes: data.framing.max ?? 4096,
  };
}

/** Without the keys that are undefined (exactOptionalPropertyTypes). */
function defined<T extends object>(row: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)) as never;
}
