import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interpretEscPos } from '../simulator/escpos-interpreter.ts';
import { ticketText } from '../simulator/paper-text.ts';
import type { Receipt } from './contract.ts';
import {
  CLEAR_BUFFERS,
  createPrinterDecoder,
  documentSegments,
  factsOfAutomatic,
  factsOfRealTime,
  realTimeStatus,
  statusOfFacts,
} from './escpos.ts';
import { layOut, receiptText } from './layout.ts';

const RECEIPT: Receipt = {
  lines: [
    { kind: 'text', text: 'BANK CONTOH', align: 'center', large: true, bold: true },
    { kind: 'text', text: 'Mal Pelayanan Publik Kota Bandung, Jalan Cianjur Nomor 34', align: 'center' },
    { kind: 'rule' },
    { kind: 'pair', label: 'Tanggal', value: '05-01-2026 10:15 WIB' },
    { kind: 'pair', label: 'Saldo JHT', value: 'Rp\u00a0112.345.678.901,00', bold: true },
    { kind: 'space' },
    { kind: 'text', text: '“Simpan struk ini” – Informasi: 175…' },
    { kind: 'qr', text: 'https://example.invalid/é?a=1&b=2' },
    { kind: 'text', text: 'CONTOH', align: 'right' },
  ],
};

function bytesOf(
  receipt: Receipt,
  columns: number,
): { readonly segments: readonly Uint8Array[]; readonly all: Buffer } {
  const laid = layOut(receipt, columns);
  if (!laid.ok) throw new Error(laid.error.code);
  const segments = documentSegments(laid.value, columns);
  return { segments, all: Buffer.concat(segments) };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('documentSegments', () => {
  it('initialises first, sets the code page after that, cuts partially last', () => {
    const { segments } = bytesOf({ lines: [{ kind: 'text', text: 'Halo' }] }, 42);
    expect(segments.map(hex)).toEqual([
      '1b40' + '1b7400' + '1b5200',
      Buffer.from('Halo\n').toString('hex'),
      '1d564200',
    ]);
  });

  it('changes a style only where it changes, and is back to plain for a blank line', () => {
    const { segments } = bytesOf(
      {
        lines: [
          { kind: 'text', text: 'A', large: true, bold: true, align: 'center' },
          { kind: 'text', text: 'B', large: true, bold: true, align: 'center' },
          { kind: 'space' },
          { kind: 'text', text: 'C' },
        ],
      },
      32,
    );
    expect(segments.slice(1, -1).map(hex)).toEqual([
      '1b6101' + '1b4501' + '1d2111' + '410a',
      '420a',
      '1d2100' + '0a',
      '1b6100' + '1b4500' + '430a',
    ]);
  });

  it('stores a QR code with its length in bytes', () => {
    const { segments } = bytesOf({ lines: [{ kind: 'qr', text: 'é' }] }, 32);
    expect(hex(segments[1] ?? new Uint8Array())).toBe(
      '1b6101' +
        '1d286b040031413200' +
        '1d286b0300314306' +
        '1d286b0300314531' +
        '1d286b0500315030c3a9' +
        '1d286b0300315130',
    );
  });

  it.each([32, 42, 48])('reads on paper of %i columns as receiptText says', (columns) => {
    const { tickets, current, skipped } = interpretEscPos(bytesOf(RECEIPT, columns).all, columns);
    expect(skipped).toBe(0);
    expect(current).toEqual([]);
    expect(tickets).toHaveLength(1);
    const [ticket = { lines: [], cut: 'none' as const }] = tickets;
    expect(ticket.cut).toBe('partial');
    expect(ticketText(ticket, columns)).toBe(receiptText(RECEIPT, columns));
    expect(ticket.lines[0]).toEqual({
      kind: 'text',
      align: 'center',
      runs: [{ text: 'BANK CONTOH', bold: true, underline: false, inverse: false, width: 2, height: 2 }],
    });
  });

  it('holds nothing that a printer takes for a real-time request, whatever the text', () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 });
    fc.assert(
      fc.property(text, text, fc.integer({ min: 1, max: 660 }), (label, value, length) => {
        const { all } = bytesOf(
          {
            lines: [
              { kind: 'pair', label, value },
              { kind: 'text', text: value, large: true },
              { kind: 'qr', text: 'x'.repeat(length) },
            ],
          },
          32,
        );
        for (const kind of [0x04, 0x05, 0x14]) expect(all.includes(Buffer.of(0x10, kind))).toBe(false);
      }),
    );
  });
});

