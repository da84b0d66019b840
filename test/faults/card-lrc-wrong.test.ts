import { expect, it } from 'vitest';
import { withRig } from './with-rig.ts';

it('a stripe whose LRC does not fit is not believed', () =>
  withRig({}, async (rig) => {
    rig.insert('normal', 'bad-lrc');
    expect((await rig.screen('card-unreadable')).problem).toBe('stripe');
    await rig.takeCard();
    await rig.screen('idle');
    expect(rig.story()).toContain('card-unreadable');
  }));
