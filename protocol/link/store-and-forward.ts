/**
 * Advices that must arrive (0420, 0220 and the like): stored durably before they are sent, sent in the order they were
 * stored, one at a time, and repeated (0421) with the same STAN and RRN until the host acknowledges them (0430). A process
 * that ends anywhere, between any two bytes, repeats what was not acknowledged; the host answers a repeat as before.
 *
 * Nothing secret is stored: an advice may have only elements that the profile shows whole in a log, so no card number,
 * track, PIN block, key or member's data. A host that wants the card number in its reversals cannot be served by this
 * store. DE7 and the MAC are made anew with each sending.
 */
import type { Clock } from '../clock.ts';
import { explain } from '../iso8583/error.ts';
import { createMessage, withElements, type ElementValues, type Message } from '../iso8583/message.ts';
import { isReply, repeatType } from '../iso8583/mti.ts';
import type { HostProfile } from '../profile/profile.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Database, StorageError } from '../storage/sqlite.ts';
import { createBackoff, type BackoffOptions } from './backoff.ts';
import type { Exchange, HostLink, LinkFailure } from './contract.ts';
import { retrievalReference, type StanError, type StanSource } from './stan.ts';
import { transmissionTimes } from './times.ts';

export interface StoreAndForwardOptions {
  readonly database: Database;
  /** DE41: a database may serve several. */
  readonly terminalId: string;
  readonly link: Pick<HostLink, 'state' | 'onState' | 'request'>;
  readonly profile: HostProfile;
  readonly stan: StanSource;
  readonly clock: Clock;
  /** IANA name, for DE12 and DE13. */
  readonly timeZone: string;
  /** Advices kept at most, refused ones included; more are not taken. Default 1000. */
  readonly limit?: number;
  /** Waits after an advice that was not acknowledged. Default 5 s, doubling to 5 min. */
  readonly backoff?: Omit<BackoffOptions, 'random'>;
  /** 0 <= x < 1. Default Math.random. */
  readonly random?: () => number;
  /** Answers "not now" or "not like this" until an advice is set aside for a person. Default 10. */
  readonly maxRefusals?: number;
}

export type AdviceError =
  | StanError
  | {
      readonly code:
        /** Not an advice: function 2, from the acquirer. */
        | 'not-an-advice'
        /** It has elements that are not to be stored; `detail` names them. */
        | 'sensitive'
        /** It does not fit the profile. */
        | 'unpackable'
        /** The limit is reached. */
        | 'queue-full';
      readonly detail: string;
    };

export interface StoredAdvice {
  /** Counts up in the order of storing. */
  readonly id: number;
  readonly mti: string;
  readonly stan: string;
  readonly rrn: string;
  /** Times it was sent, or was about to be when the process ended. */
  readonly attempts: number;
}

export interface AdviceEvent extends StoredAdvice {
  readonly kind: 'stored' | 'acknowledged' | 'not-acknowledged' | 'set-aside';
  /** DE39 of the answer, when there was one. */
  readonly responseCode?: string;
  readonly detail: string;
}

export interface StoreAndForward {
  /** Stored durably when this answers ok; DE11, 12, 13 and 37 are given here when the message lacks them. */
  add(advice: Message): Result<StoredAdvice, AdviceError>;
  /** What was not acknowledged yet, in its order. */
  waiting(): Result<readonly StoredAdvice[], StorageError>;
  /** What the host keeps refusing, for a person to look at. */
  setAside(): Result<readonly StoredAdvice[], StorageError>;
  /** A person has dealt with an advice that was set aside; false when there is none with this id. */
  dismiss(id: number): Result<boolean, StorageError>;
  onEvent(listener: (event: AdviceEvent) => void): () => void;
  /** Storage that failed while forwarding; it is tried again. */
  onTrouble(listener: (error: StorageError) => void): () => void;
  /** Stops sending; what is under way is given up and will be repeated. May be called again. */
  close(): Promise<void>;
}

const SCHEMA = `CREATE TABLE IF NOT EXISTS store_and_forward (
  id INTEGER PRIMARY KEY AUTOINCREMENT, terminal TEXT NOT NULL, mti TEXT NOT NULL, stan TEXT NOT NULL,
  rrn TEXT NOT NULL, elements TEXT NOT NULL, attempts INTEGER NOT NULL, refusals INTEGER NOT NULL, aside INTEGER NOT NULL
) STRICT`;
const COLUMNS = 'id, mti, stan, rrn, elements, attempts, refusals';

interface Row extends StoredAdvice {
  readonly elements: string;
  readonly refusals: number;
}

/** Nothing left the terminal. */
const UNSENT: ReadonlySet<LinkFailure['code']> = new Set(['not-in-service', 'queue-full']);

