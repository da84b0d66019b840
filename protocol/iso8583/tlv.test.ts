import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TlvSpec } from './spec.ts';
import { findTag, readTlv, writeTlv } from './tlv.ts';
import type { TlvEntry, TlvError, TlvInput } from './tlv.ts';

const SPEC: TlvSpec = {
  tag: 2,
  length: 3,
  tags: {
    PI: { name: 'Product', class: 'an', min: 6, max: 6 },
    NM: { name: 'Name', class: 'ans', max: 20 },
    MB: {
      name: 'Group',
      class: 'ans',
      times: 3,
      inside: {
        tag: 2,
        length: 3,
        tags: { KP: { name: 'Number', class: 'n', min: 11, max: 11 }, BL: { name: 'Amount', class: 'ns' } },
      },
    },
  },
};

function read(value: string): readonly TlvEntry[] {
  const result = readTlv(SPEC, value, '48');
  if (!result.ok) throw new Error(`${result.error.path}: ${result.error.rule}`);
  return result.value;
}

function refused(value: string): TlvError {
  const result = readTlv(SPEC, value, '48');
  if (result.ok) throw new Error('read');
  return result.error;
}

/** Writes back what was read: unknown tags as they came. */
function again(entries: readonly TlvEntry[]): readonly TlvInput[] {
  return entries.map(({ tag, value, inside }) => ({ tag, value: inside === undefined ? value : again(inside) }));
}

const GROUP = 'KP01119000000001BL005-1500';

describe('tag-length-value', () => {
  it('reads tags, repeated groups and what is inside them', () => {
    const entries = read(`PI006JHTBALMB026${GROUP}MB016KP01119000000002`);
    expect(findTag(entries, 'PI')).toBe('JHTBAL');
    expect(entries.filter(({ tag }) => tag === 'MB').map(({ inside }) => findTag(inside ?? [], 'KP'))).toEqual([
      '19000000001',
      '19000000002',
    ]);
    expect(findTag(entries[1]?.inside ?? [], 'BL')).toBe('-1500');
    expect(read('')).toEqual([]);
  });

  it('keeps tags it does not know, byte for byte', () => {
    const value = `ZZ004?\u00e9 !PI006JHTBALMB024KP01119000000001QQ003abcZZ000`;
    expect(writeTlv({ ...SPEC, tags: SPEC.tags }, again(read(value)), '48', 999)).toEqual({ ok: true, value });
  });

  it('names the place of what is wrong', () => {
    const good = `MB026${GROUP}`;
    const bad = GROUP.replace('-1500', '-15x0');
    expect(refused(`${good}${good}MB026${bad}`)).toMatchObject({ code: 'class', path: '48.MB[2].BL', offset: 88 });
    expect(refused('PI006JHTBA')).toMatchObject({ code: 'truncated', path: '48.PI', offset: 0 });
    expect(refused('PI0x6JHTBAL')).toMatchObject({ code: 'length', path: '48.PI' });
    expect(refused('PI005JHTBA')).toMatchObject({ code: 'length', path: '48.PI', rule: '6 characters' });
    expect(refused('P')).toMatchObject({ code: 'truncated', path: '48', offset: 0 });
    expect(refused('PI0')).toMatchObject({ code: 'truncated', path: '48.PI' });
    expect(refused('P\x00006JHTBAL')).toMatchObject({ code: 'tag', path: '48' });
    expect(refused('PI006JHTBALPI006JHTBAL')).toMatchObject({ code: 'repeated', path: '48.PI', offset: 11 });
    expect(refused(`${good}${good}${good}${good}`)).toMatchObject({ code: 'repeated', path: '48.MB[3]' });
    expect(refused('NM000')).toMatchObject({ code: 'length', path: '48.NM', rule: '1 to 20 characters' });
    // Lengths inside a group end with the group, not with the element.
    expect(refused('MB007KP01119000000001')).toMatchObject({ code: 'truncated', path: '48.MB[0].KP' });
  });

  it('says nothing of the value in an error', () => {
    for (const value of ['NM005Siti\x01', 'PI007SECRET1', 'ZZ999SECRET']) {
      expect(JSON.stringify(refused(value))).not.toMatch(/Siti|SECRET|ZZ/);
    }
  });

  it('is bounded in number and depth', () => {
    expect(refused('ZZ000'.repeat(129))).toMatchObject({ code: 'too-many' });
    expect(read('ZZ000'.repeat(128))).toHaveLength(128);
    const tags: Record<string, TlvSpec['tags'][string]> = {};
    const endless: TlvSpec = { tag: 2, length: 3, tags };
    tags['IN'] = { name: 'again', class: 'ans', inside: endless };
    const nested = (depth: number): string => {
      const inner = depth === 0 ? 'ZZ000' : nested(depth - 1);
      return `IN${String(inner.length).padStart(3, '0')}${inner}`;
    };
    expect(readTlv(endless, nested(2), '48')).toMatchObject({ ok: true });
    expect(readTlv(endless, nested(20), '48')).toMatchObject({ ok: false, error: { code: 'too-deep' } });
  });

  it('writes nothing that it would not read', () => {
    expect(writeTlv(SPEC, [{ tag: 'PI', value: 'SHORT' }], '48', 999)).toMatchObject({
      ok: false,
      error: { path: '48.PI' },
    });
    expect(writeTlv(SPEC, [{ tag: 'PIX', value: 'JHTBAL' }], '48', 999)).toMatchObject({
      ok: false,
      error: { code: 'tag' },
    });
    expect(writeTlv(SPEC, [{ tag: 'ZZ', value: 'x'.repeat(1000) }], '48', 9999)).toMatchObject({
      ok: false,
      error: { code: 'length', path: '48.ZZ' },
    });
    expect(writeTlv(SPEC, [{ tag: 'ZZ', value: 'x'.repeat(50) }], '48', 54)).toMatchObject({
      ok: false,
      error: { code: 'too-long' },
    });
  });

  it('gives any text back as it was, or an error with its place, and never throws', () => {
    const piece = fc.oneof(
      fc.constantFrom('PI006JHTBAL', 'NM004Siti', `MB026${GROUP}`, 'ZZ001x', 'PI', '999', 'MB'),
      fc.string({ maxLength: 8 }),
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
        (value) => {
          const result = readTlv(SPEC, value, '48');
          if (result.ok) expect(writeTlv(SPEC, again(result.value), '48', 9999)).toEqual({ ok: true, value });
          else {
            expect(result.error.path.startsWith('48')).toBe(true);
            expect(result.error.offset).toBeLessThanOrEqual(value.length);
          }
        },
      ),
      { numRuns: 3_000 },
    );
  });
});
