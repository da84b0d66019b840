/** Derived unique keys: the vectors of both standards, and which counters there are. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encryptEcb } from './des.ts';
import { aesInitialKey, aesTransactionKey, aesWorkingKey } from './dukpt-aes.ts';
import { AES_COUNTER, isTransactionCounter, nextCounter, TDES_COUNTER } from './dukpt-counter.ts';
import { parseAesKsn, parseTdesKsn } from './dukpt-ksn.ts';
import type { Ksn } from './dukpt-ksn.ts';
import { DUKPT_SCHEMES } from './dukpt-scheme.ts';
import { tdesInitialKey, tdesTransactionKey, tdesWorkingKey } from './dukpt-tdes.ts';
import { toHex } from './hex.ts';
import { computeMac } from './mac-algorithms.ts';
import { decryptPinBlock0, encodePinBlock0 } from './pin-block.ts';

const bytes = (hex: string): Uint8Array => Buffer.from(hex, 'hex');
const tdesKsn = (text: string): Ksn => {
  const ksn = parseTdesKsn(text);
  if (!ksn.ok) throw new Error(ksn.error.code);
  return ksn.value;
};
const aesKsn = (counter: string): Ksn => {
  const ksn = parseAesKsn(`1234567890123456${counter}`);
  if (!ksn.ok) throw new Error(ksn.error.code);
  return ksn.value;
};

describe('TDES DUKPT: ANSI X9.24-1:2009 annex A.4', () => {
  const base = bytes('0123456789ABCDEFFEDCBA9876543210');
  const initial = tdesInitialKey(base, tdesKsn('FFFF9876543210E00001').bytes);
  const keyAt = (ksn: string): Uint8Array => tdesTransactionKey(initial, tdesKsn(`FFFF98765432${ksn}`));
  const PAN = '4012345678909';

  it('the initial key', () => {
    expect(toHex(initial)).toBe('6AC292FAA1315B4D858AB3A3D7D5933A');
  });

  it.each([
    ['10E00001', '042666B49184CFA368DE9628D0397BC9', '1B9C1845EB993A7A'],
    ['10E00002', 'C46551CEF9FD24B0AA9AD834130D3BC7', '10A01C8D02C69107'],
    ['10E00003', '0DF3D9422ACA56E547676D07AD6BADFA', '18DC07B94797B466'],
    ['10E00004', '279C0F6AEED0BE652B2C733E1383AE91', '0BC79509D5645DF7'],
    ['10E00007', '0C8F780B7C8B49D0AE84A9EB2A6CE660', '27711C16CB257F8E'],
    ['10E00008', '27F66D5244FF62E1AA6F6120EDEB4280', '50E55547A5027551'],
    ['10E0000F', '93DD5B956C4878472E453AAEFD32A5AA', 'B170F6E7F7F2F64A'],
    ['10E00015', 'E161D1956A61F6D2F37AFD7F9CC3699A', '72105C22EBC791E6'],
    ['10EFF800', 'F9CDFEBF4F5B1D9EB3EC12454527E176', '33365F5CC6F23C35'],
    ['10EFF801', '5BEE92627E97825C911BF619DF72CA3B', '3A86BF003F835C9D'],
    ['10EFFC00', 'F9430DF975082491C77BE4EF4FDB91EE', 'DEFC6F09F8927B71'],
    ['10F00000', 'AA4D58DB653EC74A48C75F2F047DD2B5', '73EC88AD0AC5830E'],
  ])('transaction key and PIN block at %s', (ksn, key, block) => {
    expect(toHex(keyAt(ksn))).toBe(key);
    const pinKey = tdesWorkingKey(keyAt(ksn), 'pin');
    const clear = encodePinBlock0('1234', PAN);
    expect(clear.ok && toHex(encryptEcb(pinKey, bytes(clear.value)))).toBe(block);
    expect(decryptPinBlock0(pinKey, block, PAN)).toEqual({ ok: true, value: '1234' });
  });

  it('the MAC of a request', () => {
    const key = tdesWorkingKey(keyAt('10E00001'), 'request-mac');
    const data = Buffer.from('4012345678909D987', 'latin1');
    expect(computeMac({ algorithm: 'x9.19', bytes: 4 }, key, data)).toBe('9CCC7817');
  });

  it('the data key is enciphered under itself (the example of the MagTek manuals)', () => {
    expect(toHex(tdesWorkingKey(keyAt('10E00008'), 'request-data'))).toBe('C39B2778B058AC376FB18DC906F75CBA');
  });

  it('no two uses have the same key', () => {
    const uses = ['pin', 'request-mac', 'response-mac', 'request-data', 'response-data'] as const;
    expect(new Set(uses.map((use) => toHex(tdesWorkingKey(keyAt('10E00001'), use)))).size).toBe(uses.length);
  });

  it('keys of other lengths are defects', () => {
    expect(() => tdesInitialKey(base.subarray(8), tdesKsn('FFFF9876543210E00001').bytes)).toThrow(RangeError);
    expect(() => tdesTransactionKey(base.subarray(8), tdesKsn('FFFF9876543210E00001'))).toThrow(RangeError);
    expect(() => tdesWorkingKey(base.subarray(8), 'pin')).toThrow(RangeError);
  });
});

describe('AES DUKPT: ANSI X9.24-3:2017 annex B and its supplement', () => {
  const base128 = bytes('FEDCBA9876543210F1F1F1F1F1F1F1F1');
  const base256 = Buffer.concat([base128, base128]);
  const name = aesKsn('00000001').bytes.subarray(0, 8);

  it('AES-128', () => {
    const initial = aesInitialKey(base128, name);
    expect(toHex(initial)).toBe('1273671EA26AC29AFA4D1084127652A1');
    const ksn = aesKsn('00000001');
    const key = aesTransactionKey(initial, ksn);
    expect(toHex(key)).toBe('4F21B565BAD9835E112B6465635EAE44');
    expect(toHex(aesWorkingKey(key, ksn, 'pin'))).toBe('AF8CB133A78F8DC2D1359F18527593FB');
    expect(toHex(aesWorkingKey(key, ksn, 'request-mac'))).toBe('A2DC23DE6FDE0824A2BC321E08E4B8B7');
  });

  it('AES-256: the initial key', () => {
    expect(toHex(aesInitialKey(base256, name))).toBe(
      'CE9CE0C101D1138F97FB6CAD4DF045A7083D4EAE2D35A31789D01CCF0949550F',
    );
  });

  it.each([
    ['00000001', '54AC2B32B145EA4A554CB8BC44B17467063A799856B1CCC2A138D36E8DBF78B3'],
    ['00000002', '5DD5A0253842BBBE1D7C0DA27021412C6F1FAB53FB928DEAE56DA06090A9DE97'],
    ['00000003', '8EEEF7C464AE415BB1D73FAED21993CD669F7999092A579EC6DD3CC680C65171'],
    ['00000007', '88D0ACA287B3066F5DE0C93396337D4C2DA8D92C1F720A576D62CEB4C979E01E'],
    ['0001FFFE', 'A289508CBF1228452CD86AB77B15CB35577AC828C18BB66681E5A16D6C9CCED3'],
    ['00020000', 'D62DDA94A47D7DA5D763443B4ECB15EA8DD62E0E4F915958BA459591F8312E37'],
    ['FFFE2000', '4625EB06E4886D4AFCC9AE37ED4F4E4E1653C9E60E3F24742A87A26AA96AB7A6'],
    ['FFFF0000', '6D6DB7AAAE8B3EA90E57A39E4BBA71E173B21B446B30A78D64BFC6A8806C55EE'],
  ])('AES-256: transaction key %s', (counter, key) => {
    expect(toHex(aesTransactionKey(aesInitialKey(base256, name), aesKsn(counter)))).toBe(key);
  });

  it.each([
    [
      '00000001',
      '09C9C432966811D6B2C3336BAC1B1202',
      '8C1AB7BEE973829E30242E0BBBDD4946D540C98FC1B5BDCF94790001A23FD502',
      '61DABDF4B340CF461EE860B1D1AB55357142BD2D6977306859CF49AEFE8F1549',
      '71EB36C9A6B7F801D1D1700C29741FC5A5C4E9B45D742DA7AF6992B8AA29AF58',
    ],
    [
      '00000005',
      '97504C8BB0FD4D4A88D605143BF00025',
      'B1E9E3D918952E6E5F67917F0FE77060F865AE27DCAD5742DDF90F61453B98BA',
      '8B047E32C476C0A0AF90A9B8D1C247C433E3D4C1DF1C7FC52E8CB1DC4C8FB275',
      '813D156C142E5BB8F136427EBD0A1AC4DC9B2B5963C481F5E0A58F4BF33BD185',
    ],
  ])('AES-256: working keys %s, of 256 bits and of 128', (counter, pin128, pin256, mac256, data256) => {
    const ksn = aesKsn(counter);
    const key = aesTransactionKey(aesInitialKey(base256, name), ksn);
    expect(toHex(aesWorkingKey(key, ksn, 'pin', 'aes-128'))).toBe(pin128);
    expect(toHex(aesWorkingKey(key, ksn, 'pin'))).toBe(pin256);
    expect(toHex(aesWorkingKey(key, ksn, 'request-mac'))).toBe(mac256);
    expect(toHex(aesWorkingKey(key, ksn, 'request-data'))).toBe(data256);
  });

  it('derives no key that is stronger than itself, and none of another length', () => {
    const ksn = aesKsn('00000001');
    const initial = aesInitialKey(base128, name);
    expect(() => aesWorkingKey(initial, ksn, 'pin', 'aes-192')).toThrow(RangeError);
    expect(aesWorkingKey(initial, ksn, 'pin', '3tdea')).toHaveLength(24);
    expect(aesWorkingKey(initial, ksn, 'pin', '2tdea')).toHaveLength(16);
    expect(() => aesInitialKey(bytes('00'), name)).toThrow(RangeError);
    expect(() => aesInitialKey(base128, name.subarray(1))).toThrow(RangeError);
  });

  it('AES-192 derives 24 bytes: the first 16 and half a block more', () => {
    const base = base256.subarray(0, 24);
    const { initialKey, transactionKey, workingKey } = DUKPT_SCHEMES['aes-192'];
    const ksn = aesKsn('00000003');
    const key = transactionKey(initialKey(base, ksn), ksn);
    expect(key).toHaveLength(24);
    expect(workingKey(key, ksn, 'request-mac')).toHaveLength(24);
    expect(toHex(workingKey(key, ksn, 'request-mac'))).not.toBe(toHex(workingKey(key, ksn, 'response-mac')));
  });
});

describe('serial numbers', () => {
  it('name the initial key and the transaction', () => {
    expect(tdesKsn('FFFF9876543210F00003')).toMatchObject({ keyId: 'FFFF9876543210E00000', counter: 0x100003 });
    // Leading F digits may be left out.
    expect(tdesKsn('9876543210F00003')).toMatchObject({ keyId: 'FFFF9876543210E00000', counter: 0x100003 });
    expect(aesKsn('FFFF0000')).toMatchObject({ keyId: '1234567890123456', counter: 0xffff0000 });
  });

  it('are refused when they are none, or of no transaction', () => {
    for (const text of [
      '',
      'F',
      '9876543210E0001',
      'FFFF9876543210E000011',
      'xFFF9876543210E00001',
      '9876543210E00001 ',
    ])
      expect(parseTdesKsn(text)).toEqual({ ok: false, error: { code: 'ksn-malformed' } });
    expect(parseTdesKsn('FFFF9876543210E00000')).toEqual({ ok: false, error: { code: 'ksn-counter-zero' } });
    expect(parseTdesKsn('FFFF9876543210E007FF')).toEqual({ ok: false, error: { code: 'ksn-counter-bits' } });
    for (const text of ['', '12345678901234560000001', '1234567890123456000000011', '123456789012345x00000001'])
      expect(parseAesKsn(text)).toEqual({ ok: false, error: { code: 'ksn-malformed' } });
    expect(parseAesKsn('123456789012345600000000')).toEqual({ ok: false, error: { code: 'ksn-counter-zero' } });
    expect(parseAesKsn('12345678901234560001FFFF')).toEqual({ ok: false, error: { code: 'ksn-counter-bits' } });
  });

  it('any text is a serial number or refused', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), (text) => {
        for (const { parseKsn } of Object.values(DUKPT_SCHEMES)) expect(typeof parseKsn(text).ok).toBe('boolean');
      }),
    );
  });
});

describe('counters', () => {
  it('TDES: a million and forty-eight thousand five hundred and seventy-five, the last 1FF800', () => {
    let count = 0;
    let last = 0;
    for (let next = nextCounter(TDES_COUNTER, 0); next !== undefined; next = nextCounter(TDES_COUNTER, next)) {
      count += 1;
      last = next;
    }
    expect([count, last]).toEqual([1_048_575, 0x1ff800]);
  });

  it('follow one another as in the standards', () => {
    expect(nextCounter(TDES_COUNTER, 0xff802)).toBe(0xff804);
    expect(nextCounter(TDES_COUNTER, 0xffc00)).toBe(0x100000);
    expect(nextCounter(AES_COUNTER, 0x1fffe)).toBe(0x20000);
    expect(nextCounter(AES_COUNTER, 0xfffe8000)).toBe(0xffff0000);
    expect(nextCounter(AES_COUNTER, 0xffff0000)).toBeUndefined();
  });

  it('none that may be used is skipped, none that may not is taken', () => {
    const rules = fc.constantFrom(TDES_COUNTER, AES_COUNTER);
    fc.assert(
      fc.property(rules, fc.nat({ max: 2 ** 31 - 1 }), fc.boolean(), (rule, low, high) => {
        const from = (low + (high ? 2 ** 31 : 0)) % 2 ** rule.bits;
        const next = nextCounter(rule, from);
        if (next === undefined) return;
        expect(isTransactionCounter(rule, next)).toBe(true);
        expect(next).toBeGreaterThan(from);
        for (let skipped = next - 1; skipped > from && skipped > next - 50; skipped--)
          expect(isTransactionCounter(rule, skipped)).toBe(false);
      }),
    );
    for (const wrong of [0, -1, 1.5, 2 ** 21]) expect(isTransactionCounter(TDES_COUNTER, wrong)).toBe(false);
    expect(isTransactionCounter(AES_COUNTER, 2 ** 32)).toBe(false);
  });
});
