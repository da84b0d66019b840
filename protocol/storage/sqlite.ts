/**
 * SQLite behind a thin interface: the only file that imports node:sqlite, so that another binding can take its place.
 * A database that is locked, full or broken is a value; a wrong statement (bad SQL, wrong type of parameter) is a bug and
 * comes back as `unknown` with SQLite's own words, which name tables and columns and never a bound value.
 */
import type * as Sqlite from 'node:sqlite';
import { fail, ok, type Result } from '../result.ts';

export type StorageErrorCode =
  /** Somebody else holds the database for longer than the busy time-out. */
  | 'locked'
  /** No such folder, no permission, a read-only file or disk, an input/output error. */
  | 'unwritable'
  /** Not a database, or a damaged one. */
  | 'corrupt'
  /** The disk (or the quota) is full. */
  | 'full'
  | 'unknown';

export interface StorageError {
  readonly code: StorageErrorCode;
  /** SQLite's name for it, with its number; never a value of a row. */
  readonly detail: string;
}

export type SqlValue = null | number | bigint | string | Uint8Array;
export type SqlRow = Readonly<Record<string, SqlValue>>;

export interface Changes {
  readonly changes: number;
  readonly lastInsertRowid: number;
}

/** `Row` is the caller's word for what the statement selects; STRICT tables make it true. Positional parameters (`?`). */
export interface Statement<Row extends object = SqlRow> {
  run(...values: readonly SqlValue[]): Result<Changes, StorageError>;
  get(...values: readonly SqlValue[]): Result<Row | undefined, StorageError>;
  all(...values: readonly SqlValue[]): Result<readonly Row[], StorageError>;
}

export interface Database {
  /** Statements without parameters or rows: schema, pragmas. */
  exec(sql: string): Result<undefined, StorageError>;
  /** Compiled at first use, so that a database which is locked now fails the use and not the preparation. */
  prepare<Row extends object = SqlRow>(sql: string): Statement<Row>;
  /**
   * All of `work` or nothing: BEGIN IMMEDIATE, then COMMIT when `work` answers ok, ROLLBACK when it fails or throws.
   * Not nested.
   */
  transaction<T, E>(work: () => Result<T, E>): Result<T, E | StorageError>;
  /** May be called again; statements used afterwards answer `unknown`. */
  close(): void;
}

export interface DatabaseOptions {
  /** Default false. A read-only database must exist. */
  readonly readonly?: boolean;
  /** Milliseconds to wait for another process's lock; default 2000. The whole process waits with it. */
  readonly busyTimeoutMs?: number;
}

/** Primary result codes, https://www.sqlite.org/rescode.html. */
const CODES: ReadonlyMap<number, StorageErrorCode> = new Map([
  [3, 'unwritable'], // PERM
  [5, 'locked'], // BUSY
  [6, 'locked'], // LOCKED
  [8, 'unwritable'], // READONLY
  [10, 'unwritable'], // IOERR
  [11, 'corrupt'], // CORRUPT
  [13, 'full'], // FULL
  [14, 'unwritable'], // CANTOPEN
  [26, 'corrupt'], // NOTADB
]);

/** SQLITE_ERROR: its message names the table, column or token at fault, and holds no bound value. */
const SQL_ERROR = 1;

function storageError(thrown: unknown): StorageError {
  if (!(thrown instanceof Error)) return { code: 'unknown', detail: 'not an error object' };
  const { errcode, errstr } = thrown as { errcode?: unknown; errstr?: unknown };
  if (typeof errcode !== 'number') {
    const { code } = thrown as { code?: unknown };
    return { code: 'unknown', detail: typeof code === 'string' ? code : thrown.name };
  }
  const detail = `${(errcode & 0xff) === SQL_ERROR ? thrown.message : String(errstr)} (SQLite ${errcode})`;
  return { code: CODES.get(errcode & 0xff) ?? 'unknown', detail };
}

function attempt<T>(work: () => T): Result<T, StorageError> {
  try {
    return ok(work());
  } catch (thrown) {
    return fail(storageError(thrown));
  }
}

