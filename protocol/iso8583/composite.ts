/**
 * What is inside an element: tags (tlv.ts, ber.ts), parts one after another, or a bitmap and the parts that it names.
 * Depth, number and lengths are bounded; what is read is written back byte for byte.
 */
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import { readBer, writeBer } from './ber.ts';
import { HEX_VALUE } from './character.ts';
import { parseFormat } from './format.ts';
import type { Format } from './format.ts';
import type { BitmapSpec, CompositeSpec, PartSpec, PositionalSpec } from './spec.ts';
import { MAX_DEPTH, readTags, writeTlv } from './tlv.ts';
import type { TlvEntry, TlvError, TlvInput } from './tlv.ts';
import { readField, scanField, writeField } from './wire.ts';

/** What the value of the element is: text, or bytes in upper-case hex (class b). */
export type ValueKind = 'text' | 'bytes';

type Part = Omit<PartSpec, 'key' | 'optional'>;
type Read = Result<readonly TlvEntry[], TlvError>;

/** Longest composite value in bytes. */
const MAX_BYTES = 9_999;

const formats = new WeakMap<Part, Format>();

function formatOf(part: Part): Format {
  const known = formats.get(part);
  if (known !== undefined) return known;
  const format = parseFormat(part.format, part.min, part);
  // checkComposite has said so when the spec was compiled.
  if (typeof format === 'string') throw new Error(format);
  formats.set(part, format);
  return format;
}

/** Reads a value as the table says. `path` is the element's number; `into` has, also after an error, what came before it. */
export function readComposite(
  spec: CompositeSpec,
  value: string,
  path: string,
  kind: ValueKind,
  into: TlvEntry[] = [],
): Read {
  return readLevel(spec, value, path, kind, 0, into);
}

function readLevel(
  spec: CompositeSpec,
  value: string,
  path: string,
  kind: ValueKind,
  depth: number,
  into: TlvEntry[],
): Read {
  if (spec.kind === 'ber') return readBer(spec, value, path, 0, depth, into);
  if (spec.kind !== 'positional' && spec.kind !== 'bitmap') return readTags(spec, value, path, 0, depth, into);
  if (depth >= MAX_DEPTH) return fail({ code: 'too-deep', path, offset: 0, rule: `at most ${MAX_DEPTH} levels` });
  const text = kind === 'bytes' ? Buffer.from(value, 'hex').toString('latin1') : value;
  const bytes = Buffer.from(text, 'latin1');
  const source: Source = { bytes, text, path, step: kind === 'bytes' ? 2 : 1, depth };
  return spec.kind === 'bitmap' ? readBitmap(spec, source, into) : readPositional(spec, source, into);
}

interface Source {
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly path: string;
  /** Characters of the element's value for each byte. */
  readonly step: 1 | 2;
  readonly depth: number;
}

/** Reads one part; answers the offset after it. */
function readPart(part: Part, tag: string, source: Source, at: number, into: TlvEntry[]): Result<number, TlvError> {
  const { bytes, text, step, depth } = source;
  const path = `${source.path}.${tag}`;
  const format = formatOf(part);
  const end = scanField(format, bytes, at, bytes.length);
  if (typeof end !== 'number') {
    const code = end.code === 'truncated' || end.code === 'length' ? end.code : 'class';
    return fail({ code, path, offset: (end.offset ?? at) * step, rule: end.expected });
  }
  const value = readField(format, text, at, end);
  if (part.inside === undefined) {
    into.push({ tag, value });
    return ok(end >> 1);
  }
  const inside: TlvEntry[] = [];
  into.push({ tag, value, inside });
  const read = readLevel(part.inside, value, path, format.paired ? 'bytes' : 'text', depth + 1, inside);
  if (read.ok) return ok(end >> 1);
  // A character inside takes half a byte, one or two of the bytes here.
  const start = at + (format.prefix === undefined ? 0 : format.prefix.size);
  const offset = Math.floor((start + (read.error.offset * format.encoding.halves) / 2) * step);
  return fail({ ...read.error, offset });
}

function readPositional(spec: PositionalSpec, source: Source, into: TlvEntry[]): Read {
  const { bytes, text, path, step } = source;
  const times = spec.times ?? 1;
  let at = 0;
  for (let nth = 0; nth < times && (nth === 0 || at < bytes.length); nth++) {
    const here = times === 1 ? source : { ...source, path: `${path}[${nth}]` };
    const inside: TlvEntry[] = times === 1 ? into : [];
    const from = at;
    for (const part of spec.parts) {
      if (part.optional === true && at === bytes.length) break;
      const read = readPart(part, part.key, here, at, inside);
      if (!read.ok) {
        if (times > 1) into.push({ tag: `${nth}`, value: '', inside });
        return read;
      }
      at = read.value;
    }
    if (times === 1) continue;
    const piece = text.slice(from, at);
    into.push({ tag: `${nth}`, value: step === 2 ? toHex(piece) : piece, inside });
    if (at === from) break;
  }
  if (at < bytes.length) return fail({ code: 'trailing', path, offset: at * step, rule: 'the end of the element' });
  return ok(into);
}

const toHex = (text: string): string => Buffer.from(text, 'latin1').toString('hex').toUpperCase();

