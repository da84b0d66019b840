/** Test helper: writes entries as fast as it can and says each number that was acknowledged, until it is killed. */
import { systemClock } from '../../protocol/clock.ts';
import { createJournal, journalReader } from '../../main/journal/journal.ts';
import { createStorage } from '../../main/storage.ts';

const storage = createStorage(process.argv[2] ?? '');
const journal = createJournal(storage.open, systemClock);
if (!journal.append({ event: 'terminal-started', fields: {} })) throw new Error('the journal cannot be written');
const database = storage.open();
if (!database.ok) throw new Error(database.error.detail);
const chain = journalReader(database.value).verify();
if (!chain.ok || !chain.value.intact) throw new Error('the chain is broken');

for (let seq = chain.value.entries + 1; ; seq += 1) {
  if (!journal.append({ event: 'pin-wrong', fields: { tries: String(seq) } })) throw new Error(`not written: ${seq}`);
  // A pipe's other end has it when this returns: standard output is synchronous there.
  process.stdout.write(`${seq}\n`);
}
