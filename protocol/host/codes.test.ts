/** What the host answers with is looked up in the profile's table, by what it means there. */
import { describe, expect, it } from 'vitest';
import { createProfile, loadProfile, PROFILES, type HostProfile } from '../profile/profile.ts';
import { jht as data } from '../profile/profiles/jht.ts';
import { createCodes, isResponseCode, type Reason } from './codes.ts';
import { jht, value } from './test-terminal.ts';

const withResponses = (responses: Readonly<Record<string, string>>): HostProfile =>
  value(createProfile('test', { ...data, responses }));

describe('response codes', () => {
  it('of the default profile are the usual ones', () => {
    expect(createCodes(jht)).toEqual({
      approved: '00',
      notSignedOn: '58',
      invalidTransaction: '12',
      format: '30',
      duplicate: '94',
      security: '63',
      malfunction: '96',
      unknownCard: '14',
      blocked: '62',
      lost: '41',
      stolen: '43',
      expired: '54',
      pinWrong: '55',
      pinTries: '75',
      notLinked: '25',
    });
  });

  it.each(PROFILES)('of %s fit its DE39 and mean there what the host has to say', (name) => {
    const profile = value(loadProfile(name));
    const codes = createCodes(profile);
    for (const code of Object.values(codes)) expect(isResponseCode(profile, code)).toBe(true);
    const meant = (reason: Reason): string => profile.meaning(codes[reason]).meaning;
    expect(meant('approved')).toBe('approved');
    expect(meant('pinWrong')).toBe('pin-wrong');
    expect(meant('pinTries')).toBe('pin-tries');
    expect(meant('expired')).toBe('card-expired');
    expect(meant('stolen')).toBe('retain');
    expect(meant('unknownCard')).toBe('card-refused');
    expect(meant('notLinked')).toBe('not-linked');
    expect(meant('security')).toBe('system-error');
    expect(Object.entries(codes).filter(([, code]) => profile.meaning(code).meaning === 'approved')).toHaveLength(1);
  });

  it('of a host that numbers otherwise are its own: a usual number that means something else there is not given', () => {
    const codes = createCodes(
      withResponses({
        A0: 'approved',
        '55': 'card-expired',
        '54': 'pin-wrong',
        '00': 'system-error',
        B7: 'not-linked',
      }),
    );
    expect(codes).toMatchObject({ approved: 'A0', pinWrong: '54', expired: '55', notLinked: 'B7', security: '00' });
  });

  it('of a table with little in it: the nearest, and at last one it does not have, which means unavailable', () => {
    const profile = withResponses({ '00': 'approved', '05': 'card-refused', '78': 'system-error' });
    expect(createCodes(profile)).toMatchObject({ stolen: '05', pinTries: '05', expired: '05', format: '78' });
    const bare = withResponses({ '00': 'approved' });
    const codes = createCodes(bare);
    expect(bare.meaning(codes.pinWrong)).toEqual({ meaning: 'host-unavailable', known: false });
    expect(isResponseCode(bare, codes.pinWrong)).toBe(true);
  });
});
