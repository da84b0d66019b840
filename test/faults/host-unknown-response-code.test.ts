import { expect, it } from 'vitest';
import { withRig } from './with-rig.ts';

it('a response code nobody knows is told as "not now", with the reference number, and the card comes back', () =>
  withRig({}, async (rig) => {
    await rig.toMenu('normal');
    rig.host.answer('Z9');
    rig.touch({ kind: 'check-balance' });
    const sorry = await rig.screen('sorry');
    expect(sorry.cause).toBe('host-unavailable');
    expect(sorry.reference).toMatch(/^\d{12}$/);
    rig.touch({ kind: 'finish' });
    await rig.takeCard();
    await rig.screen('idle');
    expect(rig.journal().find((row) => row.event === 'inquiry-answered')?.fields).toMatchObject({
      code: 'Z9',
      known: 'no',
    });
  }));

/** Every row of the profile's table, and where it leads. */
const ROWS: readonly (readonly [string, 'sorry' | 'card-retained' | 'not-linked', string])[] = [
  ['75', 'sorry', 'pin-tries'],
  ['38', 'card-retained', 'pin-tries'],
  ['54', 'sorry', 'card-expired'],
  ['41', 'card-retained', 'host'],
  ['43', 'card-retained', 'host'],
  ['14', 'sorry', 'card-refused'],
  ['62', 'sorry', 'card-refused'],
  ['05', 'sorry', 'card-refused'],
  ['57', 'sorry', 'card-refused'],
  ['25', 'not-linked', ''],
  ['91', 'sorry', 'host-unavailable'],
  ['92', 'sorry', 'host-unavailable'],
  ['68', 'sorry', 'host-unavailable'],
  ['30', 'sorry', 'system-error'],
  ['12', 'sorry', 'system-error'],
  ['96', 'sorry', 'system-error'],
  ['63', 'sorry', 'system-error'],
];

for (const [code, kind, cause] of ROWS) {
  it(`response code ${code} leads to ${kind} ${cause}`, () =>
    withRig({}, async (rig) => {
      await rig.toMenu('normal');
      rig.host.answer(code);
      rig.touch({ kind: 'check-balance' });
      const screen = await rig.screen(kind);
      expect(JSON.stringify(screen)).toContain(cause);
      expect(JSON.stringify(screen)).not.toContain(`"${code}"`);
      if (kind === 'card-retained') {
        await rig.until(() => rig.reader.state().retained === 1);
        rig.touch({ kind: 'finish' });
      } else {
        rig.touch({ kind: 'finish' });
        await rig.takeCard();
      }
      await rig.screen('idle');
    }));
}
