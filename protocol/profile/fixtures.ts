/** For the tests of this folder: an invented terminal, card and memberships. */
import { withElements } from '../iso8583/message.ts';
import type { Message } from '../iso8583/message.ts';
import type { InquiryRequest, Membership } from './contract.ts';
import { buildInquiry } from './inquiry.ts';
import type { TerminalIdentity } from './inquiry.ts';
import { loadProfile } from './profile.ts';
import type { HostProfile } from './profile.ts';

export const TERMINAL: TerminalIdentity = {
  terminalId: 'ANJ00001',
  acceptorId: 'ANJUNGAN01',
  acceptorName: 'MAL PELAYANAN PUBLIK',
  acquirerId: '009',
};

export const REQUEST: InquiryRequest = {
  product: 'JHTBAL',
  language: 'id',
  track2: '9999990000000001=29125010000012300000',
  pinBlock: '0123456789ABCDEF',
  entry: 'stripe',
};

/** What the link adds. */
export const LINK_ELEMENTS = { 7: '1120090500', 11: '000001', 12: '160500', 13: '1120', 37: '632409000001' };

export function jhtProfile(): HostProfile {
  const profile = loadProfile('jht');
  if (!profile.ok) throw new Error(JSON.stringify(profile.error));
  return profile.value;
}

export function sentInquiry(profile: HostProfile, request: Partial<InquiryRequest> = {}): Message {
  return withElements(buildInquiry(profile, TERMINAL, { ...REQUEST, ...request }), LINK_ELEMENTS);
}

export function membership(index: number, more: Partial<Membership> = {}): Membership {
  return {
    kpj: String(19_000_000_001 + index),
    name: 'SITI AMINAH',
    employer: 'PT MAJU BERSAMA',
    segment: 'PU',
    status: 'active',
    programs: ['JHT', 'JKK', 'JKM', 'JP'],
    balance: 1_234_567_800 + index,
    contributions: 1_000_000_000,
    development: 234_567_800,
    lastContribution: '202610',
    lastPayment: '20261105',
    ...more,
  };
}

/** In no program with savings: a main path, never a balance of zero. */
export function withoutJht(index: number): Membership {
  const { kpj, name, employer } = membership(index);
  return { kpj, name, employer, segment: 'JK', status: 'active', programs: ['JKK', 'JKM'] };
}
