/** CMAC, check values and the MACs of profiles: published vectors, and what must be refused. */
import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decryptAesCbc, decryptAesEcb, encryptAesCbc, encryptAesEcb } from './aes.ts';
import { aesCheckValue } from './check-value.ts';
import { aesCmac, tdesCmac } from './cmac.ts';
import { equalBytes } from './equal.ts';
import { toHex } from './hex.ts';
import { MAC_ALGORITHMS, macChoiceRule } from './mac-choice.ts';
import type { MacAlgorithm } from './mac-choice.ts';
import { computeMac, verifyMac } from './mac-algorithms.ts';

const bytes = (hex: string): Uint8Array => Buffer.from(hex, 'hex');
const RFC_KEY = bytes('2b7e151628aed2a6abf7158809cf4f3c');
const RFC_MESSAGE = bytes(
  '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710',
);

describe('AES', () => {
  it.each([
    ['000102030405060708090a0b0c0d0e0f', '69C4E0D86A7B0430D8CDB78070B4C55A'],
    ['000102030405060708090a0b0c0d0e0f1011121314151617', 'DDA97CA4864CDFE06EAF70A0EC0D7191'],
    ['000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', '8EA2B7CA516745BFEAFC49904B496089'],
  ])('FIPS 197 appendix C: key %s', (key, enciphered) => {
    const clear = bytes('00112233445566778899aabbccddeeff');
    expect(toHex(encryptAesEcb(bytes(key), clear))).toBe(enciphered);
    expect(toHex(decryptAesEcb(bytes(key), bytes(enciphered)))).toBe(toHex(clear));
    expect(toHex(decryptAesCbc(bytes(key), encryptAesCbc(bytes(key), RFC_MESSAGE)))).toBe(toHex(RFC_MESSAGE));
  });

  it('a key or a block of another length is a defect', () => {
    expect(() => encryptAesEcb(bytes('00'), new Uint8Array(16))).toThrow(RangeError);
    expect(() => encryptAesEcb(RFC_KEY, new Uint8Array(15))).toThrow(RangeError);
  });
});

describe('CMAC', () => {
  it.each([
    [0, 'BB1D6929E95937287FA37D129B756746'],
    [16, '070A16B46B4D4144F79BDD9DD04A287C'],
    [40, 'DFA66747DE9AE63030CA32611497C827'],
    [64, '51F0BEBF7E3B9D92FC49741779363CFE'],
  ])('RFC 4493: %i bytes', (length, mac) => {
    expect(toHex(aesCmac(RFC_KEY, RFC_MESSAGE.subarray(0, length)))).toBe(mac);
  });

  it.each([
    // NIST SP 800-38B appendix D.2 and D.3 (AES-192, AES-256), D.4 and D.5 (three-key and two-key triple DES).
    [aesCmac, '8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b', 40, '8A1DE5BE2EB31AAD089A82E6EE908B0E'],
    [
      aesCmac,
      '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4',
      40,
      'AAF3D8F1DE5640C232F5B169B9C911E6',
    ],
    [tdesCmac, '8aa83bf8cbda10620bc1bf19fbb6cd58bc313d4a371ca8b5', 0, 'B7A688E122FFAF95'],
    [tdesCmac, '8aa83bf8cbda10620bc1bf19fbb6cd58bc313d4a371ca8b5', 20, '743DDBE0CE2DC2ED'],
    [tdesCmac, '4cf15134a2850dd58a3d10ba80570d38', 32, '31B1E431DABC4EB8'],
  ])('SP 800-38B: %o', (cmac, key, length, mac) => {
    expect(toHex(cmac(bytes(key), RFC_MESSAGE.subarray(0, length)))).toBe(mac);
  });

  it('tells any two messages apart that differ in padding', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (data) => {
        const longer = Buffer.concat([data, Buffer.of(0x80)]);
        expect(toHex(aesCmac(RFC_KEY, data))).not.toBe(toHex(aesCmac(RFC_KEY, longer)));
        expect(toHex(tdesCmac(RFC_KEY, data))).not.toBe(toHex(tdesCmac(RFC_KEY, longer)));
      }),
    );
  });
});

