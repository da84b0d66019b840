/**
 * Messages of every encoding family with their bytes worked out by hand, for the tests and the fuzzer: one spec each, the
 * values, and what they must be on the wire. Test values only.
 */
import { EMV_TAGS } from './ber.ts';
import { ELEMENTS_1987 } from './elements.ts';
import type { ElementValues } from './message.ts';
import type { CompositeSpec, MessageSpec, TlvSpec } from './spec.ts';

export interface Golden {
  readonly spec: MessageSpec;
  readonly mti: string;
  readonly values: ElementValues;
  /** Upper-case hex; blanks between elements. */
  readonly wire: string;
}

const ascii = (text: string): string => Buffer.from(text, 'latin1').toString('hex').toUpperCase();

const TRACK = '9999990000000001=2912501';

const ADDITIONAL: TlvSpec = {
  tag: 2,
  length: 3,
  tags: {
    PI: { name: 'Product', class: 'an', min: 6, max: 6, show: 'whole' },
    MB: {
      name: 'Membership',
      class: 'ans',
      times: 3,
      inside: {
        tag: 2,
        length: 3,
        tags: {
          KP: { name: 'Number', class: 'n', min: 11, max: 11 },
          BL: { name: 'Amount', class: 'ns', max: 16 },
        },
      },
    },
  },
};

/** DE90: ISO 8583:1987 §4.3, original data elements. */
const ORIGINAL: CompositeSpec = {
  kind: 'positional',
  parts: [
    { key: 'mti', name: 'Message type', format: 'n 4', show: 'whole' },
    { key: 'stan', name: 'Trace number', format: 'n 6', show: 'whole' },
    { key: 'time', name: 'Transmission time', format: 'n 10', show: 'whole' },
    { key: 'acquirer', name: 'Acquirer', format: 'n 11' },
    { key: 'forwarder', name: 'Forwarder', format: 'n 11' },
  ],
};

/** DE54: up to six amounts. */
const AMOUNTS: CompositeSpec = {
  kind: 'positional',
  times: 6,
  parts: [
    { key: 'account', name: 'Account type', format: 'n 2', show: 'whole' },
    { key: 'type', name: 'Amount type', format: 'n 2', show: 'whole' },
    { key: 'currency', name: 'Currency', format: 'n 3', show: 'whole' },
    { key: 'amount', name: 'Sign and amount', format: 'x+n 12' },
  ],
};

/** A private element with a bitmap of its own, packed digits and tags inside. */
const PRIVATE: CompositeSpec = {
  kind: 'bitmap',
  bitmap: 'binary',
  bytes: 2,
  parts: {
    2: { name: 'Biller', format: 'n 5', encoding: 'bcd', show: 'whole' },
    3: { name: 'Text', format: 'ans ..20', prefix: 'binary' },
    16: { name: 'Tags', format: 'ans ...99', inside: { tag: 2, length: 2, tags: {} } },
  },
};

const COMPOSITES = { 48: ADDITIONAL, 54: AMOUNTS, 90: ORIGINAL };

export const ASCII_HEX: Golden = {
  spec: { name: 'ascii-hex', elements: ELEMENTS_1987, composites: COMPOSITES },
  mti: '0420',
  values: {
    3: '310000',
    28: 'C00000100',
    35: TRACK,
    38: 'AB12  ',
    48: 'PI006JHTBALMB026KP01119000000001BL005-1500',
    54: '0001360C000000001500',
    90: '020000000111200905000000000000900000000000',
  },
  wire: [
    ascii('0420'),
    ascii('A0000010240104000000004000000000'),
    ascii('310000'),
    ascii('C00000100'),
    ascii(`24${TRACK}`),
    ascii('AB12  '),
    ascii('042PI006JHTBALMB026KP01119000000001BL005-1500'),
    ascii('0200001360C000000001500'),
    ascii('020000000111200905000000000000900000000000'),
  ].join(' '),
};

/** Packed digits on the left of their bytes' zeros, binary bitmap and bytes, packed lengths that count digits. */
export const BCD_LEFT: Golden = {
  spec: {
    name: 'bcd-left',
    elements: { ...ELEMENTS_1987, 55: { name: 'Chip', format: 'b ...255' }, 22: { name: 'Entry mode', format: 'n 3' } },
    composites: { 55: EMV_TAGS },
    wire: { mti: 'bcd', bitmap: 'binary', digits: 'bcd', binary: 'binary', prefix: 'bcd' },
  },
  mti: '0200',
  values: {
    2: '9999990000000001999',
    3: '310000',
    22: '051',
    28: 'D00000250',
    35: '9999990000000001=291',
    41: 'ANJ00001',
    52: '0123456789ABCDEF',
    55: '9F02060000000010009A03261120DF8101811E'.concat('AB'.repeat(30)),
  },
  wire: [
    '0200',
    '6000041020801200',
    '19 09999990000000001999',
    '310000',
    '0051',
    '44 00000250',
    '20 9999990000000001D291',
    ascii('ANJ00001'),
    '0123456789ABCDEF',
    `0049 9F02060000000010009A03261120DF8101811E${'AB'.repeat(30)}`,
  ].join(' '),
};

