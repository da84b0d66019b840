/** Money, dates and times on the screen, written as the core writes them on paper (main/format.ts); months are the catalogue's. */
import { dateIn, formatRupiah, localTime, monthIn, type Zone } from '../main/contract.ts';

/** Sen (1/100 rupiah) to `Rp12.345.678`; `Rp12.345.678,50` where the sen are not zero; a minus sign before "Rp". */
export const formatMoney: (sen: number) => string = formatRupiah;

/** `YYYYMMDD` to `20 November 2026`; undefined where it is no calendar day. */
export function formatDate(yyyymmdd: string, months: readonly string[]): string | undefined {
  return dateIn(months, yyyymmdd);
}

/** `YYYYMM` to `November 2026`; undefined where there is no such month. */
export function formatMonth(yyyymm: string, months: readonly string[]): string | undefined {
  return monthIn(months, yyyymm);
}

/** Milliseconds since 1970 to `{ time: '09.05 WIB', date: '20 November 2026' }` at the terminal's place. */
export function formatClock(
  now: number,
  timeZone: string,
  zone: Zone,
  months: readonly string[],
): { readonly time: string; readonly date: string } {
  const local = localTime(now, timeZone, zone);
  return { time: local.time, date: dateIn(months, local.date) ?? '' };
}
