import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explain } from '../iso8583/error.ts';
import { createMessage, withElements } from '../iso8583/message.ts';
import type { Message } from '../iso8583/message.ts';
import type { InquiryReply, InquiryReplyError, Membership } from './contract.ts';
import { jhtProfile, LINK_ELEMENTS, membership, REQUEST, sentInquiry, TERMINAL, withoutJht } from './fixtures.ts';
import { buildInquiry, buildInquiryReply, readInquiry, readInquiryReply } from './inquiry.ts';
import { withMac } from './mac.ts';

const profile = jhtProfile();

/** Through the codec: what the other side sees. */
function overTheWire(message: Message): Message {
  const packed = profile.codec.pack(withMac(message, 'A1C72E74EA3FA9B6'));
  if (!packed.ok) throw new Error(explain(packed.error));
  const unpacked = profile.codec.unpack(packed.value);
  if (!unpacked.ok) throw new Error(explain(unpacked.error));
  return unpacked.value;
}

function replyTo(request: Message, answer: Parameters<typeof buildInquiryReply>[2]): InquiryReply {
  const read = readInquiryReply(profile, overTheWire(buildInquiryReply(profile, request, answer)));
  if (!read.ok) throw new Error(`${read.error.path}: ${read.error.rule}`);
  return read.value;
}

/** What a reply with these elements gets. */
function refusal(elements: Readonly<Record<number, string | undefined>>, mti = '0210'): InquiryReplyError {
  const read = readInquiryReply(profile, createMessage(mti, { 37: '632409000001', 39: '00', 49: '360', ...elements }));
  if (read.ok) throw new Error('read');
  return read.error;
}

function tag(name: string, value: string): string {
  return name + String(value.length).padStart(3, '0') + value;
}

const GROUP: Readonly<Record<string, string>> = {
  KP: '19000000001',
  NM: 'SITI AMINAH',
  CO: 'PT MAJU',
  SG: 'PU',
  ST: 'A',
  PR: 'JHT,JKK',
  BL: '150000',
};

/** A group with tags replaced or (undefined) left out. */
function group(changes: Readonly<Record<string, string | undefined>> = {}): string {
  const tags = Object.entries({ ...GROUP, ...changes });
  return tag('MB', tags.map(([name, value]) => (value === undefined ? '' : tag(name, value))).join(''));
}

describe('the request', () => {
  it('is the message of the profile', () => {
    const message = buildInquiry(profile, TERMINAL, REQUEST);
    expect(message.mti).toBe('0200');
    const values = Object.fromEntries(message.elements.map((element) => [element, message.get(element)]));
    expect(values).toEqual({
      3: '310000',
      4: '000000000000',
      18: '6015',
      22: '021',
      25: '00',
      32: '009',
      35: REQUEST.track2,
      41: 'ANJ00001',
      42: 'ANJUNGAN01     ',
      43: 'MAL PELAYANAN PUBLIK                    ',
      48: 'PI006JHTBALLG002id',
      49: '360',
      52: REQUEST.pinBlock,
    });
  });

  it('says how the card was read, which membership and which page', () => {
    expect(buildInquiry(profile, TERMINAL, { ...REQUEST, entry: 'chip' }).get(22)).toBe('051');
    const message = sentInquiry(profile, { language: 'en', kpj: '19000000002', page: '6' });
    expect(message.get(48)).toBe('PI006JHTBALLG002enKP01119000000002PG0016');
  });

  it('is what the host reads', () => {
    const message = overTheWire(sentInquiry(profile, { kpj: '19000000002', page: '6' }));
    expect(readInquiry(profile, message)).toEqual({
      ok: true,
      value: {
        ...REQUEST,
        ...TERMINAL,
        acceptorName: undefined,
        kpj: '19000000002',
        page: '6',
        stan: '000001',
        rrn: '632409000001',
      },
    });
  });

  it('is refused by the host where something is missing or foreign', () => {
    const cases: readonly (readonly [Readonly<Record<number, string | undefined>>, string])[] = [
      [{ 3: '000000' }, 'DE3'],
      [{ 22: '010' }, 'DE22'],
      [{ 49: '840' }, 'DE49'],
      [{ 11: undefined }, 'DE11'],
      [{ 35: undefined }, 'DE35'],
      [{ 37: undefined }, 'DE37'],
      [{ 41: undefined }, 'DE41'],
      [{ 48: undefined }, 'DE48'],
      [{ 52: undefined }, 'DE52'],
      [{ 48: 'PI006JHTHIS' }, '48.PI'],
      [{ 48: 'PI006JHTBALLG002jv' }, '48.LG'],
      [{ 48: 'PI006JHTBALLG002idPG002A1' }, '48.PG'],
      [{ 48: 'PI006JHTBALLG002idKP00519000' }, '48.KP'],
      [{ 48: 'PI006JHT' }, '48.PI'],
    ];
    for (const [changes, path] of cases) {
      const read = readInquiry(profile, withElements(sentInquiry(profile), changes));
      expect(read, path).toMatchObject({ ok: false, error: { code: 'malformed-inquiry', path } });
      expect(JSON.stringify(read)).not.toMatch(/9999990000000001|0123456789ABCDEF|19000/);
    }
    expect(readInquiry(profile, createMessage('0100', {}))).toMatchObject({ ok: false, error: { path: 'MTI' } });
    // A repeat is the same inquiry.
    const repeat = sentInquiry(profile);
    const values = Object.fromEntries(repeat.elements.map((element) => [element, repeat.get(element)]));
    expect(readInquiry(profile, createMessage('0201', values)).ok).toBe(true);
  });
});

