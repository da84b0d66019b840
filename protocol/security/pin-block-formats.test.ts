/** PIN blocks of every format: published ones, round trips, and what must be refused. Format 0: see security.test.ts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encryptAesEcb } from './aes.ts';
import { toHex } from './hex.ts';
import { decodePinBlock1, encodePinBlock1 } from './pin-block-1.ts';
import { decodePinBlock3, encodePinBlock3 } from './pin-block-3.ts';
import { decryptPinBlock4, encryptPinBlock4 } from './pin-block-4.ts';
import { PIN_BLOCK_FORMATS } from './pin-block-formats.ts';
import type { PinBlockFormatName } from './pin-block-formats.ts';
import { encodePinBlock0, encryptPinBlock0 } from './pin-block.ts';

const bytes = (hex: string): Uint8Array => Buffer.from(hex, 'hex');
const KEY = bytes('00112233445566778899AABBCCDDEEFF');
const PAN = '5555555551234567';
const names = Object.keys(PIN_BLOCK_FORMATS) as PinBlockFormatName[];
const digits = (min: number, max: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789'.split('')), minLength: min, maxLength: max });
/** Always the same bytes, in this order. */
const fixed =
  (hex: string) =>
  (size: number): Uint8Array =>
    bytes(hex).subarray(0, size);

describe('published blocks', () => {
  it('format 3 is read', () => {
    expect(decodePinBlock3('341261AAAAEDCBA9', PAN)).toEqual({ ok: true, value: '1234' });
  });

  it('format 4: the vector of the psec tests', () => {
    const block = '28B41FDDD29B743E93124BD8E32D921E';
    const pan = '1234567890123456789';
    expect(encryptPinBlock4(KEY, '1234', pan, fixed('FF'.repeat(8)))).toEqual({ ok: true, value: block });
    expect(decryptPinBlock4(KEY, block, pan)).toEqual({ ok: true, value: '1234' });
  });

  it('format 4: the fields of the supplement to ANSI X9.24-3:2017', () => {
    const field = bytes('441234AAAAAAAAAA2F69ADDE2E9E7ACE');
    const account = bytes('44111111111111111000000000000000');
    const once = encryptAesEcb(KEY, field).map((byte, at) => byte ^ (account[at] ?? 0));
    expect(encryptPinBlock4(KEY, '1234', '4111111111111111', fixed('2F69ADDE2E9E7ACE'))).toEqual({
      ok: true,
      value: toHex(encryptAesEcb(KEY, once)),
    });
  });
});

