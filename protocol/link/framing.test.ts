import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFramer } from './framing.ts';
import type { Framer, FramingSpec, LengthFraming } from './framing.ts';

const LENGTHS: readonly LengthFraming[] = [
  { length: 'be', bytes: 2 },
  { length: 'le', bytes: 2 },
  { length: 'ascii', bytes: 4 },
  { length: 'be', bytes: 2, inclusive: true },
  { length: 'ascii', bytes: 4, inclusive: true },
  { length: 'be', bytes: 4 },
];

const TPDU = { kind: 'tpdu', value: '6000058001' } as const;
const ISO = { kind: 'iso', value: 'ISO016000010' } as const;

/** Every framing that a profile can ask for; what stands around a message, in bytes. */
const SPECS: readonly FramingSpec[] = [
  ...LENGTHS,
  { length: 'le', bytes: 4, inclusive: true },
  { length: 'be', bytes: 2, header: TPDU },
  { length: 'ascii', bytes: 4, inclusive: true, header: ISO },
  { terminator: 0x03 },
  { terminator: 0xff, header: ISO },
];
const AROUND = 4 + 12;

/** A body that any of them carries: no terminator inside. */
const bodies = (maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.array(fc.integer({ min: 4, max: 0xfe }), { minLength: 1, maxLength }).map((bytes) => Uint8Array.from(bytes));

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
    const heads = LENGTHS.map((spec) => hex(createFramer(spec).encode(body).subarray(0, spec.bytes)));
    expect(heads).toEqual(['012c', '2c01', '30333030', '012e', '30333034', '0000012c']);
    for (const spec of LENGTHS) expect(createFramer(spec).encode(body)).toHaveLength(300 + spec.bytes);
  });

  it('comes back whole, under any split and merge of the bytes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SPECS),
        fc.array(bodies(400), { minLength: 1, maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 30 }),
        (spec, messages, cuts) => {
          const framer = createFramer(spec);
          const stream = Buffer.concat(messages.map((body) => framer.encode(body)));
          const whole: Uint8Array[] = [];
          let at = 0;
          for (let index = 0; at < stream.length; index++) {
            const size = cuts[index % cuts.length] ?? 1;
            whole.push(...push(framer, stream.subarray(at, at + size)));
            at += size;
            expect(framer.pending).toBeLessThanOrEqual(400 + AROUND);
          }
          expect(framer.pending).toBe(0);
          expect(whole.map(hex)).toEqual(messages.map(hex));
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
    ['less than the header', { length: 'be', bytes: 2, header: TPDU }, [0, 5], 'length-too-small'],
    ['another TPDU', { length: 'be', bytes: 2, header: TPDU }, [0, 6, 0x61, 0, 5, 0x80, 1, 0x41], 'header-wrong'],
    ['another header', { terminator: 3, header: ISO }, [...Buffer.from('ISO0160000x00200'), 3], 'header-wrong'],
    ['nothing before the terminator', { terminator: 3 }, [3], 'length-too-small'],
    ['no more than a header', { terminator: 3, header: ISO }, [...Buffer.from(ISO.value), 3], 'length-too-small'],
    ['no terminator', { terminator: 0xff, max: 20 }, Array.from({ length: 21 }, () => 0x30), 'length-too-large'],
    [
      'a terminator too late',
      { terminator: 3, max: 4, header: ISO },
      [...Buffer.from(`${ISO.value}02000`), 3],
      'length-too-large',
    ],
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
            expect(framer.pending).toBeLessThanOrEqual(128 + AROUND);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('a header of the network', () => {
  const spec: FramingSpec = { length: 'be', bytes: 2, header: TPDU };

  it('is counted by the length, and no part of the message', () => {
    const terminal = createFramer(spec);
    expect(hex(terminal.encode(Buffer.from('0800')))).toBe('0009600005800130383030');
    expect(hex(createFramer({ ...spec, inclusive: true }).encode(Buffer.from('0800')))).toBe('000b600005800130383030');
    const ended = createFramer({ terminator: 3, header: ISO });
    expect(Buffer.from(ended.encode(Buffer.from('0800'))).toString('latin1')).toBe('ISO0160000100800\u0003');
  });

  it('comes back with its addresses exchanged, and the terminal keeps its own', () => {
    const [terminal, host] = [createFramer(spec), createFramer(spec)];
    expect(push(host, terminal.encode(Buffer.from('0800'))).map(hex)).toEqual(['30383030']);
    const reply = host.encode(Buffer.from('0810'));
    expect(hex(reply)).toBe('0009608001000530383130');
    expect(push(terminal, reply).map(hex)).toEqual(['30383130']);
    expect(hex(terminal.encode(Buffer.from('0200')))).toBe('0009600005800130323030');
    // Another terminal behind the same line: the answer goes to it.
    const other = createFramer({ ...spec, header: { kind: 'tpdu', value: '6000058002' } });
    push(host, other.encode(Buffer.from('0800')));
    expect(hex(host.encode(Buffer.from('0810')))).toBe('0009608002000530383130');
  });

  it('of characters is repeated', () => {
    const [terminal, host] = [
      createFramer({ terminator: 0xff, header: ISO }),
      createFramer({ terminator: 0xff, header: { kind: 'iso', value: 'ISO026000099' } }),
    ];
    push(host, terminal.encode(Buffer.from('0800')));
    expect(hex(host.encode(Buffer.from('0810')))).toBe(hex(Buffer.from(`${ISO.value}0810\u00ff`, 'latin1')));
  });

  it('that is none is a defect of the profile', () => {
    expect(() => createFramer({ ...spec, header: { kind: 'tpdu', value: '60' } })).toThrow(RangeError);
    expect(() => createFramer({ terminator: 3, header: { kind: 'iso', value: 'ISO116000010' } })).toThrow(RangeError);
  });
});

it('a body that no frame holds is a defect of the caller', () => {
  const framer = createFramer({ length: 'be', bytes: 2, max: 10 });
  expect(() => framer.encode(Buffer.alloc(11))).toThrow(RangeError);
  expect(() => framer.encode(Buffer.alloc(0))).toThrow(RangeError);
  expect(() => createFramer({ length: 'ascii', bytes: 4, max: 20_000 }).encode(Buffer.alloc(10_000))).toThrow(
    RangeError,
  );
  const ended = createFramer({ terminator: 3 });
  expect(() => ended.encode(Buffer.from([0x30, 3]))).toThrow(RangeError);
});
