import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CODE_PAGES } from './escpos-commands.ts';
import { createEscPosInterpreter, interpretEscPos, type PaperEvent } from './escpos-interpreter.ts';
import { paperText, ticketText } from './paper-text.ts';

const bytes = (...parts: readonly (string | readonly number[])[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))));
const read = (...parts: readonly (string | readonly number[])[]) => interpretEscPos(bytes(...parts), 32);
const lines = (...parts: readonly (string | readonly number[])[]): readonly string[] =>
  paperText(read(...parts).current, 32).split('\n');

describe('text', () => {
  it('keeps style, size and alignment, and forgets them at ESC @', () => {
    const { current } = read(
      '\x1ba\x01\x1bE\x01tebal\x1bE\x00 \x1b-\x01garis\n',
      '\x1d!\x11\x1dB\x01besar\n',
      '\x1b@',
      'biasa\n',
    );
    const plain = { bold: false, underline: false, inverse: false, width: 1, height: 1 };
    expect(current).toEqual([
      {
        kind: 'text',
        align: 'center',
        runs: [
          { ...plain, text: 'tebal', bold: true },
          { ...plain, text: ' ' },
          { ...plain, text: 'garis', underline: true },
        ],
      },
      {
        kind: 'text',
        align: 'center',
        runs: [{ text: 'besar', bold: false, underline: true, inverse: true, width: 2, height: 2 }],
      },
      { kind: 'text', align: 'left', runs: [{ ...plain, text: 'biasa' }] },
    ]);
  });

  it('goes on on the next line when the paper is not wide enough', () => {
    expect(lines(`${'x'.repeat(40)}\n`)).toEqual(['x'.repeat(32), 'x'.repeat(8)]);
    expect(lines('\x1d!\x10', `${'x'.repeat(17)}\n`)).toEqual(['x'.repeat(16), 'x']);
    // Font B is narrower: 42 characters on the same paper.
    expect(lines('\x1b!\x01', `${'x'.repeat(42)}\n`)).toEqual(['x'.repeat(42)]);
  });

  it('feeds lines, and dots as lines', () => {
    expect(lines('a\x1bd\x03b\n')).toEqual(['a', '', '', 'b']);
    expect(lines('a\n\x1bJ\x3cb\n')).toEqual(['a', '', '', 'b']);
  });

  it('changes alignment only at the beginning of a line', () => {
    expect(lines('ab\x1ba\x02cd\nef\n')).toEqual(['abcd', 'ef']);
    expect(lines('\x1ba\x02cd\n')).toEqual([`${' '.repeat(30)}cd`]);
  });

  it('goes to tab stops', () => {
    expect(lines('a\tb\n')).toEqual(['a       b']);
  });

  it.each([
    [0, 0x82, 'é'],
    [16, 0x80, '€'],
    [16, 0xe9, 'é'],
    [19, 0xd5, '€'],
    [2, 0xd5, 'ı'],
  ])('code page %i has at %i the character %s', (page, code, character) => {
    expect(lines([0x1b, 0x74, page, code, 0x0a])).toEqual([character]);
  });

  it('has whole code pages', () => {
    for (const page of Object.values(CODE_PAGES)) expect(page).toHaveLength(128);
  });
});

describe('cut', () => {
  it.each([
    ['\x1dV\x00', 'full'],
    ['\x1dV1', 'partial'],
    ['\x1dVA\x10', 'full'],
    ['\x1dVB\x00', 'partial'],
    ['\x1bi', 'partial'],
    ['\x1bm', 'partial'],
  ] as const)('%j', (command, cut) => {
    const { tickets, current } = read('satu\n', command, 'dua\n');
    expect(tickets.map((ticket) => [ticketText(ticket, 32), ticket.cut])).toEqual([['satu', cut]]);
    expect(paperText(current, 32)).toBe('dua');
  });
});

describe('QR', () => {
  const command = (...parameters: readonly number[]): readonly number[] => [
    0x1d,
    0x28,
    0x6b,
    parameters.length,
    0,
    ...parameters,
  ];
  it('is stored, then printed as it was set', () => {
    const stored = command(0x31, 0x50, 0x30, ...Buffer.from('halo é', 'utf8'));
    const { current } = read('\x1ba\x01', command(0x31, 0x43, 5), stored, 'teks', command(0x31, 0x51, 0x30));
    expect(current[1]).toEqual({ kind: 'qr', align: 'center', module: 5, text: 'halo é' });
    expect(paperText(current, 32)).toBe(`${' '.repeat(14)}teks\n[QR: halo é]`);
  });

  it('prints nothing when nothing is stored', () => {
    expect(read(command(0x31, 0x51, 0x30)).current).toEqual([]);
  });
});

describe('what it does not draw', () => {
  it.each([
    ['raster image', bytes('\x1dv0\x00', [2, 0, 3, 0], Array(6).fill(0x41)), 1],
    ['bit image', bytes('\x1b*\x21', [2, 0], Array(6).fill(0x41)), 1],
    ['barcode with a length', bytes('\x1dkI', [3], 'ABC'), 1],
    ['barcode with an end', bytes('\x1dk\x04', 'ABC', [0]), 1],
    ['graphics', bytes('\x1d(L', [3, 0], 'ABC'), 1],
    ['downloaded characters', bytes('\x1b&\x01AB', [1, 0x41, 2, 0x41, 0x42]), 1],
    ['long graphics', bytes('\x1d8L', [3, 0, 0, 0], 'ABC'), 1],
    ['PDF417', bytes('\x1d(k', [3, 0, 0x30, 0x51, 0x30]), 1],
    ['an unknown command', bytes('\x1b\x7f'), 1],
    ['tab positions', bytes('\x1bD', [8, 16, 0]), 0],
    ['drawer pulse', bytes('\x1bp', [0, 50, 50]), 0],
    ['presenter', bytes('\x1cP', [10, 1, 0x45, 5]), 0],
    ['real-time request', bytes([0x10, 4, 0x41]), 0],
    ['a character that is none', bytes([0x01]), 1],
  ])('skips the right number of bytes: %s', (_, command, skipped) => {
    const { current, skipped: counted } = interpretEscPos(bytes('A', [...command], 'B\n'), 32);
    expect(paperText(current, 32)).toBe('AB');
    expect(counted).toBe(skipped);
  });
});

describe('any bytes', () => {
  it('are read without an exception, and every line fits', () => {
    const introduced = fc
      .tuple(fc.constantFrom(0x1b, 0x1c, 0x1d, 0x10), fc.integer({ min: 0x20, max: 0x7f }))
      .map((pair) => [...pair]);
    const part = fc.oneof(introduced, fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 8 }));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
        for (const line of interpretEscPos(bytes(...parts), 32).current) {
          if (line.kind !== 'text') continue;
          // 9 dots is the narrowest character.
          const dots = line.runs.reduce((sum, run) => sum + run.text.length * run.width * 9, 0);
          expect(dots).toBeLessThanOrEqual(32 * 12);
        }
      }),
    );
  });

  it('settle a command without an end', () => {
    const interpreter = createEscPosInterpreter(32);
    const events: PaperEvent[] = [];
    for (const byte of bytes('\x1bD', Array(9000).fill(8), 'x\n')) events.push(...interpreter.push(byte));
    expect(events.some((event) => event.kind === 'line')).toBe(true);
  });
});
