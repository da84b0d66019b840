import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createStorage, type Storage } from '../storage.ts';
import { createTokens } from './tokens.ts';

let folder: string;
let storage: Storage;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'anjungan-tokens-'));
  storage = createStorage(folder);
});
afterEach(() => {
  storage.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a token', () => {
  it('is good once', () => {
    const tokens = createTokens(storage.open);
    const token = tokens.issue();
    expect(token).toMatch(/^[A-Za-z0-9_-]{32}$/);
    expect(tokens.spend(token)).toBe(true);
    expect(tokens.spend(token)).toBe(false);
    tokens.accept('launcher');
    expect(tokens.spend('launcher')).toBe(true);
    expect(tokens.spend('launcher')).toBe(false);
  });

  it('is no other one', () => {
    const tokens = createTokens(storage.open);
    const token = tokens.issue();
    expect(tokens.issue()).not.toBe(token);
    for (const guess of ['', token.slice(0, -1), `${token} `, token.toUpperCase(), "' OR 1=1 --"]) {
      expect(tokens.spend(guess)).toBe(false);
    }
    expect(tokens.spend(token)).toBe(true);
  });

  it('survives a restart of the process, once; one that was only accepted does not', () => {
    const before = createTokens(storage.open);
    const token = before.issue();
    before.accept('launcher');
    storage.close();
    const after = createTokens(storage.open);
    expect(after.spend('launcher')).toBe(false);
    expect(after.spend(token)).toBe(true);
    storage.close();
    expect(createTokens(storage.open).spend(token)).toBe(false);
  });

  it('is not on disk, only its hash', () => {
    const token = createTokens(storage.open).issue();
    storage.close();
    const files = readdirSync(folder).map((name) => readFileSync(path.join(folder, name)));
    expect(files.length).toBeGreaterThan(0);
    expect(files.some((content) => content.includes(token))).toBe(false);
  });

  it('is kept in memory while the storage fails', () => {
    const tokens = createTokens(() => ({ ok: false, error: { code: 'unwritable', detail: 'no disk' } }));
    const token = tokens.issue();
    expect(tokens.spend('another')).toBe(false);
    expect(tokens.spend(token)).toBe(true);
    expect(tokens.spend(token)).toBe(false);
  });

  it('waits with seven others at most: the oldest goes', () => {
    const tokens = createTokens(storage.open);
    const [oldest, ...rest] = Array.from({ length: 9 }, () => tokens.issue());
    expect(tokens.spend(oldest ?? '')).toBe(false);
    for (const token of rest) expect(tokens.spend(token)).toBe(true);
  });
});
