/**
 * The electronic journal: append-only, hash-chained, in SQLite. An entry that was acknowledged survives `kill -9`; an
 * entry that could not be written is kept in memory, in order and bounded, until the storage is well again.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../../protocol/clock.ts';
import { fail, ok, type Result } from '../../protocol/result.ts';
import { migrate, type Database, type Statement, type StorageError } from '../../protocol/storage/sqlite.ts';
import { allowedFields, type JournalEntry } from './events.ts';

export interface JournalRow {
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** What one customer's visit is found by; empty outside visits. */
  readonly session: string;
  readonly event: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** Where the chain breaks, or that it holds over so many entries. */
export type ChainReport =
  | { readonly intact: true; readonly entries: number }
  | { readonly intact: false; readonly seq: number; readonly why: string };

export interface Journal {
  /** Always takes the entry; false when it waits in memory because the storage fails. */
  append(entry: JournalEntry): boolean;
  /** A new visit begins; its reference is what a customer is told, e.g. `J0001234`. */
  beginSession(): string;
  endSession(): void;
  /** Tries to write what waits; true when nothing is left waiting. */
  flush(): boolean;
  /** Called when writing begins to fail, and when it works again. */
  onHealth(listener: (ok: boolean, error?: StorageError) => void): () => void;
}

export interface JournalReader {
  /** Oldest first; at most 1000 unless told otherwise. */
  read(options?: {
    readonly session?: string;
    readonly after?: number;
    readonly limit?: number;
  }): Result<readonly JournalRow[], StorageError>;
  /** The reference of the latest visit; undefined before the first. */
  lastSession(): Result<string | undefined, StorageError>;
  verify(): Result<ChainReport, StorageError>;
}

const SCHEMA = [
  `CREATE TABLE journal (
     seq INTEGER PRIMARY KEY,
     at TEXT NOT NULL,
     session TEXT NOT NULL,
     event TEXT NOT NULL,
     fields TEXT NOT NULL,
     hash TEXT NOT NULL
   ) STRICT;
   CREATE INDEX journal_session ON journal (session) WHERE session <> '';
   CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
   CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END`,
  // INSERT OR REPLACE takes a row away without asking the trigger on DELETE.
  `CREATE TRIGGER journal_in_order BEFORE INSERT ON journal WHEN NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM journal)
     BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END`,
];

/** What precedes the first entry. */
const GENESIS = '0'.repeat(64);

/** Entries that may wait for the storage; beyond it the oldest go, and a `journal-gap` says how many. */
const WAITING_LIMIT = 2_000;

interface Waiting {
  readonly at: string;
  readonly session: string;
  readonly event: string;
  readonly fields: string;
}

interface StoredRow extends Waiting {
  readonly seq: number;
  readonly hash: string;
}

function chain(previous: string, seq: number, entry: Waiting): string {
  return createHash('sha256')
    .update([previous, seq, entry.at, entry.session, entry.event, entry.fields].join('\n'))
    .digest('hex');
}

/** Opens the database when it can be opened; the caller owns and closes it. It may hold other tables. */
export type OpenStorage = () => Result<Database, StorageError>;

interface Attached {
  readonly insert: Statement;
  seq: number;
  hash: string;
}

function attach(database: Database): Result<Attached, StorageError> {
  const migrated = migrate(database, SCHEMA);
  if (!migrated.ok) return migrated;
  const head = database
    .prepare<{ seq: number; hash: string }>('SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1')
    .get();
  if (!head.ok) return head;
  return ok({
    insert: database.prepare('INSERT INTO journal (seq, at, session, event, fields, hash) VALUES (?, ?, ?, ?, ?, ?)'),
    seq: head.value?.seq ?? 0,
    hash: head.value?.hash ?? GENESIS,
  });
}

