import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createStorage, lockInstance } from './storage.ts';

let parent: string;
let folder: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  parent = mkdtempSync(path.join(os.tmpdir(), 'anjungan-storage-'));
  folder = path.join(parent, 'deep', 'data');
});
afterEach(async () => {
  for (const child of children.splice(0)) await kill(child);
  rmSync(parent, { recursive: true, force: true });
});

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Another process that tries for the lock; what it got. */
async function other(): Promise<{ readonly child: ChildProcess; readonly got: unknown }> {
  const child = fork(path.join(import.meta.dirname, 'storage.child.ts'), [folder], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  children.push(child);
  const [got] = (await once(child, 'message')) as [unknown];
  return { child, got };
}

describe('the lock of the data folder', () => {
  it('is held by one process, and free again after kill -9 of its holder', async () => {
    const first = await other();
    expect(first.got).toBe('held');
    expect((await other()).got).toBe('second-instance');
    expect(lockInstance(folder)).toEqual({ ok: false, error: { code: 'second-instance' } });
    await kill(first.child);
    const mine = lockInstance(folder);
    expect(mine.ok).toBe(true);
    expect((await other()).got).toBe('second-instance');
    if (mine.ok) mine.value.release();
    expect((await other()).got).toBe('held');
  });

  it('is refused within one process, too, and can be released twice', () => {
    const first = lockInstance(folder);
    expect(lockInstance(folder)).toEqual({ ok: false, error: { code: 'second-instance' } });
    if (!first.ok) throw new Error('not held');
    first.value.release();
    first.value.release();
    const again = lockInstance(folder);
    expect(again.ok).toBe(true);
    if (again.ok) again.value.release();
  });

  it('keeps two folders apart', () => {
    const here = lockInstance(folder);
    const there = lockInstance(path.join(parent, 'other'));
    expect([here.ok, there.ok]).toEqual([true, true]);
    for (const lock of [here, there]) if (lock.ok) lock.value.release();
  });

  it('does not keep the database itself from anybody', () => {
    const lock = lockInstance(folder);
    const storage = createStorage(folder);
    const database = storage.open();
    if (!database.ok) throw new Error(database.error.detail);
    expect(database.value.exec('CREATE TABLE t (a) STRICT; INSERT INTO t VALUES (1)').ok).toBe(false);
    expect(database.value.exec('CREATE TABLE t (a INTEGER) STRICT; INSERT INTO t VALUES (1)').ok).toBe(true);
    storage.close();
    if (lock.ok) lock.value.release();
  });

  it('says that the folder cannot be made, which is not the same as a second instance', () => {
    writeFileSync(path.join(parent, 'deep'), '');
    expect(lockInstance(folder)).toMatchObject({ ok: false, error: { code: 'unwritable' } });
  });
});

describe('the storage', () => {
  it('makes its folder for its owner alone, and gives the same database each time', () => {
    const storage = createStorage(folder);
    const first = storage.open();
    const second = storage.open();
    expect(first.ok && second.ok && first.value === second.value).toBe(true);
    expect(existsSync(path.join(folder, 'terminal.db'))).toBe(true);
    expect(statSync(folder).mode & 0o077).toBe(0);
    storage.close();
    storage.close();
    const reopened = storage.open();
    expect(reopened.ok).toBe(true);
    storage.close();
  });

  it('fails as a value, and opens once it can', () => {
    const inTheWay = path.join(parent, 'deep');
    writeFileSync(inTheWay, '');
    const storage = createStorage(folder);
    expect(storage.open()).toMatchObject({ ok: false, error: { code: 'unwritable' } });
    rmSync(inTheWay);
    expect(storage.open().ok).toBe(true);
    storage.close();
  });
});
