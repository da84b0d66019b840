/** Queue numbers: counted per business day, kept over restarts. They are this terminal's own; no branch system is asked. */
import { fail, ok, type Result } from '../../protocol/result.ts';
import type { Database, StorageError } from '../../protocol/storage/sqlite.ts';

export interface TicketCounter {
  /** `K001`, `K002` ... from `K001` each day; `day` is YYYYMMDD at the terminal. */
  next(day: string): Result<string, StorageError>;
}

export function openTicketCounter(database: Database): Result<TicketCounter, StorageError> {
  const made = database.exec(
    'CREATE TABLE IF NOT EXISTS queue_ticket (day TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT',
  );
  if (!made.ok) return made;
  const count = database.prepare<{ last: number }>(
    'INSERT INTO queue_ticket (day, last) VALUES (?, 1) ON CONFLICT (day) DO UPDATE SET last = last % 999 + 1 RETURNING last',
  );
  return ok({
    next(day) {
      const row = count.get(day);
      if (!row.ok) return fail(row.error);
      return ok(`K${String(row.value?.last ?? 0).padStart(3, '0')}`);
    },
  });
}
