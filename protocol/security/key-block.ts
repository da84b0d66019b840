/**
 * Key blocks of versions B and D (ASC X9 TR-31:2018 §5.3, ANSI X9.143:2021 §7): a key, what it may be used for, and a MAC
 * over both, under a key block protection key. Two keys are derived from that one: one enciphers, one binds.
 *
 * For hosts and key loading; in the terminal the PIN pad does it.
 */
import { randomBytes } from 'node:crypto';
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import { decryptAesCbc, encryptAesCbc, isAesKey } from './aes.ts';
import { aesCmac, tdesCmac } from './cmac.ts';
import { decryptCbc, encryptCbc } from './des.ts';
import { equalBytes } from './equal.ts';
import { fromHex, toHex } from './hex.ts';
import { blockOf, formatKeyBlockHeader, LONGEST_BLOCK, malformed, parseKeyBlockHeader } from './key-block-header.ts';
import type { KeyBlockError, KeyBlockHeader, KeyBlockVersion } from './key-block-header.ts';
import type { RandomBytes } from './pin-field.ts';

export interface KeyBlock {
  readonly header: KeyBlockHeader;
  readonly key: Uint8Array;
}

interface Cipher {
  /** Of the MAC and of a block. */
  readonly bytes: 8 | 16;
  readonly fits: (protection: Uint8Array) => boolean;
  readonly keyRule: string;
  /** Algorithm indicator in the derivation (X9.143 §7.2.1.1 table 24, §7.2.2.1 table 25). */
  readonly indicator: (protection: Uint8Array) => number;
  readonly cmac: (key: Uint8Array, data: Uint8Array) => Uint8Array;
  readonly encrypt: (key: Uint8Array, data: Uint8Array, iv: Uint8Array) => Uint8Array;
  readonly decrypt: (key: Uint8Array, data: Uint8Array, iv: Uint8Array) => Uint8Array;
}

const CIPHERS: Readonly<Record<KeyBlockVersion, Cipher>> = {
  B: {
    bytes: 8,
    fits: ({ length }) => length === 16 || length === 24,
    keyRule: 'a triple DES key of 16 or 24 bytes',
    indicator: ({ length }) => length / 8 - 2,
    cmac: tdesCmac,
    encrypt: encryptCbc,
    decrypt: decryptCbc,
  },
  D: {
    bytes: 16,
    fits: isAesKey,
    keyRule: 'an AES key of 16, 24 or 32 bytes',
    indicator: ({ length }) => length / 8,
    cmac: aesCmac,
    encrypt: encryptAesCbc,
    decrypt: decryptAesCbc,
  },
};

const PURPOSE = { encipher: 0, authenticate: 1 } as const;

/** X9.143 §7.2: CMACs over a counter, the purpose, the algorithm and the length, as many as the key is long. */
function derive(cipher: Cipher, protection: Uint8Array, purpose: keyof typeof PURPOSE): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let counter = 1; (counter - 1) * cipher.bytes < protection.length; counter++) {
    const data = Buffer.alloc(8);
    data.writeUInt8(counter, 0);
    data.writeUInt16BE(PURPOSE[purpose], 1);
    data.writeUInt16BE(cipher.indicator(protection), 4);
    data.writeUInt16BE(protection.length * 8, 6);
    parts.push(cipher.cmac(protection, data));
  }
  return Buffer.concat(parts).subarray(0, protection.length);
}

/** Key lengths by algorithm, and the longest, which all are filled up to, so that nobody sees which it is. */
const KEY_LENGTHS: Readonly<Record<string, { readonly bytes: readonly number[]; readonly most: number }>> = {
  A: { bytes: [16, 24, 32], most: 32 },
  D: { bytes: [8], most: 24 },
  T: { bytes: [16, 24], most: 24 },
};
/** Symmetric keys of other algorithms (HMAC, a vendor's own). */
const MOST_KEY_BYTES = 256;

/** What is wrong with the key for this header; undefined when nothing is. */
function keyRule({ algorithm }: KeyBlockHeader, bytes: number): string | undefined {
  const lengths = KEY_LENGTHS[algorithm];
  if (lengths !== undefined)
    return lengths.bytes.includes(bytes) ? undefined : `${lengths.bytes.join(', ')} bytes for algorithm ${algorithm}`;
  return bytes >= 1 && bytes <= MOST_KEY_BYTES ? undefined : `1 to ${MOST_KEY_BYTES} bytes`;
}

/** No key under a weaker one (ANSI X9.24-1): AES not under triple DES, a longer one not under a shorter. */
function protectionRule(header: KeyBlockHeader, keyBytes: number, protection: Uint8Array): string | undefined {
  const weaker =
    (header.version === 'B' &&
      (header.algorithm === 'A' || (header.algorithm === 'T' && keyBytes > protection.length))) ||
    (header.version === 'D' && header.algorithm === 'A' && keyBytes > protection.length);
  return weaker ? 'at least as strong as the key it protects' : undefined;
}

function wrongProtection(rule: string): Result<never, KeyBlockError> {
  return fail({ code: 'wrong-protection-key', field: 'protection', offset: 0, rule });
}

