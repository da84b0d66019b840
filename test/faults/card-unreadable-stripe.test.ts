import { expect, it } from 'vitest';
import { withRig } from './with-rig.ts';

it('an unreadable stripe is tried again, explained, and the card comes back for another try', () =>
  withRig({}, async (rig) => {
    rig.insert('normal', 'unreadable');
    const screen = await rig.screen('card-unreadable');
    expect(screen.problem).toBe('stripe');
    await rig.takeCard();
    await rig.screen('idle');
    expect(rig.story()).toEqual(['session-started', 'card-unreadable', 'card-ejected', 'card-taken', 'session-ended']);
    // And the terminal serves the next card.
    await rig.toResult('normal');
    rig.touch({ kind: 'finish' });
    await rig.takeCard();
    await rig.screen('idle');
  }));
