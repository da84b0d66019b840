/**
 * The header of a key block (ASC X9 TR-31:2018 §5, ANSI X9.143:2021 §6.2): what the key may be used for, in plain letters
 * that the block's MAC binds to it. Read strictly: what is not in the tables is refused, with its place.
 */
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';

/** B: under triple DES. D: under AES. A and C are withdrawn (X9.143 §6.2). */
export type KeyBlockVersion = 'B' | 'D';

export interface OptionalBlock {
  /** Two letters or digits. `PB` is the filler, and is made and taken away here. */
  readonly id: string;
  /** Printable ASCII. */
  readonly data: string;
}

export interface KeyBlockHeader {
  readonly version: KeyBlockVersion;
  /** `P0` PIN encryption, `M3` ISO 9797-1 algorithm 3, `M6` CMAC, `B1` DUKPT initial key ... */
  readonly usage: string;
  /** `T` triple DES, `A` AES, `D` DES, `H` HMAC. */
  readonly algorithm: string;
  /** `E` encrypt, `D` decrypt, `B` both, `G` generate, `V` verify, `C` both, `X` derive, `N` anything. */
  readonly mode: string;
  /** `00` when the key has none. */
  readonly keyVersion: string;
  /** `E` under a trusted key, `N` not, `S` under others too. */
  readonly exportability: string;
  readonly optional: readonly OptionalBlock[];
}

/** Never holds what was there, only where and what it should have been. */
export interface KeyBlockError {
  readonly code:
    | 'malformed'
    /** Well formed, but not done here. */
    | 'unsupported'
    /** A key of another kind or length than the block's version needs, or a weaker one than it protects. */
    | 'wrong-protection-key'
    /** Another protection key, or a changed block. */
    | 'mac-wrong';
  /** `length`, `usage`, `optional[1].length`, `key`, `mac` */
  readonly field: string;
  /** Characters from the start of the block. */
  readonly offset: number;
  readonly rule: string;
}

/** What a header's fields are made of, in order (X9.143 §6.2 table 1). */
const FIELDS = [
  { field: 'version', offset: 0, length: 1, shape: /^[BD]$/, rule: 'B or D' },
  { field: 'length', offset: 1, length: 4, shape: /^[0-9]{4}$/, rule: '4 digits' },
  {
    field: 'usage',
    offset: 5,
    length: 2,
    // Table 2; two digits are a vendor's own.
    shape: /^(?:B[0-3]|C0|D[0-3]|E[0-7]|I0|K[0-4]|M[0-8]|P[01]|S[0-2]|V[0-5]|[0-9]{2})$/,
    rule: 'a key usage of X9.143 §6.3.1 table 2',
  },
  { field: 'algorithm', offset: 7, length: 1, shape: /^[ADEHRST0-9]$/, rule: 'one of A D E H R S T, or a digit' },
  {
    field: 'mode',
    offset: 8,
    length: 1,
    shape: /^[BCDEGNSTVXY0-9]$/,
    rule: 'one of B C D E G N S T V X Y, or a digit',
  },
  { field: 'keyVersion', offset: 9, length: 2, shape: /^[0-9A-Za-z]{2}$/, rule: '2 letters or digits' },
  { field: 'exportability', offset: 11, length: 1, shape: /^[ENS]$/, rule: 'E, N or S' },
  { field: 'optionalBlocks', offset: 12, length: 2, shape: /^[0-9]{2}$/, rule: '2 digits' },
  // Key context (0 to 2), and a zero: before X9.143 both were reserved.
  { field: 'reserved', offset: 14, length: 2, shape: /^[012]0$/, rule: '00, 10 or 20' },
] as const;

type FieldName = (typeof FIELDS)[number]['field'];

export const FIXED_HEADER = 16;
/** Characters of a whole block: what its length field can say. */
export const LONGEST_BLOCK = 9999;
/** The filler's optional block (X9.143 §6.3.6): makes the header a multiple of the cipher's block. */
const FILLER = 'PB';
const SHORT_PREFIX = 4;
const LONGEST_SHORT = 255;

