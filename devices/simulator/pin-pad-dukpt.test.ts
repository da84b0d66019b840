/** DUKPT in the simulated pad: published transactions, each key once, until there is none left. */
import { createDecipheriv } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { aesMac, createPadDukpt, type PadDukptOptions, type PadDukptScheme } from './pin-pad-dukpt.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (data: Uint8Array | undefined): string =>
  Buffer.from(data ?? [])
    .toString('hex')
    .toUpperCase();
const pin = Uint8Array.of(1, 2, 3, 4);
const random = (size: number): Uint8Array => bytes('2F69ADDE2E9E7ACE').subarray(0, size);

const tdes: PadDukptOptions = {
  scheme: 'tdes',
  initialKey: bytes('6AC292FAA1315B4D858AB3A3D7D5933A'),
  serial: bytes('FFFF9876543210E00000'),
  random,
};
const aes128: PadDukptOptions = {
  scheme: 'aes-128',
  initialKey: bytes('1273671EA26AC29AFA4D1084127652A1'),
  serial: bytes('1234567890123456'),
  random,
};
const aes256: PadDukptOptions = {
  ...aes128,
  scheme: 'aes-256',
  initialKey: bytes('CE9CE0C101D1138F97FB6CAD4DF045A7083D4EAE2D35A31789D01CCF0949550F'),
};

/** What the double encipherment of format 4 was made of: PIN field, account number taken away. */
function openedBlock4(key: string, block: Uint8Array | undefined, account: string): string {
  const undo = (data: Uint8Array): Buffer => {
    const cipher = createDecipheriv(`aes-${String(key.length * 4)}-ecb`, bytes(key), null).setAutoPadding(false);
    return Buffer.concat([cipher.update(data), cipher.final()]);
  };
  const field = bytes(account);
  return hex(undo(undo(block ?? new Uint8Array(16)).map((byte, at) => byte ^ (field[at] ?? 0))));
}

describe('ANSI X9.24-1:2009 annex A.4', () => {
  it.each([
    [
      1,
      [
        ['10E00001', '1B9C1845EB993A7A'],
        ['10E00002', '10A01C8D02C69107'],
        ['10E00003', '18DC07B94797B466'],
        ['10E00004', '0BC79509D5645DF7'],
        ['10E00005', '5BC0AF22AD87B327'],
        ['10E00006', 'A16DF70AE36158D8'],
        ['10E00007', '27711C16CB257F8E'],
        ['10E00008', '50E55547A5027551'],
        ['10E00009', '536CF7F678ACFC8D'],
        ['10E0000A', 'EDABBA23221833FE'],
      ],
    ],
    [
      0xff800,
      [
        ['10EFF800', '33365F5CC6F23C35'],
        ['10EFF801', '3A86BF003F835C9D'],
        ['10EFF802', '3DB977D05C36DF3F'],
        ['10EFF804', 'BA83243305712099'],
        ['10EFF808', 'B0DA04AC90A36D85'],
        ['10EFF810', '2CF02BD9C309EEDA'],
        ['10EFF820', '9D1E2F77AEEE81C6'],
        ['10EFF840', '40870B0F8BA2011C'],
        ['10EFF880', '22E340D6ABB40981'],
        ['10EFF900', '1A4C10AFBA03A430'],
        ['10EFFA00', '849763B43E5F9CFF'],
        ['10EFFC00', 'DEFC6F09F8927B71'],
        ['10F00000', '73EC88AD0AC5830E'],
      ],
    ],
  ])('PIN blocks from counter %i on', (firstCounter, transactions) => {
    const pad = createPadDukpt({ ...tdes, firstCounter });
    for (const [ksn, block] of transactions) {
      expect(pad.begin()).toBe(true);
      const made = pad.pinBlock(pin, '4012345678909');
      expect([made?.ksn, hex(made?.bytes)]).toEqual([`FFFF98765432${String(ksn)}`, block]);
    }
  });

  it('the MAC of a request', () => {
    const pad = createPadDukpt(tdes);
    pad.begin();
    const data = Buffer.from('4012345678909D987');
    const made = pad.mac(data, 'request');
    expect([made?.ksn, hex(made?.bytes).slice(0, 8)]).toEqual(['FFFF9876543210E00001', '9CCC7817']);
    expect(hex(pad.mac(data, 'reply')?.bytes)).not.toBe(hex(made?.bytes));
  });
});

