import { expect, it } from 'vitest';
import { withRig } from './with-rig.ts';

it('a card that jams inside is not forgotten: out of service says whom to call, and it comes back when the jam is cleared', () =>
  withRig({}, async (rig) => {
    await rig.toMenu('normal');
    rig.reader.verbs.jam();
    rig.touch({ kind: 'cancel' });
    const screen = await rig.screen('out-of-service');
    expect(screen).toMatchObject({ reason: 'card-stuck', cardInside: true });
    expect(rig.story()).toContain('card-stuck');
    rig.reader.verbs.clearJam();
    await rig.screen('take-card', 300_000);
    await rig.takeCard();
    await rig.screen('idle');
  }));
