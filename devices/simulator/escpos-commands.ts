/**
 * The syntax of ESC/POS: how long each command is, whether it would draw something that is not drawn here, and the code
 * pages. Lengths as in Epson's ESC/POS reference, with Custom's and Pyramid's presenter commands.
 */

/** How many argument bytes there are in all, as far as the bytes so far tell; asked again after each one. */
export type CommandLength = (args: readonly number[]) => number;

export interface CommandSyntax {
  readonly length: CommandLength;
  /** Bit images, barcodes, downloaded characters. */
  readonly draws: boolean;
}

export const ESC = 0x1b;
export const FS = 0x1c;
export const GS = 0x1d;
export const DLE = 0x10;

const at = (args: readonly number[], index: number): number => args[index] ?? 0;
/** Two bytes, the low one first. */
const word = (args: readonly number[], index: number): number => at(args, index) + 256 * at(args, index + 1);
const fixed =
  (count: number): CommandLength =>
  () =>
    count;
/** `header` bytes, then as many as `size` reads in them. */
const headed =
  (header: number, size: CommandLength): CommandLength =>
  (args) =>
    args.length < header ? header : header + size(args);
const untilNul =
  (from: number): CommandLength =>
  (args) =>
    args.length > from && args.at(-1) === 0 ? args.length : Math.max(from, args.length) + 1;
/** A letter, a length of two bytes, the data. */
const extended = headed(3, (args) => word(args, 1));

/** ESC & y c1 c2, then for each character x and x*y bytes. */
const userCharacters: CommandLength = (args) => {
  const [y = 0, from = 0, to = 0] = args;
  if (args.length < 3) return 3;
  let length = 3;
  for (let code = from; code <= to; code += 1) {
    if (args.length <= length) return length + 1;
    length += 1 + at(args, length) * y;
  }
  return length;
};

type Row = readonly [family: number, letters: string, length: CommandLength, draws?: 'draws'];

const ROWS: readonly Row[] = [
  [ESC, '@im2LSOv<\f', fixed(0)],
  [ESC, '!EG-MatdJ3 =?RTUV{Kreu%', fixed(1)],
  [ESC, '$\\cB', fixed(2)],
  [ESC, 'p', fixed(3)],
  [ESC, 'W', fixed(8)],
  [ESC, 'D', untilNul(0)],
  [ESC, '(', extended],
  [ESC, '*', headed(3, (args) => word(args, 1) * (at(args, 0) >= 32 ? 3 : 1)), 'draws'],
  [ESC, '&', userCharacters, 'draws'],
  [GS, ':', fixed(0)],
  [GS, '!BraI/HTbfhw|', fixed(1)],
  [GS, '$LPW\\', fixed(2)],
  [GS, '^', fixed(3)],
  [GS, 'g', fixed(4)],
  [GS, 'V', ([cut = 0]) => (cut >= 65 ? 2 : 1)],
  [GS, 'e', ([step = 0]) => (step === 3 ? 2 : 1)],
  [GS, '(', extended],
  [GS, '8', headed(5, (args) => word(args, 1) + 65_536 * word(args, 3)), 'draws'],
  [GS, '*', headed(2, (args) => at(args, 0) * at(args, 1) * 8), 'draws'],
  [GS, 'v', headed(6, (args) => word(args, 2) * word(args, 4)), 'draws'],
  [GS, 'k', (args) => (at(args, 0) >= 65 ? headed(2, () => at(args, 1))(args) : untilNul(1)(args)), 'draws'],
  [FS, '&.', fixed(0)],
  [FS, '!-CW', fixed(1)],
  [FS, 'S', fixed(2)],
  [FS, 'P', fixed(4)],
  [FS, '(', extended],
  [FS, 'p', fixed(2), 'draws'],
];

const keyOf = (family: number, code: number): number => family * 256 + code;
const TABLE: ReadonlyMap<number, CommandSyntax> = new Map(
  ROWS.flatMap(([family, letters, length, draws]) =>
    letters
      .split('')
      .map((letter): [number, CommandSyntax] => [
        keyOf(family, letter.charCodeAt(0)),
        { length, draws: draws === 'draws' },
      ]),
  ),
);

/** A real-time request that nobody took out of the stream: DLE EOT n, DLE ENQ n. */
const REAL_TIME: CommandSyntax = { length: fixed(1), draws: false };

/** Undefined: no such command is known, so its length is not either. */
export function commandSyntax(family: number, code: number): CommandSyntax | undefined {
  return family === DLE ? REAL_TIME : TABLE.get(keyOf(family, code));
}

export const CP437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';
const CP850 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0';
const upperOf = (encoding: string): string =>
  new TextDecoder(encoding).decode(Uint8Array.from({ length: 128 }, (_, index) => index + 128));
/** ESC t n -> the characters 80..FF. */
export const CODE_PAGES: Readonly<Record<number, string>> = {
  0: CP437,
  2: CP850,
  16: upperOf('windows-1252'),
  17: upperOf('ibm866'),
  19: CP850.replace('ı', '€'),
};
