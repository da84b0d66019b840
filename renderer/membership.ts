/** What is said about a membership, in the order it is said: shared by the drawn screen and the outline. Pure. */
import type { MembershipView } from '../main/contract.ts';
import { formatDate, formatMonth } from './format.ts';
import type { Strings } from './strings/catalogue.ts';

export interface Fact {
  readonly key: 'name' | 'kpj' | 'employer' | 'segment' | 'status' | 'last' | 'payment';
  readonly label: string;
  readonly value: string;
  /** Masked unless the customer presses "show". */
  readonly masked: boolean;
}

export function facts(membership: MembershipView, strings: Strings): readonly Fact[] {
  const { result, segments, statuses, months } = strings;
  const last = membership.lastContribution === undefined ? undefined : formatMonth(membership.lastContribution, months);
  const payment = membership.lastPayment === undefined ? undefined : formatDate(membership.lastPayment, months);
  return [
    { key: 'name', label: result.name, value: membership.name, masked: true },
    { key: 'kpj', label: result.kpj, value: membership.kpj, masked: true },
    { key: 'employer', label: result.employer, value: membership.employer, masked: false },
    { key: 'segment', label: result.segment, value: segments[membership.segment], masked: false },
    { key: 'status', label: result.status, value: statuses[membership.status], masked: false },
    ...(last === undefined ? [] : [{ key: 'last', label: result.last, value: last, masked: false } as const]),
    ...(payment === undefined
      ? []
      : [{ key: 'payment', label: result.lastPayment, value: payment, masked: false } as const]),
  ];
}

/** "Nama: S••• R•••••": one fact as one line. */
export function factLine(fact: Pick<Fact, 'label' | 'value'>): string {
  return `${fact.label}: ${fact.value}`;
}

/** A kind word where the status is not "active"; undefined where it is. */
export function statusNote(membership: MembershipView, strings: Strings): string | undefined {
  if (membership.status === 'active') return undefined;
  return membership.jht === undefined ? strings.noJht[membership.status] : strings.result[membership.status];
}

/** How to join JHT: an employed worker asks the employer, everybody else signs up. */
export function howToJoin(membership: MembershipView, strings: Strings): string {
  return membership.segment === 'PU' ? strings.noJht.employed : strings.noJht.own;
}

/** The day the figures are of. */
export function asOfLine(asOf: string | undefined, strings: Strings): string {
  const date = asOf === undefined ? undefined : formatDate(asOf, strings.months);
  return date === undefined ? strings.result.asOfUnknown : strings.result.asOf(date);
}
