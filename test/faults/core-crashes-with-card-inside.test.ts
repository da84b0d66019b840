import { expect, it } from 'vitest';
import { withRig } from './with-rig.ts';

it('the core dies with a card inside: the next one returns it before it serves anybody', () =>
  withRig({}, async (rig) => {
    await rig.toResult('normal');
    expect(rig.reader.state().place).toBe('inside');
    await rig.crashAndRestart();
    expect((await rig.screen('take-card')).why).toBe('fault');
    await rig.takeCard();
    await rig.screen('idle');
    const events = rig.journal().map((row) => row.event);
    expect(events.filter((event) => event === 'terminal-started')).toHaveLength(2);
    expect(events).toContain('card-found');
    await rig.toResult('normal');
    rig.touch({ kind: 'finish' });
    await rig.takeCard();
    await rig.screen('idle');
  }));

it('the core dies while it holds the card out', () =>
  withRig({}, async (rig) => {
    await rig.toMenu('normal');
    rig.touch({ kind: 'cancel' });
    await rig.until(() => rig.reader.state().place === 'takeout');
    await rig.crashAndRestart();
    await rig.screen('take-card');
    await rig.takeCard();
    await rig.screen('idle');
  }));
