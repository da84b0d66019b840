/** Lines of text that some hosts send ready for the screen (S0, S1 ...) and for the receipt (R0, R1 ...); both directions. */
import type { ElementValues, Message } from '../iso8583/message.ts';
import { findTag, readTlv, writeTlv } from '../iso8583/tlv.ts';
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import type { HostLines, Membership } from './contract.ts';
import { lengthOf } from './elements.ts';
import { lineTag } from './places.ts';
import type { HostProfile } from './profile.ts';

interface Mistake {
  readonly path: string;
  readonly rule: string;
}

/** Undefined where the profile has none, or the reply. A line that is missing between two others is a mistake. */
export function readLines(profile: HostProfile, reply: Message): Result<HostLines | undefined, Mistake> {
  const { lines, places } = profile;
  if (lines === undefined || places.lines === undefined) return ok(undefined);
  const { element, table } = places.lines;
  const text = reply.get(element);
  if (text === undefined) return ok(undefined);
  const read = readTlv(table, text, `${element}`);
  if (!read.ok) return read;
  const found: string[][] = [];
  for (const { letter, count } of [lines.screen, lines.receipt]) {
    const all = Array.from({ length: count }, (_, index) => findTag(read.value, lineTag(lines, letter, index)));
    const first = all.findIndex((line) => line === undefined);
    const some = first < 0 ? all : all.slice(0, first);
    if (first >= 0 && all.slice(first).some((line) => line !== undefined))
      return fail({ path: `${element}.${lineTag(lines, letter, first)}`, rule: 'is missing between others' });
    found.push(some.map((line) => (line ?? '').trimEnd()));
  }
  const [screen = [], receipt = []] = found;
  return ok({ screen, receipt });
}

/** As many as there are lines and room for. Rupiah, as people write it: sen are left away. */
export function writeLines(
  profile: HostProfile,
  memberships: readonly Membership[],
  asOf: string | undefined,
): ElementValues {
  const { lines, places } = profile;
  if (lines === undefined || places.lines === undefined) return {};
  const { element, table } = places.lines;
  const figures = memberships.map(({ kpj, balance }) => `${kpj} ${balance === undefined ? '-' : rupiah(balance)}`);
  const heading = ['JAMINAN HARI TUA', ...(asOf === undefined ? [] : [`POSISI ${asOf}`])];
  const write = (letter: string, texts: readonly string[]): { tag: string; value: string }[] =>
    texts.map((text, index) => ({ tag: lineTag(lines, letter, index), value: text.slice(0, lines.width) }));
  const entries = [
    ...write(lines.screen.letter, [...heading, ...figures].slice(0, lines.screen.count)),
    ...write(lines.receipt.letter, [...heading, ...figures, 'BPJS KETENAGAKERJAAN'].slice(0, lines.receipt.count)),
  ];
  const written = writeTlv(table, entries, `${element}`, lengthOf(profile, element));
  // What does not fit is not sent: the figures are where the tags are.
  return written.ok ? { [element]: written.value } : {};
}

function rupiah(sen: number): string {
  const whole = String(Math.trunc(Math.abs(sen) / 100)).replaceAll(/\B(?=([0-9]{3})+$)/g, '.');
  return `${sen < 0 ? '-' : ''}Rp ${whole}`;
}
