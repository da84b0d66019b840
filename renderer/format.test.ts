import { describe, expect, it } from 'vitest';
import { formatRupiah } from '../main/contract.ts';
import { formatClock, formatDate, formatMoney, formatMonth } from './format.ts';
import { en } from './strings/en.ts';
import { id } from './strings/id.ts';

describe('money', () => {
  it.each([
    [0, 'Rp0'],
    [100, 'Rp1'],
    [5, 'Rp0,05'],
    [1_234_567_800, 'Rp12.345.678'],
    [1_234_567_850, 'Rp12.345.678,50'],
    [100_000, 'Rp1.000'],
    [99_999_999_999_999, 'Rp999.999.999.999,99'],
    [-150_000, '-Rp1.500'],
  ])('%d sen is %s', (sen, text) => expect(formatMoney(sen)).toBe(text));

  it('has no space of any kind', () => expect(formatMoney(123_456_789_00)).not.toMatch(/\s/));
  it('is the same on screen and on paper', () => expect(formatMoney).toBe(formatRupiah));
  it('refuses fractions of a sen', () => expect(() => formatMoney(0.5)).toThrow(RangeError));
});

describe('dates', () => {
  it('writes the month in the language', () => {
    expect(formatDate('20260805', id.months)).toBe('5 Agustus 2026');
    expect(formatDate('20260805', en.months)).toBe('5 August 2026');
    expect(formatMonth('202612', id.months)).toBe('Desember 2026');
  });
  it.each(['20260230', '20261301', '2026-08-05', '', '202608'])('%s is no day', (text) =>
    expect(formatDate(text, id.months)).toBeUndefined(),
  );
  it.each(['202613', '202600', '20261'])('%s is no month', (text) =>
    expect(formatMonth(text, id.months)).toBeUndefined(),
  );
  it('knows leap years', () => expect(formatDate('20280229', id.months)).toBe('29 Februari 2028'));
});

describe('the clock', () => {
  const newYear = Date.UTC(2026, 11, 31, 17, 5);
  it('shows the time of the terminal, not of the computer', () => {
    expect(formatClock(newYear, 'Asia/Jakarta', 'WIB', id.months)).toEqual({
      time: '00.05 WIB',
      date: '1 Januari 2027',
    });
    expect(formatClock(newYear, 'Asia/Jayapura', 'WIT', en.months)).toEqual({
      time: '02.05 WIT',
      date: '1 January 2027',
    });
    expect(formatClock(newYear, 'UTC', 'WIB', en.months)).toEqual({ time: '17.05 WIB', date: '31 December 2026' });
  });
});