describe('every format', () => {
  it.each(names)('%s: a PIN comes back', (name) => {
    const format = PIN_BLOCK_FORMATS[name];
    fc.assert(
      fc.property(digits(4, 12), digits(12, 19), (pin, pan) => {
        const block = format.encrypt(KEY, pin, pan);
        if (!block.ok) throw new Error(block.error.code);
        expect(block.value).toMatch(new RegExp(`^[0-9A-F]{${2 * format.bytes}}$`));
        expect(format.decrypt(KEY, block.value, pan)).toEqual({ ok: true, value: pin });
        expect(format.decrypt(KEY, block.value.toLowerCase(), pan)).toEqual({ ok: true, value: pin });
      }),
    );
  });

  it.each(names.filter((name) => name !== 'iso-1'))('%s: not with another account number, key or block', (name) => {
    const format = PIN_BLOCK_FORMATS[name];
    const block = format.encrypt(KEY, '123456', '9999990000000001');
    if (!block.ok) throw new Error(block.error.code);
    expect(format.decrypt(KEY, block.value, '9999990987654321')).toMatchObject({ ok: false });
    expect(
      format.decrypt(
        KEY.map((byte) => byte ^ 0x10),
        block.value,
        '9999990000000001',
      ),
    ).toMatchObject({ ok: false });
    for (const wrong of ['', 'x', block.value.slice(2), `${block.value}00`]) {
      expect(format.decrypt(KEY, wrong, '9999990000000001')).toEqual({
        ok: false,
        error: { code: format.bytes === 8 ? 'block-not-16-hex' : 'block-not-32-hex' },
      });
    }
  });

  it.each(names)('%s: refuses what is no PIN, and noise gives a PIN rarely or never', (name) => {
    const format = PIN_BLOCK_FORMATS[name];
    for (const pin of ['', '123', '1234567890123', '12a4', '1234 '])
      expect(format.encrypt(KEY, pin, PAN)).toEqual({ ok: false, error: { code: 'pin-not-4-to-12-digits' } });
    if (name !== 'iso-1') {
      for (const pan of ['', '1'.repeat(20), '99999900000000x1'])
        expect(format.encrypt(KEY, '1234', pan)).toEqual({ ok: false, error: { code: 'pan-not-digits' } });
    }
    fc.assert(
      fc.property(fc.uint8Array({ minLength: format.bytes, maxLength: format.bytes }), (noise) => {
        const read = format.decrypt(KEY, toHex(noise), PAN);
        if (read.ok) expect(read.value).toMatch(/^[0-9]{4,12}$/);
        else expect(JSON.stringify(read.error)).not.toContain(PAN.slice(3, 15));
      }),
    );
  });

  it('the table enciphers format 0 as its own function does', () => {
    expect(PIN_BLOCK_FORMATS['iso-0'].encrypt(KEY, '1234', PAN)).toEqual(encryptPinBlock0(KEY, '1234', PAN));
  });
});

describe('the random part', () => {
  it('format 1 takes it as it comes', () => {
    expect(encodePinBlock1('12345', fixed('0123456789ABCDEF'))).toEqual({ ok: true, value: '1512345789ABCDEF' });
    expect(decodePinBlock1('1512345789ABCDEF')).toEqual({ ok: true, value: '12345' });
    expect(decodePinBlock1('0512345789ABCDEF')).toEqual({ ok: false, error: { code: 'not-format-1' } });
    expect(decodePinBlock1('1312345789ABCDEF')).toEqual({ ok: false, error: { code: 'wrong-key-or-pan' } });
  });

  it('format 3 fills with A to F only, each as likely, and differs from block to block', () => {
    const counts = new Map<string, number>();
    const seen = new Set<string>();
    for (let round = 0; round < 600; round++) {
      // An account number of zeros leaves the field as it is.
      const block = encodePinBlock3('1234', '0000000000000');
      if (!block.ok) throw new Error(block.error.code);
      seen.add(block.value);
      expect(block.value).toMatch(/^341234[A-F]{10}$/);
      for (const digit of block.value.slice(6)) counts.set(digit, (counts.get(digit) ?? 0) + 1);
    }
    expect(seen.size).toBeGreaterThan(590);
    // 1000 each; seven standard deviations.
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(200);
    expect(decodePinBlock3('3412340000000000', '0000000000000')).toEqual({
      ok: false,
      error: { code: 'wrong-key-or-pan' },
    });
    expect(() => encodePinBlock3('1234', PAN, (size) => new Uint8Array(size).fill(255))).toThrow('repeats');
  });

  it('formats are not taken for one another', () => {
    const zero = encodePinBlock0('1234', PAN);
    expect(zero.ok && decodePinBlock3(zero.value, PAN)).toEqual({ ok: false, error: { code: 'not-format-3' } });
    expect(zero.ok && decodePinBlock1(zero.value)).toEqual({ ok: false, error: { code: 'not-format-1' } });
  });

  it('format 4 knows account numbers shorter than 12 digits', () => {
    for (const pan of ['1', '12345678901', '123456789012', '1'.repeat(19)]) {
      const block = encryptPinBlock4(KEY, '123456', pan);
      expect(block.ok && decryptPinBlock4(KEY, block.value, pan)).toEqual({ ok: true, value: '123456' });
    }
  });
});
