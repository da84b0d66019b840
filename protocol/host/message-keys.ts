/** Where the keys of a message come from, as the profile says: from the terminal's key exchange, or from its own serial number. */
import type { Message } from '../iso8583/message.ts';
import type { HostProfile } from '../profile/profile.ts';
import { ok, type Result } from '../result.ts';
import { openDukptCounters } from '../security/dukpt-counters.ts';
import { createDukptReceiver, type DukptBase } from '../security/dukpt-receiver.ts';
import type { DukptSchemeName } from '../security/dukpt-scheme.ts';
import type { MessageKeys } from '../security/message-keys.ts';
import type { Database, StorageError } from '../storage/sqlite.ts';
import { algorithmsOf } from './terminal-keys.ts';
import type { Terminal } from './terminals.ts';

/** Undefined when there are none: keys were never exchanged, or the serial number is none, used up or another terminal's. */
export type KeysOf = (terminalId: string, terminal: Terminal, request: Message) => MessageKeys | undefined;

const AES = 'FEDCBA9876543210F1F1F1F1F1F1F1F1';

/** TEST keys: the base derivation keys of the examples in ANSI X9.24-1:2009 and X9.24-3:2017, known to everybody. */
export const TEST_BASES: Readonly<Record<DukptSchemeName, DukptBase>> = {
  tdes: { keySet: 'FFFF987654', key: Buffer.from('0123456789ABCDEFFEDCBA9876543210', 'hex') },
  'aes-128': { keySet: '12345678', key: Buffer.from(AES, 'hex') },
  'aes-192': { keySet: '12345678', key: Buffer.from(AES + AES, 'hex').subarray(0, 24) },
  'aes-256': { keySet: '12345678', key: Buffer.from(AES + AES, 'hex') },
};

export interface BasesError {
  readonly code: 'bad-base-key';
  readonly detail: string;
}

/** `bases`: default the TEST key of the profile's scheme. The counters used are kept in `database`. */
export function createKeysOf(
  profile: HostProfile,
  database: Database,
  bases?: readonly DukptBase[],
): Result<KeysOf, StorageError | BasesError> {
  const { keying } = profile;
  if (keying.kind === 'session-keys') return ok((_terminalId, terminal) => terminal.keys);
  const { scheme, ksnElement } = keying;
  const counters = openDukptCounters(database);
  if (!counters.ok) return counters;
  const options = { ...algorithmsOf(profile), scheme, bases: bases ?? [TEST_BASES[scheme]], counters: counters.value };
  const receiver = createDukptReceiver(options);
  if (!receiver.ok) {
    const detail = receiver.error.map(({ path, rule }) => `${path}: ${rule}`).join('; ');
    return { ok: false, error: { code: 'bad-base-key', detail } };
  }
  return ok((terminalId, _terminal, request) => {
    const ksn = request.get(ksnElement);
    if (ksn === undefined) return undefined;
    // A visit's further inquiries have its serial number once more; a replay is known by its STAN.
    const opened = receiver.value.open(terminalId, ksn, true);
    return opened.ok ? opened.value : undefined;
  });
}
