/**
 * Where each printed line lies on the paper, in printer dots: Font A's cell of 12 x 24 and the default line spacing of
 * 30 dots, as an 80 mm ESC/POS printer has them (ESC ! , GS ! , ESC a). Pure; `paper.tsx` draws it.
 */
import { encode } from 'uqr';
import type { PaperLine, PaperRun } from '../../main/contract.ts';

export const CELL_WIDTH = 12;
export const CELL_HEIGHT = 24;
export const LINE_GAP = 6;
/** From the top of a cell to the line the letters stand on. */
export const BASELINE = 19;
const QR_MARGIN = 12;

export interface PlacedRun {
  readonly text: string;
  /** Left edge and top edge, and the size of the whole run, in dots. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly scaleX: number;
  readonly scaleY: number;
  readonly bold: boolean;
  readonly underline: boolean;
  readonly inverse: boolean;
}

export type PlacedLine =
  | { readonly kind: 'text'; readonly height: number; readonly runs: readonly PlacedRun[] }
  | {
      readonly kind: 'qr';
      readonly height: number;
      readonly x: number;
      readonly size: number;
      readonly path: string;
      readonly modules: number;
    }
  /** More than a QR code holds: a printer prints nothing, the page says so. */
  | { readonly kind: 'unprintable'; readonly height: number };

/** Characters as the printer counts them. */
export function cellsOf(run: PaperRun): number {
  return Array.from(run.text).length * run.width;
}

function offset(align: PaperLine['align'], paper: number, content: number): number {
  const free = Math.max(0, paper - content);
  if (align === 'left') return 0;
  return align === 'right' ? free : Math.floor(free / 2);
}

/** One path for all dark modules, one rectangle per horizontal stretch. */
function modulePath(rows: readonly (readonly boolean[])[]): string {
  const parts: string[] = [];
  rows.forEach((row, y) => {
    let x = 0;
    while (x < row.length) {
      let end = x;
      while (end < row.length && row[end] === true) end += 1;
      if (end > x) parts.push(`M${x} ${y}h${end - x}v1H${x}z`);
      x = end + 1;
    }
  });
  return parts.join('');
}

function placeQr(line: Extract<PaperLine, { kind: 'qr' }>, paper: number): PlacedLine {
  let code: { readonly size: number; readonly data: boolean[][] };
  try {
    code = encode(line.text, { ecc: 'M', border: 0 });
  } catch {
    return { kind: 'unprintable', height: CELL_HEIGHT + LINE_GAP };
  }
  const size = Math.min(paper, code.size * line.module);
  return {
    kind: 'qr',
    height: size + 2 * QR_MARGIN,
    x: offset(line.align, paper, size),
    size,
    modules: code.size,
    path: modulePath(code.data),
  };
}

export function placeLine(line: PaperLine, columns: number): PlacedLine {
  const paper = columns * CELL_WIDTH;
  if (line.kind === 'qr') return placeQr(line, paper);
  const tallest = Math.max(1, ...line.runs.map((run) => run.height));
  const content = line.runs.reduce((cells, run) => cells + cellsOf(run), 0) * CELL_WIDTH;
  let x = offset(line.align, paper, content);
  const runs: PlacedRun[] = [];
  for (const run of line.runs) {
    const width = cellsOf(run) * CELL_WIDTH;
    if (width === 0) continue;
    const height = run.height * CELL_HEIGHT;
    runs.push({
      text: run.text,
      x,
      // Sizes mixed in one line stand on a common base line.
      y: (tallest - run.height) * BASELINE,
      width,
      height,
      scaleX: run.width,
      scaleY: run.height,
      bold: run.bold,
      underline: run.underline,
      inverse: run.inverse,
    });
    x += width;
  }
  return { kind: 'text', height: tallest * CELL_HEIGHT + LINE_GAP, runs };
}
