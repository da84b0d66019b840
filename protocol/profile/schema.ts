/** The shape of a profile's data, and the rules its parts must agree on. Mistakes come all at once, each with its place. */
import * as v from 'valibot';
import { checkSpec, formatOf } from '../iso8583/field.ts';
import { ELEMENTS_1987 } from '../iso8583/elements.ts';
import { CLASSES, isOfClass } from '../iso8583/format.ts';
import type { CharacterClass } from '../iso8583/format.ts';
import type { ElementSpec, MessageSpec, TlvSpec } from '../iso8583/spec.ts';
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import * as room from './room.ts';

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

const elementRow = v.strictObject({ name: v.string(), format: v.string(), show, min: v.optional(count(0, 999)) });

const classNames = Object.keys(CLASSES) as [CharacterClass, ...CharacterClass[]];

interface TagRow {
  name: string;
  class: CharacterClass;
  min?: number | undefined;
  max?: number | undefined;
  times?: number | undefined;
  show?: 'whole' | 'last4' | 'hidden' | undefined;
  inside?: TlvRows | undefined;
}
interface TlvRows {
  tag: number;
  length: number;
  tags: Record<string, TagRow>;
}

const tlv: v.GenericSchema<TlvRows> = v.strictObject({
  tag: count(1, 4),
  length: count(1, 4),
  tags: v.record(
    v.string(),
    v.lazy(() => tagRow),
  ),
});
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

const schema = v.strictObject({
  title: v.string(),
  framing: v.strictObject({
    length: v.picklist(['be', 'le', 'ascii'], 'be, le or ascii'),
    bytes: v.picklist([2, 4], '2 or 4'),
    inclusive: v.optional(v.boolean()),
    // A message type and one bitmap: every message has them.
    min: v.optional(count(1, 20)),
    max: v.optional(count(20, 65_535)),
  }),
  secondaryBitmap: v.optional(v.picklist(['as-needed', 'always'], 'as-needed or always')),
  elements: v.record(v.pipe(v.string(), v.regex(/^[0-9]{1,3}$/, 'an element number')), v.nullable(elementRow)),
  mac: v.variant('kind', [
    v.strictObject({ kind: v.literal('x9.19'), messages: v.array(digits(4)) }),
    v.strictObject({ kind: v.literal('none') }),
  ]),
  pin: v.strictObject({ min: count(4, 12), max: count(4, 12), format: v.picklist(['iso-0'], 'iso-0') }),
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
  }),
  currency: digits(3),
  balance: v.strictObject({ accountType: digits(2), amountType: digits(2) }),
  additional: tlv,
  responses: v.record(
    v.pipe(v.string(), v.regex(/^[0-9A-Za-z]{2,4}$/, 'a response code of 2 to 4 characters')),
    v.picklist(meanings, `one of ${meanings.join(', ')}`),
  ),
});

export type ProfileData = v.InferOutput<typeof schema>;

/** Tags that the mapping reads and writes; a profile without them cannot carry an inquiry. */
const TAGS = ['PI', 'LG', 'KP', 'PG', 'MO', 'AS', 'MB', 'TP', 'TV', 'TA', 'AV'];
const MEMBERSHIP_TAGS = ['KP', 'NM', 'CO', 'SG', 'ST', 'PR', 'BL', 'CT', 'DV', 'LC', 'LP'];
/** Elements that the mapping and the link set or read. */
const ELEMENTS = [3, 4, 7, 11, 12, 13, 18, 22, 25, 32, 35, 37, 39, 41, 42, 43, 48, 49, 52, 54, 70];

/** Tracks, PIN, keys, MACs, and what DE48, 54 and 55 hold of a member or a card: no part of them is for a log. */
const SECRET_ELEMENTS = [35, 36, 45, 48, 52, 54, 55, 64, 96, 128];
/** Numbers of cards and accounts: the last four digits may be seen. */
const ACCOUNT_ELEMENTS = [2, 34, 102, 103];
const SECRET_TAGS: ReadonlySet<string> = new Set(['KP', 'MB', 'NM', 'CO', 'BL', 'CT', 'DV', 'TP', 'TA']);

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
    else elements[Number(key)] = tidy(row);
  }
  return {
    name,
    elements,
    composites: { 48: data.additional as TlvSpec },
    secondaryBitmap: data.secondaryBitmap ?? 'as-needed',
    maxBytes: data.framing.max ?? 4096,
  };
}

/** Without the keys that are undefined (exactOptionalPropertyTypes). */
function tidy(row: v.InferOutput<typeof elementRow>): ElementSpec {
  return {
    name: row.name,
    format: row.format,
    ...(row.show === undefined ? {} : { show: row.show }),
    ...(row.min === undefined ? {} : { min: row.min }),
  };
}

