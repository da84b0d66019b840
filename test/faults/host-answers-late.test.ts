import { expect, it } from 'vitest';
import { withRig } from './with-rig.ts';

it('an answer that comes after the deadline is dropped and written down, and disturbs nobody', () =>
  withRig({ host: { lateMs: 35_000 } }, async (rig) => {
    await rig.toMenu('normal');
    rig.host.behave('late');
    rig.touch({ kind: 'check-balance' });
    expect((await rig.screen('sorry')).cause).toBe('host-silent');
    rig.touch({ kind: 'finish' });
    await rig.takeCard();
    rig.host.behave('normal');
    await rig.clock.advance(10_000);
    expect(rig.journal().some((row) => row.event === 'host-unmatched' && row.fields['kind'] === 'unmatched')).toBe(
      true,
    );
    await rig.screen('idle');
    await rig.toResult('normal');
    rig.touch({ kind: 'finish' });
    await rig.takeCard();
    await rig.screen('idle');
  }));

it('an answer after 12 s is in time', () =>
  withRig({}, async (rig) => {
    await rig.toMenu('slow');
    rig.touch({ kind: 'check-balance' });
    await rig.screen('result');
    expect(rig.sent.some((view) => view.includes('still-working'))).toBe(true);
    rig.touch({ kind: 'finish' });
    await rig.takeCard();
    await rig.screen('idle');
  }));