const PRINTABLE = /^[ -~]*$/;
const ID = /^[0-9A-Za-z]{2}$/;
const ID_RULE = '2 letters or digits';

/** Block length of the version's cipher: the header, in characters, and the key, in bytes, are multiples of it. */
export const blockOf = (version: KeyBlockVersion): 8 | 16 => (version === 'D' ? 16 : 8);

export function malformed(field: string, offset: number, rule: string): Result<never, KeyBlockError> {
  return fail({ code: 'malformed', field, offset, rule });
}

export interface ParsedHeader {
  readonly header: KeyBlockHeader;
  /** Of the whole block, as the header says. */
  readonly length: number;
  /** Characters of the header with its optional blocks: the key begins here. */
  readonly end: number;
}

/** Of a block or of a header alone; what the length field says is not compared with the text here. */
export function parseKeyBlockHeader(text: string): Result<ParsedHeader, KeyBlockError> {
  const found = new Map<FieldName, string>();
  for (const { field, offset, length, shape, rule } of FIELDS) {
    const value = text.slice(offset, offset + length);
    if (!shape.test(value)) {
      const withdrawn = field === 'version' && /^[AC]$/.test(value);
      return fail({ code: withdrawn ? 'unsupported' : 'malformed', field, offset, rule });
    }
    found.set(field, value);
  }
  const get = (field: FieldName): string => found.get(field) ?? '';
  const version: KeyBlockVersion = get('version') === 'D' ? 'D' : 'B';
  const optional = parseOptional(text, Number(get('optionalBlocks')), version);
  if (!optional.ok) return optional;
  const header: KeyBlockHeader = {
    version,
    usage: get('usage'),
    algorithm: get('algorithm'),
    mode: get('mode'),
    keyVersion: get('keyVersion'),
    exportability: get('exportability'),
    optional: optional.value.blocks,
  };
  return ok({ header, length: Number(get('length')), end: optional.value.end });
}

interface ParsedOptional {
  readonly blocks: readonly OptionalBlock[];
  readonly end: number;
}

/** X9.143 §6.2 table 1: id, length with both of these, data; or length 00, digits of the length, length. */
function parseOptional(text: string, count: number, version: KeyBlockVersion): Result<ParsedOptional, KeyBlockError> {
  const blocks: OptionalBlock[] = [];
  const ids = new Set<string>();
  let at = FIXED_HEADER;
  for (let index = 0; index < count; index++) {
    const name = `optional[${index}]`;
    const id = text.slice(at, at + 2);
    if (!ID.test(id)) return malformed(`${name}.id`, at, ID_RULE);
    if (ids.has(id)) return malformed(`${name}.id`, at, 'each of them once');
    ids.add(id);
    const size = parseSize(text, at + 2, name);
    if (!size.ok) return size;
    const { total, prefix } = size.value;
    const data = text.slice(at + prefix, at + total);
    if (data.length !== total - prefix) return malformed(`${name}.length`, at + 2, 'as much data as there is');
    if (!PRINTABLE.test(data)) return malformed(`${name}.data`, at + prefix, 'printable ASCII');
    if (id === FILLER && index !== count - 1) return malformed(`${name}.id`, at, 'the filler is the last');
    if (id !== FILLER) blocks.push({ id, data });
    at += total;
  }
  if (at % blockOf(version) !== 0)
    return malformed('optionalBlocks', 12, `a header of whole blocks of ${blockOf(version)}`);
  return ok({ blocks, end: at });
}

