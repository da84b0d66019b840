import { expect, it } from 'vitest';
import { withRig } from './with-rig.ts';

it('an answer with a wrong MAC is not shown: system error, card back, and the journal says why', () =>
  withRig({}, async (rig) => {
    await rig.toMenu('normal');
    rig.host.behave('bad-mac');
    rig.touch({ kind: 'check-balance' });
    expect((await rig.screen('sorry')).cause).toBe('system-error');
    rig.touch({ kind: 'finish' });
    await rig.takeCard();
    rig.host.behave('normal');
    await rig.screen('idle', 600_000);
    expect(rig.journal().some((row) => row.event === 'inquiry-failed' && row.fields['failure'] === 'mac-wrong')).toBe(
      true,
    );
  }));
