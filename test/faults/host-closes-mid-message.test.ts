import { expect, it } from 'vitest';
import { withRig } from './with-rig.ts';

it('a connection closed in the middle of an answer never becomes a balance: the session ends with the card back and the next one works', () =>
  withRig({}, async (rig) => {
    await rig.toMenu('normal');
    rig.host.behave('close-mid-message');
    rig.touch({ kind: 'check-balance' });
    const sorry = await rig.screen('sorry');
    expect(['system-error', 'host-silent', 'cancelled-by-host-loss']).toContain(sorry.cause);
    expect(rig.sent.some((view) => view.includes('"kind":"result"'))).toBe(false);
    rig.touch({ kind: 'finish' });
    await rig.takeCard();
    rig.host.behave('normal');
    await rig.screen('idle', 600_000);
    expect(rig.story()).toContain('inquiry-failed');
    await rig.toResult('normal');
    rig.touch({ kind: 'finish' });
    await rig.takeCard();
    await rig.screen('idle');
  }));