/** Of an optional block: all its characters, and those before its data. At most a whole key block's. */
function parseSize(
  text: string,
  at: number,
  name: string,
): Result<{ readonly total: number; readonly prefix: number }, KeyBlockError> {
  const short = text.slice(at, at + 2);
  if (!/^[0-9A-F]{2}$/.test(short)) return malformed(`${name}.length`, at, '2 upper-case hex digits');
  let total = Number.parseInt(short, 16);
  let prefix = SHORT_PREFIX;
  if (total === 0) {
    const digits = text.slice(at + 2, at + 4);
    if (!/^0[1-8]$/.test(digits)) return malformed(`${name}.lengthLength`, at + 2, '01 to 08');
    prefix += 2 + Number(digits);
    const long = text.slice(at + 4, at + 4 + Number(digits));
    if (long.length !== Number(digits) || !/^[0-9A-F]+$/.test(long))
      return malformed(`${name}.length`, at + 4, `${Number(digits)} upper-case hex digits`);
    total = Number.parseInt(long, 16);
    if (total <= LONGEST_SHORT) return malformed(`${name}.length`, at + 4, 'short, where a short one will do');
  }
  if (total < prefix) return malformed(`${name}.length`, at, `${prefix} at least`);
  if (total > LONGEST_BLOCK) return malformed(`${name}.length`, at, `${LONGEST_BLOCK} at most`);
  return ok({ total, prefix });
}

function formatOptional({ id, data }: OptionalBlock): string {
  const total = SHORT_PREFIX + data.length;
  if (total <= LONGEST_SHORT) return id + total.toString(16).toUpperCase().padStart(2, '0') + data;
  // 00, 04: a length of four digits follows.
  return `${id}0004${(total + 6).toString(16).toUpperCase().padStart(4, '0')}${data}`;
}

/** The filler that makes `length` characters a multiple of `block`; nothing when they are. */
function filler(length: number, block: number): string {
  if (length % block === 0) return '';
  const missing = (block - ((length + SHORT_PREFIX) % block)) % block;
  return formatOptional({ id: FILLER, data: '0'.repeat(missing) });
}

/** What is asked for is held to the same rules as what is received. */
function checkFields(header: KeyBlockHeader): Result<undefined, KeyBlockError> {
  for (const { field, offset, shape, rule } of FIELDS) {
    if (field === 'length' || field === 'optionalBlocks' || field === 'reserved') continue;
    if (!shape.test(header[field])) return malformed(field, offset, rule);
  }
  const ids = new Set<string>([FILLER]);
  for (const [index, { id, data }] of header.optional.entries()) {
    const name = `optional[${index}]`;
    if (!ID.test(id)) return malformed(`${name}.id`, FIXED_HEADER, ID_RULE);
    if (ids.has(id)) return malformed(`${name}.id`, FIXED_HEADER, 'each of them once, and the filler is made here');
    if (data.length > LONGEST_BLOCK) return malformed(`${name}.data`, FIXED_HEADER, `${LONGEST_BLOCK} at most`);
    if (!PRINTABLE.test(data)) return malformed(`${name}.data`, FIXED_HEADER, 'printable ASCII');
    ids.add(id);
  }
  return ok();
}

/** The header's text, filled up to whole blocks; `keyCharacters`: the payload and MAC that will follow it. */
export function formatKeyBlockHeader(header: KeyBlockHeader, keyCharacters: number): Result<string, KeyBlockError> {
  const checked = checkFields(header);
  if (!checked.ok) return checked;
  const blocks = header.optional.map(formatOptional).join('');
  const fill = filler(FIXED_HEADER + blocks.length, blockOf(header.version));
  const length = FIXED_HEADER + blocks.length + fill.length + keyCharacters;
  if (length > LONGEST_BLOCK) return malformed('length', 1, `${LONGEST_BLOCK} at most`);
  const count = header.optional.length + (fill === '' ? 0 : 1);
  if (count > 99) return malformed('optionalBlocks', 12, '99 at most');
  const { version, usage, algorithm, mode, keyVersion, exportability } = header;
  const attributes = `${usage}${algorithm}${mode}${keyVersion}${exportability}`;
  const digits = (value: number, width: number): string => String(value).padStart(width, '0');
  return ok(`${version}${digits(length, 4)}${attributes}${digits(count, 2)}00${blocks}${fill}`);
}
