/** Track 2 as ISO/IEC 7813 defines it, read and checked before anything is asked of the customer. */

/** Sensitive: lives in the machine's context from reading to the return of the card, and nowhere else. */
export interface Card {
  readonly pan: string;
  /** Between the sentinels, `=` as separator: what the host gets. */
  readonly track2: string;
}

export type CardReading =
  | { readonly ok: true; readonly card: Card }
  | { readonly ok: false; readonly problem: 'not-accepted' | 'invalid' };

/** The check digit of ISO/IEC 7812-1 annex B. */
export function luhnHolds(pan: string): boolean {
  let sum = 0;
  for (let i = 0; i < pan.length; i += 1) {
    const digit = pan.charCodeAt(pan.length - 1 - i) - 48;
    const doubled = digit * 2;
    sum += i % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** ISO/IEC 7813 §5: PAN up to 19 digits, separator, YYMM, service code, discretionary data; 37 characters in all. */
const TRACK2 = /^(\d{12,19})=(\d{2})(0[1-9]|1[0-2])(\d{3})\d*$/;

/**
 * `not-accepted`: this is no debit card's track (wrong layout). `invalid`: it is, but the number fails its check digit.
 * Expiry is the host's to judge: it knows cards that were extended.
 */
export function readCard(track2: string): CardReading {
  const match = track2.length <= 37 ? TRACK2.exec(track2) : null;
  const pan = match?.[1];
  if (pan === undefined) return { ok: false, problem: 'not-accepted' };
  return luhnHolds(pan) ? { ok: true, card: { pan, track2 } } : { ok: false, problem: 'invalid' };
}
