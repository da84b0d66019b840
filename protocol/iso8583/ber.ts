/**
 * BER-TLV inside an element of class b (DE55): ISO/IEC 8825-1 §8.1 as EMV Book 3 annex B narrows it. Values are upper-case
 * hex, a constructed tag holds tags. Tags the table does not have are kept as they came, and so is a length that takes
 * more bytes than it needs and a zero byte between tags.
 */
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import { CLASSES, isOfClass } from './format.ts';
import type { BerSpec, TagSpec } from './spec.ts';
import { MAX_DEPTH, MAX_ENTRIES } from './tlv.ts';
import type { TlvEntry, TlvError, TlvInput } from './tlv.ts';

/** ISO/IEC 7816-4 §5.2.2.1 has three at most; one more is kept. */
const MAX_TAG_BYTES = 4;
/** After the first: an element has fewer than 65,536 bytes. */
const MAX_LENGTH_BYTES = 3;

/** A byte of nothing between tags. */
const PADDING = '00';

const byteAt = (hex: string, at: number): number => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16);

const isConstructed = (tag: string): boolean => (byteAt(tag, 0) & 0x20) !== 0;

/** Bytes of the tag that begins here; 0 when it does not end, or is longer than any. */
function tagBytes(hex: string, at: number): number {
  if ((byteAt(hex, at) & 0x1f) !== 0x1f) return 1;
  for (let size = 2; size <= MAX_TAG_BYTES; size++) {
    const byte = byteAt(hex, at + size - 1);
    if (Number.isNaN(byte)) return 0;
    if ((byte & 0x80) === 0) return size;
  }
  return 0;
}

/** Bytes that a length needs. */
const lengthBytes = (length: number): number => (length < 0x80 ? 1 : length < 0x100 ? 2 : length < 0x1_0000 ? 3 : 4);

/** Reads an element's value (upper-case hex, whole bytes). Offsets in errors are hex digits from its start. */
export function readBer(
  spec: BerSpec,
  hex: string,
  path: string,
  base: number,
  depth: number,
  entries: TlvEntry[],
): Result<readonly TlvEntry[], TlvError> {
  if (depth >= MAX_DEPTH) return fail({ code: 'too-deep', path, offset: base, rule: `at most ${MAX_DEPTH} levels` });
  if (hex.length % 2 !== 0 || !isOfClass(hex, 'b')) return fail({ code: 'class', path, offset: base, rule: 'bytes' });
  const size = hex.length / 2;
  const seen = new Map<string, number>();
  let at = 0;
  while (at < size) {
    const offset = base + 2 * at;
    if (entries.length >= MAX_ENTRIES)
      return fail({ code: 'too-many', path, offset, rule: `at most ${MAX_ENTRIES} tags` });
    if (hex.startsWith(PADDING, 2 * at)) {
      entries.push({ tag: PADDING, value: '' });
      at++;
      continue;
    }
    const long = tagBytes(hex, at);
    if (long === 0) return fail({ code: 'tag', path, offset, rule: `a tag of at most ${MAX_TAG_BYTES} bytes` });
    const tag = hex.slice(2 * at, 2 * (at + long));
    const row = Object.hasOwn(spec.tags, tag) ? spec.tags[tag] : undefined;
    const nth = seen.get(tag) ?? 0;
    seen.set(tag, nth + 1);
    // The tag of an unknown entry is shown: it is one byte out of a catalogue, not text.
    const here = `${path}.${(row?.times ?? 1) > 1 || nth > 0 ? `${tag}[${nth}]` : tag}`;
    at += long;
    const lead = byteAt(hex, at);
    if (Number.isNaN(lead)) return fail({ code: 'truncated', path: here, offset, rule: 'a length' });
    const more = lead < 0x80 ? 0 : lead & 0x7f;
    if (lead === 0x80 || more > MAX_LENGTH_BYTES)
      return fail({ code: 'length', path: here, offset: base + 2 * at, rule: `1 to ${MAX_LENGTH_BYTES} length bytes` });
    at++;
    if (at + more > size) return fail({ code: 'truncated', path: here, offset, rule: `${more} length bytes` });
    const length = more === 0 ? lead : Number.parseInt(hex.slice(2 * at, 2 * (at + more)), 16);
    at += more;
    if (at + length > size)
      return fail({ code: 'truncated', path: here, offset, rule: `${length} bytes, ${size - at} are left` });
    const value = hex.slice(2 * at, 2 * (at + length));
    const start = base + 2 * at;
    at += length;
    const wide = 1 + more > lengthBytes(length) ? { lengthBytes: 1 + more } : {};
    if (row !== undefined) {
      if (nth >= (row.times ?? 1)) return fail({ code: 'repeated', path: here, offset, rule: timesOf(row) });
      const problem = checkValue(row, value);
      if (problem !== undefined) return fail({ ...problem, path: here, offset: start });
    }
    if (!isConstructed(tag)) {
      entries.push({ tag, value, ...wide });
      continue;
    }
    const inside: TlvEntry[] = [];
    entries.push({ tag, value, inside, ...wide });
    const read = readBer(spec, value, here, start, depth + 1, inside);
    if (!read.ok) return read;
  }
  return ok(entries);
}

