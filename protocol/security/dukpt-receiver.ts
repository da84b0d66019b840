/**
 * The host's side of DUKPT: from the serial number that comes with a message to its keys, each of them good once. What a
 * terminal used last is remembered; a counter that is not higher is refused, unless the message belongs to the last one's
 * transaction.
 *
 * A counter counts as used when the message has proved that its sender has the key (a right MAC, or where the profile has
 * no MAC, a PIN block that holds a PIN). Else anybody could lock a terminal out with a high number.
 */
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import type { DukptCounters } from './dukpt-counters.ts';
import { nextCounter } from './dukpt-counter.ts';
import type { Ksn, KsnError } from './dukpt-ksn.ts';
import { DUKPT_SCHEMES } from './dukpt-scheme.ts';
import type { DukptScheme, DukptSchemeName, DukptUse } from './dukpt-scheme.ts';
import { computeMac, verifyMac } from './mac-algorithms.ts';
import type { Algorithms, MessageKeys } from './message-keys.ts';
import { PIN_BLOCK_FORMATS } from './pin-block-formats.ts';

/** A base derivation key. It derives the initial key of every pad whose serial numbers begin with `keySet`. */
export interface DukptBase {
  /** Upper-case hex: 6 to 12 digits (triple DES: key set), 8 (AES: BDK ID). */
  readonly keySet: string;
  readonly key: Uint8Array;
}

export interface DukptReceiverOptions extends Algorithms {
  readonly scheme: DukptSchemeName;
  readonly bases: readonly DukptBase[];
  readonly counters: DukptCounters;
}

export interface DukptMistake {
  /** `bases[0].key` */
  readonly path: string;
  readonly rule: string;
}

/** Never holds the serial number or a key. */
export interface DukptError {
  readonly code:
    | KsnError['code']
    /** No base derivation key for it here. */
    | 'key-set-unknown'
    /** This initial key is another terminal's. */
    | 'key-of-another-terminal'
    /** The counter is not higher than the last one. */
    | 'ksn-used'
    /** The counters cannot be read now. */
    | 'counters-unavailable';
}

export interface DukptMessage extends MessageKeys {
  /** The initial key's name; may be logged. */
  readonly keyId: string;
  readonly counter: number;
  /** No counter is left after this one: the pad needs a new initial key. */
  readonly last: boolean;
}

export interface DukptReceiver {
  /**
   * `ksn` in hex. `again`: the message may have the last one's counter, since it repeats it (0201), or because it is a
   * further inquiry with the PIN block of the same visit. The caller then has to know a replay by other means (STAN).
   */
  open(terminalId: string, ksn: string, again?: boolean): Result<DukptMessage, DukptError>;
}

/** Mistakes in the options come all at once. */
export function createDukptReceiver(options: DukptReceiverOptions): Result<DukptReceiver, readonly DukptMistake[]> {
  const scheme: DukptScheme = DUKPT_SCHEMES[options.scheme];
  const mistakes = checkBases(scheme, options.bases);
  if (mistakes.length > 0) return fail(mistakes);
  return ok({
    open(terminalId, text, again = false) {
      const parsed = scheme.parseKsn(text);
      if (!parsed.ok) return parsed;
      const ksn = parsed.value;
      const base = options.bases.find(({ keySet }) => ksn.keyId.startsWith(keySet));
      if (base === undefined) return fail({ code: 'key-set-unknown' });
      const refused = judge(options.counters, terminalId, ksn, again);
      if (refused !== undefined) return fail({ code: refused });
      return ok(openMessage(options, base, terminalId, ksn, again));
    },
  });
}

function judge(
  counters: DukptCounters,
  terminalId: string,
  { keyId, counter }: Ksn,
  again: boolean,
): DukptError['code'] | undefined {
  const known = counters.read(keyId);
  if (known === undefined) return undefined;
  if (known === 'unknown') return 'counters-unavailable';
  if (known.terminalId !== terminalId) return 'key-of-another-terminal';
  return counter > known.counter || (again && counter === known.counter) ? undefined : 'ksn-used';
}

function openMessage(
  { scheme: name, counters, pinFormat, mac }: DukptReceiverOptions,
  base: DukptBase,
  terminalId: string,
  ksn: Ksn,
  again: boolean,
): DukptMessage {
  const scheme: DukptScheme = DUKPT_SCHEMES[name];
  const transactionKey = scheme.transactionKey(scheme.initialKey(base.key, ksn), ksn);
  const keyFor = (use: DukptUse): Uint8Array => scheme.workingKey(transactionKey, ksn, use);
  let proved = false;

  /** Judged again: another message with the same counter may have come through in the meantime. */
  function prove(): boolean {
    if (proved) return true;
    if (judge(counters, terminalId, ksn, again) !== undefined) return false;
    proved = counters.write(ksn.keyId, { terminalId, counter: ksn.counter });
    return proved;
  }

  return {
    keyId: ksn.keyId,
    counter: ksn.counter,
    last: nextCounter(scheme.counter, ksn.counter) === undefined,
    pin(block, pan) {
      const pin = PIN_BLOCK_FORMATS[pinFormat].decrypt(keyFor('pin'), block, pan);
      return pin.ok && !prove() ? fail({ code: 'wrong-key-or-pan' }) : pin;
    },
    verifyMac: (data, given) => verifyMac(mac, keyFor('request-mac'), data, given) && prove(),
    mac: (data) => computeMac(mac, keyFor('response-mac'), data),
  };
}

function checkBases(scheme: DukptScheme, bases: readonly DukptBase[]): DukptMistake[] {
  const mistakes: DukptMistake[] = [];
  const shape = scheme.cipher === 'aes' ? /^[0-9A-F]{8}$/ : /^[0-9A-F]{6,12}$/;
  const rule = `${scheme.cipher === 'aes' ? '8' : '6 to 12'} upper-case hex digits`;
  if (bases.length === 0) mistakes.push({ path: 'bases', rule: 'at least one' });
  for (const [index, { keySet, key }] of bases.entries()) {
    if (!shape.test(keySet)) mistakes.push({ path: `bases[${index}].keySet`, rule });
    if (key.length !== scheme.keyBytes)
      mistakes.push({ path: `bases[${index}].key`, rule: `${scheme.keyBytes} bytes` });
    const other = bases.findIndex(({ keySet: its }) => its.startsWith(keySet) || keySet.startsWith(its));
    if (other < index)
      mistakes.push({ path: `bases[${index}].keySet`, rule: `not the same as that of bases[${other}]` });
  }
  return mistakes;
}
