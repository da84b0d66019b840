import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { personas, simulatedPan } from '../../protocol/host/personas.ts';
import { luhnHolds, readCard } from './card.ts';

describe('the check digit', () => {
  it.each([
    // The worked example of ISO/IEC 7812-1 annex B is 4992739871 with 6.
    ['49927398716', true],
    ['49927398717', false],
    ['4992739871', false],
    ['0', true],
    ['18', true],
    ['81', false],
  ])('%s: %s', (pan, holds) => {
    expect(luhnHolds(pan)).toBe(holds);
  });

  it('finds every single wrong digit', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999_999_999 }),
        fc.nat(15),
        fc.integer({ min: 1, max: 9 }),
        (number, at, by) => {
          const pan = simulatedPan(number);
          const wrong = `${pan.slice(0, at)}${(Number(pan[at]) + by) % 10}${pan.slice(at + 1)}`;
          expect(luhnHolds(pan)).toBe(true);
          expect(luhnHolds(wrong)).toBe(false);
        },
      ),
    );
  });
});

describe('track 2', () => {
  it.each(personas.map((persona) => [persona.id, persona] as const))(
    'of the persona %s is read',
    (_, { pan, track2 }) => {
      expect(readCard(track2)).toEqual({ ok: true, card: { pan, track2 } });
    },
  );

  // ISO/IEC 7813: a PAN of up to 19 digits, separator, YYMM, service code, discretionary data, 37 characters in all.
  it.each([
    ['the shortest PAN', '999936000002=3112520'],
    ['19 digits', '9999360000000000008=3112520'],
    ['no discretionary data', '9999360000000010=3112520'],
    ['37 characters', '9999360000000010=31125200000000000000'],
  ])('%s', (_, track2) => {
    expect(readCard(track2)).toMatchObject({ ok: true });
  });

  it.each([
    ['nothing', ''],
    ['a PAN alone', '9999360000000010'],
    ['eleven digits', '99993600005=3112520'],
    ['twenty digits', '99993600000000000010=3112520'],
    ['no expiry', '9999360000000010==520'],
    ['month 00', '9999360000000010=3100520'],
    ['month 13', '9999360000000010=3113520'],
    ['no service code', '9999360000000010=3112'],
    ['38 characters', '9999360000000010=311252000000000000000'],
    ['another separator', '9999360000000010D3112520'],
    ['its sentinels', ';9999360000000010=3112520?'],
    ['letters', '999936000000001A=3112520'],
    ['track 1', 'B9999360000000010^CONTOH/SITI^3112520'],
    ['a membership card that is no debit card', '0001234567890'],
    ['a line feed at its end', '9999360000000010=3112520\n'],
    ['digits of another alphabet', '٩٩٩٩٣٦٠٠٠٠٠٠٠٠١٠=3112520'],
  ])('%s is no debit card', (_, track2) => {
    expect(readCard(track2)).toEqual({ ok: false, problem: 'not-accepted' });
  });

  it('with a wrong check digit is one that cannot be right', () => {
    expect(readCard('9999360000000011=3112520')).toEqual({ ok: false, problem: 'invalid' });
  });

  it('leaves expiry to the host', () => {
    expect(readCard('9999360000000010=0001520')).toMatchObject({ ok: true });
  });

  it('never throws, whatever a stripe holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => typeof readCard(text).ok === 'boolean'),
    );
  });
});