const timesOf = ({ times = 1 }: TagSpec): string =>
  times === 1 ? 'stands there once' : `stands there at most ${times} times`;

/** Class b is any bytes, n digits two to a byte, the others ASCII. */
function checkValue(row: TagSpec, value: string): Pick<TlvError, 'code' | 'rule'> | undefined {
  const bytes = value.length / 2;
  const min = row.min ?? 0;
  if (bytes < min || (row.max !== undefined && bytes > row.max)) {
    const range = row.max === undefined ? `at least ${min}` : min === row.max ? `${min}` : `${min} to ${row.max}`;
    return { code: 'length', rule: `${range} bytes` };
  }
  if (row.class === 'b') return undefined;
  const text = row.class === 'n' ? value : Buffer.from(value, 'hex').toString('latin1');
  return isOfClass(text, row.class) ? undefined : { code: 'class', rule: CLASSES[row.class].says };
}

/** Writes entries in the order given, as hex. */
export function writeBer(entries: readonly TlvInput[], path: string, depth = 0): Result<string, TlvError> {
  let hex = '';
  if (depth >= MAX_DEPTH) return fail({ code: 'too-deep', path, offset: 0, rule: `at most ${MAX_DEPTH} levels` });
  for (const { tag, value, lengthBytes: wanted = 0 } of entries) {
    const offset = hex.length;
    if (tag === PADDING) {
      hex += PADDING;
      continue;
    }
    if (tag.length % 2 !== 0 || !isOfClass(tag, 'b') || tagBytes(tag, 0) * 2 !== tag.length)
      return fail({ code: 'tag', path, offset, rule: `a tag of 1 to ${MAX_TAG_BYTES} bytes in hex` });
    const inner = typeof value === 'string' ? ok(value) : writeBer(value, `${path}.${tag}`, depth + 1);
    if (!inner.ok) return inner;
    const length = inner.value.length / 2;
    const bytes = Math.max(lengthBytes(length), wanted);
    if (!Number.isInteger(length) || bytes > 1 + MAX_LENGTH_BYTES)
      return fail({ code: 'length', path: `${path}.${tag}`, offset, rule: `whole bytes, in hex` });
    const digits = length.toString(16).toUpperCase();
    const header =
      bytes === 1
        ? digits.padStart(2, '0')
        : (0x80 + bytes - 1).toString(16).toUpperCase() + digits.padStart(2 * (bytes - 1), '0');
    hex += tag + header + inner.value;
  }
  return ok(hex);
}

const bytes = (name: string, min: number, max = min): TagSpec => ({ name, class: 'b', min, max });
const digits = (name: string, size: number): TagSpec => ({ name, class: 'n', min: size, max: size, show: 'whole' });
const shown = (row: TagSpec): TagSpec => ({ ...row, show: 'whole' });

/** DE55 of a card with a chip: what a terminal sends and a host answers (EMV Book 3 annex A). */
export const EMV_TAGS: BerSpec = {
  kind: 'ber',
  tags: {
    '71': { name: 'Issuer script template 1', class: 'b', max: 128, times: 8 },
    '72': { name: 'Issuer script template 2', class: 'b', max: 128, times: 8 },
    '82': shown(bytes('Application interchange profile', 2)),
    '84': shown(bytes('Dedicated file name', 5, 16)),
    '8A': { name: 'Authorisation response code', class: 'an', min: 2, max: 2, show: 'whole' },
    '91': bytes('Issuer authentication data', 8, 16),
    '95': shown(bytes('Terminal verification results', 5)),
    '9A': digits('Transaction date', 3),
    '9C': digits('Transaction type', 1),
    '5F2A': digits('Transaction currency code', 2),
    '5F34': digits('Card sequence number', 1),
    '9F02': digits('Amount, authorised', 6),
    '9F03': digits('Amount, other', 6),
    '9F10': bytes('Issuer application data', 1, 32),
    '9F1A': digits('Terminal country code', 2),
    '9F26': bytes('Application cryptogram', 8),
    '9F27': shown(bytes('Cryptogram information data', 1)),
    '9F33': shown(bytes('Terminal capabilities', 3)),
    '9F34': shown(bytes('Cardholder verification results', 3)),
    '9F35': digits('Terminal type', 1),
    '9F36': shown(bytes('Application transaction counter', 2)),
    '9F37': shown(bytes('Unpredictable number', 4)),
  },
};
