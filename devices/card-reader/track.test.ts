import { describe, expect, it } from 'vitest';
import { parseTrack2, track2Lrc } from './track.ts';

const content = '6013010000000017=30121010000012300000';

describe('track 2', () => {
  it('computes the LRC over sentinels and content', () => {
    // ; = B, 1 = 1, ? = F: B ^ 1 ^ F = 5
    expect(track2Lrc('1')).toBe('5');
    // B ^ 1 ^ 2 ^ D ^ 3 ^ F = 9
    expect(track2Lrc('12=3')).toBe('9');
  });

  it.each([
    ['the content alone', content],
    ['with an end sentinel', `${content}?`],
    ['with sentinels', `;${content}?`],
    ['with sentinels and LRC', `;${content}?${track2Lrc(content)}`],
  ])('takes %s', (_, raw) => {
    expect(parseTrack2(raw)).toEqual({ ok: true, data: content });
  });

  it.each([
    ['a wrong LRC', `;${content}?${track2Lrc(content) === '0' ? '1' : '0'}`, 'lrc'],
    ['more after the LRC', `;${content}?${track2Lrc(content)}1`, 'lrc'],
    ['no end sentinel', `;${content}`, 'end-sentinel'],
    ['nothing', '', 'blank'],
    ['nothing between the sentinels', ';?4', 'blank'],
    ['characters that track 2 does not have', '6013A=30', 'unreadable'],
    ['more than a track holds', '1'.repeat(38), 'unreadable'],
  ])('refuses %s', (_, raw, problem) => {
    expect(parseTrack2(raw)).toEqual({ ok: false, problem });
  });
});
