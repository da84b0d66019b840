/** The kinds of DUKPT that a profile may choose among, under one interface. */
import type { Result } from '../result.ts';
import { aesInitialKey, aesTransactionKey, aesWorkingKey } from './dukpt-aes.ts';
import { AES_COUNTER, TDES_COUNTER } from './dukpt-counter.ts';
import type { CounterRule } from './dukpt-counter.ts';
import { parseAesKsn, parseTdesKsn } from './dukpt-ksn.ts';
import type { Ksn, KsnError } from './dukpt-ksn.ts';
import { tdesInitialKey, tdesTransactionKey, tdesWorkingKey } from './dukpt-tdes.ts';
import type { TdesUse } from './dukpt-tdes.ts';

/** Both kinds have these; a request is the terminal's, a response the host's. */
export type DukptUse = TdesUse;

export interface DukptScheme {
  readonly cipher: 'tdes' | 'aes';
  /** Bytes of the base derivation key, of the initial key, and of AES working keys. */
  readonly keyBytes: 16 | 24 | 32;
  /** Bytes of a KSN. */
  readonly ksnBytes: 10 | 12;
  readonly counter: CounterRule;
  readonly parseKsn: (text: string) => Result<Ksn, KsnError>;
  readonly initialKey: (base: Uint8Array, ksn: Ksn) => Uint8Array;
  readonly transactionKey: (initialKey: Uint8Array, ksn: Ksn) => Uint8Array;
  readonly workingKey: (transactionKey: Uint8Array, ksn: Ksn, use: DukptUse) => Uint8Array;
}

function aes(keyBytes: 16 | 24 | 32): DukptScheme {
  return {
    cipher: 'aes',
    keyBytes,
    ksnBytes: 12,
    counter: AES_COUNTER,
    parseKsn: parseAesKsn,
    initialKey: (base, ksn) => aesInitialKey(base, ksn.bytes.subarray(0, 8)),
    transactionKey: aesTransactionKey,
    workingKey: (transactionKey, ksn, use) => aesWorkingKey(transactionKey, ksn, use),
  };
}

export const DUKPT_SCHEMES = {
  tdes: {
    cipher: 'tdes',
    keyBytes: 16,
    ksnBytes: 10,
    counter: TDES_COUNTER,
    parseKsn: parseTdesKsn,
    initialKey: (base, ksn) => tdesInitialKey(base, ksn.bytes),
    transactionKey: tdesTransactionKey,
    workingKey: (transactionKey, _ksn, use) => tdesWorkingKey(transactionKey, use),
  },
  'aes-128': aes(16),
  'aes-192': aes(24),
  'aes-256': aes(32),
} as const satisfies Readonly<Record<string, DukptScheme>>;

export type DukptSchemeName = keyof typeof DUKPT_SCHEMES;