describe('ANSI X9.24-3:2017 annex B and its supplement', () => {
  const data = Buffer.from('4012345678909D987');

  it.each([
    [aes128, 'AF8CB133A78F8DC2D1359F18527593FB', 'A2DC23DE6FDE0824A2BC321E08E4B8B7'],
    [
      aes256,
      '8C1AB7BEE973829E30242E0BBBDD4946D540C98FC1B5BDCF94790001A23FD502',
      '61DABDF4B340CF461EE860B1D1AB55357142BD2D6977306859CF49AEFE8F1549',
    ],
  ])('$scheme: the first transaction, under the keys of the standard', (options, pinKey, macKey) => {
    const pad = createPadDukpt(options);
    expect(pad.begin()).toBe(true);
    const block = pad.pinBlock(pin, '4111111111111111');
    expect(block?.ksn).toBe('123456789012345600000001');
    const field = openedBlock4(pinKey, block?.bytes, '44111111111111111000000000000000');
    expect(field).toBe('441234AAAAAAAAAA2F69ADDE2E9E7ACE');
    expect(hex(pad.mac(data, 'request')?.bytes)).toBe(hex(aesMac(bytes(macKey), data)));
    expect(hex(pad.mac(data, 'reply')?.bytes)).not.toBe(hex(pad.mac(data, 'request')?.bytes));
  });

  it.each([
    ['', 'BB1D6929E95937287FA37D129B756746'],
    ['6bc1bee22e409f96e93d7e117393172a', '070A16B46B4D4144F79BDD9DD04A287C'],
    [
      '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411',
      'DFA66747DE9AE63030CA32611497C827',
    ],
  ])('RFC 4493: %s', (message, mac) => {
    expect(hex(aesMac(bytes('2b7e151628aed2a6abf7158809cf4f3c'), bytes(message)))).toBe(mac);
  });
});

describe('keys in the pad', () => {
  const counterOf = (ksn: string | undefined, scheme: PadDukptScheme): number =>
    Number.parseInt((ksn ?? '').slice(-8), 16) & (scheme === 'tdes' ? 0x1fffff : -1);

  it('gives nothing before the first transaction', () => {
    const pad = createPadDukpt(tdes);
    expect(pad.pinBlock(pin, '4012345678909')).toBeUndefined();
    expect(pad.mac(Uint8Array.of(1), 'request')).toBeUndefined();
  });

  it('a pad that begins in the middle has the keys of one that came there', () => {
    const [walked, placed] = [createPadDukpt(tdes), createPadDukpt({ ...tdes, firstCounter: 300 })];
    let made = '';
    for (let counter = 1; counter <= 300; counter += 1) {
      walked.begin();
      made = hex(walked.mac(Uint8Array.of(1), 'request')?.bytes);
    }
    for (let more = 0; more < 200; more += 1) {
      placed.begin();
      expect(hex(placed.mac(Uint8Array.of(1), 'request')?.bytes)).toBe(made);
      walked.begin();
      made = hex(walked.mac(Uint8Array.of(1), 'request')?.bytes);
    }
  });

  it.each([
    [tdes, 0x1ff000, 10],
    [aes128, 0xfffe0000, 16],
  ])('$scheme: every counter with few enough ones, upwards, until none is left', (options, firstCounter, most) => {
    const pad = createPadDukpt({ ...options, firstCounter });
    const used: number[] = [];
    while (pad.begin()) used.push(counterOf(pad.mac(Uint8Array.of(1), 'request')?.ksn, options.scheme) >>> 0);
    const wanted: number[] = [];
    const end = options.scheme === 'tdes' ? 2 ** 21 : 2 ** 32;
    for (let counter = firstCounter; counter < end; counter += 1) {
      if (counter.toString(2).replaceAll('0', '').length <= most) wanted.push(counter);
    }
    expect(used).toEqual(wanted);
    expect(pad.pinBlock(pin, '4012345678909')).toBeUndefined();
    expect(pad.begin()).toBe(false);
  });

  it('forgets them all when it is opened', () => {
    const pad = createPadDukpt(aes256);
    pad.begin();
    pad.wipe();
    expect(pad.mac(Uint8Array.of(1), 'request')).toBeUndefined();
    expect(pad.begin()).toBe(false);
  });
});
