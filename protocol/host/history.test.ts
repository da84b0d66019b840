/** The history behind a balance: it adds up, it is always the same, and it reads like a working life. */
import { describe, expect, it } from 'vitest';
import type { Membership } from '../profile/contract.ts';
import { openDatabase } from '../storage/sqlite.ts';
import { contributionHistory, type ContributionHistory } from './history.ts';
import { addPersonas, openMembers } from './members.ts';
import { personas } from './personas.ts';
import { generateMember } from './population.ts';
import { persona, value } from './test-terminal.ts';

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

const everybody: readonly Membership[] = [
  ...personas.flatMap(({ memberships }) => memberships),
  ...Array.from({ length: 2000 }, (_, index) => generateMember(7, index).memberships).flat(),
];
const inJht: readonly [Membership, ContributionHistory][] = everybody.flatMap((one) => {
  const history = contributionHistory(one);
  return history === undefined ? [] : [[one, history]];
});

describe('the history of contributions', () => {
  it('is there exactly where there is JHT', () => {
    expect(inJht.map(([{ kpj }]) => kpj)).toEqual(
      everybody.filter(({ balance }) => balance !== undefined).map(({ kpj }) => kpj),
    );
  });

  it('adds up to the sen: months to the contributions, years to the development, both to the balance', () => {
    for (const [of, { months, years }] of inJht) {
      expect(sum(months.map(({ contribution }) => contribution))).toBe(of.contributions);
      if (months.length === 0) continue;
      expect(sum(years.map(({ contributions }) => contributions))).toBe(of.contributions);
      expect(sum(years.map(({ development }) => development))).toBe(of.development);
      expect(years[0]?.closing).toBe(of.balance);
      expect(years.at(-1)?.opening).toBe(0);
      for (const [index, { opening, contributions, development, closing }] of years.entries()) {
        expect(opening + contributions + development).toBe(closing);
        expect(opening).toBe(years[index + 1]?.closing ?? 0);
      }
    }
  });

  it('goes back month by month from the last contribution, with wages that the contributions are the share of', () => {
    let changes = 0;
    for (const [of, { months, employers }] of inJht) {
      if (months.length === 0) continue;
      expect(months[0]).toMatchObject({ period: of.lastContribution, employer: of.employer });
      const rate = of.segment === 'PU' || of.segment === 'JK' ? 0.057 : 0.02;
      const wrong = months.filter(
        ({ period, wage, contribution }, index) =>
          !/^[12]\d{3}(0[1-9]|1[0-2])$/.test(period) ||
          (index > 0 && period >= (months[index - 1]?.period ?? '')) ||
          Math.abs(wage * rate - contribution) > 0.5,
      );
      expect(wrong).toEqual([]);
      const average = sum(months.map(({ wage }) => wage)) / months.length;
      if (months.length > 1) expect(average).toBeGreaterThan(80_000_000);
      expect(average).toBeLessThan(4_000_000_000);
      expect(employers[0]).toMatchObject({ employer: of.employer, to: of.lastContribution });
      expect(employers.at(-1)?.from).toBe(months.at(-1)?.period);
      for (const { from, to } of employers) expect(from <= to).toBe(true);
      if (of.segment === 'BPU') expect(employers).toHaveLength(1);
      changes += employers.length - 1;
    }
    expect(changes).toBeGreaterThan(100);
  });

  it('is the same whenever it is asked for, and another for another membership', () => {
    for (const [of, history] of inJht.slice(0, 100)) expect(contributionHistory(of)).toEqual(history);
    const [first, second] = inJht.filter(([, { months }]) => months.length > 12);
    expect(first?.[1]).not.toEqual(second?.[1]);
  });

  it('is asked for by card and KPJ, and only of the card holder', () => {
    const database = value(openDatabase(':memory:'));
    const members = value(openMembers(database));
    value(addPersonas(members));
    const [multi, normal] = [persona('multi'), persona('normal')];
    const card = value(members.card(multi.pan));
    if (card === undefined) throw new Error('no card');
    const [, second] = multi.memberships;
    expect(value(members.history(card, second?.kpj ?? ''))?.months[0]?.employer).toBe(second?.employer);
    expect(value(members.history(card, normal.memberships[0]?.kpj ?? ''))).toBeUndefined();
    database.close();
  });
});
