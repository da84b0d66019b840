/**
 * Looks for secrets in bytes: as text (ASCII, UTF-16 both ways), as hex (plain, or byte by byte with something between),
 * as base64 at any alignment, as the numbers of a byte array, and as packed digits. Finds pieces of long numbers, too.
 */

export interface Sentinel {
  /** What it is; the value itself is not for a test report. */
  readonly name: string;
  /** Each is looked for in each encoding. */
  readonly whole: readonly Buffer[];
  /** Windows of the whole, looked for as text and as hex. */
  readonly pieces: readonly Buffer[];
  /** Short enough to occur by chance inside a longer number: counts only between other characters. */
  readonly alone: boolean;
}

export interface Haystack {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const latin = (text: string): Buffer => Buffer.from(text, 'latin1');

/** A number or a word; `windows`: so many characters of it in a row are a leak already. */
export function text(name: string, value: string, windows?: number): Sentinel {
  const pieces =
    windows === undefined
      ? []
      : Array.from({ length: value.length - windows + 1 }, (_, at) => latin(value.slice(at, at + windows)));
  return { name, whole: [latin(value)], pieces, alone: false };
}

/** A PIN: six digits. */
export function pin(value: string): Sentinel {
  return { name: 'PIN', whole: [latin(value)], pieces: [], alone: true };
}

/** A key or a PIN block, also as the hex it is written in, and either half of it. */
export function binary(name: string, bytes: Uint8Array): Sentinel {
  const whole = Buffer.from(bytes);
  const hex = whole.toString('hex');
  const halves = whole.length >= 16 ? [whole.subarray(0, 8), whole.subarray(8, 16)] : [];
  return {
    name,
    whole: [whole, latin(hex), latin(hex.toUpperCase()), ...halves],
    pieces: halves.flatMap((half) => [latin(half.toString('hex')), latin(half.toString('hex').toUpperCase())]),
    alone: false,
  };
}

function utf16be(bytes: Buffer): Buffer {
  return Buffer.from(Buffer.from(bytes.toString('latin1'), 'utf16le')).swap16();
}

function hexForms(bytes: Buffer): Buffer[] {
  const pairs = [...bytes].map((byte) => byte.toString(16).padStart(2, '0'));
  return ['', ' ', ':', ', ', ' 0x', ',0x', '\\x', '%'].flatMap((between) => {
    const joined = pairs.join(between);
    return [latin(joined), latin(joined.toUpperCase())];
  });
}

/** The characters of base64 that depend on these bytes alone, for each place they may have in a longer text. */
function base64Forms(bytes: Buffer): Buffer[] {
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const certain = encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    return [latin(certain), latin(certain.replaceAll('+', '-').replaceAll('/', '_'))];
  });
}

/** Digits two to a byte, as track data is on some lines. */
function packed(bytes: Buffer): Buffer[] {
  const digits = bytes.toString('latin1').replaceAll('=', 'd');
  return /^[0-9d]{8,}$/.test(digits) ? [Buffer.from(digits.slice(0, digits.length - (digits.length % 2)), 'hex')] : [];
}

interface Form {
  readonly bytes: Buffer;
  readonly alone: boolean;
}

function formsOf({ whole, pieces, alone }: Sentinel): Form[] {
  const written = (bytes: Buffer): Buffer[] => [
    bytes,
    Buffer.from(bytes.toString('latin1'), 'utf16le'),
    utf16be(bytes),
  ];
  const encoded = [
    ...pieces.flatMap(hexForms),
    ...whole.flatMap((bytes) => [
      ...hexForms(bytes),
      ...base64Forms(bytes),
      ...packed(bytes),
      ...[', ', ','].map((between) => latin([...bytes].join(between))),
    ]),
  ];
  const all: Form[] = [
    ...[...pieces, ...whole].flatMap(written).map((bytes) => ({ bytes, alone })),
    ...encoded.map((bytes) => ({ bytes, alone: false })),
  ];
  return [...new Map(all.map((form) => [form.bytes.toString('latin1'), form])).values()];
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;

function occurs({ bytes: form, alone }: Form, bytes: Buffer): boolean {
  for (let at = bytes.indexOf(form); at >= 0; at = bytes.indexOf(form, at + 1)) {
    if (!alone || (!isDigit(bytes[at - 1]) && !isDigit(bytes[at + form.length]))) return true;
  }
  return false;
}

/**
 * Single digits that stand alone (`key 4`, `34`), one after the other: whoever writes down each key as it is pressed
 * writes down the PIN.
 */
function keyByKey(bytes: Buffer): string[] {
  const lines = bytes.toString('latin1');
  const digits = [...lines.matchAll(/(?<![0-9A-Za-z.:])([0-9])(?![0-9A-Za-z.:])/g)].map((match) => match[1]);
  const hex = [...lines.matchAll(/(?<![0-9A-Za-z])(?:0x)?3([0-9])(?![0-9A-Za-z])/g)].map((match) => match[1]);
  return [digits.join(''), hex.join('')];
}

/** `what in where`, for each sentinel that is found in each haystack. */
export function leaks(sentinels: readonly Sentinel[], haystacks: readonly Haystack[]): string[] {
  const forms = sentinels.map((sentinel) => ({ sentinel, forms: formsOf(sentinel) }));
  return haystacks.flatMap(({ name, bytes }) => {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const keys = keyByKey(buffer);
    return forms
      .filter(
        ({ sentinel, forms: each }) =>
          each.some((form) => occurs(form, buffer)) ||
          (sentinel.alone &&
            sentinel.whole.some((whole) => keys.some((typed) => typed.includes(whole.toString('latin1'))))),
      )
      .map(({ sentinel }) => `${sentinel.name} in ${name}`);
  });
}
