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
    expect(profile.mac).toMatchObject({
      kind: 'x9.19',
      element: 64,
      messages: ['0200', '0201', '0210'],
      wireBytes: 16,
    });
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
        11: { name: 'STAN', format: 'n 5' },
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

  it('has a terminator only where nothing else can be that byte', () => {
    const framing = { length: 'none', terminator: 3 };
    expect(createProfile('mine', { ...jht, framing }).ok).toBe(true);
    for (const changes of [
      { wire: { digits: 'bcd' } },
      { wire: { bitmap: 'binary' } },
      { elements: { ...jht.elements, 52: { name: 'PIN', format: 'b 8', encoding: 'binary' } } },
    ])
      expect(mistakes({ framing, ...changes }).map(({ path }) => path)).toEqual(['framing.terminator']);
    expect(mistakes({ framing: { length: 'none', terminator: 13 } })).toMatchObject([{ path: 'framing.terminator' }]);
    expect(mistakes({ framing: { length: 'roman' } })).toMatchObject([{ path: 'framing.length' }]);
  });

  it('has a header that is one, and whose bytes the length can count', () => {
    const framing = { length: 'be', bytes: 2 };
    for (const header of [
      { kind: 'tpdu', value: '60000580' },
      { kind: 'iso', value: 'ISO116000010' },
    ])
      expect(mistakes({ framing: { ...framing, header } }).map(({ path }) => path)).toEqual(['framing.header.value']);
    const header = { kind: 'iso', value: 'ISO016000010' };
    expect(mistakes({ framing: { length: 'ascii', bytes: 4, header, max: 9988 } })).toMatchObject([
      { path: 'framing.max', rule: 'the length in front can say 9987 at most' },
    ]);
  });

  it('has a MAC that both sides find', () => {
    const mac = { kind: 'aes-cmac', messages: ['0200', '0210'] };
    expect(createProfile('mine', { ...jht, mac }).ok).toBe(true);
    const elements = { ...jht.elements, 64: { name: 'MAC', format: 'b 8', encoding: 'binary' } };
    expect(mistakes({ mac, elements })).toMatchObject([{ path: 'elements.128.encoding', element: 128 }]);
    expect(mistakes({ mac: { ...mac, kind: 'crc' } }).map(({ path }) => path)).toEqual(['mac.kind']);
  });

  it('has a PIN block, a MAC and keys of one family', () => {
    const own = (changes: object): ReturnType<typeof createProfile> =>
      createProfile('mine', { ...structuredClone(jht), ...changes });
    const tdes = { kind: 'dukpt', scheme: 'tdes', ksnElement: 62 };
    const ksn = { name: 'Key serial number', format: 'b 10' };
    expect(own({ keying: tdes, elements: { ...jht.elements, 62: ksn } }).ok).toBe(true);
    expect(own({ pin: { ...jht.pin, format: 'iso-3' } }).ok).toBe(true);
    const aes = {
      pin: { ...jht.pin, format: 'iso-4' },
      mac: { ...jht.mac, kind: 'aes-cmac' },
      keying: { kind: 'dukpt', scheme: 'aes-128', ksnElement: 62 },
      elements: { ...jht.elements, 52: { name: 'PIN', format: 'b 16' }, 62: { ...ksn, format: 'b 12' } },
    };
    expect(own(aes).ok).toBe(true);
    const paths = (changes: object): readonly string[] => mistakes(changes).map(({ path }) => path);
    expect(paths({ ...aes, elements: { ...jht.elements, 62: ksn } })).toEqual([
      'elements.52.format',
      'elements.62.format',
    ]);
    expect(paths({ ...aes, mac: jht.mac })).toEqual(['mac.kind']);
    expect(paths({ keying: tdes, pin: aes.pin, elements: aes.elements })).toEqual(['pin.format', 'elements.62.format']);
    expect(paths({ keying: { ...tdes, ksnElement: 48 } })).toContain('keying.ksnElement');
    expect(paths({ pin: { ...jht.pin, format: 'iso-9' } })).toEqual(['pin.format']);
  });

  it('says which codes mean other keys, and how answers are known', () => {
    expect(jhtProfile().keyErrors).toEqual(['63', '81']);
    expect(jhtProfile().correlation).toBeUndefined();
    const made = createProfile('mine', { ...jht, keyErrors: ['81', '88'], correlation: { always: [11] } });
    expect(made).toMatchObject({
      ok: true,
      value: { keyErrors: ['81', '88'], correlation: { always: [11], whenPresent: [] } },
    });
    expect(mistakes({ keyErrors: ['0081'] })).toMatchObject([{ path: 'keyErrors.0', element: 39 }]);
    expect(mistakes({ correlation: { always: [41] } }).map(({ path }) => path)).toEqual(['correlation.always']);
  });

  it('says of each element once what is in it', () => {
    const { additional } = jht;
    expect(mistakes({ additional: { ...additional, element: 54 } })).toContainEqual({
      profile: 'mine',
      path: 'additional.element',
      element: 54,
      rule: 'DE54 is used by the inquiry already',
    });
    expect(
      mistakes({ inquiry: { ...jht.inquiry, constants: { 48: 'PI', 120: 'X', 65: 'A'.repeat(16) } } }),
    ).toMatchObject([
      { path: 'inquiry.constants.65', element: 65 },
      { path: 'inquiry.constants.48', element: 48 },
    ]);
    const constants = { 100: 'BANK', 129: '1' };
    expect(mistakes({ inquiry: { ...jht.inquiry, constants } }).map(({ path }) => path)).toEqual([
      'inquiry.constants.129',
      'inquiry.constants.100',
    ]);
    expect(
      mistakes({ elements: { ...jht.elements, 120: null }, additional: { ...additional, element: 120 } }),
    ).toMatchObject([{ path: 'elements.120', element: 120 }]);
    const shown = { name: 'Additional', format: 'ans ...999', show: 'whole' };
    expect(
      mistakes({ elements: { ...jht.elements, 120: shown }, additional: { ...additional, element: 120 } }),
    ).toMatchObject([{ path: 'elements.120.show', element: 120 }]);
  });

  it('has the tags of request and reply where it says, under the names it says', () => {
    const { PI, LG, KP, PG, MO, AS, MB, TP, TV, TA, AV } = jht.additional.tags;
    const additional = { tag: 2, length: 2, tags: { PI, LG, CN: KP, PG, TP, TV, TA, AV } };
    const answer = { element: 120, tag: 2, length: 3, tags: { PI, AS, CN: KP, MB, MO, PG } };
    const names = { KP: 'CN' };
    expect(createProfile('mine', { ...jht, additional, answer, names }).ok).toBe(true);
    expect(mistakes({ additional, answer }).map(({ path, element }) => [path, element])).toEqual([
      ['additional.tags.KP', 48],
      ['answer.tags.KP', 120],
    ]);
    const open = { ...additional, tags: { ...additional.tags, CN: { ...KP, show: 'last4' } } };
    expect(mistakes({ additional: open, answer, names })).toMatchObject([{ path: 'additional.tags.CN.show' }]);
    const small = { ...answer, tags: { ...answer.tags, AS: { ...AS, min: 6, max: 6 } } };
    expect(mistakes({ additional, answer: small, names })).toMatchObject([{ path: 'answer.tags.AS', element: 120 }]);
  });

  it('has lines whose tags can count them', () => {
    const lines = {
      element: 57,
      tag: 2,
      length: 2,
      screen: { letter: 'S', count: 10 },
      receipt: { letter: 'S', count: 19 },
      width: 40,
    };
    expect(mistakes({ lines }).map(({ path }) => path)).toEqual(['lines.receipt.letter', 'lines.receipt.count']);
  });

  it('may have any encoding the codec has, and no other', () => {
    expect(createProfile('mine', { ...jht, wire: { mti: 'ebcdic', bitmap: 'hex-ebcdic', text: 'ebcdic' } }).ok).toBe(
      true,
    );
    expect(mistakes({ wire: { digits: 'roman' } }).map(({ path }) => path)).toEqual(['wire.digits']);
    expect(
      mistakes({ elements: { ...jht.elements, 42: { name: 'Acceptor', format: 'ans 15', encoding: 'bcd' } } }),
    ).toMatchObject([{ path: 'elements.42.format', element: 42 }]);
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
