/**
 * Money, dates and times the way Indonesians write them: `Rp12.345.678`, `20 November 2026`, `09.05 WIB`. Pure functions.
 * Intl is used for the time zone only: its currency format puts U+00A0 after "Rp", which the official spelling has not.
 */
import type { Zone } from '../main/contract.ts';

/** Sen (1/100 rupiah) to `Rp12.345.678`; `Rp12.345.678,50` where the sen are not zero; a minus sign before "Rp". */
export function formatMoney(sen: number): string {
  if (!Number.isSafeInteger(sen)) throw new RangeError('an amount must be a whole number of sen');
  const absolute = Math.abs(sen);
  const rupiah = String(Math.floor(absolute / 100)).replace(/\B(?=(\d{3})+$)/g, '.');
  const rest = absolute % 100;
  return `${sen < 0 ? '-' : ''}Rp${rupiah}${rest === 0 ? '' : `,${String(rest).padStart(2, '0')}`}`;
}

/** `YYYYMMDD` to `20 November 2026`; undefined where it is no calendar day. */
export function formatDate(yyyymmdd: string, months: readonly string[]): string | undefined {
  if (!/^\d{8}$/.test(yyyymmdd)) return undefined;
  const year = Number(yyyymmdd.slice(0, 4));
  const month = Number(yyyymmdd.slice(4, 6));
  const day = Number(yyyymmdd.slice(6));
  const name = months[month - 1];
  const date = new Date(Date.UTC(year, month - 1, day));
  if (name === undefined || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  return `${day} ${name} ${year}`;
}

/** `YYYYMM` to `November 2026`; undefined where there is no such month. */
export function formatMonth(yyyymm: string, months: readonly string[]): string | undefined {
  if (!/^\d{6}$/.test(yyyymm)) return undefined;
  const name = months[Number(yyyymm.slice(4)) - 1];
  return name === undefined ? undefined : `${name} ${yyyymm.slice(0, 4)}`;
}

/** Milliseconds since 1970 to `{ time: '09.05 WIB', date: '20 November 2026' }` at the terminal's place. */
export function formatClock(
  now: number,
  timeZone: string,
  zone: Zone,
  months: readonly string[],
): { readonly time: string; readonly date: string } {
  const parts = new Map(
    new Intl.DateTimeFormat('en-GB', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
      .formatToParts(now)
      .map((part) => [part.type, part.value]),
  );
  const get = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
  const date = formatDate(`${get('year')}${get('month')}${get('day')}`, months) ?? '';
  return { time: `${get('hour')}.${get('minute')} ${zone}`, date };
}