/** Asymmetric keys are blocks of their own kind, and not read here. */
function unsupported({ algorithm }: KeyBlockHeader): Result<never, KeyBlockError> | undefined {
  if (!/^[ERS]$/.test(algorithm)) return undefined;
  return fail({ code: 'unsupported', field: 'algorithm', offset: 7, rule: 'a symmetric one' });
}

export interface WrapOptions {
  readonly random?: RandomBytes;
  /** Fill the key up to its algorithm's longest, as X9.143 §7.3.1 advises. Default true; TR-31:2018's examples do not. */
  readonly hideLength?: boolean;
}

/** The block: header and upper-case hex. */
export function wrapKeyBlock(
  protection: Uint8Array,
  { header, key }: KeyBlock,
  { random = randomBytes, hideLength = true }: WrapOptions = {},
): Result<string, KeyBlockError> {
  const cipher = CIPHERS[header.version];
  const refused = unsupported(header);
  if (refused !== undefined) return refused;
  if (!cipher.fits(protection)) return wrongProtection(cipher.keyRule);
  const rule = keyRule(header, key.length);
  if (rule !== undefined) return malformed('key', 0, rule);
  const weak = protectionRule(header, key.length, protection);
  if (weak !== undefined) return wrongProtection(weak);
  const room = 2 + (hideLength ? (KEY_LENGTHS[header.algorithm]?.most ?? key.length) : key.length);
  const payload = Buffer.alloc(Math.ceil(room / cipher.bytes) * cipher.bytes);
  const text = formatKeyBlockHeader(header, 2 * (payload.length + cipher.bytes));
  if (!text.ok) return text;
  payload.writeUInt16BE(key.length * 8, 0);
  payload.set(key, 2);
  payload.set(random(payload.length - 2 - key.length), 2 + key.length);
  const bound = Buffer.concat([Buffer.from(text.value, 'latin1'), payload]);
  const mac = cipher.cmac(derive(cipher, protection, 'authenticate'), bound);
  const enciphered = cipher.encrypt(derive(cipher, protection, 'encipher'), payload, mac);
  payload.fill(0);
  bound.fill(0);
  return ok(text.value + toHex(enciphered) + toHex(mac));
}

/**
 * The key, and what it may be used for: which the caller has to look at, since a right block may hold another kind of key
 * than is wanted. Nothing of the key is looked at before the MAC is right.
 */
export function unwrapKeyBlock(protection: Uint8Array, block: string): Result<KeyBlock, KeyBlockError> {
  if (block.length > LONGEST_BLOCK) return malformed('length', 1, `${LONGEST_BLOCK} at most`);
  const parsed = parseKeyBlockHeader(block);
  if (!parsed.ok) return parsed;
  const { header, length, end } = parsed.value;
  if (length !== block.length) return malformed('length', 1, 'as long as the block is');
  const refused = unsupported(header);
  if (refused !== undefined) return refused;
  const cipher = CIPHERS[header.version];
  const macAt = block.length - 2 * cipher.bytes;
  const enciphered = block.slice(end, Math.max(end, macAt));
  const wholeBlocks = enciphered.length > 0 && enciphered.length % (2 * blockOf(header.version)) === 0;
  if (macAt < end || !wholeBlocks) return malformed('key', end, `whole blocks of ${cipher.bytes} bytes, and a MAC`);
  if (!/^[0-9A-F]*$/.test(enciphered)) return malformed('key', end, 'upper-case hex');
  if (!/^[0-9A-F]*$/.test(block.slice(macAt))) return malformed('mac', macAt, 'upper-case hex');
  const body = fromHex(enciphered);
  const mac = fromHex(block.slice(macAt));
  if (body === undefined || mac === undefined) return malformed('key', end, 'upper-case hex');
  if (!cipher.fits(protection)) return wrongProtection(cipher.keyRule);
  const payload = Buffer.from(cipher.decrypt(derive(cipher, protection, 'encipher'), body, mac));
  const bound = Buffer.concat([Buffer.from(block.slice(0, end), 'latin1'), payload]);
  const right = equalBytes(cipher.cmac(derive(cipher, protection, 'authenticate'), bound), mac);
  bound.fill(0);
  const result = right
    ? keyOf(header, payload, protection, end)
    : fail<KeyBlockError>({ code: 'mac-wrong', field: 'mac', offset: macAt, rule: 'over this header and this key' });
  payload.fill(0);
  return result;
}

/** The key in a payload whose MAC is right: two bytes of length in bits, key, filler. */
function keyOf(
  header: KeyBlockHeader,
  payload: Buffer,
  protection: Uint8Array,
  offset: number,
): Result<KeyBlock, KeyBlockError> {
  const bits = payload.readUInt16BE(0);
  const bytes = bits / 8;
  if (bits % 8 !== 0 || bytes > payload.length - 2)
    return malformed('key', offset, 'whole bytes, as many as there are');
  const rule = keyRule(header, bytes);
  if (rule !== undefined) return malformed('key', offset, rule);
  const weak = protectionRule(header, bytes, protection);
  if (weak !== undefined) return wrongProtection(weak);
  return ok({ header, key: Uint8Array.from(payload.subarray(2, 2 + bytes)) });
}
