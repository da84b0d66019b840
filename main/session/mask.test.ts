import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskCard, maskKpj, maskName } from './mask.ts';

describe('a card number', () => {
  it('keeps its last four digits', () => {
    expect(maskCard('9999360000000010')).toBe('******0010');
    expect(maskCard('9999360000000000007')).toBe('******0007');
  });
  it.each([
    '',
    '1',
    '1234',
    '1234567',
    '12345678901234567890',
    '9999 3600 0000 0010',
    '9999360000000010=3112520',
    '99993600x0000010',
    '9999360000000010\n',
  ])('hides all of %j', (text) => {
    expect(maskCard(text)).toBe('******');
  });
  it('never shows more than four digits in a row', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d{0,40}$/)), (text) =>
        /^\*{6}(\d{4})?$/.test(maskCard(text)),
      ),
    );
  });
});

describe('a KPJ', () => {
  it('keeps its first four and last two digits', () => {
    expect(maskKpj('19036000017')).toBe('1903•••••17');
  });
  it.each(['', '1903600001', '190360000170', '1903600001a', ' 19036000017', '19036000017\n', '3174051708900001'])(
    'hides all of %j',
    (text) => {
      expect(maskKpj(text)).toBe('•'.repeat(11));
    },
  );
  it('never shows the middle', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d{0,40}$/)), (text) =>
        /^(\d{4}•{5}\d{2}|•{11})$/.test(maskKpj(text)),
      ),
    );
  });
});

describe('a name', () => {
  it.each([
    ['Siti Rahmawati Contoh', 'S••• R•••••••• C•••••'],
    ['  Siti   Rahmawati ', 'S••• R••••••••'],
    ["Ma'ruf", 'M•••••'],
    ['I Wayan', 'I W••••'],
    ['', ''],
    ['Æsa', 'Æ••'],
  ])('%j is %j', (name, masked) => {
    expect(maskName(name)).toBe(masked);
  });
  it('shows of each word one letter at most', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), (name) => {
        for (const word of maskName(name).split(' ')) expect(word.replaceAll('•', '').length).toBeLessThanOrEqual(1);
      }),
    );
  });
});
