import { describe, expect, it } from 'vitest';
import { parseAction } from '../main/contract.ts';
import type { Language, ScreenKind, View } from '../main/contract.ts';
import { outline, screenWords } from './outline.ts';
import { samples } from './samples.ts';

const inBoth = samples.flatMap(({ name, view }) =>
  (['id', 'en'] as const).map((language) => ({
    name: `${name} ${language}`,
    view: { ...view, language } satisfies View,
  })),
);

function sample(name: string, language: Language = 'id'): View {
  const found = samples.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no sample ${name}`);
  return { ...found.view, language };
}

describe('every screen', () => {
  it('of the contract has a sample', () => {
    const kinds = new Set<ScreenKind>(samples.map(({ view }) => view.screen.kind));
    expect(kinds.size).toBe(21);
    expect(new Set(samples.map(({ name }) => name)).size).toBe(samples.length);
  });

  it.each(inBoth)('$name says something, and only things that can be done', ({ view }) => {
    for (const words of [outline(view), screenWords(view)]) {
      expect(words.title).not.toBe('');
      expect(words.lines.length).toBeGreaterThan(0);
      for (const text of [words.title, ...words.lines, ...words.choices.map(({ label }) => label)]) {
        expect(text).not.toMatch(/undefined|NaN|\[object/);
      }
      for (const { action } of words.choices) expect(parseAction({ step: view.step, action })?.action).toEqual(action);
    }
  });

  it('says the same number of things in both languages', () => {
    for (const { view } of samples) {
      const [id, en] = (['id', 'en'] as const).map((language) => outline({ ...view, language }));
      expect(en?.lines.length).toBe(id?.lines.length);
      expect(en?.choices.map(({ action }) => action)).toEqual(id?.choices.map(({ action }) => action));
    }
  });
});

describe('the result', () => {
  it('names balance, date, contributions and development', () => {
    const { title, lines } = outline(sample('result'));
    expect(title).toBe('Saldo Jaminan Hari Tua (JHT)');
    expect(lines.slice(0, 4)).toEqual([
      'Rp48.275.631',
      'per 20 November 2026',
      'Total iuran: Rp39.051.200',
      'Hasil pengembangan: Rp9.224.431',
    ]);
  });

  it('explains an inactive membership kindly, with the balance', () => {
    const { lines } = outline(sample('result-inactive'));
    expect(lines).toContain('Rp48.275.631');
    expect(lines.join(' ')).toContain('tetap aman');
  });

  it('without JHT names the programs and no amount at all', () => {
    const { lines } = outline(sample('no-jht'));
    expect(lines).toContain('Jaminan Kecelakaan Kerja (JKK)');
    expect(lines.join(' ')).not.toMatch(/Rp/);
  });

  it('offers another membership only where there is one', () => {
    const kinds = (name: string): string[] => outline(sample(name)).choices.map(({ action }) => action.kind);
    expect(kinds('result')).toEqual(['continue', 'reveal']);
    expect(kinds('result-revealed')).toEqual(['continue', 'choose-another', 'conceal']);
  });
});

describe('the warning', () => {
  it('takes the place of the screen and is answered with one choice', () => {
    expect(outline(sample('warning-result')).choices).toEqual([
      { label: 'Saya masih di sini', action: { kind: 'still-here' } },
    ]);
    expect(screenWords(sample('warning-result')).title).toBe('Saldo Jaminan Hari Tua (JHT)');
  });
});

describe('a receipt', () => {
  it('is not offered on paper when there is none', () => {
    const choices = outline(sample('receipt-choice-no-paper')).choices.map(({ action }) => action);
    expect(choices).toEqual([
      { kind: 'receipt', choice: 'qr' },
      { kind: 'receipt', choice: 'none' },
    ]);
  });
});
