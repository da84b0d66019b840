/** The terminal's one database (journal, STAN, queue numbers) and the lock that keeps a second instance away. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fail, ok, type Result } from '../protocol/result.ts';
import { openDatabase, type Database, type StorageError } from '../protocol/storage/sqlite.ts';

export interface Storage {
  /** Opens at first use and again after a failure; the caller may ask as often as it likes. */
  readonly open: () => Result<Database, StorageError>;
  readonly close: () => void;
}

/** A locked database must not stop the whole terminal for long: its parts retry. */
const BUSY_MS = 200;

function makeFolder(folder: string): Result<undefined, StorageError> {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return ok();
  } catch (error) {
    return fail({ code: 'unwritable', detail: (error as NodeJS.ErrnoException).code ?? 'unknown' });
  }
}

export function createStorage(folder: string): Storage {
  let database: Database | undefined;
  return {
    open() {
      if (database !== undefined) return ok(database);
      const folderMade = makeFolder(folder);
      if (!folderMade.ok) return folderMade;
      const opened = openDatabase(path.join(folder, 'terminal.db'), { busyTimeoutMs: BUSY_MS });
      if (opened.ok) database = opened.value;
      return opened;
    },
    close() {
      database?.close();
      database = undefined;
    },
  };
}

/**
 * Holds a write transaction on a database of its own for the life of the process; the operating system lets go of it
 * whatever ends the process. `second-instance`: another core has this data folder.
 */
export function lockInstance(
  folder: string,
): Result<{ readonly release: () => void }, { readonly code: 'second-instance' } | StorageError> {
  const folderMade = makeFolder(folder);
  if (!folderMade.ok) return folderMade;
  const opened = openDatabase(path.join(folder, 'instance.db'), { busyTimeoutMs: 0 });
  if (!opened.ok) return opened.error.code === 'locked' ? fail({ code: 'second-instance' }) : opened;
  const held = opened.value.exec('BEGIN IMMEDIATE');
  if (!held.ok) {
    opened.value.close();
    return held.error.code === 'locked' ? fail({ code: 'second-instance' }) : held;
  }
  return ok({
    release: () => {
      opened.value.close();
    },
  });
}
