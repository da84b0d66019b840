import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { jhtProfile, membership, sentInquiry } from './fixtures.ts';
import { buildInquiryReply, readInquiryReply } from './inquiry.ts';
import { createProfile, loadProfile } from './profile.ts';
import { jht } from './profiles/jht.ts';
import type { ProfileMistake } from './schema.ts';

const folder = mkdtempSync(join(tmpdir(), 'profile-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function mistakes(changes: object): readonly ProfileMistake[] {
  const result = createProfile('mine', { ...structuredClone(jht), ...changes });
  if (result.ok) throw new Error('loaded');
  return result.error;
}

describe('the default profile', () => {
  it('loads, and is what the manual says', () => {
    const profile = jhtProfile();
    expect(profile.framing).toEqual({ length: 'be', bytes: 2, inclusive: false, min: 20, max: 4096 });
    expect(profile.mac).toEqual({ kind: 'x9.19', element: 64, messages: ['0200', '0201', '0210'] });
    expect(profile.pin).toEqual({ min: 6, max: 6, format: 'iso-0' });
    expect(profile.inquiry.entryModes).toEqual({ stripe: '021', chip: '051' });
    expect(profile.currency).toBe('360');
  });

  it.each([
    ['00', 'approved'],
    ['55', 'pin-wrong'],
    ['75', 'pin-tries'],
    ['38', 'pin-tries-retain'],
    ['54', 'card-expired'],
    ['41', 'retain'],
    ['43', 'retain'],
    ['14', 'card-refused'],
    ['62', 'card-refused'],
    ['05', 'card-refused'],
    ['57', 'card-refused'],
    ['25', 'not-linked'],
    ['76', 'not-linked'],
    ['78', 'not-linked'],
    ['91', 'host-unavailable'],
    ['92', 'host-unavailable'],
    ['68', 'host-unavailable'],
    ['30', 'system-error'],
    ['12', 'system-error'],
    ['96', 'system-error'],
    ['63', 'system-error'],
  ])('response code %s means %s', (code, meaning) => {
    expect(jhtProfile().meaning(code)).toEqual({ meaning, known: true });
  });

  it('takes any other code for "the host is not available", and says that it does not know it', () => {
    for (const code of ['99', '', 'toString', '__proto__']) {
      expect(jhtProfile().meaning(code)).toEqual({ meaning: 'host-unavailable', known: false });
    }
  });
});

describe('a profile of one\u2019s own', () => {
  it('is a JSON file: another framing, another width, another code, no MAC', () => {
    const file = join(folder, 'mine.json');
    const own = {
      ...jht,
      framing: { length: 'ascii', bytes: 4 },
      elements: { ...jht.elements, 41: { name: 'Terminal', format: 'ans 16', show: 'whole' }, 120: null },
      mac: { kind: 'none' },
      responses: { ...jht.responses, '54': 'not-linked' },
    };
    writeFileSync(file, JSON.stringify(own));
    const loaded = loadProfile(file);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
    const profile = loaded.value;
    expect(profile.meaning('54').meaning).toBe('not-linked');
    const request = sentInquiry(profile);
    expect(request.get(41)).toHaveLength(16);
    const reply = buildInquiryReply(profile, request, { responseCode: '00', memberships: [membership(0)] });
    const packed = profile.codec.pack(reply);
    const unpacked = packed.ok ? profile.codec.unpack(packed.value) : packed;
    expect(unpacked.ok && readInquiryReply(profile, unpacked.value)).toMatchObject({
      ok: true,
      value: { memberships: [membership(0)] },
    });
    expect(profile.codec.spec.elements[120]).toBeUndefined();
  });

  it('says what it is when it is no profile at all', () => {
    writeFileSync(join(folder, 'broken.json'), '{');
    expect(loadProfile(join(folder, 'broken.json'))).toMatchObject({
      ok: false,
      error: [{ rule: 'the file is not JSON' }],
    });
    expect(loadProfile(join(folder, 'absent.json'))).toMatchObject({
      ok: false,
      error: [{ rule: 'the file cannot be read' }],
    });
    expect(loadProfile('nobody')).toMatchObject({ ok: false, error: [{ profile: 'nobody', rule: /known are jht/ }] });
    for (const data of [null, 7, [], 'jht', {}]) expect(createProfile('x', data).ok).toBe(false);
  });

  it('names the profile, the element and the rule of every mistake at once', () => {
    const found = mistakes({
      elements: {
        ...jht.elements,
        35: { name: 'Track 2', format: 'z ..137', show: 'whole' },
        52: null,
        64: { name: 'MAC', format: 'b 4' },
        48: { name: 'Additional', format: 'ans ...999', show: 'whole' },
        200: { name: 'none', format: 'n 1' },
      },
      pin: { min: 8, max: 6, format: 'iso-0' },
      network: { ...jht.network, echo: '001' },
      responses: { '05': 'card-refused' },
    });
    expect(found.every(({ profile, rule }) => profile === 'mine' && rule !== '')).toBe(true);
    expect(found.map(({ path, element }) => [path, element])).toEqual(
      expect.arrayContaining([
        ['elements.35.format', 35],
        ['elements.35.show', 35],
        ['elements.52', 52],
        ['elements.64.format', 64],
        ['elements.48.show', 48],
        ['elements.200.format', 200],
        ['pin.min', undefined],
        ['network', undefined],
        ['responses', undefined],
      ]),
    );
  });

  it('may lack no tag that the mapping needs, and no tag may be longer than it can say', () => {
    const additional = structuredClone(jht.additional) as unknown as {
      tags: Record<string, { max?: number; inside?: { tags: Record<string, object> } }>;
    };
    delete additional.tags['PG'];
    delete additional.tags['MB']?.inside?.tags['BL'];
    Object.assign(additional.tags, {
      LONG: { name: 'x', class: 'n' },
      AS: { name: 'as of', class: 'n', min: 8, max: 1000 },
    });
    expect(mistakes({ additional }).map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        'additional.tags.PG',
        'additional.tags.MB.inside.tags.BL',
        'additional.tags.LONG',
        'additional.tags.AS.max',
      ]),
    );
  });

  it('has the shape it must have', () => {
    expect(
      mistakes({ framing: { length: 'be', bytes: 3 }, currency: 'IDR', colour: 'green' }).map(({ path }) => path),
    ).toEqual(expect.arrayContaining(['framing.bytes', 'currency', 'colour']));
    expect(mistakes({ elements: { 35: { name: 'Track 2', format: 'z ..37', shown: true } } })).toMatchObject([
      { element: 35 },
    ]);
    expect(mistakes({ framing: { length: 'ascii', bytes: 2 } })).toMatchObject([{ path: 'framing.bytes' }]);
  });
});
