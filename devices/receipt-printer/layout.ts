/**
 * Receipt -> lines that fit the paper, and the same as plain text. Pure.
 * Everything that leaves here is printable ASCII (QR content excepted): no printer's code page can change it, and no
 * text from outside can carry a printer command.
 */
import { fail, ok, type Result } from '../result.ts';
import type { Receipt, ReceiptLine } from './contract.ts';

export type Align = 'left' | 'center' | 'right';

export type LaidLine =
  /** `text` fits: its length, doubled when `large`, is at most the columns. Pairs are padded already. */
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly align: Align;
      readonly bold: boolean;
      readonly large: boolean;
    }
  | { readonly kind: 'blank' }
  | { readonly kind: 'qr'; readonly text: string };

export interface LayoutError {
  readonly code: 'too-long';
}

/** A receipt longer than this is a bug or an attack on the paper roll; about 70 cm. */
const MAX_LINES = 200;
/** Bytes of UTF-8 in one QR code: version 20 at level M, which 58 mm paper can still show with 3 dots a module. */
export const MAX_QR_BYTES = 666;

/** U+0020 breaks, U+00A0 does not; it becomes a space once the lines are broken. */
const NO_BREAK = '\u00a0';

/** What NFKD does not take apart into ASCII. */
// prettier-ignore
const PLAIN: Readonly<Record<string, string>> = {
  '\u2010': '-', '\u2011': '-', '\u2012': '-', '\u2013': '-', '\u2014': '-', '\u2015': '-', '\u2212': '-', '\u00b7': '-',
  '\u2018': "'", '\u2019': "'", '\u201a': "'", '\u201b': "'", '\u2032': "'", '\u00b4': "'", '\u02bc': "'",
  '\u201c': '"', '\u201d': '"', '\u201e': '"', '\u2033': '"', '\u00ab': '"', '\u00bb': '"', '\u2039': "'", '\u203a': "'",
  '\u2022': '*', '\u2023': '*', '\u25cf': '*', '\u25aa': '*', '\u25a0': '*', '\u25e6': '*', '\u2219': '*',
  '\u00d7': 'x', '\u00f7': '/', '\u2044': '/', '\u2192': '->', '\u2190': '<-', '\u00a9': '(C)', '\u00ae': '(R)',
  '\u20ac': 'EUR', '\u00b0': 'o', '\u00df': 'ss', '\u00e6': 'ae', '\u00c6': 'AE', '\u0153': 'oe', '\u0152': 'OE',
  '\u00f8': 'o', '\u00d8': 'O', '\u0111': 'd', '\u0110': 'D', '\u0142': 'l', '\u0141': 'L', '\u0131': 'i', '\u00de': 'Th', '\u00fe': 'th',
};

/** Of no width, or meant for a screen: soft hyphen, joiners, marks of direction, byte order mark. */
const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/u;
const COMBINING = /\p{M}/u;
const ASCII = /^[\x20-\x7e]$/;

function plainCharacter(character: string): string {
  if (ASCII.test(character)) return character;
  if (character === NO_BREAK || character === '\u202f' || character === '\u2007') return NO_BREAK;
  if (INVISIBLE.test(character) || COMBINING.test(character)) return '';
  const known = PLAIN[character];
  if (known !== undefined) return known;
  if (/\p{White_Space}|\p{Cc}/u.test(character)) return ' ';
  let plain = '';
  for (const part of character.normalize('NFKD')) {
    if (COMBINING.test(part)) continue;
    plain += ASCII.test(part) ? part : (PLAIN[part] ?? '?');
  }
  return plain;
}

/** Plain characters with single spaces; hard spaces are kept as such, `\n` too. */
function plainText(text: string): string {
  let plain = '';
  for (const character of text.replaceAll(/\r\n?/g, '\n'))
    plain += character === '\n' ? character : plainCharacter(character);
  return plain.replaceAll(/ +/g, ' ');
}

function soften(text: string): string {
  return text.replaceAll(NO_BREAK, ' ');
}

/** The text as a printer can print it: ASCII 20..7E on one line; what has no likeness becomes `?`. */
export function printableText(text: string): string {
  return soften(plainText(text).replaceAll('\n', ' ')).trim();
}

