import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, type Database } from '../../protocol/storage/sqlite.ts';
import { openTicketCounter, type TicketCounter } from './tickets.ts';

let folder: string;
const opened: Database[] = [];
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'anjungan-tickets-'));
});
afterEach(() => {
  for (const database of opened.splice(0)) database.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(): { readonly database: Database; readonly counter: TicketCounter } {
  const database = openDatabase(path.join(folder, 'terminal.db'));
  if (!database.ok) throw new Error(database.error.detail);
  opened.push(database.value);
  const counter = openTicketCounter(database.value);
  if (!counter.ok) throw new Error(counter.error.detail);
  return { database: database.value, counter: counter.value };
}

describe('queue numbers', () => {
  it('count up within a day and begin anew on the next', () => {
    const { counter } = open();
    const next = (day: string) => counter.next(day);
    expect(
      [next('20261120'), next('20261120'), next('20261121'), next('20261120')].map((row) => row.ok && row.value),
    ).toEqual(['K001', 'K002', 'K001', 'K003']);
  });

  it('go on after a restart', () => {
    const first = open();
    first.counter.next('20261120');
    first.database.close();
    expect(open().counter.next('20261120')).toEqual({ ok: true, value: 'K002' });
  });

  it('stay three digits, whatever a day brings', () => {
    const { counter, database } = open();
    counter.next('20261120');
    expect(database.exec('UPDATE queue_ticket SET last = 998').ok).toBe(true);
    expect(counter.next('20261120')).toEqual({ ok: true, value: 'K999' });
    expect(counter.next('20261120')).toEqual({ ok: true, value: 'K001' });
  });

  it('are never the same for two counters on one file', () => {
    const [a, b] = [open().counter, open().counter];
    const numbers = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? a : b).next('20261120'));
    expect(new Set(numbers.map((row) => row.ok && row.value)).size).toBe(20);
  });

  it('fail with the storage, as a value', () => {
    const { counter, database } = open();
    database.close();
    expect(counter.next('20261120')).toMatchObject({ ok: false });
  });
});
