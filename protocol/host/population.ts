/** Any number of invented members, each computed from a seed and its index alone: the same everywhere, in any order. */
import type { Membership, MembershipStatus, Program, Segment } from '../profile/contract.ts';
import type { NewMember } from './members.ts';
import { PERSONA_PIN, simulatedPan } from './personas.ts';

/** Card numbers below this are the personas'. */
export const FIRST_CARD = 1_000_000;

const GIVEN =
  'Adi Ayu Bayu Citra Darma Eka Fajar Gita Hana Indra Jaka Kirana Laksmi Made Nia Oka Putu Ratih Surya Tirta Utari Wayan Yanti Zaki'.split(
    ' ',
  );
const MIDDLE =
  'Abimanyu Bestari Cahyana Dananjaya Ekaputra Firmanda Gumilar Harjanti Iswara Jatmika Kusnadi Lazuardi'.split(' ');
export const EMPLOYER_FORM = ['PT', 'CV', 'Koperasi', 'Yayasan', 'UD'];
export const EMPLOYER_NAME = 'Makmur Sentosa Abadi Jaya Mandiri Lestari Bahari Nusa Cemerlang Sejati'.split(' ');
export const EMPLOYER_TRADE = 'Tekstil Logistik Konstruksi Perkebunan Elektronik Pangan Retail Medika'.split(' ');

/** mulberry32 over a mixed start value: small, quick, the same on every machine. */
export function numbers(seed: number, index: number): () => number {
  let state = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35)) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The shares follow what is known of the real population: a third inactive, many without JHT, few with several KPJ. */
export function generateMember(seed: number, index: number): NewMember {
  const random = numbers(seed, index);
  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = <T>(from: readonly [T, ...T[]] | readonly T[]): T => {
    const chosen = from[below(from.length)];
    if (chosen === undefined) throw new Error('an empty table');
    return chosen;
  };
  const name = `${pick(GIVEN)} ${pick(MIDDLE)} Contoh`;
  const memberships: Membership[] = [];
  const several = random();
  const count = several < 0.03 ? 0 : several < 0.85 ? 1 : several < 0.95 ? 2 : 3;
  for (let place = 0; place < count; place += 1) memberships.push(membership(place));
  return { pan: simulatedPan(FIRST_CARD + index), pin: PERSONA_PIN, card: 'open', answersAfter: 0, memberships };

  function membership(place: number): Membership {
    const segment: Segment = random() < 0.75 ? 'PU' : pick(['BPU', 'JK', 'PMI'] as const);
    const active = place === 0 && random() < 0.68;
    const status: MembershipStatus = active ? 'active' : place > 0 && random() < 0.2 ? 'claimed' : 'inactive';
    const inJht = segment === 'PU' || random() < 0.3;
    const year = active ? 2026 : 2026 - (place + 1) * (1 + below(3));
    const month = active ? 10 : 1 + below(12);
    const period = `${year}${String(month).padStart(2, '0')}`;
    const programs: Program[] = inJht ? ['JHT', 'JKK', 'JKM'] : ['JKK', 'JKM'];
    if (inJht && segment === 'PU') programs.push('JP');
    const contributions = status === 'claimed' ? 0 : (1 + below(600)) * 10_250_000;
    const development = Math.round(contributions * random() * 0.4);
    return {
      // Two digits for the age of the number, eight for the card, one for the place: never the same twice.
      kpj: `${String(year % 100).padStart(2, '0')}${String(index % 100_000_000).padStart(8, '0')}${place}`,
      name,
      employer:
        segment === 'BPU' ? 'Mandiri' : `${pick(EMPLOYER_FORM)} Contoh ${pick(EMPLOYER_NAME)} ${pick(EMPLOYER_TRADE)}`,
      segment,
      status,
      programs,
      ...(inJht ? { contributions, development, balance: contributions + development } : {}),
      lastContribution: period,
      lastPayment: `${period}${String(1 + below(28)).padStart(2, '0')}`,
    };
  }
}
