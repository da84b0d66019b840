import path from 'node:path';
import { expect, it } from 'vitest';
import { openDatabase } from '../../protocol/storage/sqlite.ts';
import { withRig } from './with-rig.ts';

it('a locked journal takes the terminal out of service after the card is back, and loses no entry', () =>
  withRig({}, async (rig) => {
    await rig.toMenu('normal');
    const intruder = openDatabase(path.join(rig.folder, 'terminal.db'));
    if (!intruder.ok) throw new Error(intruder.error.detail);
    expect(intruder.value.exec('BEGIN IMMEDIATE').ok).toBe(true);
    rig.touch({ kind: 'check-balance' });
    expect((await rig.screen('take-card')).why).toBe('fault');
    await rig.takeCard();
    expect((await rig.screen('out-of-service')).reason).toBe('storage');
    intruder.value.exec('ROLLBACK');
    intruder.value.close();
    await rig.screen('idle');
    expect(rig.story().slice(0, 3)).toEqual(['session-started', 'card-read', 'pin-entered']);
    expect(rig.story()).toContain('session-ended');
  }));
