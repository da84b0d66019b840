/** The key serial number, which comes with every DUKPT message: whose initial key, and which of its transactions. */
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import { AES_COUNTER, isTransactionCounter, TDES_COUNTER } from './dukpt-counter.ts';
import type { CounterRule } from './dukpt-counter.ts';
import { fromHex, toHex } from './hex.ts';

export interface Ksn {
  /** Whole, as it is derived with: 10 bytes (triple DES) or 12 (AES). */
  readonly bytes: Uint8Array;
  /** The initial key's: the KSN with a counter of zero, upper-case hex; for AES without the counter. */
  readonly keyId: string;
  readonly counter: number;
}

export interface KsnError {
  readonly code: 'ksn-malformed' | 'ksn-counter-zero' | 'ksn-counter-bits';
}

function checked(rule: CounterRule, ksn: Ksn): Result<Ksn, KsnError> {
  if (ksn.counter === 0) return fail({ code: 'ksn-counter-zero' });
  return isTransactionCounter(rule, ksn.counter) ? ok(ksn) : fail({ code: 'ksn-counter-bits' });
}

/**
 * 20 hex digits: 59 bits that name the initial key, 21 of counter (ANSI X9.24-1:2009 annex A.2). As few as 16 are
 * accepted: leading F digits may be left out.
 */
export function parseTdesKsn(text: string): Result<Ksn, KsnError> {
  const bytes = text.length < 16 ? undefined : fromHex(text.padStart(20, 'F'), 10);
  if (bytes === undefined) return fail({ code: 'ksn-malformed' });
  const counter = (((bytes[7] ?? 0) & 0x1f) << 16) | ((bytes[8] ?? 0) << 8) | (bytes[9] ?? 0);
  return checked(TDES_COUNTER, { bytes, counter, keyId: toHex(withTdesCounter(bytes, 0)) });
}

/** The same initial key's KSN with another counter. */
export function withTdesCounter(ksn: Uint8Array, counter: number): Uint8Array {
  const bytes = Uint8Array.from(ksn);
  bytes[7] = ((bytes[7] ?? 0) & 0xe0) | (counter >>> 16);
  bytes[8] = (counter >>> 8) & 0xff;
  bytes[9] = counter & 0xff;
  return bytes;
}

/** 24 hex digits: 8 bytes that name the initial key, 4 of counter (ANSI X9.24-3:2017 §6.1). */
export function parseAesKsn(text: string): Result<Ksn, KsnError> {
  const bytes = fromHex(text, 12);
  if (bytes === undefined) return fail({ code: 'ksn-malformed' });
  const counter = Buffer.from(bytes).readUInt32BE(8);
  return checked(AES_COUNTER, { bytes, counter, keyId: toHex(bytes.subarray(0, 8)) });
}