describe('status', () => {
  const well = [0x12, 0x12, 0x12, 0x12] as const;
  it.each([
    ['ready', well, { state: 'ready', paper: 'ok' }],
    ['low paper', [0x12, 0x12, 0x12, 0x1e], { state: 'ready', paper: 'low' }],
    ['paper out', [0x1a, 0x32, 0x12, 0x7e], { state: 'fault', fault: 'paper-out' }],
    ['cover open with the paper lifted', [0x1a, 0x36, 0x12, 0x7e], { state: 'fault', fault: 'cover-open' }],
    ['cutter', [0x1a, 0x52, 0x1a, 0x12], { state: 'fault', fault: 'cutter' }],
    ['mechanism', [0x1a, 0x52, 0x16, 0x12], { state: 'fault', fault: 'jam' }],
    ['hot head', [0x1a, 0x52, 0x52, 0x12], { state: 'fault', fault: 'overheated' }],
    ['unrecoverable', [0x1a, 0x56, 0x32, 0x12], { state: 'fault', fault: 'hardware' }],
    ['an error without a name', [0x1a, 0x52, 0x12, 0x12], { state: 'fault', fault: 'hardware' }],
    ['feed key held', [0x1a, 0x1a, 0x12, 0x12], { state: 'fault', fault: 'offline' }],
  ] as const)('%s', (_, [one, two, three, four], status) => {
    expect(statusOfFacts(factsOfRealTime(one, two, three, four))).toEqual(status);
  });

  it('reads automatic status to the same union', () => {
    expect(statusOfFacts(factsOfAutomatic(0x18, 0x00, 0x0f))).toEqual({ state: 'fault', fault: 'paper-out' });
    expect(statusOfFacts(factsOfAutomatic(0x38, 0x00, 0x00))).toEqual({ state: 'fault', fault: 'cover-open' });
    expect(statusOfFacts(factsOfAutomatic(0x10, 0x00, 0x03))).toEqual({ state: 'ready', paper: 'low' });
  });
});

describe('requests', () => {
  it('are the published bytes', () => {
    expect(hex(realTimeStatus(2))).toBe('100402');
    expect(hex(CLEAR_BUFFERS)).toBe('10140801031401060208');
  });
});

describe('decoder', () => {
  const kinds = (bytes: readonly number[]): readonly string[] =>
    createPrinterDecoder()
      .push(Uint8Array.from(bytes))
      .map((token) => token.kind);

  it('tells the answers apart by their fixed bits', () => {
    expect(kinds([0x12, 0x00, 0x03, 0x10, 0x00, 0x0f, 0x00, 0x37, 0x25, 0x00, 0x7e])).toEqual([
      'real-time',
      'ordered',
      'ordered',
      'automatic',
      'cleared',
      'real-time',
    ]);
  });

  it('skips flow control, other noise and broken frames, and counts them', () => {
    const decoder = createPrinterDecoder();
    expect(decoder.push(Uint8Array.of(0x11, 0x13, 0xff, 0x80, 0x41, 0x37, 0x12))).toEqual([
      { kind: 'real-time', byte: 0x12 },
    ]);
    expect(decoder.discarded).toBe(6);
    expect(decoder.push(Uint8Array.of(0x10, 0x00))).toEqual([]);
    expect(decoder.midFrame).toBe(true);
    decoder.expire();
    expect(decoder.midFrame).toBe(false);
    expect(decoder.discarded).toBe(8);
  });

  it('reads the same from any grouping, and holds at most one frame', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 9 }), (bytes, size) => {
        const whole = createPrinterDecoder().push(bytes);
        const decoder = createPrinterDecoder();
        const split = [];
        for (let at = 0; at < bytes.length; at += size) split.push(...decoder.push(bytes.subarray(at, at + size)));
        expect(split).toEqual(whole);
      }),
    );
  });
});
