/** ISO/IEC 7811 track 2 as a reader hands it over: 5-bit characters written as 0x30..0x3F, `;` content `?` LRC. */
import type { Track } from './contract.ts';

/** ISO/IEC 7811-2: 40 characters with sentinels and LRC. */
const contentLimit = 37;

/** The LRC character of a track 2: even parity of each of the four data bits over `;`, content and `?`. */
export function track2Lrc(content: string): string {
  const bits = Buffer.from(`;${content}?`, 'latin1').reduce((sum, character) => sum ^ (character & 0x0f), 0);
  return String.fromCharCode(0x30 | bits);
}

/**
 * Content between the sentinels. Readers differ in what they hand over: the content alone, with the sentinels, or with the
 * sentinels and the LRC; an LRC that is there is checked here, one that is not has been checked by the reader.
 */
export function parseTrack2(raw: string): Track {
  const opened = raw.startsWith(';');
  const body = opened ? raw.slice(1) : raw;
  const end = body.indexOf('?');
  if (opened && end < 0) return { ok: false, problem: 'end-sentinel' };
  const content = end < 0 ? body : body.slice(0, end);
  const rest = end < 0 ? '' : body.slice(end + 1);
  if (content === '') return { ok: false, problem: 'blank' };
  if (rest !== '' && rest !== track2Lrc(content)) return { ok: false, problem: 'lrc' };
  if (content.length > contentLimit || !/^[0-9:<=>]+$/.test(content)) return { ok: false, problem: 'unreadable' };
  return { ok: true, data: content };
}
