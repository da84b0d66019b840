import { expect, it } from 'vitest';
import { withRig } from './with-rig.ts';

it('three wrong PINs end the session with the card returned, and say whom to call', () =>
  withRig({}, async (rig) => {
    rig.insert('normal');
    await rig.screen('pin');
    await rig.enterPin('111111');
    await rig.screen('menu');
    rig.touch({ kind: 'check-balance' });
    expect((await rig.screen('pin-wrong')).lastTry).toBe(false);
    rig.touch({ kind: 'retry' });
    await rig.screen('pin');
    await rig.enterPin('222222');
    // The last try is announced; the pad asks again by itself.
    expect((await rig.screen('pin-wrong')).lastTry).toBe(true);
    await rig.screen('pin');
    await rig.enterPin('333333');
    expect((await rig.screen('sorry')).cause).toBe('pin-tries');
    rig.touch({ kind: 'finish' });
    await rig.takeCard();
    await rig.screen('idle');
    expect(rig.story().filter((event) => event === 'pin-wrong')).toHaveLength(2);
  }));

it('a right PIN after a wrong one goes straight on to the balance', () =>
  withRig({}, async (rig) => {
    rig.insert('normal');
    await rig.screen('pin');
    await rig.enterPin('111111');
    await rig.screen('menu');
    rig.touch({ kind: 'check-balance' });
    await rig.screen('pin-wrong');
    rig.touch({ kind: 'retry' });
    await rig.enterPin();
    await rig.screen('result');
    rig.touch({ kind: 'finish' });
    await rig.takeCard();
    await rig.screen('idle');
  }));
