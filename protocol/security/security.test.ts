/** Published vectors, each with its source, and what must be refused. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decryptEcb, encryptCbc, encryptEcb } from './des.ts';
import { fromHex, toHex } from './hex.ts';
import { equalSecrets } from './equal.ts';
import { checkValue, combineComponents, generateKey, unwrapKey, withOddParity, wrapKey } from './keys.ts';
import { macAlgorithm3, macX919, verifyMacX919 } from './mac.ts';
import { decodePinBlock0, decryptPinBlock0, encodePinBlock0, encryptPinBlock0 } from './pin-block.ts';

function bytes(hex: string): Uint8Array {
  return Buffer.from(hex, 'hex');
}
function text(value: string): Uint8Array {
  return Buffer.from(value, 'latin1');
}

const KEY = bytes('0123456789ABCDEFFEDCBA9876543210');

describe('DES', () => {
  it('single DES, NBS Special Publication 500-20', () => {
    expect(toHex(encryptEcb(bytes('8000000000000000'), bytes('0000000000000000')))).toBe('95A8D72813DAA94D');
    expect(toHex(encryptEcb(bytes('0101010101010101'), bytes('8000000000000000')))).toBe('95F8A5E5DD31D900');
  });

  it('a double-length key is K1, K2, K1', () => {
    const k1 = KEY.subarray(0, 8);
    const k2 = KEY.subarray(8);
    const block = bytes('0011223344556677');
    expect(toHex(encryptEcb(KEY, block))).toBe(toHex(encryptEcb(k1, decryptEcb(k2, encryptEcb(k1, block)))));
    expect(toHex(decryptEcb(KEY, encryptEcb(KEY, block)))).toBe(toHex(block));
  });

  it('CBC chains', () => {
    const data = bytes('00112233445566778899AABBCCDDEEFF');
    const first = encryptEcb(KEY, data.subarray(0, 8));
    const second = encryptEcb(
      KEY,
      data.subarray(8).map((byte, index) => byte ^ (first[index] ?? 0)),
    );
    expect(toHex(encryptCbc(KEY, data))).toBe(toHex(first) + toHex(second));
  });

  it('a key or a block of another length is a defect', () => {
    expect(() => encryptEcb(bytes('00'), bytes('0000000000000000'))).toThrow(RangeError);
    expect(() => encryptEcb(KEY, bytes('00'))).toThrow(RangeError);
  });
});

describe('MAC', () => {
  it('ANSI X9.19: the published messages', () => {
    expect(macX919(KEY, text('Now is the time for all '))).toBe('A1C72E74EA3FA9B6');
    expect(macX919(KEY, text('Now is the time for it')).slice(0, 8)).toBe('2E2B1428');
  });

  it('ISO/IEC 9797-1 algorithm 3: the vector of the Bouncy Castle tests', () => {
    const key = bytes('7CA110454A1A6E570131D9619DC1376E');
    expect(toHex(macAlgorithm3(key, text('Hello World !!!!'), 1))).toBe('F09B856213BAB83B');
  });

  it('is the textbook chain: DES CBC with the left half, the last block through the right and the left again', () => {
    const textbook = (key: Uint8Array, data: Uint8Array): string => {
      const padded = new Uint8Array(Math.max(8, Math.ceil(data.length / 8) * 8));
      padded.set(data);
      let chain: Uint8Array = new Uint8Array(8);
      for (let at = 0; at < padded.length; at += 8) {
        const block = padded.subarray(at, at + 8);
        chain = encryptEcb(
          key.subarray(0, 8),
          block.map((byte, index) => byte ^ (chain[index] ?? 0)),
        );
      }
      return toHex(encryptEcb(key.subarray(0, 8), decryptEcb(key.subarray(8), chain)));
    };
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.uint8Array({ maxLength: 100 }), (key, data) => {
        expect(macX919(key, data)).toBe(textbook(key, data));
      }),
      { numRuns: 200 },
    );
  });

  it('padding 2 tells messages apart that differ in trailing zeros, padding 1 does not', () => {
    const short = bytes('0102');
    const long = bytes('010200');
    expect(toHex(macAlgorithm3(KEY, short, 1))).toBe(toHex(macAlgorithm3(KEY, long, 1)));
    expect(toHex(macAlgorithm3(KEY, short, 2))).not.toBe(toHex(macAlgorithm3(KEY, long, 2)));
    const whole = bytes('0102030405060708');
    expect(toHex(macAlgorithm3(KEY, whole, 2))).toBe(
      toHex(macAlgorithm3(KEY, Buffer.concat([whole, bytes('8000000000000000')]), 1)),
    );
  });

  it('verifies, and refuses every single-bit change of message and MAC', () => {
    const data = text('0200: a message');
    const mac = macX919(KEY, data);
    expect(verifyMacX919(KEY, data, mac)).toBe(true);
    expect(verifyMacX919(KEY, data, mac.toLowerCase())).toBe(true);
    for (let bit = 0; bit < data.length * 8; bit++) {
      const changed = Buffer.from(data);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(verifyMacX919(KEY, changed, mac)).toBe(false);
    }
    for (const wrong of ['', mac.slice(1), `${mac}0`, `0${mac.slice(1)}`, '\u0141'.repeat(16)]) {
      expect(verifyMacX919(KEY, data, wrong)).toBe(false);
    }
    expect(() => macX919(KEY.subarray(0, 8), data)).toThrow(RangeError);
  });

  it('compares texts', () => {
    expect(equalSecrets('', '')).toBe(true);
    expect(equalSecrets('AB', 'AB')).toBe(true);
    expect(equalSecrets('AB', 'AC')).toBe(false);
    expect(equalSecrets('AB', 'ABC')).toBe(false);
  });
});

describe('keys', () => {
  it('check values', () => {
    expect(checkValue(KEY)).toBe('08D7B4');
    expect(checkValue(bytes('F039121BEC83D26B169BDCD5B22AAF8F'))).toBe('CB9DEA');
  });

  it('components combine (the example of the jPOS documentation)', () => {
    const components = [bytes('E09B073B4007541FAB76B04370451031'), bytes('4CBF5D51EA8525EF045EFED6E386D9D9')];
    expect(checkValue(combineComponents(components))).toBe('40D522');
    expect(() => combineComponents([])).toThrow(RangeError);
    expect(() => combineComponents([bytes('00'), bytes('0000')])).toThrow(RangeError);
  });

  it('travel under a master key, and only with their check value', () => {
    const key = generateKey();
    const wrapped = wrapKey(KEY, key);
    expect(wrapped).toMatch(/^[0-9A-F]{32}$/);
    expect(wrapped).not.toBe(toHex(key));
    const back = unwrapKey(KEY, wrapped, checkValue(key));
    expect(back.ok && toHex(back.value)).toBe(toHex(key));
    expect(unwrapKey(KEY, wrapped, '000000')).toEqual({ ok: false, error: { code: 'check-value-wrong' } });
    expect(unwrapKey(generateKey(), wrapped, checkValue(key))).toEqual({
      ok: false,
      error: { code: 'check-value-wrong' },
    });
    for (const wrong of ['', wrapped.slice(2), `${wrapped}00`, 'x'.repeat(32)]) {
      expect(unwrapKey(KEY, wrong, checkValue(key))).toEqual({ ok: false, error: { code: 'not-a-key' } });
    }
  });

  it('are new ones with odd parity, from the random source given', () => {
    for (let round = 0; round < 50; round++) {
      for (const byte of generateKey()) expect(byte.toString(2).replaceAll('0', '').length % 2).toBe(1);
    }
    let calls = 0;
    const key = generateKey((size) => Uint8Array.from({ length: size }, (_, index) => (calls++ < 16 ? 7 : index)));
    expect(toHex(key)).toBe(toHex(withOddParity(Uint8Array.from({ length: 16 }, (_, index) => index))));
    expect(() => generateKey((size) => new Uint8Array(size))).toThrow('repeats');
  });
});

describe('PIN block, ISO 9564-1 format 0', () => {
  it('the published blocks', () => {
    expect(encodePinBlock0('1234', '5555555551234567')).toEqual({ ok: true, value: '041261AAAAEDCBA9' });
    expect(encodePinBlock0('123456789012', '5555555551234567')).toEqual({ ok: true, value: '0C1261032D8226A9' });
    // ANSI X9.24-1, annex A.
    expect(encodePinBlock0('1234', '4012345678909')).toEqual({ ok: true, value: '041274EDCBA9876F' });
  });

  it('any PIN comes back with its account number, and with no other', () => {
    const digits = (min: number, max: number): fc.Arbitrary<string> =>
      fc.string({ unit: fc.constantFrom(...'0123456789'.split('')), minLength: min, maxLength: max });
    fc.assert(
      fc.property(digits(4, 12), digits(12, 19), (pin, pan) => {
        const block = encryptPinBlock0(KEY, pin, pan);
        if (!block.ok) throw new Error(block.error.code);
        expect(block.value).toMatch(/^[0-9A-F]{16}$/);
        expect(decryptPinBlock0(KEY, block.value, pan)).toEqual({ ok: true, value: pin });
        const clear = encodePinBlock0(pin, pan);
        expect(clear.ok && decodePinBlock0(clear.value, pan)).toEqual({ ok: true, value: pin });
      }),
      { numRuns: 200 },
    );
    const block = encryptPinBlock0(KEY, '123456', '9999990000000001');
    if (!block.ok) throw new Error(block.error.code);
    expect(decryptPinBlock0(KEY, block.value, '9999990987654321')).toMatchObject({ ok: false });
    expect(
      decryptPinBlock0(withOddParity(KEY.map((byte) => byte ^ 0x10)), block.value, '9999990000000001'),
    ).toMatchObject({ ok: false });
  });

  it('refuses what is no PIN, no account number, no block, and says no more than that', () => {
    for (const pin of ['', '123', '1234567890123', '12a4', '1234 ']) {
      expect(encodePinBlock0(pin, '9999990000000001')).toEqual({
        ok: false,
        error: { code: 'pin-not-4-to-12-digits' },
      });
    }
    for (const pan of ['', '12345678901', '1'.repeat(20), '99999900000000x1']) {
      expect(encodePinBlock0('123456', pan)).toEqual({ ok: false, error: { code: 'pan-not-digits' } });
      expect(decodePinBlock0('041261AAAAEDCBA9', pan)).toEqual({ ok: false, error: { code: 'pan-not-digits' } });
    }
    expect(decodePinBlock0('041261AAAAEDCB', '5555555551234567')).toEqual({
      ok: false,
      error: { code: 'block-not-16-hex' },
    });
    expect(decryptPinBlock0(KEY, 'x', '5555555551234567')).toEqual({ ok: false, error: { code: 'block-not-16-hex' } });
    // The same PIN field as format 3.
    expect(decodePinBlock0('341261AAAAEDCBA9', '5555555551234567')).toEqual({
      ok: false,
      error: { code: 'not-format-0' },
    });
    // Filler other than F, and a length of 3 and of 13.
    for (const block of ['041261AAAAEDCBA8', '031261AAAAEDCBA9', '0D1261AAAAEDCBA9']) {
      expect(decodePinBlock0(block, '5555555551234567')).toEqual({ ok: false, error: { code: 'wrong-key-or-pan' } });
    }
  });
});

it('hex', () => {
  expect(toHex(bytes('00ff0a'))).toBe('00FF0A');
  expect(fromHex('00fF')).toEqual(Buffer.from([0, 255]));
  expect(fromHex('0')).toBeUndefined();
  expect(fromHex('0g')).toBeUndefined();
  expect(fromHex('0011', 1)).toBeUndefined();
  expect(toHex(new Uint8Array([1, 2, 3, 4]).subarray(1, 3))).toBe('0203');
});
