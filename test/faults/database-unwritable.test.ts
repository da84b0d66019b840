import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { withRig } from './with-rig.ts';

it('a data folder that cannot be made: honestly out of service from the start, and in service once it can', async () => {
  const parent = mkdtempSync(path.join(os.tmpdir(), 'anjungan-test-'));
  const folder = path.join(parent, 'data');
  // A file where the folder should be: unwritable for root as well.
  writeFileSync(folder, '');
  try {
    await withRig({ cold: true, folder }, async (rig) => {
      await rig.until(() => {
        const { screen } = rig.view();
        return screen.kind === 'out-of-service' && screen.reason !== 'starting';
      }, 60_000);
      expect(rig.logged.some((line) => line.startsWith('journal: cannot be written'))).toBe(true);
      renameSync(folder, `${folder}.file`);
      mkdirSync(folder);
      await rig.screen('idle', 600_000);
      expect(rig.journal()[0]?.event).toBe('terminal-started');
    });
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
});
