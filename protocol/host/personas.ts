/**
 * The invented people of the simulation: one card each, one thing to see each. Every PIN is 123456.
 *
 * Card numbers begin 9999 36. ISO/IEC 7812-1 keeps first digit 9 for national numbers, followed by the country's
 * ISO 3166-1 code; codes 900 to 999 are left to users and belong to no country, so 9999 is no issuer's anywhere.
 */
import type { Membership } from '../profile/contract.ts';
import { PERSONA_TABLE, STRIPE, type PersonaEntry } from './persona-table.ts';

/** What a session with the right PIN comes to. */
export type Outcome =
  | 'balance'
  | 'several'
  | 'not-in-jht'
  | 'not-linked'
  | 'card-expired'
  | 'card-refused'
  | 'retained'
  | 'host-silent';

export type CardStatus = 'open' | 'blocked' | 'stolen' | 'lost';

export type PersonaId =
  | 'normal'
  | 'multi'
  | 'inactive'
  | 'no-jht'
  | 'unlinked'
  | 'large'
  | 'long-name'
  | 'expired'
  | 'blocked'
  | 'stolen'
  | 'slow'
  | 'silent'
  | 'stripe-only'
  | 'chip';

export interface Persona {
  readonly id: PersonaId;
  readonly name: string;
  /** What this persona shows, one line. */
  readonly note: { readonly id: string; readonly en: string };
  /** 16 digits, Luhn-valid. */
  readonly pan: string;
  /** Between the sentinels, ISO/IEC 7813. */
  readonly track1: string;
  readonly track2: string;
  readonly serviceCode: string;
  readonly expected: Outcome;
  /** What the host knows of the card, beyond its number. */
  readonly card: CardStatus;
  /** Milliseconds the host takes to answer for this card, or never. */
  readonly answersAfter: number | 'never';
  /** Newest first. */
  readonly memberships: readonly Membership[];
}

export const PERSONA_PIN = '123456';

/** Issuer part of every card number of the simulation. */
export const SIMULATED_BIN = '999936';

/** The PAN with this number (0..999,999,999) in the simulation's range. */
export function simulatedPan(number: number): string {
  const body = SIMULATED_BIN + String(number).padStart(9, '0');
  return body + luhnDigit(body);
}

/** ISO/IEC 7812-1 annex B: the check digit that makes `body` valid. */
function luhnDigit(body: string): string {
  let sum = 0;
  for (let index = 0; index < body.length; index += 1) {
    const digit = Number(body[body.length - 1 - index]);
    const weighted = index % 2 === 0 ? digit * 2 : digit;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return String((10 - (sum % 10)) % 10);
}

/** ISO/IEC 7813: PAN, name, expiry YYMM, service code, discretionary data; 76 and 37 characters at most. */
function toPersona(entry: PersonaEntry, index: number): Persona {
  const pan = simulatedPan(index + 1);
  const serviceCode = entry.serviceCode ?? STRIPE;
  const expiry = entry.expiry ?? '3112';
  // Discretionary data in place of PVKI, PVV and CVV; the simulated issuer reads none of it.
  const rest = `${expiry}${serviceCode}${String(index + 1).padStart(10, '0')}`;
  return {
    id: entry.id,
    name: entry.name,
    note: entry.note,
    pan,
    track1: `B${pan}^${entry.embossed}^${rest}`,
    track2: `${pan}=${rest}`,
    serviceCode,
    expected: entry.expected,
    card: entry.card ?? 'open',
    answersAfter: entry.answersAfter ?? 0,
    memberships: entry.memberships,
  };
}

export const personas: readonly Persona[] = PERSONA_TABLE.map(toPersona);
