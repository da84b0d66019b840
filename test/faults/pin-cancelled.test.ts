import { expect, it } from 'vitest';
import { withRig } from './with-rig.ts';

it('Cancel on the pad during PIN entry gives the card back', () =>
  withRig({}, async (rig) => {
    rig.insert('normal');
    await rig.screen('pin');
    await rig.until(() => rig.pad.state().entering);
    rig.press('1', '2', 'cancel');
    expect((await rig.screen('take-card')).why).toBe('cancelled');
    await rig.takeCard();
    await rig.screen('idle');
    expect(rig.pad.state()).toMatchObject({ entering: false, digits: 0 });
  }));

it('cancel on the screen during PIN entry closes the entry on the pad', () =>
  withRig({}, async (rig) => {
    rig.insert('normal');
    await rig.screen('pin');
    await rig.until(() => rig.pad.state().entering);
    rig.press('1', '2', '3');
    rig.touch({ kind: 'cancel' });
    await rig.takeCard();
    await rig.until(() => !rig.pad.state().entering);
    expect(rig.pad.state().digits).toBe(0);
    await rig.screen('idle');
  }));