/** Digits on the left, F after an odd number of them, lengths that are binary and count bytes. */
export const BCD_RIGHT: Golden = {
  spec: {
    name: 'bcd-right',
    elements: {
      2: { name: 'Account', format: 'n ..19', counts: 'bytes' },
      3: { name: 'Processing code', format: 'n 6' },
      22: { name: 'Entry mode', format: 'n 3' },
      35: { name: 'Track 2', format: 'z ..37', counts: 'nibbles' },
      48: { name: 'Text', format: 'ans ...200' },
      64: { name: 'MAC', format: 'b 8' },
    },
    wire: { mti: 'bcd', bitmap: 'binary', digits: 'bcd', binary: 'binary', prefix: 'binary', pad: 'right-f' },
    secondaryBitmap: 'as-needed',
  },
  mti: '0100',
  values: { 2: '9999990000000001999', 3: '000001', 22: '021', 35: '99999=1', 48: 'a', 64: 'A1C72E74EA3FA9B6' },
  wire: [
    '0100',
    '6000040020010001',
    '0A 9999990000000001999F',
    '000001',
    '021F',
    '07 99999D1F',
    '0001 61',
    'A1C72E74EA3FA9B6',
  ].join(' '),
};

/** Everything in EBCDIC 037, hex digits too. */
export const EBCDIC: Golden = {
  spec: {
    name: 'ebcdic',
    elements: ELEMENTS_1987,
    composites: { 48: ADDITIONAL },
    wire: { mti: 'ebcdic', bitmap: 'hex-ebcdic', digits: 'ebcdic', text: 'ebcdic', binary: 'ebcdic', prefix: 'ebcdic' },
  },
  mti: '0800',
  values: { 7: '1120090500', 28: 'C00000100', 38: 'aZ9   ', 48: 'PI006JHTBAL', 52: '0123456789ABCDEF', 70: '301' },
  wire: [
    'F0F8F0F0',
    'F8F2F0F0F0F0F1F0F0F4F0F1F1F0F0F0',
    'F0F4F0F0F0F0F0F0F0F0F0F0F0F0F0F0',
    'F1F1F2F0F0F9F0F5F0F0',
    'C3F0F0F0F0F0F1F0F0',
    '81E9F9404040',
    'F0F1F1 D7C9F0F0F6D1C8E3C2C1D3',
    'F0F1F2F3F4F5F6F7F8F9C1C2C3C4C5C6',
    'F3F0F1',
  ].join(' '),
};

/** EBCDIC 1047 text, raw bytes, three bitmaps, hex text, and a bitmap inside an element. */
export const MIXED: Golden = {
  spec: {
    name: 'mixed',
    elements: {
      3: { name: 'Processing code', format: 'n 6', encoding: 'hex' },
      43: { name: 'Place', format: 'ans ..40', encoding: 'ebcdic-1047', prefix: 'ebcdic' },
      48: { name: 'Text', format: 'ans ...99', encoding: 'hex', prefix: 'bcd', counts: 'bytes' },
      63: { name: 'Private', format: 'b ...100', prefix: 'ascii' },
      100: { name: 'Receiver', format: 'n .9' },
      129: { name: 'Third', format: 'n 4', encoding: 'bcd' },
      192: { name: 'MAC', format: 'b 8' },
    },
    composites: { 63: PRIVATE },
    wire: { bitmap: 'binary', binary: 'binary' },
    tertiaryBitmap: 'as-needed',
  },
  mti: '0200',
  values: {
    3: '310000',
    43: 'A[]^z',
    48: 'Hi!',
    63: '6001' + '012345' + '02' + ascii('ok') + ascii('007XX03abc'),
    100: '7',
    129: '0042',
    192: '0123456789ABCDEF',
  },
  wire: [
    ascii('0200'),
    'A000000000210002 8000000010000000 8000000000000001',
    ascii('333130303030'),
    'F0F5 C1ADBD5FA9',
    '0006 343836393231',
    `${ascii('018')} 6001 012345 02 6F6B ${ascii('007XX03abc')}`,
    ascii('17'),
    '0042',
    '0123456789ABCDEF',
  ].join(' '),
};

export const FAMILIES: readonly Golden[] = [ASCII_HEX, BCD_LEFT, BCD_RIGHT, EBCDIC, MIXED];

export const bytesOf = (golden: Golden): Uint8Array => Buffer.from(golden.wire.replaceAll(' ', ''), 'hex');
