import { expect, it } from 'vitest';
import { withRig } from './with-rig.ts';

it('nobody comes for five minutes: the terminal stays open for a card', () =>
  withRig({}, async (rig) => {
    await rig.clock.advance(5 * 60_000);
    expect(rig.view().screen.kind).toBe('idle');
    expect(rig.reader.state().accepting).toBe(true);
    await rig.toMenu('normal');
    rig.touch({ kind: 'cancel' });
    await rig.takeCard();
    await rig.screen('idle');
  }));
