import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestClock, type TestClock } from '../../devices/test-clock.ts';
import { openDatabase, type Database } from '../../protocol/storage/sqlite.ts';
import type { JournalEntry } from './events.ts';
import { createJournal, journalReader, type Journal, type JournalRow, type OpenStorage } from './journal.ts';

let folder: string;
let clock: TestClock;
const opened: Database[] = [];

function open(): Database {
  const result = openDatabase(path.join(folder, 'terminal.db'), { busyTimeoutMs: 0 });
  if (!result.ok) throw new Error(result.error.detail);
  opened.push(result.value);
  return result.value;
}

/** As the core has it: one handle, opened at first use. */
function storage(): OpenStorage {
  let database: Database | undefined;
  return () => {
    if (database !== undefined) return { ok: true, value: database };
    const result = openDatabase(path.join(folder, 'terminal.db'), { busyTimeoutMs: 0 });
    if (result.ok) {
      database = result.value;
      opened.push(database);
    }
    return result;
  };
}

function rows(options?: { readonly session?: string; readonly after?: number; readonly limit?: number }) {
  const read = journalReader(open()).read(options);
  if (!read.ok) throw new Error(read.error.detail);
  return read.value;
}

const verify = () => journalReader(open()).verify();
const events = (entries: readonly JournalRow[]): string[] => entries.map((row) => row.event);
const tries = (value: number): JournalEntry => ({ event: 'pin-wrong', fields: { tries: String(value) } });

