/**
 * Whether the elements and tags of a profile hold what is written into them. A profile that does not would load, and fail
 * with the first customer.
 */
import { fits, formatOf, lengthsOf } from '../iso8583/field.ts';
import { isOfClass } from '../iso8583/format.ts';
import type { MessageSpec, TlvSpec } from '../iso8583/spec.ts';
import { writeTlv } from '../iso8583/tlv.ts';
import type { TlvInput } from '../iso8583/tlv.ts';
import type { TagPlace } from './places.ts';
import type { TagName } from './schema.ts';
import { widened } from './wire.ts';

export interface RoomMistake {
  readonly path: string;
  readonly rule: string;
  readonly element: number;
}

/** A value of the profile (`path`), or one of the link or the mapping. */
export interface Written {
  readonly element: number;
  readonly value: string;
  /** Where the profile says it; default the element's format, which is then what is wrong. */
  readonly path?: string;
}

const STAN = 11;

/** What every message has, whatever the profile says; widths as link/ and inquiry.ts write them. */
const ALWAYS: readonly Written[] = [
  { element: 4, value: '0'.repeat(12) },
  { element: 7, value: '1231235959' },
  { element: 11, value: '999999' },
  { element: 12, value: '235959' },
  { element: 13, value: '1231' },
  { element: 35, value: `${'9'.repeat(19)}=${'0'.repeat(17)}` },
  { element: 37, value: '636523999999' },
];

export function checkElements(spec: MessageSpec, written: readonly Written[]): RoomMistake[] {
  const mistakes: RoomMistake[] = [];
  for (const { element, value, path } of [...ALWAYS, ...written]) {
    const format = formatOf(spec, element);
    // Another rule names it.
    if (format === undefined) continue;
    const field = { ...format, element };
    const wide = element === STAN ? widened(value, format.max) : value;
    if (fits(field, wide.length) && isOfClass(wide, field.class)) continue;
    const holds = `DE${element} holds ${field.class}, ${lengthsOf(field)}`;
    mistakes.push({ element, path: path ?? `elements.${element}.format`, rule: `${holds}: not what is written there` });
  }
  return mistakes;
}

const KPJ = '99999999999';
const AMOUNT = '99999999999';
const KEY = 'F'.repeat(32);
const CHECK = 'F'.repeat(6);

const TAGS: Readonly<Record<TagName, string>> = {
  PI: 'JHTBAL',
  LG: 'id',
  KP: KPJ,
  PG: '9',
  MO: '1',
  AS: '20261231',
  TP: KEY,
  TV: CHECK,
  TA: KEY,
  AV: CHECK,
  MB: '',
};
const MEMBERSHIP: Readonly<Record<string, string>> = {
  KP: KPJ,
  NM: 'N',
  CO: 'C',
  SG: 'BPU',
  ST: 'A',
  PR: 'JHT,JKK,JKM,JP,JKP',
  BL: AMOUNT,
  CT: AMOUNT,
  DV: AMOUNT,
  LC: '202612',
  LP: '20261231',
};

/** `path` is where the profile has the table, `max` what its element holds, where that is known. */
export function checkTags(
  path: string,
  { element, table }: TagPlace,
  names: (tag: TagName) => string,
  max: number | undefined,
): RoomMistake[] {
  const nested = table.tags[names('MB')];
  const inside = nested?.inside;
  const own = (Object.keys(TAGS) as TagName[]).filter((tag) => tag !== 'MB');
  const mistakes = [
    ...tooSmall(table, Object.fromEntries(own.map((tag) => [names(tag), TAGS[tag]])), path),
    ...(inside === undefined ? [] : tooSmall(inside, MEMBERSHIP, `${path}.tags.${names('MB')}.inside`)),
  ].map((mistake) => ({ element, ...mistake }));
  if (mistakes.length > 0 || inside === undefined || max === undefined) return mistakes;
  // A page that holds one membership, with the longest name and employer.
  const membership = Object.entries(MEMBERSHIP).map(([tag, value]) => ({
    tag,
    value: tag === 'NM' || tag === 'CO' ? value.repeat(inside.tags[tag]?.max ?? 100) : value,
  }));
  const head = (['PI', 'AS', 'KP'] as const).map((tag) => ({ tag: names(tag), value: TAGS[tag] }));
  const page: readonly TlvInput[] = [...head, { tag: names('MB'), value: membership }];
  const written = writeTlv(table, page, `${element}`, max);
  return written.ok ? [] : [{ element, path, rule: `a reply with one membership does not fit: ${written.error.rule}` }];
}

function tooSmall(
  table: TlvSpec,
  values: Readonly<Record<string, string>>,
  path: string,
): { readonly path: string; readonly rule: string }[] {
  return Object.entries(values).flatMap(([tag, value]) => {
    if (table.tags[tag] === undefined) return [];
    const written = writeTlv(table, [{ tag, value }], '', Number.MAX_SAFE_INTEGER);
    if (written.ok) return [];
    return [{ path: `${path}.tags.${tag}`, rule: `holds ${written.error.rule}: not what is written there` }];
  });
}
