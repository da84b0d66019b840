/** One membership as tags (`MB` of DE48), both directions. */
import type { TlvEntry, TlvInput } from '../iso8583/tlv.ts';
import { findTag } from '../iso8583/tlv.ts';
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import type { Membership, MembershipStatus, Program, Segment } from './contract.ts';
import type { HostProfile } from './profile.ts';

const STATUS: Readonly<Record<string, MembershipStatus>> = { A: 'active', N: 'inactive', C: 'claimed' };
const SEGMENTS: readonly Segment[] = ['PU', 'BPU', 'JK', 'PMI'];
const PROGRAMS: readonly Program[] = ['JHT', 'JKK', 'JKM', 'JP', 'JKP'];

interface Mistake {
  readonly path: string;
  readonly rule: string;
}

/** YYYYMMDD, a day that exists. */
export function isDate(text: string): boolean {
  const match = /^([0-9]{4})([0-9]{2})([0-9]{2})$/.exec(text);
  if (match === null) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

const isMonth = (text: string): boolean => isDate(`${text}01`);

/** Signed minor units; undefined when it is no such number, or too great to be exact. */
function readAmount(text: string): number | undefined {
  if (!/^[+-]?[0-9]{1,15}$/.test(text)) return undefined;
  const amount = Number(text);
  return amount === 0 ? 0 : amount;
}

function readPrograms(text: string): readonly Program[] | undefined {
  const programs: Program[] = [];
  for (const part of text.split(',')) {
    const program = PROGRAMS.find((one) => one === part);
    if (program === undefined || programs.includes(program)) return undefined;
    programs.push(program);
  }
  return programs;
}

/** `path` is where the membership stands: `48.MB[2]`. */
export function readMembership(entries: readonly TlvEntry[], path: string): Result<Membership, Mistake> {
  const wrong = (tag: string, rule: string): Result<never, Mistake> => fail({ path: `${path}.${tag}`, rule });
  const texts: Record<string, string> = {};
  for (const tag of ['KP', 'NM', 'CO', 'SG', 'ST', 'PR']) {
    const value = findTag(entries, tag);
    if (value === undefined) return wrong(tag, 'is missing');
    texts[tag] = value;
  }
  const { KP: kpj = '', NM: name = '', CO: employer = '', SG = '', ST = '', PR = '' } = texts;
  const segment = SEGMENTS.find((one) => one === SG);
  if (segment === undefined) return wrong('SG', `one of ${SEGMENTS.join(' ')}`);
  const status = Object.hasOwn(STATUS, ST) ? STATUS[ST] : undefined;
  if (status === undefined) return wrong('ST', `one of ${Object.keys(STATUS).join(' ')}`);
  const programs = readPrograms(PR);
  if (programs === undefined) return wrong('PR', `${PROGRAMS.join(' ')}, each once, commas between`);

  const amounts: Record<string, number> = {};
  for (const tag of ['BL', 'CT', 'DV']) {
    const text = findTag(entries, tag);
    if (text === undefined) continue;
    const amount = readAmount(text);
    if (amount === undefined) return wrong(tag, 'a whole number of sen, at most 15 digits');
    amounts[tag] = amount;
  }
  const { BL: balance, CT: contributions, DV: development } = amounts;
  const inJht = programs.includes('JHT');
  if (balance === undefined && inJht) return wrong('BL', 'is missing where PR has JHT');
  if (balance !== undefined && !inJht) return wrong('BL', 'is absent where PR has no JHT');
  if (balance === undefined && contributions !== undefined) return wrong('CT', 'is absent where BL is');
  if (balance === undefined && development !== undefined) return wrong('DV', 'is absent where BL is');

  const lastContribution = findTag(entries, 'LC');
  if (lastContribution !== undefined && !isMonth(lastContribution)) return wrong('LC', 'a month, YYYYMM');
  const lastPayment = findTag(entries, 'LP');
  if (lastPayment !== undefined && !isDate(lastPayment)) return wrong('LP', 'a date, YYYYMMDD');
  return ok({
    kpj,
    name,
    employer,
    segment,
    status,
    programs,
    ...(balance === undefined ? {} : { balance }),
    ...(contributions === undefined ? {} : { contributions }),
    ...(development === undefined ? {} : { development }),
    ...(lastContribution === undefined ? {} : { lastContribution }),
    ...(lastPayment === undefined ? {} : { lastPayment }),
  });
}

/** Text as the wire has it: printable ASCII, accents dropped, cut to what the tag holds. */
function plain(profile: HostProfile, tag: string, text: string): string {
  const max = profile.places.reply.table.tags[profile.tag('MB')]?.inside?.tags[tag]?.max ?? 100;
  const ascii = text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^\x20-\x7e]/g, '?');
  return ascii.slice(0, max);
}

export function writeMembership(profile: HostProfile, membership: Membership): readonly TlvInput[] {
  const status = Object.keys(STATUS).find((code) => STATUS[code] === membership.status) ?? '';
  const entries: TlvInput[] = [
    { tag: 'KP', value: membership.kpj },
    { tag: 'NM', value: plain(profile, 'NM', membership.name) },
    { tag: 'CO', value: plain(profile, 'CO', membership.employer) },
    { tag: 'SG', value: membership.segment },
    { tag: 'ST', value: status },
    { tag: 'PR', value: membership.programs.join(',') },
  ];
  const optional: readonly (readonly [string, number | string | undefined])[] = [
    ['BL', membership.balance],
    ['CT', membership.contributions],
    ['DV', membership.development],
    ['LC', membership.lastContribution],
    ['LP', membership.lastPayment],
  ];
  for (const [tag, value] of optional) if (value !== undefined) entries.push({ tag, value: `${value}` });
  return entries;
}