/** Works at once, whether or not the storage does: what cannot be written yet waits. */
export function createJournal(open: OpenStorage, clock: Clock): Journal {
  let attached: Attached | undefined;
  let session = '';
  let visit = 0;
  const waiting: Waiting[] = [];
  let lost = 0;
  let healthy = true;
  const listeners = new Set<(ok: boolean, error?: StorageError) => void>();

  const report = (now: boolean, error?: StorageError): void => {
    if (now === healthy) return;
    healthy = now;
    for (const listener of listeners) listener(now, error);
  };

  const waitingEntry = (entry: JournalEntry, inSession: string): Waiting => ({
    at: new Date(clock.now()).toISOString(),
    session: inSession,
    event: entry.event,
    fields: JSON.stringify(allowedFields(entry)),
  });

  const flush = (): boolean => {
    if (attached === undefined) {
      const opened = open();
      const made = opened.ok ? attach(opened.value) : opened;
      if (!made.ok) {
        report(false, made.error);
        return false;
      }
      attached = made.value;
    }
    for (;;) {
      const gap = lost > 0 ? waitingEntry({ event: 'journal-gap', fields: { lost: String(lost) } }, '') : undefined;
      const entry = gap ?? waiting[0];
      if (entry === undefined) break;
      const seq = attached.seq + 1;
      const hash = chain(attached.hash, seq, entry);
      const written = attached.insert.run(seq, entry.at, entry.session, entry.event, entry.fields, hash);
      if (!written.ok) {
        report(false, written.error);
        return false;
      }
      if (gap === undefined) waiting.shift();
      else lost = 0;
      attached.seq = seq;
      attached.hash = hash;
    }
    report(true);
    return true;
  };

  return {
    append(entry) {
      waiting.push(waitingEntry(entry, session));
      if (waiting.length > WAITING_LIMIT) {
        waiting.shift();
        lost += 1;
      }
      return flush();
    },
    beginSession() {
      // The entry it begins with, as a rule; never one that was given out before, even when entries were lost meanwhile.
      visit = Math.max(visit, (attached?.seq ?? 0) + waiting.length) + 1;
      session = `J${String(visit).padStart(7, '0')}`;
      return session;
    },
    endSession() {
      session = '';
    },
    flush,
    onHealth(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Reads and checks a journal; for the technician and the tests. */
export function journalReader(database: Database): JournalReader {
  return {
    lastSession() {
      const row = database
        .prepare<{ session: string }>("SELECT session FROM journal WHERE session <> '' ORDER BY seq DESC LIMIT 1")
        .get();
      return row.ok ? ok(row.value?.session) : row;
    },
    read({ session: wanted, after = 0, limit = 1_000 } = {}) {
      const rows =
        wanted === undefined
          ? database.prepare<StoredRow>('SELECT * FROM journal WHERE seq > ? ORDER BY seq LIMIT ?').all(after, limit)
          : database
              .prepare<StoredRow>(
                "SELECT * FROM journal WHERE session = ? AND session <> '' AND seq > ? ORDER BY seq LIMIT ?",
              )
              .all(wanted, after, limit);
      if (!rows.ok) return rows;
      return ok(
        rows.value.map((row) => ({
          seq: row.seq,
          at: row.at,
          session: row.session,
          event: row.event,
          fields: JSON.parse(row.fields) as Record<string, string>,
        })),
      );
    },
    verify() {
      let previous = GENESIS;
      let expected = 1;
      for (;;) {
        const rows = database
          .prepare<StoredRow>('SELECT * FROM journal WHERE seq >= ? ORDER BY seq LIMIT 1000')
          .all(expected);
        if (!rows.ok) return fail(rows.error);
        if (rows.value.length === 0) return ok({ intact: true, entries: expected - 1 });
        for (const row of rows.value) {
          if (row.seq !== expected) return ok({ intact: false, seq: expected, why: 'an entry is missing' });
          if (row.hash !== chain(previous, row.seq, row))
            return ok({ intact: false, seq: row.seq, why: 'the entry does not fit its hash' });
          previous = row.hash;
          expected += 1;
        }
      }
    },
  };
}
