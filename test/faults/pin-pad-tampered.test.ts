import { expect, it } from 'vitest';
import { withRig } from './with-rig.ts';

it('a tampered PIN pad takes the terminal out of service, and a repaired one gets new keys', () =>
  withRig({}, async (rig) => {
    rig.pad.verbs.tamper();
    await rig.until(() => {
      const { screen } = rig.view();
      return screen.kind === 'out-of-service' && screen.reason === 'tampered';
    });
    expect(rig.pad.state().keys).toHaveLength(0);
    rig.pad.verbs.repair();
    await rig.screen('idle', 600_000);
    await rig.toResult('normal');
    rig.touch({ kind: 'finish' });
    await rig.takeCard();
    await rig.screen('idle');
  }));
