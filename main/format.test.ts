import { describe, expect, it } from 'vitest';
import { dateIn, formatDate, formatMonth, formatRupiah, localTime, monthIn } from './format.ts';

describe('rupiah', () => {
  it.each([
    [0, 'Rp0'],
    [-0, 'Rp0'],
    [1, 'Rp0,01'],
    [50, 'Rp0,50'],
    [100, 'Rp1'],
    [99_900, 'Rp999'],
    [100_000, 'Rp1.000'],
    [123_450, 'Rp1.234,50'],
    [4_567_890_000, 'Rp45.678.900'],
    [48_765_231_875, 'Rp487.652.318,75'],
    [-50_000, '-Rp500'],
    [-5, '-Rp0,05'],
    [Number.MAX_SAFE_INTEGER, 'Rp90.071.992.547.409,91'],
  ])('%d sen is %s', (sen, text) => {
    expect(formatRupiah(sen)).toBe(text);
  });
  it.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('%d is no amount', (sen) => {
    expect(() => formatRupiah(sen)).toThrow(RangeError);
  });
});

describe('dates', () => {
  it('have the language of the customer', () => {
    expect(formatDate('20261120', 'id')).toBe('20 November 2026');
    expect(formatDate('20260801', 'id')).toBe('1 Agustus 2026');
    expect(formatDate('20260801', 'en')).toBe('1 August 2026');
    expect(formatMonth('202610', 'id')).toBe('Oktober 2026');
    expect(formatMonth('202610', 'en')).toBe('October 2026');
  });
  it.each(['', '2026', '20260230', '20270229', '20261301', '20260001', '20260100', '2026-1-1', '٢٠٢٦١١٢٠'])(
    '%j is no day, and stays as it is',
    (text) => {
      expect(dateIn(Array<string>(12).fill('x'), text)).toBeUndefined();
      expect(formatDate(text, 'id')).toBe(text);
    },
  );
  it.each(['', '2026', '202613', '202600', '20261120'])('%j is no month, and stays as it is', (text) => {
    expect(monthIn(Array<string>(12).fill('x'), text)).toBeUndefined();
    expect(formatMonth(text, 'id')).toBe(text);
  });
  it('have twelve months in each language', () => {
    for (const language of ['id', 'en'] as const) {
      const months = Array.from({ length: 12 }, (_, index) =>
        formatMonth(`2026${String(index + 1).padStart(2, '0')}`, language),
      );
      expect(new Set(months).size).toBe(12);
    }
  });
});

describe('the time at the terminal', () => {
  it.each([
    ['Asia/Jakarta', 'WIB', { date: '20261231', time: '23.59 WIB' }],
    ['Asia/Makassar', 'WITA', { date: '20270101', time: '00.59 WITA' }],
    ['Asia/Jayapura', 'WIT', { date: '20270101', time: '01.59 WIT' }],
  ] as const)('%s', (timeZone, zone, local) => {
    expect(localTime(Date.UTC(2026, 11, 31, 16, 59, 59), timeZone, zone)).toEqual(local);
  });
});
