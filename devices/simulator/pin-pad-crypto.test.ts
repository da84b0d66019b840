import { describe, expect, it } from 'vitest';
import { cbcMac, decipher, encipher, hasOddParity, keyCheckValue, pinBlock0, retailMac } from './pin-pad-crypto.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex').toUpperCase();
const pin = (digits: string): Uint8Array => Uint8Array.from(digits, Number);
const key = bytes('0123456789ABCDEFFEDCBA9876543210');

describe('the simulated PIN pad reproduces published vectors', () => {
  it.each([
    ['0123456789ABCDEFFEDCBA9876543210', '08D7B4'],
    ['F039121BEC83D26B169BDCD5B22AAF8F', 'CB9DEA'],
  ])('key check value of %s', (of, value) => {
    expect(keyCheckValue(bytes(of))).toBe(value);
  });

  it.each([
    ['1234', '555555123456', '041261AAAAEDCBA9'],
    ['123456789012', '555555123456', '0C1261032D8226A9'],
    ['1234', '401234567890', '041274EDCBA9876F'],
  ])('PIN block format 0 of %s', (digits, pan12, block) => {
    expect(hex(pinBlock0(pin(digits), pan12))).toBe(block);
  });

  it('X9.19', () => {
    expect(hex(retailMac(key, Buffer.from('Now is the time for all ')))).toBe('A1C72E74EA3FA9B6');
    expect(hex(retailMac(key, Buffer.from('Now is the time for it'))).slice(0, 8)).toBe('2E2B1428');
    expect(hex(retailMac(bytes('7CA110454A1A6E570131D9619DC1376E'), Buffer.from('Hello World !!!!')))).toBe(
      'F09B856213BAB83B',
    );
  });

  it('X9.9 is a CBC-MAC under single DES', () => {
    expect(hex(cbcMac(bytes('0123456789ABCDEF'), Buffer.from('7654321 Now is the time for '.padEnd(32, '\0'))))).toBe(
      'F1D30F6849312CA4',
    );
  });

  it('deciphers what it enciphers, with keys of 8, 16 and 24 bytes', () => {
    for (const size of [8, 16, 24]) {
      const some = Uint8Array.from({ length: size }, (_, at) => at * 7 + 1);
      expect(decipher(some, encipher(some, key))).toEqual(key);
    }
  });

  it('tells odd parity from even', () => {
    expect(hasOddParity(key)).toBe(true);
    expect(hasOddParity(bytes('0023456789ABCDEFFEDCBA9876543210'))).toBe(false);
  });
});
