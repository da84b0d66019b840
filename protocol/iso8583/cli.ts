/**
 * `npm run iso -- decode --profile jht [HEX]` shows a message as its profile reads it, redacted, or exactly where it
 * breaks and what was read before. `encode` makes hex of JSON. What is not given as an argument comes from standard input.
 *
 * Exit code: 0 done, 1 the message is broken, 2 the command, the profile or the JSON is.
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { createFramer } from '../link/framing.ts';
import { loadProfile } from '../profile/profile.ts';
import type { HostProfile } from '../profile/profile.ts';
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import { explain } from './error.ts';
import type { CodecError } from './error.ts';
import { createMessage } from './message.ts';
import type { TlvInput } from './tlv.ts';

const USAGE = `usage:
  npm run iso -- decode --profile NAME [--framed] [--json] [HEX]
  npm run iso -- encode --profile NAME [--framed] [--json] [JSON]

  --profile  a built-in profile (jht) or the path of a profile's .json file; default jht
  --framed   the length in front of the message, as the profile has it, is part of the hex
  --json     the answer as JSON

HEX or JSON may come from standard input. Blanks and line ends in HEX do not matter.
JSON: {"mti": "0800", "elements": {"7": "1120090500", "11": "000001", "70": "301"}}
An element with parts may be a list: {"48": [{"tag": "PI", "value": "JHTBAL"}]}`;

/** Longest input in characters: a message has at most 65,535 bytes. */
const MAX_INPUT = 1_000_000;

export interface Answer {
  readonly code: 0 | 1 | 2;
  readonly out: string;
  readonly err: string;
}

const usage = (problem: string): Answer => ({ code: 2, out: '', err: `${problem}\n\n${USAGE}` });
const answer = (out: string): Answer => ({ code: 0, out, err: '' });
const json = (value: unknown): string => JSON.stringify(value, undefined, 2);

/** `input` is read when no argument has the message. */
export function run(args: readonly string[], input: () => string): Answer {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        profile: { type: 'string', default: 'jht' },
        framed: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    return usage(error instanceof Error ? error.message : 'the options cannot be read');
  }
  const { values, positionals } = parsed;
  if (values.help) return answer(USAGE);
  const [command, ...rest] = positionals;
  if (command !== 'decode' && command !== 'encode') return usage('say decode or encode');
  const profile = loadProfile(values.profile);
  if (!profile.ok) {
    const mistakes = profile.error.map(({ profile: name, path, rule }) =>
      `${name}: ${path}: ${rule}`.replace(': :', ':'),
    );
    return { code: 2, out: '', err: mistakes.join('\n') };
  }
  let given: string;
  try {
    given = rest.length > 0 ? rest.join(' ') : input();
  } catch {
    return { code: 2, out: '', err: 'standard input cannot be read' };
  }
  if (given.length > MAX_INPUT) return { code: 2, out: '', err: `more than ${MAX_INPUT} characters` };
  return (command === 'decode' ? decode : encode)(profile.value, given, values);
}

interface Options {
  readonly framed: boolean;
  readonly json: boolean;
}

/** Where it breaks; never what stands there. */
function broken(error: CodecError, options: Options, before: object, text: string): Answer {
  const { code, element, path, offset, expected, got } = error;
  const said = { code, element, path, offset, expected, got };
  if (options.json) return { code: 1, out: json({ error: said, ...before }), err: explain(error) };
  return { code: 1, out: text, err: explain(error) };
}