/**
 * Opens (and, unless read-only, makes) the database at `path`; `:memory:` keeps it in memory. Write-ahead log and
 * synchronous=FULL: a row whose insertion was acknowledged survives `kill -9` and loss of power.
 */
export function openDatabase(path: string, options: DatabaseOptions = {}): Result<Database, StorageError> {
  // Once missing from an Electron release: an absent module must be a value, not a crash while loading this file.
  const sqlite = process.getBuiltinModule('node:sqlite') as typeof Sqlite | undefined;
  if (sqlite === undefined) return fail({ code: 'unknown', detail: 'this runtime has no node:sqlite' });
  const opened = attempt(
    () =>
      new sqlite.DatabaseSync(path, { readOnly: options.readonly ?? false, timeout: options.busyTimeoutMs ?? 2000 }),
  );
  if (!opened.ok) return opened;
  const handle = opened.value;
  const configured = configure(handle, path, options.readonly ?? false);
  if (!configured.ok) {
    handle.close();
    return configured;
  }
  return ok(createDatabase(handle));
}

function configure(handle: Sqlite.DatabaseSync, path: string, readonly: boolean): Result<undefined, StorageError> {
  const done = attempt(() => {
    // Reading the schema finds a file that is no database now, rather than in the middle of a session.
    handle.prepare('SELECT count(*) FROM sqlite_schema').get();
    if (readonly) return 'wal';
    const mode = handle.prepare('PRAGMA journal_mode = WAL').get();
    handle.exec('PRAGMA synchronous = FULL');
    return mode?.['journal_mode'];
  });
  if (!done.ok) return done;
  if (done.value === 'wal' || path === ':memory:' || path === '') return ok();
  return fail({ code: 'unwritable', detail: 'the write-ahead log cannot be used here' });
}

function createDatabase(handle: Sqlite.DatabaseSync): Database {
  let open = true;
  return {
    exec: (sql) =>
      attempt(() => {
        handle.exec(sql);
        return undefined;
      }),

    prepare<Row extends object>(sql: string): Statement<Row> {
      let compiled: Sqlite.StatementSync | undefined;
      const statement = (): Sqlite.StatementSync => (compiled ??= handle.prepare(sql));
      return {
        run: (...values) =>
          attempt(() => {
            const { changes, lastInsertRowid } = statement().run(...values);
            return { changes: Number(changes), lastInsertRowid: Number(lastInsertRowid) };
          }),
        get: (...values) => attempt(() => statement().get(...values) as Row | undefined),
        all: (...values) => attempt(() => statement().all(...values) as Row[]),
      };
    },

    transaction<T, E>(work: () => Result<T, E>): Result<T, E | StorageError> {
      if (handle.isTransaction) throw new Error('transactions do not nest');
      const begun = attempt(() => handle.exec('BEGIN IMMEDIATE'));
      if (!begun.ok) return begun;
      let committed = false;
      try {
        const result = work();
        if (!result.ok) return result;
        const commit = attempt(() => handle.exec('COMMIT'));
        if (!commit.ok) return commit;
        committed = true;
        return result;
      } finally {
        // A full disk may have rolled back already; a second ROLLBACK would be an error of its own.
        if (!committed && handle.isTransaction) attempt(() => handle.exec('ROLLBACK'));
      }
    },

    close() {
      if (!open) return;
      open = false;
      handle.close();
    },
  };
}

/**
 * Brings a database's schema up to date: `steps[n]` leads from version n to n + 1 (PRAGMA user_version), each in a
 * transaction of its own. A database newer than this program is refused rather than guessed at.
 */
export function migrate(database: Database, steps: readonly string[]): Result<undefined, StorageError> {
  const version = database.prepare<{ user_version: number }>('PRAGMA user_version').get();
  if (!version.ok) return version;
  const from = version.value?.user_version ?? 0;
  if (from > steps.length)
    return fail({ code: 'unknown', detail: `schema version ${from} is newer than ${steps.length}` });
  for (const [index, step] of steps.entries()) {
    if (index < from) continue;
    const done = database.transaction(() => database.exec(`${step};\nPRAGMA user_version = ${index + 1}`));
    if (!done.ok) return done;
  }
  return ok();
}
