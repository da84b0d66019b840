/** The core holds no key and has no cipher: nothing that it loads, over any number of imports, can encipher. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const CIPHER = /\bcreate(?:Cipher|Decipher)iv\b|\bsubtle\b/;
/** What is loaded at run time; types are gone by then. */
const LOADED =
  /(?:^|\n)(?:import|export)\s+(?!type\b)(?:[^;'"]*?\sfrom\s+)?['"](\.[^'"]+)['"]|import\(\s*['"](\.[^'"]+)['"]/g;

function loadedBy(entry: string): Map<string, string> {
  const found = new Map<string, string>();
  const waiting = [path.join(root, entry)];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file) || !existsSync(file)) continue;
    const text = readFileSync(file, 'utf8');
    found.set(file, text);
    for (const [, still, later] of text.matchAll(LOADED))
      waiting.push(path.resolve(path.dirname(file), still ?? later ?? ''));
  }
  return found;
}

const ciphersIn = (entry: string): string[] =>
  [...loadedBy(entry)].flatMap(([file, text]) => (CIPHER.test(text) ? [path.relative(root, file)] : []));

describe('ciphers', () => {
  it.each([
    'main/core-process.ts',
    'main/core.ts',
    'protocol/link/link.ts',
    'protocol/profile/profile.ts',
    'protocol/security/keying.ts',
  ])('%s loads none', (entry) => {
    expect(loadedBy(entry).size).toBeGreaterThan(1);
    expect(ciphersIn(entry)).toEqual([]);
  });

  it('are found where they are: this test can fail', () => {
    expect(ciphersIn('protocol/security/key-block.ts')).toEqual(
      expect.arrayContaining(['protocol/security/aes.ts', 'protocol/security/des.ts']),
    );
    expect(ciphersIn('devices/simulator/pin-pad.ts')).toEqual(['devices/simulator/pin-pad-crypto.ts']);
    expect(loadedBy('main/core.ts').size).toBeGreaterThan(50);
  });
});
