/**
 * Tag-length-value inside an element: tags and lengths of fixed width in characters (DE48: tag 2, length 3), nested where
 * the table says so. Tags the table does not have are kept as they came. Depth and number are bounded.
 *
 * Errors name the place (`48.MB[2].BL`) and the rule, never the value.
 */
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import { CLASSES, isOfClass } from './format.ts';
import type { TagSpec, TlvSpec } from './spec.ts';

/** One part of a composite element, of any kind. */
export interface TlvEntry {
  /** The tag; of other kinds the part's key or the number of its bit. */
  readonly tag: string;
  /** As on the wire, nested entries included. */
  readonly value: string;
  /** What is inside, where the table nests. */
  readonly inside?: readonly TlvEntry[];
  /** BER-TLV: bytes of the length where they are more than it needs, so that it is written as it came. */
  readonly lengthBytes?: number;
}

export interface TlvError {
  readonly code:
    | 'truncated'
    | 'tag'
    | 'length'
    | 'class'
    | 'repeated'
    | 'too-many'
    | 'too-deep'
    | 'too-long'
    | 'trailing'
    | 'bitmap'
    | 'unknown'
    | 'missing';
  /** `48.MB[2].BL`; a tag the table lacks is shown as `?`. */
  readonly path: string;
  /** Characters from the start of the element's value. */
  readonly offset: number;
  readonly rule: string;
}

export const MAX_DEPTH = 4;
export const MAX_ENTRIES = 128;

/** Reads a value as the table says. `path` is the element's number. */
export function readTlv(spec: TlvSpec, value: string, path: string): Result<readonly TlvEntry[], TlvError> {
  return readTags(spec, value, path, 0, 0, []);
}

/** Reads one level from `base` on; `entries` has, also after an error, what was read before it. */
export function readTags(
  spec: TlvSpec,
  value: string,
  path: string,
  base: number,
  depth: number,
  entries: TlvEntry[],
): Result<readonly TlvEntry[], TlvError> {
  if (depth >= MAX_DEPTH) return fail({ code: 'too-deep', path, offset: base, rule: `at most ${MAX_DEPTH} levels` });
  const seen = new Map<string, number>();
  let at = 0;
  while (at < value.length) {
    const tag = value.slice(at, at + spec.tag);
    const row = Object.hasOwn(spec.tags, tag) ? spec.tags[tag] : undefined;
    const nth = seen.get(tag) ?? 0;
    // Made only when somebody reads it: an error, or what is inside.
    const here = (): string => `${path}.${row === undefined ? '?' : (row.times ?? 1) > 1 ? `${tag}[${nth}]` : tag}`;
    const offset = base + at;
    if (tag.length < spec.tag)
      return fail({ code: 'truncated', path, offset, rule: `a tag of ${spec.tag} characters` });
    if (!isOfClass(tag, 'an')) return fail({ code: 'tag', path, offset, rule: 'a tag of letters and digits' });
    if (entries.length >= MAX_ENTRIES)
      return fail({ code: 'too-many', path, offset, rule: `at most ${MAX_ENTRIES} tags` });
    const digits = value.slice(at + spec.tag, at + spec.tag + spec.length);
    if (digits.length < spec.length)
      return fail({ code: 'truncated', path: here(), offset, rule: `a length of ${spec.length} digits` });
    if (!isOfClass(digits, 'n'))
      return fail({ code: 'length', path: here(), offset, rule: `a length of ${spec.length} digits` });
    const start = at + spec.tag + spec.length;
    const end = start + Number(digits);
    if (end > value.length) {
      return fail({
        code: 'truncated',
        path: here(),
        offset,
        rule: `${Number(digits)} characters, ${value.length - start} are left`,
      });
    }
    const body = value.slice(start, end);
    at = end;
    if (row === undefined) {
      entries.push({ tag, value: body });
      continue;
    }
    const times = row.times ?? 1;
    if (nth >= times) {
      const rule = times === 1 ? 'stands there once' : `stands there at most ${times} times`;
      return fail({ code: 'repeated', path: here(), offset, rule });
    }
    seen.set(tag, nth + 1);
    const problem = checkValue(row, body, spec.length);
    if (problem !== undefined) return fail({ ...problem, path: here(), offset: base + start });
    if (row.inside === undefined) {
      entries.push({ tag, value: body });
      continue;
    }
    const into: TlvEntry[] = [];
    entries.push({ tag, value: body, inside: into });
    const inside = readTags(row.inside, body, here(), base + start, depth + 1, into);
    if (!inside.ok) return inside;
  }
  return ok(entries);
}

function checkValue(row: TagSpec, value: string, lengthDigits: number): Pick<TlvError, 'code' | 'rule'> | undefined {
  const min = row.min ?? 1;
  const max = row.max ?? 10 ** lengthDigits - 1;
  if (value.length < min || value.length > max) {
    return { code: 'length', rule: min === max ? `${max} characters` : `${min} to ${max} characters` };
  }
  if (row.inside === undefined && !isOfClass(value, row.class)) return { code: 'class', rule: CLASSES[row.class].says };
  return undefined;
}

/** An entry to write: a text, or entries inside it. */
export interface TlvInput {
  readonly tag: string;
  readonly value: string | readonly TlvInput[];
  readonly lengthBytes?: number;
}

/** Writes entries in the order given; the result is checked by reading it, so nothing is written that would be refused. */
export function writeTlv(
  spec: TlvSpec,
  entries: readonly TlvInput[],
  path: string,
  max: number,
): Result<string, TlvError> {
  const written = writeLevel(spec, entries, path);
  if (!written.ok) return written;
  if (written.value.length > max)
    return fail({ code: 'too-long', path, offset: max, rule: `at most ${max} characters` });
  const read = readTlv(spec, written.value, path);
  return read.ok ? written : read;
}

function writeLevel(spec: TlvSpec, entries: readonly TlvInput[], path: string): Result<string, TlvError> {
  let text = '';
  for (const { tag, value } of entries) {
    let body: string;
    if (typeof value === 'string') body = value;
    else {
      const row = Object.hasOwn(spec.tags, tag) ? spec.tags[tag] : undefined;
      const inside = writeLevel(row?.inside ?? spec, value, `${path}.${tag}`);
      if (!inside.ok) return inside;
      body = inside.value;
    }
    if (tag.length !== spec.tag)
      return fail({ code: 'tag', path, offset: text.length, rule: `a tag of ${spec.tag} characters` });
    if (body.length >= 10 ** spec.length) {
      return fail({
        code: 'length',
        path: `${path}.${tag}`,
        offset: text.length,
        rule: `at most ${10 ** spec.length - 1} characters`,
      });
    }
    text += tag + String(body.length).padStart(spec.length, '0') + body;
  }
  return ok(text);
}

/** The first entry with this tag. */
export function findTag(entries: readonly TlvEntry[], tag: string): string | undefined {
  return entries.find((entry) => entry.tag === tag)?.value;
}