function wordsOf(plain: string): readonly string[] {
  return plain.split(' ').filter((word) => word !== '');
}

/** Breaks at spaces; a word longer than the line is cut. At least one line, possibly empty, for each `\n`. */
function wrap(plain: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const paragraph of plain.split('\n')) {
    let line = '';
    for (const whole of wordsOf(paragraph)) {
      let word = whole;
      if (line !== '' && line.length + 1 + word.length <= width) {
        line += ` ${word}`;
        continue;
      }
      if (line !== '') lines.push(line);
      for (; word.length > width; word = word.slice(width)) lines.push(word.slice(0, width));
      line = word;
    }
    lines.push(line);
  }
  return lines.map((line) => soften(line).trimEnd());
}

function textLines(line: Extract<ReceiptLine, { kind: 'text' }>, columns: number): readonly LaidLine[] {
  const plain = plainText(line.text);
  const half = Math.floor(columns / 2);
  // An amount or a name is never cut in two only to be large: then it is bold.
  const large = line.large === true && plain.split(/[ \n]/).every((word) => word.length <= half);
  const bold = line.bold === true || (line.large === true && !large);
  return wrap(plain, large ? half : columns).map((text) =>
    text === '' ? { kind: 'blank' } : { kind: 'text', text, align: line.align ?? 'left', bold, large },
  );
}

function pairLines(line: Extract<ReceiptLine, { kind: 'pair' }>, columns: number): readonly LaidLine[] {
  const bold = line.bold === true;
  const label = plainText(line.label).replaceAll('\n', ' ');
  const value = plainText(line.value).replaceAll('\n', ' ');
  const left = wrap(label, columns);
  const right = wrap(value, columns);
  const [onlyLeft = ''] = left;
  const [onlyRight = ''] = right;
  const gap = columns - onlyLeft.length - onlyRight.length;
  const together = left.length === 1 && right.length === 1 && (gap >= 1 || onlyLeft === '' || onlyRight === '');
  const texts = together
    ? [onlyLeft + ' '.repeat(gap) + onlyRight]
    : [...left, ...right.map((part) => part.padStart(columns))];
  return texts.map((text) => ({ kind: 'text', text: text.trimEnd(), align: 'left', bold, large: false }));
}

function layLine(line: ReceiptLine, columns: number): readonly LaidLine[] {
  switch (line.kind) {
    case 'text':
      return textLines(line, columns);
    case 'pair':
      return pairLines(line, columns);
    case 'rule':
      return [{ kind: 'text', text: '-'.repeat(columns), align: 'left', bold: false, large: false }];
    case 'space':
      return [{ kind: 'blank' }];
    case 'qr':
      return [{ kind: 'qr', text: line.text }];
  }
}

/**
 * Lays a receipt out for `columns` characters a line (32, 42 or 48; any number from 16 on).
 * `too-long`: more than 200 lines, or a QR code of more than 666 bytes; nothing is cut off silently.
 */
export function layOut(receipt: Receipt, columns: number): Result<readonly LaidLine[], LayoutError> {
  const lines: LaidLine[] = [];
  for (const line of receipt.lines) {
    if (line.kind === 'qr' && Buffer.byteLength(line.text, 'utf8') > MAX_QR_BYTES) return fail({ code: 'too-long' });
    lines.push(...layLine(line, columns));
    if (lines.length > MAX_LINES) return fail({ code: 'too-long' });
  }
  return ok(lines);
}

function place(text: string, align: Align, columns: number): string {
  const room = Math.max(0, columns - text.length);
  return ' '.repeat(align === 'left' ? 0 : align === 'center' ? Math.floor(room / 2) : room) + text;
}

/**
 * The receipt as plain text, the way it stands on paper; a QR code is `[QR: content]`. No line break at the end. Large
 * text is written plainly, once. A receipt that is too long to print is given as far as the paper would allow.
 */
export function receiptText(receipt: Receipt, columns: number): string {
  const lines = receipt.lines.flatMap((line) => layLine(line, columns)).slice(0, MAX_LINES);
  return lines
    .map((line) =>
      line.kind === 'text' ? place(line.text, line.align, columns) : line.kind === 'qr' ? `[QR: ${line.text}]` : '',
    )
    .join('\n');
}
