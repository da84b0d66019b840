/**
 * Tokens of the kiosk page, each good once: connecting spends one and brings the next. Only their hashes are kept, in the
 * terminal's database where it can be written, so that the page finds its way back after the core was restarted.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { OpenStorage } from '../journal/journal.ts';

export interface OneTimeTokens {
  issue(): string;
  /** A token made by whoever started this process. */
  accept(token: string): void;
  /** True once for each token. */
  spend(token: string): boolean;
}

/** More pages than this never wait to come back; the oldest token goes. */
const KEPT = 8;

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

export function createTokens(storage: OpenStorage): OneTimeTokens {
  const inMemory = new Set<string>();

  const database = () => {
    const opened = storage();
    if (!opened.ok) return undefined;
    const made = opened.value.exec(
      'CREATE TABLE IF NOT EXISTS ui_token (id INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE) STRICT',
    );
    return made.ok ? opened.value : undefined;
  };

  const keep = (hash: string): void => {
    const opened = database();
    const stored = opened?.transaction(() => {
      const written = opened.prepare('INSERT INTO ui_token (hash) VALUES (?)').run(hash);
      if (!written.ok) return written;
      return opened
        .prepare('DELETE FROM ui_token WHERE id NOT IN (SELECT id FROM ui_token ORDER BY id DESC LIMIT ?)')
        .run(KEPT);
    });
    if (stored?.ok !== true) inMemory.add(hash);
  };

  return {
    issue() {
      const token = randomBytes(24).toString('base64url');
      keep(hashOf(token));
      return token;
    },
    accept(token) {
      inMemory.add(hashOf(token));
    },
    spend(token) {
      const hash = hashOf(token);
      if (inMemory.delete(hash)) return true;
      const removed = database()?.prepare('DELETE FROM ui_token WHERE hash = ?').run(hash);
      return removed?.ok === true && removed.value.changes === 1;
    },
  };
}
