import { expect, it } from 'vitest';
import { withRig } from './with-rig.ts';

it('a host that refuses the connection takes the terminal honestly out of service, until it is back', () =>
  withRig({}, async (rig) => {
    await rig.clock.settle(rig.host.stop());
    expect((await rig.screen('out-of-service')).reason).toBe('host');
    expect(rig.reader.state().accepting).toBe(false);
    const back = await rig.host.start();
    expect(back.ok).toBe(true);
    await rig.screen('idle', 600_000);
  }));

it('a host that goes away during a session ends it with the card back', () =>
  withRig({}, async (rig) => {
    await rig.toMenu('normal');
    await rig.clock.settle(rig.host.stop());
    rig.touch({ kind: 'check-balance' });
    const sorry = await rig.screen('sorry');
    expect(['host-unavailable', 'cancelled-by-host-loss']).toContain(sorry.cause);
    rig.touch({ kind: 'finish' });
    await rig.takeCard();
    await rig.screen('out-of-service');
    await rig.host.start();
    await rig.screen('idle', 600_000);
  }));