describe('the reply', () => {
  const request = sentInquiry(profile);

  it('repeats what makes it ours, and nothing of the card', () => {
    const reply = buildInquiryReply(profile, request, { responseCode: '00', memberships: [membership(0)] });
    expect(reply.mti).toBe('0210');
    for (const element of [3, 7, 11, 12, 13, 32, 37, 41, 49]) expect(reply.get(element)).toBe(request.get(element));
    for (const element of [2, 35, 52]) expect(reply.has(element)).toBe(false);
  });

  it('gives the membership back as it is, with DE54 repeating the balance', () => {
    const one = membership(0);
    const reply = buildInquiryReply(profile, request, { responseCode: '00', memberships: [one], asOf: '20261031' });
    expect(reply.get(54)).toBe('0001360C001234567800');
    expect(replyTo(request, { responseCode: '00', memberships: [one], asOf: '20261031' })).toEqual({
      responseCode: '00',
      meaning: 'approved',
      known: true,
      rrn: '632409000001',
      memberships: [one],
      asOf: '20261031',
    });
  });

  it('leaves a balance that is not there away: no BL, no DE54, not zero', () => {
    const reply = buildInquiryReply(profile, request, { responseCode: '00', memberships: [withoutJht(0)] });
    expect(reply.get(48)).not.toContain('BL0');
    expect(reply.has(54)).toBe(false);
    const [read] = replyTo(request, { responseCode: '00', memberships: [withoutJht(0)] }).memberships;
    expect(read).toEqual(withoutJht(0));
    expect(read).not.toHaveProperty('balance');
  });

  it('gives zero and debts as they are', () => {
    for (const balance of [0, -1, 999_999_999_999, -999_999_999_999, 123_456_789_012_345]) {
      const one = membership(0, { balance });
      expect(replyTo(request, { responseCode: '00', memberships: [one] }).memberships).toEqual([one]);
      const text = buildInquiryReply(profile, request, { responseCode: '00', memberships: [one] }).get(54);
      // More than 12 digits have no place in DE54.
      expect(text).toBe(
        Math.abs(balance) > 999_999_999_999
          ? undefined
          : `0001360${balance < 0 ? 'D' : 'C'}${String(Math.abs(balance)).padStart(12, '0')}`,
      );
    }
  });

  it('holds the chosen membership alone, and says which', () => {
    const three = [membership(0), membership(1), membership(2)];
    const answer = { responseCode: '00', memberships: three, chosenKpj: '19000000002' };
    const reply = buildInquiryReply(profile, sentInquiry(profile, { kpj: '19000000002' }), answer);
    expect(reply.get(54)).toContain('1234567801');
    const read = readInquiryReply(profile, overTheWire(reply), { kpj: '19000000002' });
    expect(read.ok && read.value.memberships).toEqual([three[1]]);
    expect(readInquiryReply(profile, reply, { kpj: '19000000003' })).toMatchObject({
      ok: false,
      error: { path: '48.MB[0].KP' },
    });
  });

  it('says nothing about memberships when it refuses', () => {
    for (const responseCode of ['55', '75', '54', '91', '96', 'Q7']) {
      const reply = buildInquiryReply(profile, request, { responseCode, memberships: [membership(0)] });
      expect(reply.has(48)).toBe(false);
      expect(reply.has(54)).toBe(false);
      expect(replyTo(request, { responseCode }).memberships).toEqual([]);
    }
    expect(replyTo(request, { responseCode: '55' })).toMatchObject({ meaning: 'pin-wrong', known: true });
    expect(replyTo(request, { responseCode: 'Q7' })).toMatchObject({ meaning: 'host-unavailable', known: false });
  });

  it('turns names into what the wire can carry', () => {
    const one = membership(0, { name: 'Zo\u00eb \u00c1lvarez \u2013 \u5c0f', employer: 'X'.repeat(150) });
    const [read] = replyTo(request, { responseCode: '00', memberships: [one] }).memberships;
    expect(read).toMatchObject({ name: 'Zoe Alvarez ? ?', employer: 'X'.repeat(100) });
  });
});

