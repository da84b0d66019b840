import { expect, it } from 'vitest';
import { withRig } from './with-rig.ts';

it('a card the wrong way round stays at the mouth, and the idle screen says to turn it', () =>
  withRig({}, async (rig) => {
    rig.insert('normal', 'wrong-way');
    await rig.until(() => {
      const { screen } = rig.view();
      return screen.kind === 'idle' && screen.hint === 'turn-the-card';
    });
    expect(rig.reader.state().place).toBe('mouth');
    expect(rig.reader.verbs.take()).toBe(true);
    await rig.until(() => {
      const { screen } = rig.view();
      return screen.kind === 'idle' && screen.hint === undefined;
    });
    expect(rig.journal().map((row) => row.event)).toContain('card-refused-at-mouth');
  }));

it('a card without a stripe is refused the same way', () =>
  withRig({}, async (rig) => {
    rig.insert('normal', 'no-stripe');
    await rig.until(() => {
      const { screen } = rig.view();
      return screen.kind === 'idle' && screen.hint === 'turn-the-card';
    });
    rig.reader.verbs.take();
  }));
