import path from 'node:path';
import { expect, it } from 'vitest';
import { journalReader } from '../../main/journal/journal.ts';
import { createStorage } from '../../main/storage.ts';
import { eventually, run, temporaryFolder } from '../processes.ts';

const ROUNDS = 6;

it('kill -9 while the journal is written: no acknowledged entry is lost, and the chain holds', async () => {
  const { folder, remove } = temporaryFolder();
  try {
    let before = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const writer = run(path.join(import.meta.dirname, 'journal-kill-9.child.ts'), [folder]);
      try {
        const wanted = 1 + Math.floor(Math.random() * 200);
        await eventually(`${wanted} entries`, () => {
          if (writer.child.exitCode !== null) throw new Error(writer.errors.join('\n'));
          return writer.out.length >= wanted;
        });
      } finally {
        await writer.kill();
      }
      const acknowledged = Number(writer.out.filter((text) => /^\d+$/.test(text)).at(-1));
      expect(acknowledged).toBeGreaterThan(before);

      const storage = createStorage(folder);
      const database = storage.open();
      if (!database.ok) throw new Error(database.error.detail);
      const reader = journalReader(database.value);
      const chain = reader.verify();
      const rows = reader.read({ after: before, limit: 1_000_000 });
      storage.close();
      if (!chain.ok || !rows.ok) throw new Error('the journal cannot be read');
      expect(chain.value.intact).toBe(true);
      // One entry may have been written whose acknowledgement the kill cut off.
      expect(rows.value.length + before - acknowledged).toBeOneOf([0, 1]);
      const [start, ...entries] = rows.value;
      expect(start?.event).toBe('terminal-started');
      for (const entry of entries) expect(entry.fields['tries']).toBe(String(entry.seq));
      before += rows.value.length;
    }
  } finally {
    remove();
  }
}, 60_000);
