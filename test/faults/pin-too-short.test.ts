import { expect, it } from 'vitest';
import { withRig } from './with-rig.ts';

it('a PIN of too few digits is asked again with the reason, and never sent', () =>
  withRig({}, async (rig) => {
    rig.insert('normal');
    await rig.screen('pin');
    await rig.enterPin('123');
    await rig.until(() => {
      const { screen } = rig.view();
      return screen.kind === 'pin' && screen.problem === 'too-short';
    });
    expect(rig.story()).not.toContain('inquiry-answered');
    await rig.enterPin();
    await rig.screen('menu');
    rig.touch({ kind: 'cancel' });
    await rig.takeCard();
    await rig.screen('idle');
    expect(rig.story()).toContain('pin-too-short');
  }));
