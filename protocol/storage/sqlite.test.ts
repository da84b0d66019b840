/** What SQLite can do to us, as values: locked, unwritable, corrupt, full. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fail, ok, type Result } from '../result.ts';
import { migrate, openDatabase, type Database } from './sqlite.ts';

let folder = '';
const opened: Database[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anjungan-sqlite-'));
});
afterEach(() => {
  for (const database of opened.splice(0)) database.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(name: string, options: Parameters<typeof openDatabase>[1] = {}): Database {
  const database = openDatabase(join(folder, name), options);
  if (!database.ok) throw new Error(database.error.detail);
  opened.push(database.value);
  return database.value;
}

function value<T, E>(result: Result<T, E>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

describe('a database', () => {
  it('uses the write-ahead log and waits for the disk', () => {
    const database = open('a.db');
    expect(value(database.prepare('PRAGMA journal_mode').get())).toEqual({ journal_mode: 'wal' });
    expect(value(database.prepare('PRAGMA synchronous').get())).toEqual({ synchronous: 2 });
  });

  it('keeps rows and gives them back', () => {
    const database = open('a.db');
    value(database.exec('CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT NOT NULL) STRICT'));
    const insert = database.prepare('INSERT INTO t (b) VALUES (?)');
    expect(value(insert.run('x'))).toEqual({ changes: 1, lastInsertRowid: 1 });
    expect(value(database.prepare<{ b: string }>('SELECT b FROM t WHERE a = ?').get(1))?.b).toBe('x');
    expect(value(database.prepare('SELECT b FROM t WHERE a = ?').get(2))).toBeUndefined();
  });

  it('rolls back when the work fails, when it throws, and commits when it is well', () => {
    const database = open('a.db');
    value(database.exec('CREATE TABLE t (b TEXT) STRICT'));
    const insert = database.prepare('INSERT INTO t VALUES (?)');
    const count = database.prepare<{ n: number }>('SELECT count(*) AS n FROM t');
    const failed = database.transaction(() => {
      value(insert.run('x'));
      return fail('no');
    });
    expect(failed).toEqual({ ok: false, error: 'no' });
    expect(() =>
      database.transaction(() => {
        value(insert.run('x'));
        throw new Error('bug');
      }),
    ).toThrow('bug');
    expect(value(count.get())?.n).toBe(0);
    value(database.transaction(() => ok(value(insert.run('x')))));
    expect(value(count.get())?.n).toBe(1);
  });

  it('migrates step by step, once, and refuses what is newer than itself', () => {
    const database = open('a.db');
    const steps = ['CREATE TABLE t (a TEXT) STRICT', 'ALTER TABLE t ADD COLUMN b TEXT'];
    value(migrate(database, steps.slice(0, 1)));
    value(migrate(database, steps));
    value(migrate(database, steps));
    value(database.prepare('INSERT INTO t (a, b) VALUES (?, ?)').run('1', '2'));
    expect(migrate(database, steps.slice(0, 1))).toMatchObject({ ok: false, error: { code: 'unknown' } });
  });

  it('leaves nothing of a migration that fails half way', () => {
    const database = open('a.db');
    expect(migrate(database, ['CREATE TABLE t (a TEXT); CREATE TABLE broken'])).toMatchObject({ ok: false });
    expect(value(database.prepare('SELECT count(*) AS n FROM sqlite_schema').get())).toEqual({ n: 0 });
  });
});

describe('what goes wrong', () => {
  it('locked: another connection writes', () => {
    const first = open('a.db');
    value(first.exec('CREATE TABLE t (a TEXT) STRICT'));
    const second = open('a.db', { busyTimeoutMs: 20 });
    const insert = second.prepare('INSERT INTO t VALUES (?)');
    value(first.exec('BEGIN IMMEDIATE'));
    expect(insert.run('x')).toMatchObject({ ok: false, error: { code: 'locked' } });
    expect(second.transaction(() => ok())).toMatchObject({ ok: false, error: { code: 'locked' } });
    value(first.exec('COMMIT'));
    expect(insert.run('x').ok).toBe(true);
  });

  it('unwritable: no such folder, a folder instead of a file, a read-only database', () => {
    expect(openDatabase(join(folder, 'none', 'a.db'))).toMatchObject({ ok: false, error: { code: 'unwritable' } });
    expect(openDatabase(folder)).toMatchObject({ ok: false, error: { code: 'unwritable' } });
    expect(openDatabase(join(folder, 'absent.db'), { readonly: true })).toMatchObject({
      ok: false,
      error: { code: 'unwritable' },
    });
    value(open('a.db').exec('CREATE TABLE t (a TEXT) STRICT'));
    const reader = open('a.db', { readonly: true });
    expect(reader.prepare('INSERT INTO t VALUES (?)').run('x')).toMatchObject({
      ok: false,
      error: { code: 'unwritable' },
    });
  });

  it('corrupt: not a database at all, or one whose pages were overwritten', () => {
    writeFileSync(
      join(folder, 'text.db'),
      'this is a text file and no database, long enough to have a header of its own\n'.repeat(20),
    );
    expect(openDatabase(join(folder, 'text.db'))).toMatchObject({ ok: false, error: { code: 'corrupt' } });

    const database = open('a.db');
    value(database.exec('CREATE TABLE t (a TEXT) STRICT'));
    const insert = database.prepare('INSERT INTO t VALUES (?)');
    for (let index = 0; index < 200; index += 1) value(insert.run('x'.repeat(200)));
    database.close();
    const bytes = readFileSync(join(folder, 'a.db'));
    bytes.fill(0xff, 4096);
    writeFileSync(join(folder, 'a.db'), bytes);
    expect(open('a.db').prepare('SELECT count(*) FROM t').all()).toMatchObject({
      ok: false,
      error: { code: 'corrupt' },
    });
  });

  it('full: no page is left, and the transaction is gone as a whole', () => {
    const database = open('a.db');
    value(database.exec('CREATE TABLE t (a TEXT) STRICT; PRAGMA max_page_count = 4'));
    const insert = database.prepare('INSERT INTO t VALUES (?)');
    const result = database.transaction(() => {
      for (let index = 0; index < 100; index += 1) {
        const one = insert.run('x'.repeat(2000));
        if (!one.ok) return one;
      }
      return ok();
    });
    expect(result).toMatchObject({ ok: false, error: { code: 'full' } });
    expect(value(database.prepare('SELECT count(*) AS n FROM t').get())).toEqual({ n: 0 });
    expect(database.transaction(() => ok()).ok).toBe(true);
  });

  it('a wrong statement and a closed database say so without a value', () => {
    const database = open('a.db');
    expect(database.prepare('SELECT secret FROM nowhere').get('4711')).toMatchObject({
      ok: false,
      error: { code: 'unknown' },
    });
    const result = database.prepare('SELECT a FROM nowhere WHERE a = ?').get('4711');
    expect(JSON.stringify(result)).not.toContain('4711');
    database.close();
    database.close();
    expect(database.exec('SELECT 1')).toMatchObject({ ok: false, error: { code: 'unknown' } });
  });
});
