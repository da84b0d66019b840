/**
 * Random and mutated bytes through framing, codec and composite elements: what is accepted must be written back to the same
 * bytes, what is refused must name its place, nothing may throw, take long or grow.
 *
 *     node test/fuzz/codec.ts --inputs 10000000 [--seed 1]
 *
 * Deterministic from the seed; the short form runs with the tests (codec.test.ts beside it).
 */
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { EMV_TAGS } from '../../protocol/iso8583/ber.ts';
import { compile } from '../../protocol/iso8583/codec.ts';
import type { Codec } from '../../protocol/iso8583/codec.ts';
import { readComposite, writeComposite } from '../../protocol/iso8583/composite.ts';
import type { ValueKind } from '../../protocol/iso8583/composite.ts';
import { bytesOf, FAMILIES } from '../../protocol/iso8583/families.ts';
import type { CompositeSpec } from '../../protocol/iso8583/spec.ts';
import type { TlvEntry, TlvInput } from '../../protocol/iso8583/tlv.ts';
import { createFramer } from '../../protocol/link/framing.ts';
import type { FramingSpec } from '../../protocol/link/framing.ts';

export interface FuzzReport {
  readonly inputs: number;
  readonly accepted: number;
  readonly refused: number;
  /** Longest single input in milliseconds. */
  readonly slowest: number;
  readonly seconds: number;
  /** Growth of the heap after collection, from a tenth of the way to the end, in bytes; absent without --expose-gc. */
  readonly growth?: number;
}

/** An input that broke a rule: what it was and which. The bytes are random, not anybody's. */
export class FuzzFailure extends Error {}

/** xorshift32: quick, and the same everywhere. */
function random(seed: number): (below: number) => number {
  let state = seed | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

type Next = (below: number) => number;

function noise(next: Next, most: number): Buffer {
  const bytes = Buffer.alloc(next(most));
  for (let at = 0; at < bytes.length; at++) bytes[at] = next(256);
  return bytes;
}

/** A few of: byte changed, cut short, piece left out, piece doubled, piece of noise put in. */
function mutate(next: Next, golden: Uint8Array): Buffer {
  let bytes = Buffer.from(golden);
  for (let times = 1 + next(3); times > 0; times--) {
    const at = next(bytes.length + 1);
    const to = Math.min(bytes.length, at + next(12));
    switch (next(6)) {
      case 0:
      case 1:
        if (at < bytes.length) bytes[at] = next(256);
        break;
      case 2:
        bytes = bytes.subarray(0, at);
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)]);
        break;
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)]);
        break;
      default:
        bytes = Buffer.concat([bytes.subarray(0, at), noise(next, 8), bytes.subarray(at)]);
    }
  }
  return bytes;
}

const again = (entries: readonly TlvEntry[]): readonly TlvInput[] =>
  entries.map(({ tag, value, inside, lengthBytes }) => ({
    tag,
    value: inside === undefined ? value : again(inside),
    ...(lengthBytes === undefined ? {} : { lengthBytes }),
  }));

/** True when it was accepted. Throws FuzzFailure when a rule is broken. */
type Target = (next: Next) => boolean;

function codecTarget(codec: Codec, golden: Uint8Array): Target {
  return (next) => {
    const bytes = next(8) === 0 ? noise(next, 300) : mutate(next, golden);
    const read = codec.unpack(bytes);
    if (!read.ok) {
      const { element, offset, path, decoded } = read.error;
      if (element === undefined || offset === undefined || offset > bytes.length || path === '')
        throw new FuzzFailure(`${codec.spec.name}: no place named: ${bytes.toString('hex')}`);
      codec.describe(decoded);
      return false;
    }
    const packed = codec.pack(read.value);
    if (!packed.ok || !bytes.equals(packed.value))
      throw new FuzzFailure(`${codec.spec.name}: packs to something else: ${bytes.toString('hex')}`);
    for (const element of read.value.elements) codec.readInside(read.value, element);
    return true;
  };
}

function compositeTarget(spec: CompositeSpec, kind: ValueKind, golden: string): Target {
  const encoding = kind === 'bytes' ? 'hex' : 'latin1';
  return (next) => {
    const bytes = next(8) === 0 ? noise(next, 200) : mutate(next, Buffer.from(golden, encoding));
    const text = bytes.toString(encoding);
    const value = kind === 'bytes' ? text.toUpperCase() : text;
    const read = readComposite(spec, value, '48', kind);
    if (!read.ok) {
      if (read.error.offset > value.length || !read.error.path.startsWith('48'))
        throw new FuzzFailure(`${spec.kind}: no place named: ${bytes.toString('hex')}`);
      return false;
    }
    const written = writeComposite(spec, again(read.value), '48', kind, Number.MAX_SAFE_INTEGER);
    if (!written.ok || written.value !== value)
      throw new FuzzFailure(`${spec.kind}: written back as something else: ${bytes.toString('hex')}`);
    return true;
  };
}

