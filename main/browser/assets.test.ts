import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { loadAssets } from './assets.ts';

it('takes every file of a known kind below the folder, and nothing else', () => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'anjungan-assets-'));
  try {
    const renderer = path.join(root, 'renderer');
    mkdirSync(path.join(renderer, 'assets'), { recursive: true });
    writeFileSync(path.join(root, 'secret.json'), '{}');
    writeFileSync(path.join(renderer, 'index.html'), '<p>');
    writeFileSync(path.join(renderer, 'assets', 'a.js'), '0');
    writeFileSync(path.join(renderer, 'assets', 'a.js.map'), '{}');
    writeFileSync(path.join(renderer, '.stamp'), '');
    symlinkSync(path.join(root, 'secret.json'), path.join(renderer, 'linked.json'));
    const assets = loadAssets(renderer);
    expect([...assets.keys()].toSorted()).toEqual(['/assets/a.js', '/index.html']);
    expect(assets.get('/assets/a.js')).toEqual({ body: Buffer.from('0'), type: 'text/javascript; charset=utf-8' });
    expect(() => loadAssets(path.join(root, 'not-built'))).toThrow(/ENOENT/);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
