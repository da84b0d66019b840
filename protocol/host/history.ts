/**
 * What is behind a membership's balance: the contribution and wage of every month, the employers, and what each year
 * developed. Worked out when it is asked for, from the membership alone: nothing of it is stored, and it is the same
 * whenever and wherever it is asked.
 *
 * It adds up to the sen: contributions of the months = contributions, development of the years = development, and both
 * together the balance. Amounts are in sen.
 */
import type { Membership, Segment } from '../profile/contract.ts';
import { EMPLOYER_FORM, EMPLOYER_NAME, EMPLOYER_TRADE, numbers } from './population.ts';

export interface ContributionMonth {
  /** YYYYMM */
  readonly period: string;
  readonly employer: string;
  /** Monthly, as it was reported. */
  readonly wage: number;
  readonly contribution: number;
}

export interface Employment {
  readonly employer: string;
  /** YYYYMM, both inclusive. */
  readonly from: string;
  readonly to: string;
}

export interface DevelopmentYear {
  /** YYYY */
  readonly year: string;
  /** Balance at its beginning. */
  readonly opening: number;
  readonly contributions: number;
  readonly development: number;
  /** opening + contributions + development; the last year's is the balance. */
  readonly closing: number;
}

export interface ContributionHistory {
  /** Newest first. Months without work are not there. */
  readonly months: readonly ContributionMonth[];
  /** Newest first. */
  readonly employers: readonly Employment[];
  /** Newest first, without gaps. */
  readonly years: readonly DevelopmentYear[];
}

/**
 * JHT's share of the wage, in parts of 10,000: 3.7 % of the employer and 2 % of the worker (PP 46/2015 art. 16);
 * for those without an employer 2 %.
 */
const RATE: Readonly<Record<Segment, number>> = { PU: 570, BPU: 200, JK: 570, PMI: 200 };
const RATE_OF = 10_000;

/** Forty years, the longest working life there is here. */
const MAX_MONTHS = 480;
/** Average monthly wages that are believed, in sen. */
const WAGES = { least: 100_000_000, most: 2_500_000_000 } as const;
/** What a balance develops in a year, about. */
const YIELD = 0.058;

/** Undefined where there is no JHT, and so no history. `until` is the year that development is counted to: YYYY. */
export function contributionHistory(of: Membership, until = '2026'): ContributionHistory | undefined {
  const { contributions = 0, development = 0, balance, lastContribution } = of;
  if (balance === undefined) return undefined;
  if (lastContribution === undefined || contributions <= 0) return { months: [], employers: [], years: [] };
  const months = workMonths(of, contributions, lastContribution);
  return { months, employers: employments(months), years: developmentYears(months, development, until) };
}

const monthNumber = (period: string): number => Number(period.slice(0, 4)) * 12 + Number(period.slice(4)) - 1;
const periodOf = (month: number): string => `${Math.floor(month / 12)}${String((month % 12) + 1).padStart(2, '0')}`;

/** How long it took: what has developed tells it, as long as the wages stay believable. */
function monthsWorked(contributions: number, development: number, rate: number): number {
  const monthly = (wage: number): number => contributions / ((wage * rate) / RATE_OF);
  const developed = (24 * Math.max(0, development)) / contributions / YIELD;
  const months = Math.min(monthly(WAGES.least), Math.max(monthly(WAGES.most), developed));
  return Math.min(MAX_MONTHS, Math.max(1, Math.round(months)));
}

/** Backwards from the last month. */
function workMonths(of: Membership, contributions: number, last: string): ContributionMonth[] {
  const random = numbers(Number(of.kpj.slice(0, 6)), Number(of.kpj.slice(6)));
  const pick = (from: readonly string[]): string => from[Math.floor(random() * from.length)] ?? '';
  const rate = RATE[of.segment];
  const worked: { readonly month: number; readonly employer: string; readonly wage: number }[] = [];
  const count = monthsWorked(contributions, of.development ?? 0, rate);
  let wage = 1_000_000;
  let { employer } = of;
  let month = monthNumber(last);
  let stay = 18 + Math.floor(random() * 72);
  let paid = 0;
  while (worked.length < count) {
    worked.push({ month, employer, wage });
    paid += (wage * rate) / RATE_OF;
    stay -= 1;
    // Wages rise in January: the year before had less.
    if (month % 12 === 0) wage = Math.round(wage / (1.03 + random() * 0.06));
    month -= 1;
    if (stay > 0 || of.segment === 'BPU') continue;
    employer = `${pick(EMPLOYER_FORM)} Contoh ${pick(EMPLOYER_NAME)} ${pick(EMPLOYER_TRADE)}`;
    month -= Math.floor(random() * 5);
    wage = Math.round(wage * (0.85 + random() * 0.15));
    stay = 18 + Math.floor(random() * 72);
  }
  // What was contributed in fact, in the proportions of these wages: sums are rounded, so that no sen is lost.
  let sum = 0;
  let given = 0;
  return worked.map((one) => {
    sum += (one.wage * rate) / RATE_OF;
    const before = given;
    given = Math.round(contributions * (sum / paid));
    const contribution = given - before;
    const { employer: at } = one;
    return {
      period: periodOf(one.month),
      employer: at,
      wage: Math.round((contribution * RATE_OF) / rate),
      contribution,
    };
  });
}

function employments(months: readonly ContributionMonth[]): Employment[] {
  const found: { employer: string; from: string; to: string }[] = [];
  for (const { employer, period } of months) {
    const latest = found.at(-1);
    if (latest?.employer === employer) latest.from = period;
    else found.push({ employer, from: period, to: period });
  }
  return found;
}

/** Each year's part of the development is in proportion to what there was to develop, at that year's rate. */
function developmentYears(
  months: readonly ContributionMonth[],
  development: number,
  until: string,
): readonly DevelopmentYear[] {
  const first = Number(months.at(-1)?.period.slice(0, 4));
  const last = Math.max(Number(until), Number(months[0]?.period.slice(0, 4)));
  const paidIn = new Map<number, number>();
  const weights: number[] = [];
  let standing = 0;
  for (const { period, contribution } of months) {
    const year = Number(period.slice(0, 4));
    paidIn.set(year, (paidIn.get(year) ?? 0) + contribution);
  }
  for (let year = first; year <= last; year += 1) {
    const paid = paidIn.get(year) ?? 0;
    // 5.0 to 7.2 %, the same for everybody in a year; on average half of the year's own contributions take part.
    const rate = 0.05 + ((year * 7) % 12) * 0.002;
    const developed = (standing + paid / 2) * rate;
    weights.push(developed);
    standing += paid + developed;
  }
  const all = weights.reduce((sum, one) => sum + one, 0);
  const years: DevelopmentYear[] = [];
  let weighed = 0;
  let given = 0;
  let opening = 0;
  for (const [index, weight] of weights.entries()) {
    const year = first + index;
    weighed += weight;
    const before = given;
    given = Math.round(development * (weighed / all));
    const paid = paidIn.get(year) ?? 0;
    const closing = opening + paid + given - before;
    years.push({ year: String(year), opening, contributions: paid, development: given - before, closing });
    opening = closing;
  }
  return years.reverse();
}