/** Changes the file as somebody with a tool could who knows about the triggers. */
function tamper(sql: string): void {
  const database = open();
  for (const trigger of ['journal_no_update', 'journal_no_delete', 'journal_in_order']) {
    expect(database.exec(`DROP TRIGGER ${trigger}`).ok).toBe(true);
  }
  expect(database.exec(sql)).toMatchObject({ ok: true });
}

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'anjungan-journal-'));
  clock = createTestClock({ start: Date.UTC(2026, 10, 20, 2, 5, 0) });
});
afterEach(() => {
  for (const database of opened.splice(0)) database.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('entries', () => {
  it('stand in order, with their time, their visit and their fields', async () => {
    const journal = createJournal(storage(), clock);
    expect(journal.append({ event: 'terminal-started', fields: {} })).toBe(true);
    await clock.advance(1_500);
    const session = journal.beginSession();
    journal.append({ event: 'card-read', fields: { card: '******1234' } });
    journal.endSession();
    journal.append({ event: 'in-service', fields: {} });
    expect(session).toBe('J0000002');
    expect(rows()).toEqual([
      { seq: 1, at: '2026-11-20T02:05:00.000Z', session: '', event: 'terminal-started', fields: {} },
      { seq: 2, at: '2026-11-20T02:05:01.500Z', session, event: 'card-read', fields: { card: '******1234' } },
      { seq: 3, at: '2026-11-20T02:05:01.500Z', session: '', event: 'in-service', fields: {} },
    ]);
    expect(verify()).toEqual({ ok: true, value: { intact: true, entries: 3 } });
  });

  it('are found by visit, and page by page', () => {
    const journal = createJournal(storage(), clock);
    for (let visit = 0; visit < 3; visit += 1) {
      journal.beginSession();
      for (let n = 1; n <= 3; n += 1) journal.append(tries(n));
      journal.endSession();
    }
    expect(rows({ session: 'J0000004' }).map((row) => row.seq)).toEqual([4, 5, 6]);
    expect(rows({ session: 'J0000004', after: 4, limit: 1 }).map((row) => row.seq)).toEqual([5]);
    expect(rows({ session: '' })).toEqual([]);
    expect(rows({ after: 7, limit: 10 }).map((row) => row.seq)).toEqual([8, 9]);
  });

  it('go on with the chain after a restart', () => {
    const first = storage();
    createJournal(first, clock).append(tries(1));
    opened[0]?.close();
    const journal = createJournal(storage(), clock);
    journal.append(tries(2));
    expect(journal.beginSession()).toBe('J0000003');
    journal.append(tries(3));
    expect(rows().map((row) => [row.seq, row.fields['tries']])).toEqual([
      [1, '1'],
      [2, '2'],
      [3, '3'],
    ]);
    expect(verify()).toEqual({ ok: true, value: { intact: true, entries: 3 } });
  });

  it('are verified over more than one page', () => {
    const database = open();
    expect(
      database.transaction(() => {
        const journal = createJournal(() => ({ ok: true, value: withoutTransactions(database) }), clock);
        for (let n = 1; n <= 2_300; n += 1) journal.append(tries(n));
        return { ok: true, value: undefined };
      }).ok,
    ).toBe(true);
    expect(verify()).toEqual({ ok: true, value: { intact: true, entries: 2_300 } });
    expect(rows()).toHaveLength(1_000);
  });
});

/** Speeds many entries up: they share one transaction, which the schema's own steps then must not open again. */
function withoutTransactions(database: Database): Database {
  return { ...database, transaction: (work) => work() };
}

describe('append-only', () => {
  it.each([
    ['UPDATE', "UPDATE journal SET fields = '{}' WHERE seq = 1"],
    ['DELETE', 'DELETE FROM journal WHERE seq = 2'],
    [
      'REPLACE',
      "INSERT OR REPLACE INTO journal SELECT 1, at, session, 'defect', fields, hash FROM journal WHERE seq = 1",
    ],
    ['out of order', 'INSERT INTO journal SELECT 9, at, session, event, fields, hash FROM journal WHERE seq = 1'],
  ])('the database itself refuses %s', (_, sql) => {
    const journal = createJournal(storage(), clock);
    journal.append(tries(1));
    journal.append(tries(2));
    const refused = open().exec(sql);
    // SQLITE_CONSTRAINT_TRIGGER
    expect(refused.ok ? 'done' : refused.error.detail).toContain('1811');
    expect(rows().map((row) => row.fields['tries'])).toEqual(['1', '2']);
  });

  it.each([
    [
      'a field',
      "UPDATE journal SET fields = replace(fields, '3', '1') WHERE seq = 3",
      { seq: 3, why: 'the entry does not fit its hash' },
    ],
    [
      'a time',
      "UPDATE journal SET at = '2026-11-20T02:06:00.000Z' WHERE seq = 2",
      { seq: 2, why: 'the entry does not fit its hash' },
    ],
    [
      'a visit',
      "UPDATE journal SET session = 'J0000001' WHERE seq = 4",
      { seq: 4, why: 'the entry does not fit its hash' },
    ],
    [
      'an event',
      "UPDATE journal SET event = 'card-taken' WHERE seq = 1",
      { seq: 1, why: 'the entry does not fit its hash' },
    ],
    ['an entry taken out', 'DELETE FROM journal WHERE seq = 3', { seq: 3, why: 'an entry is missing' }],
    ['the first entry taken out', 'DELETE FROM journal WHERE seq = 1', { seq: 1, why: 'an entry is missing' }],
    [
      'an entry taken out and the rest moved up',
      'DELETE FROM journal WHERE seq = 3; UPDATE journal SET seq = seq - 1 WHERE seq > 3',
      { seq: 3, why: 'the entry does not fit its hash' },
    ],
    [
      'two entries that changed places',
      'UPDATE journal SET seq = 99 WHERE seq = 2; UPDATE journal SET seq = 2 WHERE seq = 3; UPDATE journal SET seq = 3 WHERE seq = 99',
      { seq: 2, why: 'the entry does not fit its hash' },
    ],
    [
      'an entry put in',
      'INSERT INTO journal SELECT 6, at, session, event, fields, hash FROM journal WHERE seq = 5',
      { seq: 6, why: 'the entry does not fit its hash' },
    ],
  ])('%s is found where the file was changed behind its back', (_, sql, report) => {
    const journal = createJournal(storage(), clock);
    for (let n = 1; n <= 5; n += 1) journal.append(tries(n));
    tamper(sql);
    expect(verify()).toEqual({ ok: true, value: { intact: false, ...report } });
  });
});

describe('what may stand there', () => {
  it('withholds a value that does not have its shape, and drops a field that nobody allowed', () => {
    const journal = createJournal(storage(), clock);
    const given = (event: string, fields: Readonly<Record<string, string>>): void => {
      journal.append({ event, fields } as JournalEntry);
    };
    given('card-read', { card: '6032980000001234', track2: '6032980000001234=2912' });
    given('membership-shown', { kpj: '19001234512', jht: 'yes', name: 'SITI RAHAYU' });
    given('device-status', {
      device: 'card-reader',
      state: 'fault',
      fault: 'Motor 6032980000001234',
      code: '603298000',
    });
    given('inquiry-answered', { code: '00', stan: '1234567', rrn: '60329800000', known: 'maybe', memberships: '1' });
    given('session-ended', { outcome: `${'a'.repeat(40)}b` });
    given('card-retained', { reason: 'not-taken\n', reference: 'J0000001' });
    expect(rows().map((row) => row.fields)).toEqual([
      { card: '(withheld)' },
      { kpj: '(withheld)', jht: 'yes' },
      { device: 'card-reader', state: 'fault', fault: '(withheld)', code: '(withheld)' },
      { code: '00', stan: '(withheld)', rrn: '(withheld)', known: '(withheld)', memberships: '1' },
      { outcome: '(withheld)' },
      { reason: '(withheld)', reference: 'J0000001' },
    ]);
  });

  it('keeps what is masked', () => {
    const journal = createJournal(storage(), clock);
    journal.append({ event: 'membership-shown', fields: { kpj: '1900•••••12', jht: 'no' } });
    expect(rows()[0]?.fields).toEqual({ kpj: '1900•••••12', jht: 'no' });
    expect(verify()).toMatchObject({ ok: true, value: { intact: true } });
  });
});

describe('a storage that fails', () => {
  function watched(journal: Journal): string[] {
    const health: string[] = [];
    journal.onHealth((ok, error) => health.push(ok ? 'well' : (error?.code ?? 'unknown')));
    return health;
  }

  /** Another program holds the write lock until it is told to let go. */
  function lock(): () => void {
    const other = open();
    expect(other.exec('BEGIN IMMEDIATE').ok).toBe(true);
    return () => {
      other.exec('ROLLBACK');
      other.close();
    };
  }

  it('is told once, loses nothing that has room to wait, and is well again by itself', async () => {
    const journal = createJournal(storage(), clock);
    const health = watched(journal);
    journal.append(tries(1));
    const unlock = lock();
    expect(journal.append(tries(2))).toBe(false);
    await clock.advance(5_000);
    expect(journal.append(tries(3))).toBe(false);
    expect(journal.flush()).toBe(false);
    expect(rows()).toHaveLength(1);
    unlock();
    expect(journal.flush()).toBe(true);
    expect(health).toEqual(['locked', 'well']);
    expect(rows().map((row) => [row.fields['tries'], row.at])).toEqual([
      ['1', '2026-11-20T02:05:00.000Z'],
      ['2', '2026-11-20T02:05:00.000Z'],
      ['3', '2026-11-20T02:05:05.000Z'],
    ]);
    expect(verify()).toEqual({ ok: true, value: { intact: true, entries: 3 } });
  });

  it('is full, and has room again', () => {
    const open1 = storage();
    const journal = createJournal(open1, clock);
    const health = watched(journal);
    journal.append(tries(1));
    const database = open1();
    if (!database.ok) throw new Error(database.error.detail);
    // SQLite then takes no new page: as a full disk.
    database.value.prepare('PRAGMA max_page_count = 1').get();
    let written = 1;
    while (written < 1_000 && journal.append(tries(written + 1))) written += 1;
    expect(health).toEqual(['full']);
    database.value.prepare('PRAGMA max_page_count = 100000').get();
    expect(journal.append(tries(written + 2))).toBe(true);
    expect(health).toEqual(['full', 'well']);
    expect(verify()).toEqual({ ok: true, value: { intact: true, entries: written + 2 } });
  });

  it('cannot be opened at first: entries wait for it', () => {
    const file = path.join(folder, 'terminal.db');
    writeFileSync(file, 'this is no database, and long enough to be taken for one: '.repeat(20));
    const journal = createJournal(storage(), clock);
    const health = watched(journal);
    expect(journal.append(tries(1))).toBe(false);
    expect(journal.flush()).toBe(false);
    expect(health).toEqual(['corrupt']);
    rmSync(file);
    expect(journal.append(tries(2))).toBe(true);
    expect(health).toEqual(['corrupt', 'well']);
    expect(rows().map((row) => row.fields['tries'])).toEqual(['1', '2']);
  });

  it('a listener that writes into the journal itself does no harm', () => {
    const journal = createJournal(storage(), clock);
    journal.append(tries(1));
    const stop = journal.onHealth((ok) => {
      journal.append(
        ok ? { event: 'in-service', fields: {} } : { event: 'out-of-service', fields: { reason: 'storage' } },
      );
    });
    const unlock = lock();
    journal.append(tries(2));
    unlock();
    journal.append(tries(3));
    stop();
    expect(events(rows())).toEqual(['pin-wrong', 'pin-wrong', 'out-of-service', 'pin-wrong', 'in-service']);
    expect(verify()).toMatchObject({ ok: true, value: { intact: true } });
  });

  it.each([
    ['cannot be opened', true],
    ['is locked', false],
  ])('that %s for long: the newest 2000 entries wait, and a gap says how many were lost', (_, never) => {
    const real = storage();
    let closed = never;
    const journal = createJournal(
      () => (closed ? { ok: false, error: { code: 'unwritable', detail: 'not yet' } } : real()),
      clock,
    );
    let first = 1;
    let unlock = (): void => undefined;
    if (!never) {
      journal.append(tries(0));
      first = 2;
      unlock = lock();
    }
    for (let n = 1; n <= 2_345; n += 1) expect(journal.append(tries(n))).toBe(false);
    closed = false;
    unlock();
    expect(journal.flush()).toBe(true);
    const written = rows({ limit: 5_000 }).slice(first - 1);
    expect(written[0]).toMatchObject({ event: 'journal-gap', session: '', fields: { lost: '345' } });
    expect(written).toHaveLength(2_001);
    expect(written[1]?.fields['tries']).toBe('346');
    expect(written.at(-1)?.fields['tries']).toBe('2345');
    expect(verify()).toMatchObject({ ok: true, value: { intact: true } });
    expect(journal.append(tries(1))).toBe(true);
    expect(events(rows({ limit: 5_000 })).filter((event) => event === 'journal-gap')).toHaveLength(1);
  });

  it('gives no visit the reference of another, however many entries were lost in between', () => {
    const journal = createJournal(storage(), clock);
    journal.append(tries(0));
    const references = [journal.beginSession(), journal.beginSession()];
    const unlock = lock();
    for (let visit = 0; visit < 3; visit += 1) {
      references.push(journal.beginSession());
      for (let n = 0; n < 1_200; n += 1) journal.append(tries(n));
      journal.endSession();
    }
    unlock();
    journal.flush();
    references.push(journal.beginSession());
    expect(new Set(references).size).toBe(references.length);
  });
});
