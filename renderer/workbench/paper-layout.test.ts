import { encode } from 'uqr';
import { describe, expect, it } from 'vitest';
import type { PaperLine, PaperRun } from '../../main/contract.ts';
import { BASELINE, CELL_HEIGHT, CELL_WIDTH, LINE_GAP, placeLine } from './paper-layout.ts';
import type { PlacedLine } from './paper-layout.ts';

const PLAIN: PaperRun = { text: '', bold: false, underline: false, inverse: false, width: 1, height: 1 };

function place(
  columns: number,
  align: PaperLine['align'],
  ...runs: readonly Partial<PaperRun>[]
): Extract<PlacedLine, { kind: 'text' }> {
  const placed = placeLine({ kind: 'text', align, runs: runs.map((run) => ({ ...PLAIN, ...run })) }, columns);
  if (placed.kind !== 'text') throw new Error(placed.kind);
  return placed;
}

describe('text on paper', () => {
  it('stands left, centred or right by the printer’s columns', () => {
    const at = (align: PaperLine['align']): number | undefined => place(32, align, { text: 'SALDO' }).runs[0]?.x;
    expect(at('left')).toBe(0);
    expect(at('center')).toBe(((32 - 5) * CELL_WIDTH) / 2);
    expect(at('right')).toBe((32 - 5) * CELL_WIDTH);
  });

  it('fills the paper to the last dot with as many characters as it has columns', () => {
    for (const columns of [32, 42, 48]) {
      const [run] = place(columns, 'right', { text: 'x'.repeat(columns) }).runs;
      expect([run?.x, run?.width]).toEqual([0, columns * CELL_WIDTH]);
    }
  });

  it('magnifies: twice as wide takes two columns a character, twice as high makes the line higher', () => {
    const line = place(42, 'center', { text: 'Rp1', width: 2, height: 3 });
    expect(line.height).toBe(3 * CELL_HEIGHT + LINE_GAP);
    expect(line.runs[0]).toMatchObject({
      width: 6 * CELL_WIDTH,
      height: 3 * CELL_HEIGHT,
      scaleX: 2,
      scaleY: 3,
      x: 18 * CELL_WIDTH,
    });
  });

  it('sets runs one after the other on a common base line', () => {
    const line = place(42, 'left', { text: 'No ', bold: true }, { text: 'A17', height: 2, width: 2 }, { text: '!' });
    expect(line.runs.map((run) => run.x / CELL_WIDTH)).toEqual([0, 3, 9]);
    const baselines = line.runs.map((run) => run.y + BASELINE * run.scaleY);
    expect(new Set(baselines).size).toBe(1);
    expect(line.runs[0]?.bold).toBe(true);
  });

  it('keeps an empty line as high as any, and starts what is too long at the left edge', () => {
    expect(place(42, 'left')).toEqual({ kind: 'text', height: CELL_HEIGHT + LINE_GAP, runs: [] });
    expect(place(42, 'left', { text: '' }).runs).toEqual([]);
    expect(place(4, 'right', { text: 'too long' }).runs[0]?.x).toBe(0);
  });

  it('counts characters, not UTF-16 units', () => {
    expect(place(10, 'left', { text: 'é😀' }).runs[0]?.width).toBe(2 * CELL_WIDTH);
  });
});

describe('a QR code on paper', () => {
  /** Reads the modules back out of the path. */
  function modules(path: string, size: number): boolean[][] {
    const rows = Array.from({ length: size }, () => Array.from({ length: size }, () => false));
    for (const [, x, y, run] of path.matchAll(/M(\d+) (\d+)h(\d+)v1H\d+z/g)) {
      for (let at = 0; at < Number(run); at += 1) {
        const row = rows[Number(y)];
        if (row !== undefined) row[Number(x) + at] = true;
      }
    }
    return rows;
  }

  it('draws every dark module and no other, centred, at the printer’s module size', () => {
    const text = 'CEK SALDO JHT ******1234';
    const placed = placeLine({ kind: 'qr', align: 'center', module: 6, text }, 42);
    if (placed.kind !== 'qr') throw new Error(placed.kind);
    const code = encode(text, { ecc: 'M', border: 0 });
    expect(modules(placed.path, code.size)).toEqual(code.data);
    expect(placed.size).toBe(code.size * 6);
    expect(placed.x).toBe(Math.floor((42 * CELL_WIDTH - placed.size) / 2));
    expect(placed.height).toBeGreaterThan(placed.size);
  });

  it('never runs off the paper, and says so when the text is more than a code holds', () => {
    const wide = placeLine({ kind: 'qr', align: 'left', module: 16, text: 'x'.repeat(200) }, 32);
    expect(wide.kind === 'qr' && wide.size).toBe(32 * CELL_WIDTH);
    expect(placeLine({ kind: 'qr', align: 'left', module: 4, text: 'x'.repeat(4_000) }, 42).kind).toBe('unprintable');
  });
});
