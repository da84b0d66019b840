import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFramer } from './framing.ts';
import type { Framer, FramingSpec } from './framing.ts';

const SPECS: readonly FramingSpec[] = [
  { length: 'be', bytes: 2 },
  { length: 'le', bytes: 2 },
  { length: 'ascii', bytes: 4 },
  { length: 'be', bytes: 2, inclusive: true },
  { length: 'ascii', bytes: 4, inclusive: true },
  { length: 'be', bytes: 4 },
];

function hex(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('hex');
}

function push(framer: Framer, bytes: Uint8Array): readonly Uint8Array[] {
  const result = framer.push(bytes);
  if (!result.ok) throw new Error(`${result.error.code}: expected ${result.error.expected}, got ${result.error.got}`);
  return result.value;
}

describe('a frame', () => {
  it('has its length in front, as the profile says', () => {
    const body = Buffer.alloc(300, 0x41);
    const heads = SPECS.map((spec) => hex(createFramer(spec).encode(body).subarray(0, spec.bytes)));
    expect(heads).toEqual(['012c', '2c01', '30333030', '012e', '30333034', '0000012c']);
    for (const spec of SPECS) expect(createFramer(spec).encode(body)).toHaveLength(300 + spec.bytes);
  });

  it('comes back whole, under any split and merge of the bytes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SPECS),
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 400 }), { minLength: 1, maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 30 }),
        (spec, bodies, cuts) => {
          const framer = createFramer(spec);
          const stream = Buffer.concat(bodies.map((body) => framer.encode(body)));
          const whole: Uint8Array[] = [];
          let at = 0;
          for (let index = 0; at < stream.length; index++) {
            const size = cuts[index % cuts.length] ?? 1;
            whole.push(...push(framer, stream.subarray(at, at + size)));
            at += size;
            expect(framer.pending).toBeLessThanOrEqual(400 + spec.bytes);
          }
          expect(framer.pending).toBe(0);
          expect(whole.map(hex)).toEqual(bodies.map(hex));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('does not change when the socket reuses its buffer', () => {
    const framer = createFramer({ length: 'be', bytes: 2 });
    const chunk = Buffer.from([0, 2, 0x41, 0x42]);
    const [body] = push(framer, chunk);
    chunk.fill(0);
    expect(hex(body)).toBe('4142');
  });

  it('says how many bytes wait for the rest', () => {
    const framer = createFramer({ length: 'be', bytes: 2 });
    expect(framer.pending).toBe(0);
    push(framer, Buffer.from([0]));
    expect(framer.pending).toBe(1);
    push(framer, Buffer.from([5, 1, 2, 3]));
    expect(framer.pending).toBe(5);
  });
});

describe('a length that cannot be', () => {
  it('is refused as soon as it is read, with what came whole before it', () => {
    const framer = createFramer({ length: 'be', bytes: 2, max: 100 });
    const good = framer.encode(Buffer.from('good'));
    const result = framer.push(Buffer.concat([good, Buffer.from([0, 101])]));
    expect(result).toMatchObject({
      ok: false,
      error: { code: 'length-too-large', expected: 'at most 100 bytes', got: '101' },
    });
    expect(!result.ok && result.error.before.map(hex)).toEqual([hex(Buffer.from('good'))]);
  });

  it('keeps the framer broken: what follows cannot be trusted', () => {
    const framer = createFramer({ length: 'be', bytes: 2 });
    expect(framer.push(Buffer.from([0xff, 0xff])).ok).toBe(false);
    expect(framer.push(framer.encode(Buffer.from('good')))).toMatchObject({
      ok: false,
      error: { code: 'length-too-large', before: [] },
    });
    expect(framer.pending).toBe(0);
  });

  it.each([
    ['zero', { length: 'be', bytes: 2 }, [0, 0], 'length-too-small'],
    ['above 4096, the default', { length: 'be', bytes: 2 }, [0x10, 0x01], 'length-too-large'],
    ['the other byte order', { length: 'be', bytes: 2 }, [0xe8, 0x00], 'length-too-large'],
    ['shorter than any message', { length: 'be', bytes: 2, min: 20 }, [0, 19], 'length-too-small'],
    ['less than itself', { length: 'be', bytes: 2, inclusive: true }, [0, 1], 'length-too-small'],
    ['nothing but itself', { length: 'be', bytes: 2, inclusive: true }, [0, 2], 'length-too-small'],
    ['four bytes, huge', { length: 'be', bytes: 4 }, [0xff, 0xff, 0xff, 0xff], 'length-too-large'],
    ['ASCII, not digits', { length: 'ascii', bytes: 4 }, [0x30, 0x30, 0x2d, 0x31], 'length-not-digits'],
    ['ASCII zero', { length: 'ascii', bytes: 4 }, [0x30, 0x30, 0x30, 0x30], 'length-too-small'],
    ['binary where ASCII is spoken', { length: 'ascii', bytes: 4 }, [0, 232, 0x30, 0x32], 'length-not-digits'],
  ] as const)('%s', (_, spec, bytes, code) => {
    expect(createFramer(spec).push(Buffer.from(bytes))).toMatchObject({ ok: false, error: { code } });
  });

  it('random streams end in frames or an error, and never keep more than one message', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SPECS),
        fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 20 }),
        (spec, chunks) => {
          const framer = createFramer({ ...spec, max: 128 });
          for (const chunk of chunks) {
            const result = framer.push(chunk);
            if (result.ok) for (const body of result.value) expect(body.length).toBeLessThanOrEqual(128);
            expect(framer.pending).toBeLessThanOrEqual(128 + spec.bytes);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

it('a body that no frame holds is a defect of the caller', () => {
  const framer = createFramer({ length: 'be', bytes: 2, max: 10 });
  expect(() => framer.encode(Buffer.alloc(11))).toThrow(RangeError);
  expect(() => framer.encode(Buffer.alloc(0))).toThrow(RangeError);
  expect(() => createFramer({ length: 'ascii', bytes: 4, max: 20_000 }).encode(Buffer.alloc(10_000))).toThrow(
    RangeError,
  );
});