function decode(profile: HostProfile, given: string, options: Options): Answer {
  const hex = given.replaceAll(/\s+/g, '');
  if (hex === '') return usage('no hex given');
  if (!/^(?:[0-9A-Fa-f]{2})*$/.test(hex)) return { code: 2, out: '', err: 'the input is not hex, two digits a byte' };
  const message = options.framed ? unframe(profile, Buffer.from(hex, 'hex')) : ok(Buffer.from(hex, 'hex'));
  if (!message.ok) return { code: 1, out: '', err: message.error };
  const { codec } = profile;
  const read = codec.unpack(message.value);
  if (!read.ok) {
    const { decoded } = read.error;
    const before = { before: codec.describeJson(decoded) };
    const text = decoded.mti === '' ? '' : `${codec.describe(decoded)}\n  ${read.error.path} breaks`;
    return broken(read.error, options, before, text);
  }
  for (const element of read.value.elements) {
    const inside = codec.readInside(read.value, element);
    if (inside.ok) continue;
    return broken(inside.error, options, { before: codec.describeJson(read.value) }, codec.describe(read.value));
  }
  return answer(options.json ? json(codec.describeJson(read.value)) : codec.describe(read.value));
}

function unframe(profile: HostProfile, bytes: Uint8Array): Result<Uint8Array, string> {
  const framer = createFramer(profile.framing);
  const read = framer.push(bytes);
  if (!read.ok) return fail(`frame: expected ${read.error.expected}, got ${read.error.got}`);
  const [first] = read.value;
  if (first === undefined) return fail('frame: it does not end');
  if (read.value.length > 1 || framer.pending > 0) return fail('frame: more than one message');
  return ok(first);
}

function encode(profile: HostProfile, given: string, options: Options): Answer {
  const refuse = (err: string): Answer => ({ code: 2, out: '', err });
  let data: unknown;
  try {
    data = JSON.parse(given);
  } catch {
    // What JSON.parse says repeats some of its input.
    return refuse('the input is not JSON');
  }
  if (!isRecord(data) || typeof data['mti'] !== 'string' || !isRecord(data['elements']))
    return refuse('the JSON is {"mti": "0200", "elements": {"3": "310000", ...}}');
  const values: Record<number, string> = {};
  for (const [key, value] of Object.entries(data['elements'])) {
    const element = Number(key);
    if (!/^[1-9]\d{0,2}$/.test(key)) return refuse('elements are named by their numbers');
    if (typeof value === 'string') {
      values[element] = value;
      continue;
    }
    const entries = entriesOf(value, 0);
    if (entries === undefined)
      return refuse(`DE${element}: a value is a text, or a list of {"tag": "...", "value": ...}`);
    const written = profile.codec.writeInside(element, entries);
    if (!written.ok) return broken(written.error, options, {}, '');
    values[element] = written.value;
  }
  const packed = profile.codec.pack(createMessage(data['mti'], values));
  if (!packed.ok) return broken(packed.error, options, {}, '');
  const bytes = options.framed ? frame(profile, packed.value) : packed.value;
  if (bytes === undefined) return { code: 1, out: '', err: `frame: ${packed.value.length} bytes do not fit it` };
  const hex = Buffer.from(bytes).toString('hex').toUpperCase();
  return answer(options.json ? json({ hex, bytes: bytes.length }) : hex);
}

/** Undefined when the message is too short or too long for its frame, or has in it what would end it. */
function frame(profile: HostProfile, message: Uint8Array): Uint8Array | undefined {
  try {
    return createFramer(profile.framing).encode(message);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Deeper than any composite element is read. */
const MAX_DEPTH = 8;

function entriesOf(value: unknown, depth: number): readonly TlvInput[] | undefined {
  if (!Array.isArray(value) || depth > MAX_DEPTH) return undefined;
  const entries: TlvInput[] = [];
  for (const entry of value as readonly unknown[]) {
    if (!isRecord(entry) || typeof entry['tag'] !== 'string') return undefined;
    const inner = entry['value'];
    const body = typeof inner === 'string' ? inner : entriesOf(inner, depth + 1);
    if (body === undefined) return undefined;
    entries.push({ tag: entry['tag'], value: body });
  }
  return entries;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { code, out, err } = run(process.argv.slice(2), () => readFileSync(0, 'utf8'));
  if (out !== '') process.stdout.write(`${out}\n`);
  if (err !== '') process.stderr.write(`${err}\n`);
  process.exitCode = code;
}
