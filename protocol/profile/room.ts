/**
 * Whether the elements and tags of a profile hold what is written into them. A profile that does not would load, and fail
 * with the first customer.
 */
import { fits, formatOf, lengthsOf } from '../iso8583/field.ts';
import { isOfClass } from '../iso8583/format.ts';
import type { MessageSpec, TlvSpec } from '../iso8583/spec.ts';
import { writeTlv } from '../iso8583/tlv.ts';
import type { TlvInput } from '../iso8583/tlv.ts';

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

/** What every message has, whatever the profile says; widths as link/ and inquiry.ts write them. */
const ALWAYS: readonly Written[] = [
  { element: 4, value: '0'.repeat(12) },
  { element: 7, value: '1231235959' },
  { element: 11, value: '999999' },
  { element: 12, value: '235959' },
  { element: 13, value: '1231' },
  { element: 35, value: `${'9'.repeat(19)}=${'0'.repeat(17)}` },
  { element: 37, value: '636523999999' },
  { element: 52, value: 'F'.repeat(16) },
];

export function checkElements(spec: MessageSpec, written: readonly Written[]): RoomMistake[] {
  const mistakes: RoomMistake[] = [];
  for (const { element, value, path } of [...ALWAYS, ...written]) {
    const format = formatOf(spec, element);
    // Another rule names it.
    if (format === undefined) continue;
    const field = { ...format, element };
    if (fits(field, value.length) && isOfClass(value, field.class)) continue;
    const holds = `DE${element} holds ${field.class}, ${lengthsOf(field)}`;
    mistakes.push({ element, path: path ?? `elements.${element}.format`, rule: `${holds}: not what is written there` });
  }
  return mistakes;
}

const KPJ = '99999999999';
const AMOUNT = '99999999999';
const KEY = 'F'.repeat(32);
const CHECK = 'F'.repeat(6);

const TAGS: Readonly<Record<string, string>> = {
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

/** `additional` is DE48's table, `max` what DE48 holds, where that is known. */
export function checkTags(additional: TlvSpec, max: number | undefined): RoomMistake[] {
  const inside = additional.tags['MB']?.inside;
  const mistakes = [
    ...tooSmall(additional, TAGS, 'additional'),
    ...(inside === undefined ? [] : tooSmall(inside, MEMBERSHIP, 'additional.tags.MB.inside')),
  ];
  if (mistakes.length > 0 || inside === undefined || max === undefined) return mistakes;
  // A page that holds one membership, with the longest name and employer.
  const membership = Object.entries(MEMBERSHIP).map(([tag, value]) => ({
    tag,
    value: tag === 'NM' || tag === 'CO' ? value.repeat(inside.tags[tag]?.max ?? 100) : value,
  }));
  const head = ['PI', 'AS', 'KP'].map((tag) => ({ tag, value: TAGS[tag] ?? '' }));
  const page: readonly TlvInput[] = [...head, { tag: 'MB', value: membership }];
  const written = writeTlv(additional, page, '48', max);
  return written.ok
    ? []
    : [{ element: 48, path: 'additional', rule: `a reply with one membership does not fit: ${written.error.rule}` }];
}

function tooSmall(table: TlvSpec, values: Readonly<Record<string, string>>, path: string): RoomMistake[] {
  return Object.entries(values).flatMap(([tag, value]) => {
    if (table.tags[tag] === undefined) return [];
    const written = writeTlv(table, [{ tag, value }], '48', Number.MAX_SAFE_INTEGER);
    if (written.ok) return [];
    const rule = `holds ${written.error.rule}: not what is written there`;
    return [{ element: 48, path: `${path}.tags.${tag}`, rule }];
  });
}
