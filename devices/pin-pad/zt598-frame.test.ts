import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPadDecoder, encodeFrame, maxTextLength } from './zt598-frame.ts';

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const answerOf = (status: number, data: string): Uint8Array => encodeFrame(latin1(String.fromCharCode(status) + data));

describe('frame', () => {
  it('is, for the information request, 02 "0013" 03 "01"', () => {
    expect(Buffer.from(encodeFrame(latin1('3'))).toString('hex')).toBe(
      `02${Buffer.from('0013').toString('hex')}033031`,
    );
  });

  it('holds 1 to 999 bytes', () => {
    expect(encodeFrame(new Uint8Array(maxTextLength)).length).toBe(maxTextLength + 7);
    expect(() => encodeFrame(new Uint8Array(maxTextLength + 1))).toThrow(RangeError);
    expect(() => encodeFrame(new Uint8Array(0))).toThrow(RangeError);
  });
});

describe('decoder', () => {
  it('tells keys from answers, however the bytes are grouped', () => {
    const bytes = Buffer.concat([
      latin1('*'),
      answerOf(0x60, '08D7B4'),
      latin1('*\b\r\x1b'),
      answerOf(0xe4, ''),
      latin1('5'),
    ]);
    const whole = createPadDecoder().push(bytes);
    expect(whole).toEqual([
      { kind: 'key', key: 'mask' },
      { kind: 'answer', status: 0x60, data: '08D7B4' },
      { kind: 'key', key: 'mask' },
      { kind: 'key', key: 'clear' },
      { kind: 'key', key: 'enter' },
      { kind: 'key', key: 'cancel' },
      { kind: 'answer', status: 0xe4, data: '' },
      { kind: 'key', key: 'digit' },
    ]);
    const single = createPadDecoder();
    expect([...bytes].flatMap((byte) => [...single.push(Uint8Array.of(byte))])).toEqual(whole);
    expect(single.discarded).toBe(0);
  });

  it('does not tell which digit it was', () => {
    const tokens = Array.from('0123456789', (digit) => JSON.stringify(createPadDecoder().push(latin1(digit))));
    expect(new Set(tokens).size).toBe(1);
  });

  it('refuses a wrong check byte, and does not take its remains for keys', () => {
    const decoder = createPadDecoder();
    const bytes = Buffer.from(answerOf(0x60, '0123'));
    bytes[5] = 0x39;
    expect(decoder.push(Buffer.concat([bytes, latin1('12')]))).toEqual([{ kind: 'garbled' }]);
    expect(decoder.discarded).toBe(bytes.length + 2);
    expect(decoder.push(answerOf(0x60, ''))).toEqual([{ kind: 'answer', status: 0x60, data: '' }]);
  });

  it('begins anew at every 02, and drops half a frame when the line falls silent', () => {
    const decoder = createPadDecoder();
    expect(decoder.push(Buffer.concat([latin1('\x02\x02999abc'), answerOf(0x60, 'x')]))).toEqual([
      { kind: 'answer', status: 0x60, data: 'x' },
    ]);
    expect(decoder.discarded).toBe(8);
    decoder.push(latin1('\x02999abc'));
    expect(decoder.midFrame).toBe(true);
    decoder.expire();
    expect(decoder.midFrame).toBe(false);
    expect(decoder.discarded).toBe(15);
    expect(decoder.push(latin1('7'))).toEqual([{ kind: 'key', key: 'digit' }]);
  });

  it('takes no length of zero and none that is no number', () => {
    expect(createPadDecoder().push(latin1('\x020003'))).toEqual([{ kind: 'garbled' }]);
    expect(createPadDecoder().push(latin1('\x020x1'))).toEqual([{ kind: 'garbled' }]);
  });

  it('finds the answer after any noise, and invents none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.stringMatching(/^[0-9A-F]{0,40}$/), (noise, data) => {
        const decoder = createPadDecoder();
        decoder.push(noise);
        decoder.expire();
        expect(decoder.push(answerOf(0x60, data))).toEqual([{ kind: 'answer', status: 0x60, data }]);
      }),
    );
    fc.assert(
      fc.property(
        fc.stringMatching(/^[0-9A-F]{1,40}$/),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (data, at, flip) => {
          const bytes = Buffer.from(answerOf(0x60, data));
          const place = at % bytes.length;
          bytes[place] = (bytes[place] ?? 0) ^ flip;
          const answers = createPadDecoder()
            .push(bytes)
            .filter((token) => token.kind === 'answer');
          // The check digits may also be written in small letters; nothing else may change unnoticed.
          expect(answers.every((answer) => answer.data === data && answer.status === 0x60)).toBe(true);
        },
      ),
    );
  });
});
