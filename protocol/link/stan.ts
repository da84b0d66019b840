/**
 * The system trace audit number (DE11) and the retrieval reference number (DE37) of each message.
 *
 * STAN: 000001..999999, never 000000, counting on across days and wrapping round, so that it is unique per terminal and
 * business day as long as a day has fewer than 999,999 messages; beyond that it is refused, not repeated. Numbers are
 * reserved in blocks, each block by a durable commit before its first number is used: after `kill -9` a part of a block is
 * skipped and none comes twice. A terminal whose database is new begins at a random number, so that a reinstalled
 * terminal does not repeat the numbers it used in the morning.
 */
import { randomInt } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Database, StorageError } from '../storage/sqlite.ts';

export const LAST_STAN = 999_999;

/** `exhausted`: a business day has used up all numbers. */
export type StanError = StorageError | { readonly code: 'exhausted'; readonly detail: string };

export interface StanSource {
  /** Six digits. */
  next(): Result<string, StanError>;
}

export interface StanOptions {
  readonly database: Database;
  /** DE41: numbers are counted per terminal. */
  readonly terminalId: string;
  readonly clock: Clock;
  /** IANA name; the business day is the calendar day there. */
  readonly timeZone: string;
  /** Numbers reserved by one commit, and skipped at most by a crash; default 50. */
  readonly block?: number;
  /** 1..999999, where a new terminal begins; default random. */
  readonly first?: () => number;
}

interface Row {
  /** The last number that is reserved. */
  readonly reserved: number;
  /** YYYY-MM-DD. */
  readonly day: string;
  /** How many were reserved on that day. */
  readonly used: number;
}

const SCHEMA = `CREATE TABLE IF NOT EXISTS stan (
  terminal TEXT PRIMARY KEY, reserved INTEGER NOT NULL, day TEXT NOT NULL, used INTEGER NOT NULL
) STRICT, WITHOUT ROWID`;

const after = (stan: number, by: number): number => ((stan - 1 + by) % LAST_STAN) + 1;

/** Makes its table in `database` when it is not there; the database may be shared with others (the journal). */
export function openStanSource(options: StanOptions): Result<StanSource, StorageError> {
  const { database, terminalId, clock } = options;
  const block = options.block ?? 50;
  const first = options.first ?? (() => randomInt(1, LAST_STAN + 1));
  const day = new Intl.DateTimeFormat('en-CA', { timeZone: options.timeZone, dateStyle: 'short' });
  const made = database.exec(SCHEMA);
  if (!made.ok) return made;
  const select = database.prepare<Row>('SELECT reserved, day, used FROM stan WHERE terminal = ?');
  const upsert = database.prepare(
    `INSERT INTO stan (terminal, reserved, day, used) VALUES (?, ?, ?, ?)
     ON CONFLICT (terminal) DO UPDATE SET reserved = excluded.reserved, day = excluded.day, used = excluded.used`,
  );
  let next = 0;
  let left = 0;

  function reserve(): Result<undefined, StanError> {
    return database.transaction<undefined, StanError>(() => {
      const found = select.get(terminalId);
      if (!found.ok) return found;
      const today = day.format(clock.now());
      const row = found.value ?? { reserved: after(first(), LAST_STAN - 1), day: today, used: 0 };
      const used = row.day === today ? row.used : 0;
      // Up to one block reserved yesterday may be used today, before the first of today's own.
      const count = Math.min(block, LAST_STAN - block - used);
      if (count <= 0) return fail({ code: 'exhausted', detail: `terminal used ${used} numbers on one day` });
      const written = upsert.run(terminalId, after(row.reserved, count), today, used + count);
      if (!written.ok) return written;
      next = after(row.reserved, 1);
      left = count;
      return ok();
    });
  }

  return ok({
    next() {
      if (left === 0) {
        const reserved = reserve();
        if (!reserved.ok) {
          left = 0;
          return reserved;
        }
      }
      const stan = next;
      next = after(next, 1);
      left -= 1;
      return ok(String(stan).padStart(6, '0'));
    },
  });
}

/**
 * DE37 (an12) as `YDDDHHnnnnnn`: last digit of the year, day of the year, hour (all GMT, like DE7), STAN. The same in a
 * request, its repeat and its reversal; the host keeps it in the reply.
 */
export function retrievalReference(now: number, stan: string): string {
  const date = new Date(now);
  const day = Math.floor((now - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1;
  const hour = String(date.getUTCHours()).padStart(2, '0');
  return `${date.getUTCFullYear() % 10}${String(day).padStart(3, '0')}${hour}${stan}`;
}