const FRAMINGS: readonly FramingSpec[] = [
  { terminator: 0x03, max: 300 },
  { length: 'be', bytes: 2, max: 300, header: { kind: 'tpdu', value: '6000010000' } },
  { length: 'be', bytes: 2, max: 300 },
  { length: 'le', bytes: 2, max: 300 },
  { length: 'ascii', bytes: 4, max: 300 },
  { length: 'be', bytes: 4, inclusive: true, max: 300 },
];

/** Frames one after another, perhaps broken, in pieces of any size. */
function framingTarget(spec: FramingSpec): Target {
  return (next) => {
    const sender = createFramer(spec);
    const bodies = Array.from({ length: 1 + next(3) }, () => {
      const body = Buffer.concat([Buffer.from('0'), noise(next, 80)]);
      // No body can hold what ends it.
      return 'terminator' in spec ? body.map((byte) => (byte === spec.terminator ? 0 : byte)) : body;
    }).map((body) => Buffer.from(body));
    const sent = Buffer.concat(bodies.map((body) => sender.encode(body)));
    const whole = next(3) === 0;
    const stream = whole ? sent : mutate(next, sent);
    const framer = createFramer(spec);
    const got: Uint8Array[] = [];
    for (let at = 0; at < stream.length;) {
      const to = at + 1 + next(40);
      const read = framer.push(stream.subarray(at, to));
      got.push(...(read.ok ? read.value : read.error.before));
      if (!read.ok) {
        if (whole)
          throw new FuzzFailure(`framing ${JSON.stringify(spec)}: refused what it wrote: ${stream.toString('hex')}`);
        return false;
      }
      at = to;
    }
    if (framer.pending > 310) throw new FuzzFailure(`framing ${JSON.stringify(spec)}: keeps more than a message`);
    if (whole && (got.length !== bodies.length || !bodies.every((body, index) => body.equals(got[index] ?? body))))
      throw new FuzzFailure(`framing ${JSON.stringify(spec)}: other messages: ${stream.toString('hex')}`);
    return true;
  };
}

function targets(): readonly Target[] {
  return [
    ...FAMILIES.map((golden) => codecTarget(compile(golden.spec), bytesOf(golden))),
    ...FAMILIES.flatMap(({ spec, values }) =>
      Object.entries(spec.composites ?? {}).flatMap(([key, composite]) => {
        const value = values[Number(key)];
        const kind = composite.kind === 'ber' || spec.elements[Number(key)]?.format.startsWith('b ') === true;
        return value === undefined ? [] : [compositeTarget(composite, kind ? 'bytes' : 'text', value)];
      }),
    ),
    compositeTarget(
      EMV_TAGS,
      'bytes',
      '7212' + '9F180400000001' + '8609' + '842400000401020304' + '9F02060000000010008A023030',
    ),
    ...FRAMINGS.map(framingTarget),
  ];
}

/** Longer than any input may take, with a collection of garbage in between. */
const TOO_SLOW_MS = 2_000;

/** Throws FuzzFailure at the first input that breaks a rule; any other exception is one the code under test threw. */
export function fuzz(inputs: number, seed: number, progress?: (done: number) => void): FuzzReport {
  const all = targets();
  const next = random(seed);
  const collect = globalThis.gc;
  const heap = (): number => {
    collect?.();
    return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
  };
  let accepted = 0;
  let slowest = 0;
  let early = 0;
  const start = performance.now();
  let before = start;
  for (let done = 0; done < inputs; done++) {
    if (done === Math.floor(inputs / 10)) {
      early = heap();
      before = performance.now();
    }
    if (all[done % all.length]?.(next) === true) accepted++;
    const now = performance.now();
    slowest = Math.max(slowest, now - before);
    before = now;
    if (slowest > TOO_SLOW_MS) throw new FuzzFailure(`input ${done} took ${Math.round(slowest)} ms`);
    if (progress !== undefined && done % 500_000 === 0) progress(done);
  }
  return {
    inputs,
    accepted,
    refused: inputs - accepted,
    slowest,
    seconds: (performance.now() - start) / 1000,
    ...(collect === undefined ? {} : { growth: heap() - early }),
  };
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({
    options: { inputs: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
  });
  const { setFlagsFromString } = await import('node:v8');
  const { runInNewContext } = await import('node:vm');
  // The command needs no flag to be measured.
  setFlagsFromString('--expose-gc');
  globalThis.gc ??= runInNewContext('gc') as typeof globalThis.gc;
  const report = fuzz(Number(values.inputs), Number(values.seed), (done) => process.stderr.write(`${done}\n`));
  const { inputs, accepted, refused, slowest, seconds, growth = 0 } = report;
  console.log(`${inputs} inputs, ${accepted} accepted, ${refused} refused, no exception`);
  console.log(
    `slowest ${slowest.toFixed(1)} ms, ${Math.round(inputs / seconds)} a second, growth ${Math.round(growth / 1024)} kB`,
  );
}
