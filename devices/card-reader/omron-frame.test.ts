import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createOmronDecoder,
  decodeOmronAnswer,
  decodeOmronCommand,
  encodeOmronAnswer,
  encodeOmronCommand,
  encodeOmronFrame,
  omronControl,
  omronTextLimit,
} from './omron-frame.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));

/** SELECT of the NSICCS AID: its two 0x10 are doubled on the line. */
const selectOnTheLine = '1002434630a00000060210101010100392';
const selectData = unhex('a0000006021010');

describe('OMRON frames', () => {
  it('doubles 0x10 in the text: the SELECT of the NSICCS AID', () => {
    expect(hex(encodeOmronCommand('F0', selectData))).toBe(selectOnTheLine);
    const tokens = createOmronDecoder().push(unhex(selectOnTheLine));
    expect(tokens).toHaveLength(1);
    const [token] = tokens;
    expect(token?.kind).toBe('frame');
    if (token?.kind === 'frame') expect(decodeOmronCommand(token.text)).toEqual({ name: 'F0', data: selectData });
  });

  it.each([
    ['status', '10', '10024331301003' + '41'],
    ['permit with stripe', ':2', '1002433a321003' + '48'],
    ['initial reset, card held', '02', '10024330321003' + '42'],
  ])('encodes %s', (_, name, expected) => {
    expect(hex(encodeOmronCommand(name))).toBe(expected);
  });

  it.each([
    ['enq', '1005'],
    ['ack', '1006'],
    ['nak', '1015'],
    ['eot', '1004'],
  ] as const)('knows DLE %s', (control, expected) => {
    expect(hex(omronControl(control))).toBe(expected);
    expect(createOmronDecoder().push(unhex(expected))).toEqual([{ kind: control }]);
  });

  it('takes a BCC of 0x10 for what it is', () => {
    // 10 ^ 03 = 13, so this text's BCC is 0x10; what follows is a frame of its own.
    const text = Uint8Array.of(0x13);
    const twice = unhex(`10021310031010${'06'}`);
    expect(hex(encodeOmronFrame(text))).toBe('100213100310');
    expect(createOmronDecoder().push(twice)).toEqual([{ kind: 'frame', text }, { kind: 'ack' }]);
  });

  it('reads answers, done and refused, and nothing else', () => {
    const done = { kind: 'done', name: '62', position: '02', data: Uint8Array.of(0x10, 0x31) } as const;
    const refused = { kind: 'refused', name: '30', error: '10' } as const;
    for (const answer of [done, refused]) {
      const [token] = createOmronDecoder().push(encodeOmronAnswer(answer));
      expect(token?.kind === 'frame' && decodeOmronAnswer(token.text)).toEqual(answer);
    }
    expect(decodeOmronAnswer(unhex('50313030'))).toBeUndefined();
    expect(decodeOmronAnswer(unhex('4331303030'))).toBeUndefined();
    expect(decodeOmronCommand(unhex('4331'))).toBeUndefined();
  });

  it('is the same in any grouping, and any text survives', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 10 }),
        (texts, cuts) => {
          const stream = Buffer.concat(texts.flatMap((text) => [omronControl('ack'), encodeOmronFrame(text)]));
          const decoder = createOmronDecoder();
          const tokens = [];
          for (let at = 0, n = 0; at < stream.length; n += 1) {
            const size = cuts[n % cuts.length] ?? 1;
            tokens.push(...decoder.push(stream.subarray(at, at + size)));
            at += size;
          }
          expect(tokens).toEqual(texts.flatMap((text) => [{ kind: 'ack' }, { kind: 'frame', text }]));
          expect(decoder.discarded).toBe(0);
          expect(decoder.midFrame).toBe(false);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('skips and counts noise before a frame, DLE included', () => {
    const decoder = createOmronDecoder();
    const frame = encodeOmronCommand('10');
    expect(decoder.push(Buffer.concat([unhex('ff41027f10'), frame]))).toHaveLength(1);
    expect(decoder.discarded).toBe(5);
  });

  it('tells of a wrong BCC, and of a frame broken off by the next', () => {
    const frame = encodeOmronCommand('10');
    const wrong = frame.map((byte, at) => (at === frame.length - 1 ? byte ^ 1 : byte));
    expect(createOmronDecoder().push(wrong)).toEqual([{ kind: 'damaged' }]);
    const half = frame.subarray(0, 4);
    expect(
      createOmronDecoder()
        .push(Buffer.concat([half, frame]))
        .map((token) => token.kind),
    ).toEqual(['damaged', 'frame']);
    expect(
      createOmronDecoder()
        .push(Buffer.concat([half, omronControl('ack')]))
        .map((token) => token.kind),
    ).toEqual(['damaged', 'ack']);
  });

  it('drops a half frame when its time is over, and tells of it', () => {
    const decoder = createOmronDecoder();
    expect(decoder.push(encodeOmronCommand('10').subarray(0, 5))).toEqual([]);
    expect(decoder.midFrame).toBe(true);
    expect(decoder.expire()).toEqual([{ kind: 'damaged' }]);
    expect(decoder.midFrame).toBe(false);
    expect(decoder.discarded).toBe(5);
    expect(decoder.push(encodeOmronCommand('10'))).toHaveLength(1);
  });

  it('is bounded: a frame that never ends is given up', () => {
    const decoder = createOmronDecoder();
    const tokens = decoder.push(Buffer.concat([unhex('1002'), new Uint8Array(omronTextLimit + 1)]));
    expect(tokens).toEqual([{ kind: 'damaged' }]);
    expect(decoder.midFrame).toBe(false);
  });

  it('never takes a frame with one byte changed for a good one with other text', () => {
    const text = Uint8Array.from(Buffer.from('P6202123456789012345=2512', 'latin1'));
    const frame = encodeOmronFrame(text);
    fc.assert(
      fc.property(fc.nat(frame.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = frame.map((byte, index) => (index === at ? byte ^ flip : byte));
        const decoder = createOmronDecoder();
        const tokens = [...decoder.push(changed), ...(decoder.expire() ?? [])];
        expect(tokens.filter((token) => token.kind === 'frame')).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
