import { expect, it } from 'vitest';
import { withRig } from './with-rig.ts';

it('a card torn out in the middle of a session ends it at once, with nothing left on the screen', () =>
  withRig({}, async (rig) => {
    await rig.toResult('normal');
    expect(rig.reader.verbs.pullOut()).toBe(true);
    await rig.until(() => rig.view().screen.kind !== 'result');
    expect(JSON.stringify(rig.view())).not.toContain('balance');
    expect(rig.view().screen).toMatchObject({ kind: 'card-unreadable', problem: 'pulled-out', urgency: 0 });
    await rig.screen('idle');
    expect(rig.story()).toContain('card-pulled-out');
    expect(rig.story().at(-1)).toBe('session-ended');
    // Nothing of it is left for the next customer's end.
    await rig.toResult('normal');
    rig.touch({ kind: 'finish' });
    await rig.takeCard();
    await rig.screen('goodbye');
    await rig.screen('idle');
  }));

it('a card torn out while it is read is told so', () =>
  withRig({}, async (rig) => {
    rig.insert('normal');
    await rig.screen('card-entering');
    rig.reader.verbs.pullOut();
    expect(await rig.screen('card-unreadable')).toMatchObject({ problem: 'pulled-out' });
    await rig.screen('idle');
    expect(rig.reader.state().place).toBe('none');
    expect(rig.story().at(-1)).toBe('session-ended');
  }));