describe('pages', () => {
  function allPages(memberships: readonly Membership[]): {
    readonly pages: number;
    readonly all: readonly Membership[];
  } {
    const all: Membership[] = [];
    let page: string | undefined;
    for (let pages = 1; pages < 100; pages++) {
      const request = sentInquiry(profile, page === undefined ? {} : { page });
      const reply = replyTo(request, { responseCode: '00', memberships, asOf: '20261031' });
      all.push(...reply.memberships);
      page = reply.nextPage;
      if (page === undefined) return { pages, all };
    }
    throw new Error('no end');
  }

  it('are cut where DE48 is full, and nothing is lost or twice', () => {
    const many = Array.from({ length: 13 }, (_, index) => membership(index));
    expect(allPages(many)).toEqual({ pages: 3, all: many });
  });

  it('hold nine at most', () => {
    const short = Array.from({ length: 10 }, (_, index) => ({ ...withoutJht(index), name: 'A', employer: 'B' }));
    expect(allPages(short)).toEqual({ pages: 2, all: short });
    const first = replyTo(sentInquiry(profile), { responseCode: '00', memberships: short });
    expect([first.memberships.length, first.nextPage]).toEqual([9, '9']);
    expect(replyTo(sentInquiry(profile), { responseCode: '00', memberships: short.slice(1) }).nextPage).toBeUndefined();
  });

  it('hold any names, one to a page if need be', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.string({ minLength: 1, maxLength: 120 }),
            fc.string({ unit: 'binary', minLength: 1, maxLength: 120 }),
          ),
          {
            minLength: 1,
            maxLength: 15,
          },
        ),
        (names) => {
          const memberships = names.map(([name, employer], index) =>
            membership(index, { name: `A${name}`, employer: `B${employer}` }),
          );
          const { all } = allPages(memberships);
          expect(all.map(({ kpj, balance }) => [kpj, balance])).toEqual(
            memberships.map(({ kpj, balance }) => [kpj, balance]),
          );
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('a reply that cannot be shown', () => {
  const HEAD = 'PI006JHTBAL';

  it('names the element or tag and the rule', () => {
    const cases: readonly (readonly [Readonly<Record<number, string | undefined>>, string])[] = [
      [{ 39: undefined }, 'DE39'],
      [{ 49: '840', 48: group() }, 'DE49'],
      [{}, 'DE48'],
      [{ 48: HEAD }, '48.MB'],
      [{ 48: `${HEAD}MB999` }, '48.MB[0]'],
      [{ 48: group() + group({ KP: '19000000002', BL: undefined }) }, '48.MB[1].BL'],
      [{ 48: group() + group() }, '48.MB[1].KP'],
      [{ 48: group({ PR: 'JKK' }) }, '48.MB[0].BL'],
      [{ 48: group({ PR: 'JKK', BL: undefined, CT: '1' }) }, '48.MB[0].CT'],
      [{ 48: group({ PR: 'JKK', BL: undefined, DV: '1' }) }, '48.MB[0].DV'],
      [{ 48: group({ PR: 'JHT,XYZ' }) }, '48.MB[0].PR'],
      [{ 48: group({ PR: 'JHT,JHT' }) }, '48.MB[0].PR'],
      [{ 48: group({ BL: '1.500' }) }, '48.MB[0].BL'],
      [{ 48: group({ BL: '9999999999999999' }) }, '48.MB[0].BL'],
      [{ 48: group({ BL: '12-3' }) }, '48.MB[0].BL'],
      [{ 48: group({ SG: 'XX' }) }, '48.MB[0].SG'],
      [{ 48: group({ ST: 'X' }) }, '48.MB[0].ST'],
      [{ 48: group({ LC: '202613' }) }, '48.MB[0].LC'],
      [{ 48: group({ LP: '20260231' }) }, '48.MB[0].LP'],
      [{ 48: group({ KP: '1900000000' }) }, '48.MB[0].KP'],
      [{ 48: group({ NM: 'A\u0001' }) }, '48.MB[0].NM'],
      [{ 48: group({ NM: undefined }) }, '48.MB[0].NM'],
      [{ 48: group() + tag('KP', '19000000009') }, '48.KP'],
      [{ 48: group() + tag('AS', '20260230') }, '48.AS'],
      [{ 48: group() + tag('MO', '1') }, '48.PG'],
      [{ 48: group() + tag('PG', '9') }, '48.MO'],
      [{ 48: group() + tag('MO', '7') }, '48.MO'],
      [{ 48: group(), 54: '0001360C000000150001' }, 'DE54'],
      [{ 48: group(), 54: '0001360D000000150000' }, 'DE54'],
      [{ 48: group(), 54: '0001840C000000150000' }, 'DE54'],
      [{ 48: group(), 54: '0001360X000000150000' }, 'DE54'],
      [{ 48: group(), 54: '0001360C00000015000' }, 'DE54'],
      [{ 48: group({ PR: 'JKK', BL: undefined }), 54: '0001360C000000000000' }, 'DE54'],
    ];
    for (const [elements, path] of cases) {
      const error = refusal(elements);
      expect(error).toMatchObject({ code: 'malformed-reply', path });
      expect(error.rule).not.toBe('');
      expect(JSON.stringify(error)).not.toMatch(/SITI|MAJU|1500|19000/);
    }
    expect(refusal({ 48: group() }, '0230')).toMatchObject({ path: 'MTI' });
  });

  it('is not one that has more than we know: unknown tags, other amounts', () => {
    const elements = {
      39: '00',
      48: `ZZ003abc${group({ QQ: 'new' })}`,
      54: '0002360C0000001500000001360C000000150000',
    };
    const read = readInquiryReply(profile, createMessage('0210', elements));
    expect(read).toMatchObject({ ok: true, value: { memberships: [{ balance: 150_000 }], rrn: '' } });
  });

  it('is an error, not an exception, whatever DE48 and DE54 hold', () => {
    const piece = fc.oneof(
      fc.constantFrom(group(), tag('MO', '1'), tag('PG', '2'), tag('KP', '19000000001')),
      fc.string({ maxLength: 12 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.string({ maxLength: 45 }), (pieces, amounts) => {
        const reply = createMessage('0210', { ...LINK_ELEMENTS, 39: '00', 48: pieces.join(''), 54: amounts });
        const read = readInquiryReply(profile, reply);
        if (!read.ok) expect(read.error.path).toMatch(/^(DE48|DE54|48(\.|$))/);
      }),
      { numRuns: 1_000 },
    );
  });
});
