/** Each device is unplugged in each state of a visit; whatever happens, the card is back with its owner at the end. */
import { describe, expect, it } from 'vitest';
import type { ScreenKind } from '../../main/contract.ts';
import type { Rig } from '../rig.ts';
import { withRig } from './with-rig.ts';

const PLACES: Readonly<Record<string, (rig: Rig) => Promise<void>>> = {
  idle: async () => undefined,
  'card entering': async (rig) => {
    rig.insert('normal');
    await rig.screen('card-entering');
  },
  PIN: async (rig) => {
    rig.insert('normal');
    await rig.screen('pin');
    await rig.until(() => rig.pad.state().entering);
    rig.press('1', '2');
  },
  menu: (rig) => rig.toMenu('normal'),
  'asking the host': async (rig) => {
    await rig.toMenu('slow');
    rig.touch({ kind: 'check-balance' });
    await rig.clock.advance(1_500);
  },
  'choose membership': async (rig) => {
    await rig.toMenu('multi');
    rig.touch({ kind: 'check-balance' });
    await rig.screen('choose-membership');
  },
  result: async (rig) => {
    await rig.toResult('normal');
  },
  'receipt?': async (rig) => {
    await rig.toResult('normal');
    rig.touch({ kind: 'continue' });
  },
  'receipt as QR': async (rig) => {
    await rig.toResult('normal');
    rig.touch({ kind: 'continue' });
    rig.touch({ kind: 'receipt', choice: 'qr' });
  },
  'something else?': async (rig) => {
    await rig.toResult('normal');
    rig.touch({ kind: 'continue' });
    rig.touch({ kind: 'receipt', choice: 'none' });
  },
  sorry: async (rig) => {
    await rig.toMenu('expired');
    rig.touch({ kind: 'check-balance' });
    await rig.screen('sorry');
  },
  'PIN wrong': async (rig) => {
    rig.insert('normal');
    await rig.screen('pin');
    await rig.enterPin('999999');
    await rig.screen('menu');
    rig.touch({ kind: 'check-balance' });
    await rig.screen('pin-wrong');
  },
  'take your card': async (rig) => {
    await rig.toMenu('normal');
    rig.touch({ kind: 'cancel' });
    await rig.until(() => rig.reader.state().place === 'takeout');
  },
  printing: async (rig) => {
    await rig.toResult('normal');
    rig.touch({ kind: 'continue' });
    rig.touch({ kind: 'receipt', choice: 'paper' });
    rig.touch({ kind: 'finish' });
    await rig.takeCard();
    await rig.until(() => rig.view().screen.kind === 'printing');
  },
};

const ENDED_BY_CANCEL: ReadonlySet<string> = new Set<ScreenKind>([
  'pin',
  'pin-wrong',
  'menu',
  'choose-membership',
  'result',
  'receipt-choice',
  'receipt-qr',
  'something-else',
]);

/** The customer does what any customer would: takes the card when it is held out, ends what can be ended. */
async function untilIdle(rig: Rig): Promise<void> {
  await rig.until(() => {
    const { screen } = rig.view();
    if (rig.reader.state().place === 'takeout' && rig.reader.state().plugged) rig.reader.verbs.take();
    if (['sorry', 'receipt-failed', 'card-retained', 'not-linked', 'take-receipt'].includes(screen.kind))
      rig.touch({ kind: 'finish' });
    if (ENDED_BY_CANCEL.has(screen.kind)) rig.touch({ kind: 'cancel' });
    return screen.kind === 'idle';
  }, 900_000);
}

describe.each(['reader', 'pad', 'printer'] as const)('the %s is unplugged', (device) => {
  it.each(Object.keys(PLACES))('in the state %s', (place) =>
    withRig({ msPerLine: 25 }, async (rig) => {
      await PLACES[place]?.(rig);
      await rig.lines[device].unplug();
      await rig.clock.advance(4_000);
      if (device === 'reader' && place !== 'printing') {
        expect(rig.view().screen).toMatchObject({ kind: 'out-of-service', reason: 'card-reader' });
      }
      await rig.lines[device].plug();
      await untilIdle(rig);
      expect(rig.reader.state().place).toBe('none');
      expect(rig.reader.state().retained).toBe(0);
    }),
  );
});