const plain = ({ id, mti, stan, rrn, attempts }: StoredAdvice): StoredAdvice => ({ id, mti, stan, rrn, attempts });

export function openStoreAndForward(options: StoreAndForwardOptions): Result<StoreAndForward, StorageError> {
  const { database, terminalId, link, profile, clock } = options;
  const limit = options.limit ?? 1000;
  const maxRefusals = options.maxRefusals ?? 10;
  const backoff = createBackoff({
    baseMs: 5000,
    maxMs: 300_000,
    ...options.backoff,
    random: options.random ?? Math.random,
  });
  const made = database.exec(SCHEMA);
  if (!made.ok) return made;

  const of = 'FROM store_and_forward WHERE terminal = ?';
  const count = database.prepare<{ many: number }>(`SELECT count(*) AS many ${of}`);
  const insert = database.prepare(
    `INSERT INTO store_and_forward (terminal, mti, stan, rrn, elements, attempts, refusals, aside)
     VALUES (?, ?, ?, ?, ?, 0, 0, 0)`,
  );
  const oldest = database.prepare<Row>(`SELECT ${COLUMNS} ${of} AND aside = 0 ORDER BY id LIMIT 1`);
  const list = database.prepare<Row>(`SELECT ${COLUMNS} ${of} AND aside = ? ORDER BY id`);
  const attempted = database.prepare('UPDATE store_and_forward SET attempts = attempts + ? WHERE id = ?');
  const refused = database.prepare('UPDATE store_and_forward SET refusals = refusals + 1, aside = ? WHERE id = ?');
  const remove = database.prepare('DELETE FROM store_and_forward WHERE id = ?');
  const removeAside = database.prepare('DELETE FROM store_and_forward WHERE terminal = ? AND id = ? AND aside = 1');

  const eventListeners = new Set<(event: AdviceEvent) => void>();
  const troubleListeners = new Set<(error: StorageError) => void>();
  const giveUp = new AbortController();
  let closed = false;
  let sending: Promise<void> | undefined;
  let retryTimer: unknown;

  function emit(kind: AdviceEvent['kind'], advice: StoredAdvice, detail: string, responseCode?: string): void {
    const event = { kind, ...plain(advice), detail, ...(responseCode === undefined ? {} : { responseCode }) };
    for (const listener of eventListeners) listener(event);
  }

  // ---- Storing ----

  /** What no log may show whole is not stored either; the MAC is not stored because it is made anew. */
  const secretElements = (advice: Message): readonly number[] =>
    advice.elements.filter((element) => profile.codec.spec.elements[element]?.show !== 'whole');

  function complete(draft: Message): Result<Message, AdviceError> {
    const now = clock.now();
    let stan = draft.get(11);
    if (stan === undefined) {
      const next = options.stan.next();
      if (!next.ok) return next;
      stan = next.value;
    }
    const { localTime, localDate } = transmissionTimes(now, options.timeZone);
    const own: Readonly<Record<number, string>> = { 12: localTime, 13: localDate, 37: retrievalReference(now, stan) };
    const missing = Object.entries(own).filter(
      ([element]) => profile.codec.spec.elements[Number(element)] !== undefined && !draft.has(Number(element)),
    );
    return ok(withElements(draft, { ...Object.fromEntries(missing), 7: undefined, 11: stan }));
  }

  function add(draft: Message): Result<StoredAdvice, AdviceError> {
    if (!/^[0-9][0-9]20$/.test(draft.mti) || isReply(draft.mti))
      return fail({ code: 'not-an-advice', detail: `an advice is x220, x420 or the like` });
    const secret = secretElements(draft);
    if (secret.length > 0)
      return fail({ code: 'sensitive', detail: `not to be stored: ${secret.map((one) => `DE${one}`).join(', ')}` });
    const completed = complete(draft);
    if (!completed.ok) return completed;
    const advice = completed.value;
    const packed = profile.codec.pack(advice);
    if (!packed.ok) return fail({ code: 'unpackable', detail: explain(packed.error) });
    const elements = Object.fromEntries(advice.elements.map((element) => [element, advice.get(element)]));
    const [stan, rrn] = [advice.get(11) ?? '', advice.get(37) ?? ''];
    const stored = database.transaction<number, AdviceError>(() => {
      const many = count.get(terminalId);
      if (!many.ok) return many;
      if ((many.value?.many ?? 0) >= limit)
        return fail({ code: 'queue-full', detail: `${limit} advices wait already` });
      const inserted = insert.run(terminalId, advice.mti, stan, rrn, JSON.stringify(elements));
      return inserted.ok ? ok(inserted.value.lastInsertRowid) : inserted;
    });
    if (!stored.ok) return stored;
    const row = { id: stored.value, mti: advice.mti, stan, rrn, attempts: 0 };
    emit('stored', row, '');
    forward();
    return ok(row);
  }

  function restore(row: Row): Message | undefined {
    try {
      const mti = row.attempts === 0 ? row.mti : repeatType(row.mti);
      return createMessage(mti, JSON.parse(row.elements) as ElementValues);
    } catch {
      return undefined;
    }
  }

  // ---- Forwarding ----

  function forward(): void {
    if (closed || sending !== undefined || link.state().state !== 'in-service') return;
    clock.clearTimeout(retryTimer);
    const now = drain().finally(() => {
      if (sending === now) sending = undefined;
    });
    sending = now;
  }

  /** Sends what waits until nothing does, or until one has to wait; the others wait behind it. */
  async function drain(): Promise<void> {
    // Begun in a later turn: whoever stores one is not called back before the call returns.
    await Promise.resolve();
    while (!closed && link.state().state === 'in-service') {
      const next = oldest.get(terminalId);
      if (!next.ok) return trouble(next.error);
      if (next.value === undefined) return;
      const row = next.value;
      const message = restore(row);
      // From here on it may have been sent: whatever happens, the next sending is a repeat.
      const counted = attempted.run(1, row.id);
      if (!counted.ok) return trouble(counted.error);
      const sent = { ...row, attempts: row.attempts + 1 };
      const answered: Result<Exchange, LinkFailure> =
        message === undefined
          ? fail({ code: 'unpackable', detail: 'what was stored cannot be read' })
          : await link.request(message, giveUp.signal);
      const kept = settle(sent, answered);
      if (!kept.ok) return trouble(kept.error);
      if (kept.value === 'later') return later();
      backoff.reset();
    }
  }

  /** What an answer means for an advice; `later` when it has to be sent again after a while. */
  function settle(row: Row, answered: Result<Exchange, LinkFailure>): Result<'next' | 'later', StorageError> {
    if (!answered.ok) {
      const { code, detail } = answered.error;
      if (code === 'unpackable') return putBack(row, `${code}: ${detail}`, undefined, true);
      if (UNSENT.has(code)) {
        const unsent = attempted.run(-1, row.id);
        if (!unsent.ok) return unsent;
      }
      if (!closed) emit('not-acknowledged', row, `${code}: ${detail}`);
      return ok('later');
    }
    const responseCode = answered.value.reply.get(39);
    const { meaning } = profile.meaning(responseCode ?? '');
    // An advice tells what has happened: any answer but "I cannot now" and "I do not understand" is an acknowledgement.
    if (responseCode === undefined || meaning === 'host-unavailable' || meaning === 'system-error')
      return putBack(row, `answered with ${responseCode ?? 'no DE39'}`, responseCode, row.refusals + 1 >= maxRefusals);
    const removed = remove.run(row.id);
    if (!removed.ok) return removed;
    emit('acknowledged', row, '', responseCode);
    return ok('next');
  }

  function putBack(
    row: Row,
    detail: string,
    responseCode: string | undefined,
    aside: boolean,
  ): Result<'next' | 'later', StorageError> {
    const kept = refused.run(aside ? 1 : 0, row.id);
    if (!kept.ok) return kept;
    emit(aside ? 'set-aside' : 'not-acknowledged', row, detail, responseCode);
    return ok(aside ? 'next' : 'later');
  }

  function later(): void {
    if (closed) return;
    clock.clearTimeout(retryTimer);
    retryTimer = clock.setTimeout(forward, backoff.next());
  }

  function trouble(error: StorageError): void {
    if (closed) return;
    for (const listener of troubleListeners) listener(error);
    later();
  }

  const stopListening = link.onState(({ state }) => {
    if (state === 'in-service') forward();
  });
  forward();

  const rows = (aside: 0 | 1): Result<readonly StoredAdvice[], StorageError> => {
    const found = list.all(terminalId, aside);
    return found.ok ? ok(found.value.map(plain)) : found;
  };

  function listen<T>(listeners: Set<(value: T) => void>): (listener: (value: T) => void) => () => void {
    return (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    };
  }

  return ok({
    add,
    waiting: () => rows(0),
    setAside: () => rows(1),
    dismiss(id) {
      const removed = removeAside.run(terminalId, id);
      return removed.ok ? ok(removed.value.changes > 0) : removed;
    },
    onEvent: listen(eventListeners),
    onTrouble: listen(troubleListeners),
    async close() {
      closed = true;
      stopListening();
      clock.clearTimeout(retryTimer);
      giveUp.abort();
      await sending;
    },
  });
}
