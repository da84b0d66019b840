/** A customer who needs longer: warnings that count down, touches that extend, cards that call louder, ends that are told. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startRig, type Rig } from '../rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(async () => {
  rig.expectClean();
  await rig.close();
});

describe('time', () => {
  it('warns on a touch screen after 45 s, counts 20 s down, and gives the card back', async () => {
    await rig.toMenu('normal');
    await rig.clock.advance(44_000);
    expect(rig.view().warning).toBeUndefined();
    await rig.clock.advance(1_500);
    expect(rig.view().warning).toEqual({ secondsLeft: 20, ofSeconds: 20 });
    await rig.clock.advance(5_000);
    expect(rig.view().warning?.secondsLeft).toBe(15);
    await rig.clock.advance(15_000);
    expect((await rig.screen('take-card')).why).toBe('timed-out');
    expect(rig.view().warning).toBeUndefined();
    await rig.takeCard();
    await rig.screen('idle');
    expect(rig.story()).toContain('timed-out');
  });

  it('extends as often as somebody touches', async () => {
    await rig.toMenu('normal');
    for (let time = 0; time < 12; time += 1) {
      await rig.until(() => rig.view().warning !== undefined);
      rig.touch({ kind: 'still-here' });
      expect(rig.view().warning).toBeUndefined();
      expect(rig.view().screen.kind).toBe('menu');
    }
    rig.touch({ kind: 'cancel' });
    await rig.takeCard();
    await rig.screen('idle');
  });

  it('takes Enter on the pad as "still here" while it asks, and not as a choice', async () => {
    await rig.toMenu('normal');
    await rig.until(() => rig.view().warning !== undefined);
    rig.press('enter');
    await rig.until(() => rig.view().warning === undefined);
    expect(rig.view().screen.kind).toBe('menu');
    rig.press('cancel');
    await rig.takeCard();
    await rig.screen('idle');
  });

  it('warns during PIN entry after 30 s and each key starts it anew', async () => {
    await rig.until(() => rig.reader.state().accepting);
    rig.insert('normal');
    await rig.screen('pin');
    await rig.until(() => rig.pad.state().entering);
    await rig.clock.advance(29_000);
    rig.press('1');
    await rig.clock.advance(29_000);
    expect(rig.view().warning).toBeUndefined();
    await rig.clock.advance(1_500);
    expect(rig.view().warning?.ofSeconds).toBe(20);
    await rig.clock.advance(20_000);
    expect((await rig.screen('take-card')).why).toBe('pin-timed-out');
    await rig.takeCard();
    await rig.screen('idle');
  });

  it('calls louder for a card that is not taken, and retains it at 45 s with a slip that says why', async () => {
    await rig.toMenu('normal');
    rig.touch({ kind: 'cancel' });
    await rig.until(() => rig.reader.state().place === 'takeout');
    const urgencies: number[] = [];
    while (rig.view().screen.kind === 'take-card') {
      const { screen } = rig.view();
      if (screen.kind === 'take-card' && urgencies.at(-1) !== screen.urgency) urgencies.push(screen.urgency);
      await rig.clock.advance(1_000);
    }
    expect(urgencies).toEqual([0, 1, 2, 3]);
    const retained = await rig.screen('card-retained');
    expect(retained.why).toBe('not-taken');
    await rig.until(() => rig.printer.state().tickets.length > 0);
    const slip = rig.printer.verbs.tear() ?? '';
    expect(slip).toContain('KARTU ANDA DITAHAN');
    expect(slip).toContain(retained.reference);
    await rig.until(() => rig.reader.state().place === 'retained' || rig.reader.state().retained === 1);
    rig.touch({ kind: 'finish' });
    await rig.screen('idle');
    expect(rig.story()).toContain('card-retained');
  });

  it('forgets a language that somebody chose and left', async () => {
    rig.touch({ kind: 'language', language: 'en' });
    await rig.until(() => rig.view().language === 'id', 120_000);
  });
});
