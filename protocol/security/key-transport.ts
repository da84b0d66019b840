/**
 * How a host sends session keys under the terminal's master key: plain triple DES (ECB), as most do, or in key blocks,
 * which also say what each key is for. What comes with a check value is refused when that is another key's.
 */
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import { aesCheckValue } from './check-value.ts';
import { equalSecrets } from './equal.ts';
import type { KeyBlockError, KeyBlockHeader } from './key-block-header.ts';
import { unwrapKeyBlock, wrapKeyBlock } from './key-block.ts';
import { PIN_BLOCK_CIPHERS } from './keying.ts';
import { checkValue, unwrapKey, wrapKey } from './keys.ts';
import type { UnwrapError } from './keys.ts';
import { MAC_ALGORITHMS } from './mac-choice.ts';
import type { Algorithms } from './message-keys.ts';
import type { RandomBytes } from './pin-field.ts';

/**
 * `ecb`: keys of 16 bytes under one of 16 bytes, all taken for triple DES, check values too. `key-block`: version B under
 * a triple DES master key, D under an AES one.
 */
export type KeyTransport =
  | { readonly kind: 'ecb' }
  | { readonly kind: 'key-block'; readonly version: KeyBlockHeader['version'] };

export type SessionKeyUse = 'pin' | 'mac';

export interface TransportedKey {
  /** 32 hex, or a key block. */
  readonly wrapped: string;
  /** 6 upper-case hex. */
  readonly check: string;
}

export type TransportError =
  | UnwrapError
  /** A right key block, but of a key for something else: which field of its header says so. */
  | { readonly code: 'wrong-use'; readonly field: 'version' | 'usage' | 'algorithm' | 'mode' }
  | KeyBlockError;

interface Purpose {
  readonly usage: string;
  readonly algorithm: 'A' | 'T';
  readonly mode: string;
}

/** Key usages of X9.143 §6.3.1 table 2: PIN encryption, ISO 9797-1 algorithm 3, CMAC. */
function purposeOf(use: SessionKeyUse, { pinFormat, mac }: Algorithms): Purpose {
  if (use === 'pin') return { usage: 'P0', algorithm: PIN_BLOCK_CIPHERS[pinFormat] === 'aes' ? 'A' : 'T', mode: 'E' };
  const isAes = MAC_ALGORITHMS[mac.algorithm].cipher === 'aes';
  return isAes ? { usage: 'M6', algorithm: 'A', mode: 'C' } : { usage: 'M3', algorithm: 'T', mode: 'C' };
}

const checkOf = ({ algorithm }: Purpose, key: Uint8Array): string =>
  algorithm === 'A' ? aesCheckValue(key, 3) : checkValue(key);

/** For the host. A key that a block cannot carry is refused with the reason (an AES key under triple DES). */
export function wrapSessionKey(
  transport: KeyTransport,
  master: Uint8Array,
  session: { readonly use: SessionKeyUse; readonly key: Uint8Array },
  algorithms: Algorithms,
  random?: RandomBytes,
): Result<TransportedKey, KeyBlockError> {
  const { use, key } = session;
  if (transport.kind === 'ecb') return ok({ wrapped: wrapKey(master, key), check: checkValue(key) });
  const purpose = purposeOf(use, algorithms);
  const header = { ...purpose, version: transport.version, keyVersion: '00', exportability: 'N', optional: [] };
  const block = wrapKeyBlock(master, { header, key }, random === undefined ? {} : { random });
  return block.ok ? ok({ wrapped: block.value, check: checkOf(purpose, key) }) : block;
}

/** For whoever holds the master key at the other end. The version of a block is not chosen by who sent it. */
export function unwrapSessionKey(
  transport: KeyTransport,
  master: Uint8Array,
  { wrapped, check }: TransportedKey,
  use: SessionKeyUse,
  algorithms: Algorithms,
): Result<Uint8Array, TransportError> {
  if (transport.kind === 'ecb') return unwrapKey(master, wrapped, check);
  const opened = unwrapKeyBlock(master, wrapped);
  if (!opened.ok) return opened;
  const { header, key } = opened.value;
  const purpose = purposeOf(use, algorithms);
  const wanted = { version: transport.version, ...purpose };
  for (const field of ['version', 'usage', 'algorithm', 'mode'] as const) {
    if (header[field] !== wanted[field]) return fail({ code: 'wrong-use', field });
  }
  return equalSecrets(checkOf(purpose, key), check.toUpperCase()) ? ok(key) : fail({ code: 'check-value-wrong' });
}
