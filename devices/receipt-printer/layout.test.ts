import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Receipt, ReceiptLine } from './contract.ts';
import { MAX_QR_BYTES, layOut, printableText, receiptText, type LaidLine } from './layout.ts';

const COLUMNS = [32, 42, 48] as const;
const receipt = (...lines: readonly ReceiptLine[]): Receipt => ({ lines });

function laid(columns: number, ...lines: readonly ReceiptLine[]): readonly LaidLine[] {
  const result = layOut(receipt(...lines), columns);
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
}

const texts = (lines: readonly LaidLine[]): readonly string[] =>
  lines.map((line) => (line.kind === 'blank' ? '' : line.text));

describe('printableText', () => {
  it.each([
    ['Rp\u00a012.345.678,00', 'Rp 12.345.678,00'],
    ['“Simpan” ‘struk’ — ini…', '"Simpan" \'struk\' - ini...'],
    ['• kartu · 1900•••••12', '* kartu - 1900*****12'],
    ['Ñañéç Żółw ß æ', 'Nanec Zolw ss ae'],
    ['a\u00ad\u200bb\ufeff', 'ab'],
    ['tab\tline\nnew\r\nend', 'tab line new end'],
    ['日本 😀', '?? ?'],
    ['\u001b@\u001dV\u0000', '@ V'],
  ])('%j becomes %j', (text, plain) => {
    expect(printableText(text)).toBe(plain);
  });

  it('is printable ASCII whatever comes in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        expect(printableText(text)).toMatch(/^[\x20-\x7e]*$/);
      }),
    );
  });
});

describe('layout', () => {
  const line: fc.Arbitrary<ReceiptLine> = fc.oneof(
    fc.record({
      kind: fc.constant('text' as const),
      text: fc.string({ unit: 'grapheme', maxLength: 120 }),
      align: fc.constantFrom('left' as const, 'center' as const, 'right' as const),
      bold: fc.boolean(),
      large: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('pair' as const),
      label: fc.string({ unit: 'grapheme', maxLength: 60 }),
      value: fc.string({ unit: 'grapheme', maxLength: 60 }),
    }),
    fc.constant<ReceiptLine>({ kind: 'rule' }),
    fc.constant<ReceiptLine>({ kind: 'space' }),
  );

  it.each(COLUMNS)('keeps every line within %i columns and loses nothing that can be read', (columns) => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        for (const one of lines) {
          const out = laid(columns, one);
          for (const each of out) {
            if (each.kind !== 'text') continue;
            expect(each.text.length * (each.large ? 2 : 1)).toBeLessThanOrEqual(columns);
            expect(each.text).toMatch(/^[\x20-\x7e]*$/);
          }
          if (one.kind !== 'text' && one.kind !== 'pair') continue;
          const before = printableText(one.kind === 'text' ? one.text : `${one.label} ${one.value}`);
          expect(texts(out).join('').replaceAll(' ', '')).toBe(before.replaceAll(' ', ''));
        }
      }),
    );
  });

  it('never breaks a word that fits on a line', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,32}$/), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(words, fc.constantFrom(...COLUMNS), (given, columns) => {
        const out = texts(laid(columns, { kind: 'text', text: given.join(' ') }));
        expect(out.join(' ').split(' ')).toEqual(given);
      }),
    );
  });

  it('puts a pair on one line when it fits, else the value below, at the right', () => {
    expect(texts(laid(32, { kind: 'pair', label: 'Saldo', value: 'Rp 12.345.678' }))).toEqual([
      'Saldo              Rp 12.345.678',
    ]);
    expect(texts(laid(32, { kind: 'pair', label: 'Saldo Jaminan Hari Tua', value: 'Rp\u00a0112.345.678,00' }))).toEqual(
      ['Saldo Jaminan Hari Tua', '               Rp 112.345.678,00'],
    );
    // Exactly full but for one space, and one character more.
    expect(laid(32, { kind: 'pair', label: 'a'.repeat(20), value: 'b'.repeat(11) })).toHaveLength(1);
    expect(laid(32, { kind: 'pair', label: 'a'.repeat(20), value: 'b'.repeat(12) })).toHaveLength(2);
  });

  it.each(COLUMNS)('lays out the longest name and amount at %i columns', (columns) => {
    const employer = 'PT Perkebunan Nusantara Sejahtera Makmur Abadi Indonesia Timur (Persero) Tbk';
    const out = laid(
      columns,
      { kind: 'pair', label: 'Perusahaan', value: employer },
      { kind: 'pair', label: 'Saldo JHT', value: 'Rp\u00a0999.999.999.999,99' },
    );
    const all = texts(out);
    expect(all.at(-1)).toMatch(/Rp 999\.999\.999\.999,99$/);
    expect(all.slice(1, -1).join(' ').replaceAll(/ +/g, ' ').trim()).toBe(employer);
    for (const each of all) expect(each.length).toBeLessThanOrEqual(columns);
  });

  it('does not cut an amount in two to have it large', () => {
    expect(laid(32, { kind: 'text', text: 'Rp\u00a01.234.567.890', large: true })).toEqual([
      { kind: 'text', text: 'Rp 1.234.567.890', align: 'left', bold: false, large: true },
    ]);
    expect(laid(32, { kind: 'text', text: 'Rp\u00a012.345.678.901', large: true })).toEqual([
      { kind: 'text', text: 'Rp 12.345.678.901', align: 'left', bold: true, large: false },
    ]);
  });

  it('keeps blank lines between the lines of a text', () => {
    expect(texts(laid(32, { kind: 'text', text: 'a\n\nb' }))).toEqual(['a', '', 'b']);
  });

  it('refuses a receipt that is too long', () => {
    expect(layOut(receipt(...Array.from({ length: 201 }, () => ({ kind: 'space' as const }))), 42)).toEqual({
      ok: false,
      error: { code: 'too-long' },
    });
    expect(layOut(receipt({ kind: 'qr', text: 'x'.repeat(MAX_QR_BYTES) }), 42).ok).toBe(true);
    // Bytes count, not characters.
    expect(layOut(receipt({ kind: 'qr', text: 'é'.repeat(MAX_QR_BYTES / 2 + 1) }), 42).ok).toBe(false);
  });
});

describe('receiptText', () => {
  it('is the receipt as it stands on paper', () => {
    const text = receiptText(
      receipt(
        { kind: 'text', text: 'BANK CONTOH', align: 'center', large: true },
        { kind: 'rule' },
        { kind: 'pair', label: 'Kartu', value: '******1234' },
        { kind: 'space' },
        { kind: 'text', text: 'kanan', align: 'right' },
        { kind: 'qr', text: 'https://wa.me/x' },
      ),
      32,
    );
    expect(text.split('\n')).toEqual([
      '          BANK CONTOH',
      '-'.repeat(32),
      'Kartu                 ******1234',
      '',
      '                           kanan',
      '[QR: https://wa.me/x]',
    ]);
  });
});