function agree(profile: string, data: ProfileData, spec: MessageSpec): ProfileMistake[] {
  const mistakes: ProfileMistake[] = checkSpec(spec).map(({ element, rule }) => ({
    profile,
    element,
    path: `elements.${element}.format`,
    rule,
  }));
  const note = (path: string, rule: string, element?: number): void => {
    mistakes.push({ profile, path, rule, ...(element === undefined ? {} : { element }) });
  };
  const needed = data.mac.kind === 'none' ? ELEMENTS : [...ELEMENTS, 64, 128];
  for (const element of needed) {
    if (spec.elements[element] === undefined)
      note(`elements.${element}`, 'is needed by the inquiry and may not be taken away', element);
  }
  for (const element of SECRET_ELEMENTS) {
    if ((spec.elements[element]?.show ?? 'hidden') !== 'hidden')
      note(`elements.${element}.show`, 'stays hidden', element);
  }
  for (const element of ACCOUNT_ELEMENTS) {
    if (spec.elements[element]?.show === 'whole') note(`elements.${element}.show`, 'may not be shown whole', element);
  }
  if (data.mac.kind !== 'none') {
    // Sign-on and key exchange come before the key.
    if (data.mac.messages.some((mti) => mti.startsWith('8', 1)))
      note('mac.messages', 'network management has no MAC: the keys come with it');
    if (!data.mac.messages.includes(data.inquiry.mti))
      note('mac.messages', `${data.inquiry.mti} is missing: without a MAC at all, the kind is none`);
    for (const element of [64, 128]) {
      const format = spec.elements[element]?.format;
      if (format !== undefined && format !== 'b 8') note(`elements.${element}.format`, 'a MAC is b 8', element);
    }
  }
  if (data.pin.min > data.pin.max) note('pin.min', 'is more than pin.max');
  if (data.framing.length === 'ascii' && data.framing.bytes === 2)
    note('framing.bytes', 'an ASCII length has 4 digits');
  else {
    const greatest = (data.framing.length === 'ascii' ? 10 : 256) ** data.framing.bytes - 1;
    const longest = greatest - (data.framing.inclusive === true ? data.framing.bytes : 0);
    if ((data.framing.max ?? 4096) > longest) note('framing.max', `the length in front can say ${longest} at most`);
  }
  const codes = Object.values(data.network);
  if (new Set(codes).size !== codes.length) note('network', 'two functions have the same code');
  if (data.inquiry.entryModes.stripe === data.inquiry.entryModes.chip)
    note('inquiry.entryModes', 'stripe and chip have the same code');
  if (!Object.values(data.responses).includes('approved')) note('responses', 'no code means approved');
  for (const tag of TAGS) if (data.additional.tags[tag] === undefined) note(`additional.tags.${tag}`, 'is missing', 48);
  const inside = data.additional.tags['MB']?.inside;
  if (inside === undefined) note('additional.tags.MB.inside', 'is missing', 48);
  else {
    for (const tag of MEMBERSHIP_TAGS)
      if (inside.tags[tag] === undefined) note(`additional.tags.MB.inside.tags.${tag}`, 'is missing', 48);
  }
  checkTags(data.additional, 'additional', note);
  const { inquiry, currency, network, responses } = data;
  const found = [
    ...room.checkElements(spec, [
      { element: 3, value: inquiry.processingCode, path: 'inquiry.processingCode' },
      { element: 18, value: inquiry.merchantType, path: 'inquiry.merchantType' },
      { element: 22, value: inquiry.entryModes.stripe, path: 'inquiry.entryModes.stripe' },
      { element: 22, value: inquiry.entryModes.chip, path: 'inquiry.entryModes.chip' },
      { element: 25, value: inquiry.conditionCode, path: 'inquiry.conditionCode' },
      { element: 49, value: currency, path: 'currency' },
      ...Object.entries(network).map(([what, value]) => ({ element: 70, value, path: `network.${what}` })),
      ...Object.keys(responses).map((value) => ({ element: 39, value, path: `responses.${value}` })),
    ]),
    ...room.checkTags(data.additional as TlvSpec, formatOf(spec, 48)?.max),
  ];
  return [...mistakes, ...found.map((mistake) => ({ profile, ...mistake }))];
}

function checkTags(table: TlvRows, path: string, note: (path: string, rule: string, element: number) => void): void {
  for (const [tag, row] of Object.entries(table.tags)) {
    const here = `${path}.tags.${tag}`;
    if (tag.length !== table.tag) note(here, `a tag has ${table.tag} characters`, 48);
    else if (!isOfClass(tag, 'an')) note(here, 'a tag has letters and digits', 48);
    if (SECRET_TAGS.has(tag) && (row.show ?? 'hidden') !== 'hidden') note(`${here}.show`, 'stays hidden', 48);
    const greatest = 10 ** table.length - 1;
    if ((row.max ?? greatest) > greatest)
      note(`${here}.max`, `a length of ${table.length} digits ends at ${greatest}`, 48);
    if ((row.min ?? 1) > (row.max ?? greatest)) note(`${here}.min`, 'is more than max', 48);
    if (row.inside !== undefined) checkTags(row.inside, `${here}.inside`, note);
  }
}
