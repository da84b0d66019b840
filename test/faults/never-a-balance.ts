/** What every unusable answer of the host must come to. */
import { expect } from 'vitest';
import type { HostBehaviour } from '../../main/contract.ts';
import { withRig } from './with-rig.ts';

/** The host misbehaves in the middle of a session: no balance is shown, the card comes back, the next session works. */
export function neverABalance(behaviour: HostBehaviour): Promise<void> {
  return withRig({}, async (rig) => {
    await rig.toMenu('normal');
    rig.host.behave(behaviour);
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
  });
}
