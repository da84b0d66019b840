import { expect, it } from 'vitest';
import { withRig } from './with-rig.ts';

it('an expired card (54) is explained and returned', () =>
  withRig({}, async (rig) => {
    await rig.toMenu('expired');
    rig.touch({ kind: 'check-balance' });
    const sorry = await rig.screen('sorry');
    expect(sorry.cause).toBe('card-expired');
    expect(sorry.reference).toMatch(/^\d{12}$/);
    rig.touch({ kind: 'finish' });
    await rig.takeCard();
    await rig.screen('idle');
  }));