function readBitmap(spec: BitmapSpec, source: Source, into: TlvEntry[]): Read {
  const { bytes, path, step } = source;
  const hex = spec.bitmap !== 'binary';
  const size = hex ? 2 * spec.bytes : spec.bytes;
  if (bytes.length < size)
    return fail({ code: 'truncated', path, offset: bytes.length * step, rule: `a bitmap of ${spec.bytes} bytes` });
  let at = size;
  for (let bit = 1; bit <= spec.bytes * 8; bit++) {
    const place = hex ? (bit - 1) >> 2 : (bit - 1) >> 3;
    const byte = bytes[place] ?? 0;
    const digit = hex ? (HEX_VALUE[byte] ?? -1) : byte;
    if (digit < 0) return fail({ code: 'bitmap', path, offset: place * step, rule: 'upper-case hex digits' });
    const width = hex ? 4 : 8;
    if (((digit >>> (width - 1 - ((bit - 1) & (width - 1)))) & 1) === 0) continue;
    const part = spec.parts[bit];
    if (part === undefined)
      return fail({ code: 'unknown', path: `${path}.${bit}`, offset: place * step, rule: 'a bit that has a part' });
    const read = readPart(part, `${bit}`, source, at, into);
    if (!read.ok) return read;
    at = read.value;
  }
  if (at < bytes.length) return fail({ code: 'trailing', path, offset: at * step, rule: 'the end of the element' });
  return ok(into);
}

/** Writes entries; the result is checked by reading it, so nothing is written that would be refused. `max` in characters. */
export function writeComposite(
  spec: CompositeSpec,
  entries: readonly TlvInput[],
  path: string,
  kind: ValueKind,
  max: number,
): Result<string, TlvError> {
  const written = writeLevel(spec, entries, path, kind, 0);
  if (!written.ok) return written;
  if (written.value.length > max)
    return fail({ code: 'too-long', path, offset: max, rule: `at most ${max} characters` });
  const read = readComposite(spec, written.value, path, kind);
  return read.ok ? written : read;
}

function writeLevel(
  spec: CompositeSpec,
  entries: readonly TlvInput[],
  path: string,
  kind: ValueKind,
  depth: number,
): Result<string, TlvError> {
  if (depth >= MAX_DEPTH) return fail({ code: 'too-deep', path, offset: 0, rule: `at most ${MAX_DEPTH} levels` });
  if (spec.kind === 'ber') return writeBer(entries, path, depth);
  if (spec.kind === 'positional') return writePositional(spec, entries, path, kind, depth);
  if (spec.kind === 'bitmap') return writeBitmap(spec, entries, path, kind, depth);
  return writeTlv(spec, entries, path, Number.MAX_SAFE_INTEGER);
}

/** One part's bytes as Latin-1 text. */
function writePart(part: Part, entry: TlvInput, path: string, depth: number): Result<string, TlvError> {
  const format = formatOf(part);
  let { value } = entry;
  if (typeof value !== 'string') {
    if (part.inside === undefined) return fail({ code: 'unknown', path, offset: 0, rule: 'has no parts' });
    const inside = writeLevel(part.inside, value, path, format.paired ? 'bytes' : 'text', depth + 1);
    if (!inside.ok) return inside;
    value = inside.value;
  }
  const out = Buffer.alloc(MAX_BYTES);
  const end = writeField(format, value, out, 0, out.length);
  if (typeof end === 'number') return ok(out.toString('latin1', 0, end));
  const code = end.code === 'class' || end.code === 'length' ? end.code : 'too-long';
  return fail({ code, path, offset: end.offset ?? 0, rule: end.expected });
}

const valueOf = (text: string, kind: ValueKind): string => (kind === 'bytes' ? toHex(text) : text);

function writePositional(
  spec: PositionalSpec,
  entries: readonly TlvInput[],
  path: string,
  kind: ValueKind,
  depth: number,
): Result<string, TlvError> {
  const times = spec.times ?? 1;
  if (times > 1) {
    if (entries.length > times)
      return fail({ code: 'repeated', path, offset: 0, rule: `stands there at most ${times} times` });
    let value = '';
    for (const [nth, entry] of entries.entries()) {
      if (typeof entry.value === 'string') {
        value += entry.value;
        continue;
      }
      const once: PositionalSpec = { kind: 'positional', parts: spec.parts };
      const one = writePositional(once, entry.value, `${path}[${nth}]`, kind, depth);
      if (!one.ok) return one;
      value += one.value;
    }
    return ok(value);
  }
  let text = '';
  for (const [index, entry] of entries.entries()) {
    const part = spec.parts[index];
    if (part === undefined || part.key !== entry.tag) {
      const rule = part === undefined ? 'no more parts' : `the part ${part.key}`;
      return fail({ code: 'unknown', path, offset: text.length, rule });
    }
    const written = writePart(part, entry, `${path}.${part.key}`, depth);
    if (!written.ok) return written;
    text += written.value;
  }
  const missing = spec.parts[entries.length];
  if (missing !== undefined && missing.optional !== true)
    return fail({ code: 'missing', path: `${path}.${missing.key}`, offset: text.length, rule: 'may not be missing' });
  return ok(valueOf(text, kind));
}

function writeBitmap(
  spec: BitmapSpec,
  entries: readonly TlvInput[],
  path: string,
  kind: ValueKind,
  depth: number,
): Result<string, TlvError> {
  const bits = new Uint8Array(spec.bytes);
  let text = '';
  let last = 0;
  for (const entry of entries) {
    const bit = Number(entry.tag);
    const part = spec.parts[bit];
    if (part === undefined || `${bit}` !== entry.tag || bit <= last)
      return fail({ code: 'unknown', path, offset: text.length, rule: 'a bit that has a part, in ascending order' });
    last = bit;
    bits[(bit - 1) >> 3] = (bits[(bit - 1) >> 3] ?? 0) | (0x80 >> ((bit - 1) & 7));
    const written = writePart(part, entry, `${path}.${bit}`, depth);
    if (!written.ok) return written;
    text += written.value;
  }
  const map = Buffer.from(bits);
  const head = spec.bitmap === 'binary' ? map.toString('latin1') : map.toString('hex').toUpperCase();
  return ok(valueOf(head + text, kind));
}
