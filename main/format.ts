/** Money, dates and times as Indonesia writes them, on the screen and on paper alike. Plain ASCII: a thermal printer reads it. */
import type { Language, Zone } from './contract.ts';

const MONTHS: Readonly<Record<Language, readonly string[]>> = {
  id: [
    'Januari',
    'Februari',
    'Maret',
    'April',
    'Mei',
    'Juni',
    'Juli',
    'Agustus',
    'September',
    'Oktober',
    'November',
    'Desember',
  ],
  en: [
    'January',
    'February',
    'March',
    'April',
    'May',
    'June',
    'July',
    'August',
    'September',
    'October',
    'November',
    'December',
  ],
};

/**
 * From sen (1/100 rupiah): `Rp12.345.678`, decimals only where not zero: `Rp1.234,50`; `-Rp500`. The official spelling in
 * both languages, which has no space. Throws a RangeError for what is no whole number of sen.
 */
export function formatRupiah(sen: number): string {
  if (!Number.isSafeInteger(sen)) throw new RangeError('an amount must be a whole number of sen');
  const whole = Math.trunc(Math.abs(sen) / 100);
  const cents = Math.abs(sen) % 100;
  const grouped = String(whole).replace(/\B(?=(\d{3})+$)/g, '.');
  return `${sen < 0 ? '-' : ''}Rp${grouped}${cents === 0 ? '' : `,${String(cents).padStart(2, '0')}`}`;
}

/** From YYYYMMDD: `20 November 2026`, with the month as `months` (twelve, January first) calls it; undefined for what is no day. */
export function dateIn(months: readonly string[], date: string): string | undefined {
  if (!/^\d{8}$/.test(date)) return undefined;
  const [year, month, day] = [Number(date.slice(0, 4)), Number(date.slice(4, 6)), Number(date.slice(6))];
  const name = months[month - 1];
  const found = new Date(Date.UTC(year, month - 1, day));
  if (name === undefined || found.getUTCMonth() !== month - 1 || found.getUTCDate() !== day) return undefined;
  return `${day} ${name} ${date.slice(0, 4)}`;
}

/** From YYYYMM: `November 2026`; undefined for what is no month. */
export function monthIn(months: readonly string[], yearMonth: string): string | undefined {
  if (!/^\d{6}$/.test(yearMonth)) return undefined;
  const name = months[Number(yearMonth.slice(4)) - 1];
  return name === undefined ? undefined : `${name} ${yearMonth.slice(0, 4)}`;
}

/** As `dateIn`; what is no date stays as it is. */
export function formatDate(date: string, language: Language): string {
  return dateIn(MONTHS[language], date) ?? date;
}

/** As `monthIn`; what is no month stays as it is. */
export function formatMonth(yearMonth: string, language: Language): string {
  return monthIn(MONTHS[language], yearMonth) ?? yearMonth;
}

export interface LocalTime {
  /** YYYYMMDD */
  readonly date: string;
  /** `09.05 WIB` */
  readonly time: string;
}

/** Wall-clock time at the terminal. `timeZone` is an IANA name. */
export function localTime(at: number, timeZone: string, zone: Zone): LocalTime {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((p) => p.type === type)?.value ?? '';
  return { date: `${part('year')}${part('month')}${part('day')}`, time: `${part('hour')}.${part('minute')} ${zone}` };
}