describe('the MACs that a profile may choose', () => {
  const key = bytes('0123456789ABCDEFFEDCBA9876543210');
  const text = (value: string): Uint8Array => Buffer.from(value, 'latin1');

  it('X9.19 and its truncation', () => {
    const x919 = (size: number, data: string): string =>
      computeMac({ algorithm: 'x9.19', bytes: size }, key, text(data));
    expect(x919(8, 'Now is the time for all ')).toBe('A1C72E74EA3FA9B6');
    expect(x919(4, 'Now is the time for it')).toBe('2E2B1428');
    const bouncy = bytes('7CA110454A1A6E570131D9619DC1376E');
    expect(computeMac({ algorithm: 'x9.19', bytes: 8 }, bouncy, text('Hello World !!!!'))).toBe('F09B856213BAB83B');
  });

  it('algorithm 3 with padding 2 is the one with padding 1 over the padded data', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (data) => {
        const padded = Buffer.concat([data, Buffer.of(0x80)]);
        expect(computeMac({ algorithm: 'iso9797-3-padding-2', bytes: 8 }, key, data)).toBe(
          computeMac({ algorithm: 'x9.19', bytes: 8 }, key, padded),
        );
      }),
    );
  });

  it('AES-CMAC, the first 8 bytes', () => {
    expect(computeMac({ algorithm: 'aes-cmac', bytes: 8 }, RFC_KEY, RFC_MESSAGE)).toBe('51F0BEBF7E3B9D92');
  });

  it.each(Object.keys(MAC_ALGORITHMS) as MacAlgorithm[])('%s: verifies, and refuses every change', (algorithm) => {
    for (const size of [4, MAC_ALGORITHMS[algorithm].bytes]) {
      const choice = { algorithm, bytes: size };
      const data = text('0210: a reply');
      const mac = computeMac(choice, key, data);
      expect(mac).toMatch(new RegExp(`^[0-9A-F]{${2 * size}}$`));
      expect(verifyMac(choice, key, data, mac.toLowerCase())).toBe(true);
      for (let bit = 0; bit < data.length * 8; bit++) {
        const changed = Uint8Array.from(data);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(verifyMac(choice, key, changed, mac)).toBe(false);
      }
      for (const wrong of ['', mac.slice(2), `${mac}00`, mac.replace(/^./, (first) => (first === '0' ? '1' : '0'))])
        expect(verifyMac(choice, key, data, wrong)).toBe(false);
    }
  });

  it('refuses lengths that a MAC does not have', () => {
    for (const size of [0, 3, 9, 4.5, Number.NaN]) {
      expect(macChoiceRule({ algorithm: 'x9.19', bytes: size })).toBe('x9.19 has 4 to 8 bytes');
      expect(() => computeMac({ algorithm: 'x9.19', bytes: size }, key, text('x'))).toThrow(RangeError);
    }
    expect(macChoiceRule({ algorithm: 'aes-cmac', bytes: 16 })).toBeUndefined();
    expect(macChoiceRule({ algorithm: 'aes-cmac', bytes: 17 })).toBeDefined();
  });
});

describe('check values of AES keys', () => {
  const key = bytes('3F419E1CB7079442AA37474C2EFBF8B8');

  it('CMAC over zeros', () => {
    expect(aesCheckValue(key)).toBe('08793E25AB');
    expect(aesCheckValue(key, 3)).toBe('08793E');
    expect(() => aesCheckValue(key, 6)).toThrow(RangeError);
  });

  it('is not the block of zeros enciphered, which would be a secret of the CMAC', () => {
    const cipher = createCipheriv('aes-128-ecb', key, null);
    expect(aesCheckValue(key)).not.toBe(toHex(cipher.update(new Uint8Array(16))).slice(0, 10));
  });
});

it('bytes are compared whole', () => {
  expect(equalBytes(bytes(''), bytes(''))).toBe(true);
  expect(equalBytes(bytes('0102'), bytes('0102'))).toBe(true);
  expect(equalBytes(bytes('0102'), bytes('0103'))).toBe(false);
  expect(equalBytes(bytes('0102'), bytes('01'))).toBe(false);
});
