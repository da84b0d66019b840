/** Test helper: uses numbers as fast as it can and reports each, until it is killed. */
import { systemClock } from '../clock.ts';
import { openDatabase } from '../storage/sqlite.ts';
import { openStanSource } from './stan.ts';

const database = openDatabase(process.argv[2] ?? '');
if (!database.ok) throw new Error(database.error.detail);
const source = openStanSource({
  database: database.value,
  terminalId: 'T',
  clock: systemClock,
  timeZone: 'Asia/Jakarta',
  block: 5,
});
if (!source.ok) throw new Error(source.error.detail);
const stan = source.value;

function use(): void {
  const next = stan.next();
  if (!next.ok) throw new Error(next.error.detail);
  process.send?.(next.value, undefined, undefined, () => setImmediate(use));
}

use();
