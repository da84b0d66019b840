import { expect, it } from 'vitest';
import { withRig } from './with-rig.ts';

it('a card number with a wrong check digit is not asked a PIN for', () =>
  withRig({}, async (rig) => {
    rig.insert('normal', 'bad-luhn');
    expect((await rig.screen('card-unreadable')).problem).toBe('invalid');
    await rig.takeCard();
    await rig.screen('idle');
    expect(rig.sent.some((view) => view.includes('"kind":"pin"'))).toBe(false);
  }));
