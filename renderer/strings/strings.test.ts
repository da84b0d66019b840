import { describe, expect, it } from 'vitest';
import { en } from './en.ts';
import { id } from './id.ts';

/** Every leaf of a catalogue as `path` and text; functions are called with a number that reads as one in any sentence. */
function leaves(value: unknown, path: string): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') return [[path, String((value as (argument: unknown) => unknown)(7))]];
  if (typeof value !== 'object' || value === null) throw new Error(`${path} is neither text, function nor table`);
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, `${path}.${key}`));
}

const indonesian = leaves(id, '');
const english = leaves(en, '');

describe('the two languages', () => {
  it('have the same keys, lists of the same length included', () => {
    expect(english.map(([path]) => path)).toEqual(indonesian.map(([path]) => path));
  });

  it('leave nothing empty, untrimmed or unfinished', () => {
    for (const [path, text] of [...indonesian, ...english]) {
      expect(text, path).toMatch(/^\S.*\S$/s);
      expect(text, path).not.toMatch(/undefined|TODO|\[object|  /);
    }
  });

  it('are two languages: few texts are the same', () => {
    const words = new Map(indonesian);
    const same = english.filter(([path, text]) => words.get(path) === text).map(([path]) => path);
    expect(same.filter((path) => !path.startsWith('.months'))).toEqual([
      '.frame.brand',
      '.frame.sample',
      '.frame.terminal',
    ]);
  });

  it('speak to the customer politely: no blame, no error number', () => {
    for (const [path, text] of indonesian)
      expect(text, path).not.toMatch(/\b(kamu|kalian|salah Anda|kesalahan Anda|error|gagal)\b/i);
    for (const [path, text] of english)
      expect(text, path).not.toMatch(/\b(error|failed|invalid|your fault|wrong PIN)\b/i);
  });
});
