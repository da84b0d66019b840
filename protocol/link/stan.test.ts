/** DE11 and DE37: never 000000, never twice on a day, not even across `kill -9`. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, type Database } from '../storage/sqlite.ts';
import { createSimulatedClock } from '../test-clock.ts';
import { LAST_STAN, openStanSource, retrievalReference, type StanSource } from './stan.ts';

let folder = '';
let database: Database;
const clock = createSimulatedClock();

function open(path: string): Database {
  const result = openDatabase(path);
  if (!result.ok) throw new Error(result.error.detail);
  return result.value;
}

function source(
  options: { terminalId?: string; block?: number; first?: () => number; database?: Database } = {},
): StanSource {
  const result = openStanSource({ database, terminalId: '12345678', clock, timeZone: 'Asia/Jakarta', ...options });
  if (!result.ok) throw new Error(result.error.detail);
  return result.value;
}

function take(from: StanSource): string {
  const result = from.next();
  if (!result.ok) throw new Error(result.error.detail);
  return result.value;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anjungan-stan-'));
  database = open(join(folder, 'terminal.db'));
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('STAN', () => {
  it('counts from the first number, in six digits', () => {
    const stan = source({ first: () => 7 });
    expect([take(stan), take(stan), take(stan)]).toEqual(['000007', '000008', '000009']);
  });

  it('wraps from 999999 to 000001, never 000000', () => {
    const stan = source({ first: () => LAST_STAN - 1, block: 3 });
    expect([take(stan), take(stan), take(stan), take(stan)]).toEqual(['999998', '999999', '000001', '000002']);
  });

  it('begins anywhere in the range on a new terminal', () => {
    const firsts = new Set<string>();
    for (let index = 0; index < 8; index += 1) firsts.add(take(source({ terminalId: `T${index}` })));
    expect(firsts.size).toBeGreaterThan(1);
    for (const first of firsts) expect(first).toMatch(/^(?!000000)\d{6}$/);
  });

  it('goes on after what was reserved when it is opened again, and counts terminals apart', () => {
    take(source({ first: () => 1, block: 10 }));
    expect(take(source({ block: 10 }))).toBe('000011');
    expect(take(source({ terminalId: '87654321', first: () => 1 }))).toBe('000001');
  });

  it('gives two processes of one terminal different numbers', () => {
    const other = open(join(folder, 'terminal.db'));
    const first = source({ first: () => 1, block: 2 });
    const second = source({ database: other, block: 2 });
    const numbers = Array.from({ length: 10 }, () => [take(first), take(second)]).flat();
    expect(new Set(numbers).size).toBe(20);
    other.close();
  });

  it('refuses rather than repeats when a day has used every number, and counts again the next day', async () => {
    const day = createSimulatedClock();
    const opened = openStanSource({
      database,
      terminalId: 'T',
      clock: day,
      timeZone: 'Asia/Jakarta',
      block: 300_000,
      first: () => 1,
    });
    if (!opened.ok) throw new Error(opened.error.detail);
    const seen = new Set<string>();
    let result = opened.value.next();
    for (; result.ok; result = opened.value.next()) seen.add(result.value);
    expect(result.error.code).toBe('exhausted');
    expect(seen.size).toBe(LAST_STAN - 300_000);
    await day.advance(86_400_000);
    expect(opened.value.next().ok).toBe(true);
  });

  it('says when the database is locked, and goes on once it is not', () => {
    const other = open(join(folder, 'terminal.db'));
    const stan = openStanSource({
      database: open2(),
      terminalId: 'T',
      clock,
      timeZone: 'Asia/Jakarta',
      first: () => 5,
    });
    if (!stan.ok) throw new Error(stan.error.detail);
    other.exec('BEGIN IMMEDIATE');
    expect(stan.value.next()).toMatchObject({ ok: false, error: { code: 'locked' } });
    other.exec('ROLLBACK');
    expect(stan.value.next()).toEqual({ ok: true, value: '000005' });
    other.close();

    function open2(): Database {
      const result = openDatabase(join(folder, 'terminal.db'), { busyTimeoutMs: 10 });
      if (!result.ok) throw new Error(result.error.detail);
      return result.value;
    }
  });

  it('gives no number twice when the process is killed (kill -9) while it uses them', async () => {
    const script = new URL('./stan.child.ts', import.meta.url);
    const seen: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      const child = fork(script, [join(folder, 'child.db')], {
        execArgv: [],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      const before = seen.length;
      await new Promise<void>((resolve) => {
        child.on('message', (stan) => {
          if (typeof stan === 'string') seen.push(stan);
          if (seen.length - before === 40 + round * 7) {
            child.kill('SIGKILL');
            resolve();
          }
        });
      });
      await once(child, 'exit');
    }
    expect(seen.length).toBeGreaterThan(100);
    expect(new Set(seen).size).toBe(seen.length);
  });
});

describe('RRN', () => {
  it('is the last digit of the year, the day of the year, the hour in GMT, and the STAN', () => {
    expect(retrievalReference(Date.UTC(2026, 0, 1, 0, 0, 0), '000001')).toBe('600100000001');
    expect(retrievalReference(Date.UTC(2028, 11, 31, 23, 59, 59), '999999')).toBe('836623999999');
  });
});
