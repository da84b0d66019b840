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

  it('holds what is written into its elements and tags, each where it does not named', () => {
    const additional = structuredClone(jht.additional) as unknown as {
      tags: Record<string, { max?: number; min?: number; class?: string; inside?: { tags: Record<string, object> } }>;
    };
    Object.assign(additional.tags['PI'] ?? {}, { min: 1, max: 4 });
    Object.assign(additional.tags['MB']?.inside?.tags['BL'] ?? {}, { max: 8 });
    const found = mistakes({
      additional,
      elements: {
        ...jht.elements,
        11: { name: 'STAN', format: 'n 12' },
        35: { name: 'Track 2', format: 'z ..20' },
        49: { name: 'Currency', format: 'a 3' },
      },
      responses: { ...jht.responses, '0000': 'approved' },
    });
    expect(found.map(({ path, element }) => [path, element])).toEqual([
      ['elements.11.format', 11],
      ['elements.35.format', 35],
      ['currency', 49],
      ['responses.0000', 39],
      ['additional.tags.PI', 48],
      ['additional.tags.MB.inside.tags.BL', 48],
    ]);
    expect(
      mistakes({ elements: { ...jht.elements, 48: { name: 'Additional', format: 'ans ..99' } } }).map(
        ({ path, rule }) => `${path}: ${rule}`,
      ),
    ).toEqual(['additional: a reply with one membership does not fit: at most 99 characters']);
  });

  it('shows nothing secret, in whole or in part', () => {
    const additional = structuredClone(jht.additional) as unknown as {
      tags: Record<string, { show?: string; inside?: { tags: Record<string, object> } }>;
    };
    Object.assign(additional.tags['TP'] ?? {}, { show: 'last4' });
    Object.assign(additional.tags['MB']?.inside?.tags['NM'] ?? {}, { show: 'whole' });
    const shown = (element: number, format: string, show: string): object => ({
      [element]: { name: 'x', format, show },
    });
    const found = mistakes({
      additional,
      elements: {
        ...jht.elements,
        ...shown(2, 'n ..19', 'whole'),
        ...shown(35, 'z ..37', 'last4'),
        ...shown(45, 'ans ..76', 'whole'),
        ...shown(52, 'b 8', 'last4'),
        ...shown(55, 'b ...255', 'whole'),
      },
    });
    expect(found.map(({ path }) => path)).toEqual([
      'elements.35.show',
      'elements.45.show',
      'elements.52.show',
      'elements.55.show',
      'elements.2.show',
      'additional.tags.MB.inside.tags.NM.show',
      'additional.tags.TP.show',
    ]);
    expect(createProfile('mine', { ...jht, elements: { ...jht.elements, ...shown(2, 'n ..19', 'last4') } }).ok).toBe(
      true,
    );
  });

  it('has a frame that its longest message fits, and MACs only where there is a key', () => {
    for (const framing of [
      { length: 'ascii', bytes: 4, max: 10_000 },
      { length: 'ascii', bytes: 4, inclusive: true, max: 9996 },
      { length: 'be', bytes: 2, inclusive: true, max: 65_534 },
    ])
      expect(mistakes({ framing }).map(({ path }) => path)).toEqual(['framing.max']);
    expect(mistakes({ framing: { length: 'be', bytes: 2, min: 500 } }).map(({ path }) => path)).toEqual([
      'framing.min',
    ]);
    expect(mistakes({ mac: { kind: 'x9.19', messages: ['0200', '0800'] } })).toMatchObject([{ path: 'mac.messages' }]);
    expect(mistakes({ mac: { kind: 'x9.19', messages: ['0210'] } })).toMatchObject([{ path: 'mac.messages' }]);
  });

  it('has the shape it must have', () => {
    expect(
      mistakes({ framing: { length: 'be', bytes: 3 }, currency: 'IDR', colour: 'green' }).map(({ path }) => path),
    ).toEqual(expect.arrayContaining(['framing.bytes', 'currency', 'colour']));
    expect(mistakes({ elements: { 35: { name: 'Track 2', format: 'z ..37', shown: true } } })).toMatchObject([
      { element: 35 },
    ]);
    expect(mistakes({ inquiry: { ...jht.inquiry, mti: '0800' } })).toMatchObject([{ path: 'inquiry.mti' }]);
    expect(mistakes({ framing: { length: 'ascii', bytes: 2 } })).toMatchObject([{ path: 'framing.bytes' }]);
  });
});
