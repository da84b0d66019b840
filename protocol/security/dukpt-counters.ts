/** The last counter of every initial key, which a host must not forget: what is forgotten can be sent again. */
import { ok } from '../result.ts';
import type { Result } from '../result.ts';
import type { Database, StorageError } from '../storage/sqlite.ts';

export interface LastUse {
  readonly terminalId: string;
  readonly counter: number;
}

export interface DukptCounters {
  /** By the initial key's name; undefined when it was never used, `unknown` when that cannot be said now. */
  read(keyId: string): LastUse | 'unknown' | undefined;
  /** False when it cannot be kept: the message is then refused. */
  write(keyId: string, use: LastUse): boolean;
}

/** Initial keys at most. None is ever dropped for another: a new one is refused instead. */
const MOST_KEYS = 100_000;

/** As long as the process lives, and no longer: for tests, and hosts whose pads get new initial keys with each start. */
export function createDukptCounters(mostKeys = MOST_KEYS): DukptCounters {
  const uses = new Map<string, LastUse>();
  return {
    read: (keyId) => uses.get(keyId),
    write(keyId, use) {
      if (!uses.has(keyId) && uses.size >= mostKeys) return false;
      uses.set(keyId, use);
      return true;
    },
  };
}

/** Goes up only, and never from one terminal to another, whoever writes; a row that did not change says so. */
const WRITE = `INSERT INTO dukpt_counter (key_id, terminal_id, counter)
  SELECT ?1, ?2, ?3 WHERE (SELECT count(*) FROM dukpt_counter) < ?4 OR EXISTS (SELECT 1 FROM dukpt_counter WHERE key_id = ?1)
  ON CONFLICT (key_id) DO UPDATE SET counter = excluded.counter
  WHERE excluded.counter >= dukpt_counter.counter AND excluded.terminal_id = dukpt_counter.terminal_id`;

/** On disk: a message that was taken before a restart is not taken after it. The database stays the caller's. */
export function openDukptCounters(database: Database, mostKeys = MOST_KEYS): Result<DukptCounters, StorageError> {
  const made = database.exec(
    'CREATE TABLE IF NOT EXISTS dukpt_counter (key_id TEXT PRIMARY KEY, terminal_id TEXT NOT NULL, counter INTEGER NOT NULL) STRICT, WITHOUT ROWID',
  );
  if (!made.ok) return made;
  const select = database.prepare<{ readonly terminal_id: string; readonly counter: number }>(
    'SELECT terminal_id, counter FROM dukpt_counter WHERE key_id = ?',
  );
  const write = database.prepare(WRITE);
  return ok({
    read(keyId) {
      const row = select.get(keyId);
      if (!row.ok) return 'unknown';
      return row.value && { terminalId: row.value.terminal_id, counter: row.value.counter };
    },
    write(keyId, { terminalId, counter }) {
      const written = write.run(keyId, terminalId, counter, mostKeys);
      return written.ok && written.value.changes === 1;
    },
  });
}
