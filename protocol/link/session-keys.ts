/**
 * The session keys of a link: exchanged after sign-on and again when they are due (by age, by PINs sent, because the host
 * says so), never between a PIN and its request, nor between a request and its answer.
 */
import type { Clock } from '../clock.ts';
import type { WrappedKeys } from '../profile/network.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Connection } from './connection.ts';
import type { LinkEvent, LinkSecurity } from './contract.ts';
import { guarded } from './guard.ts';

/** While it is held, no key is changed: a PIN block made under the pad's key stays good. */
export interface KeyHold {
  /** Settles when a key change that was already under way is over; ask the pad for a PIN only then. */
  readonly ready: Promise<void>;
  /** May be called again. */
  release(): void;
}

export interface SessionKeysOptions {
  readonly clock: Clock;
  readonly security: LinkSecurity;
  /** Milliseconds until keys are too old. */
  readonly changeMs: number;
  /** PIN blocks until they are used up. */
  readonly changePins: number;
  /** DE39 that says that our keys are not the host's. */
  readonly errorCodes: ReadonlySet<string>;
  /** For the pad to load them, milliseconds; it has a deadline of its own, and this is for one that breaks its word. */
  readonly loadMs: number;
  /** Asks the host for new ones. */
  readonly fetch: () => Promise<Result<WrappedKeys, string>>;
  /** Nobody is served, nothing is under way: the connection in service; else undefined. */
  readonly idle: () => Connection | undefined;
  /** Whether this is still the connection, and the link is open. */
  readonly current: (on: Connection) => boolean;
  readonly emit: (event: LinkEvent) => void;
  /** A hold was released, or a change ended. */
  readonly onFree: () => void;
}

export interface SessionKeys {
  /** False when it failed; the connection is then gone. */
  exchange(on: Connection): Promise<boolean>;
  /** An exchange under way; requests on a link in service wait for it. */
  readonly exchanging: Promise<boolean> | undefined;
  readonly held: boolean;
  hold(): KeyHold;
  /** Settles when nothing holds the keys. */
  released(): Promise<void>;
  changeWhenDue(): void;
  renew(): void;
  /** A PIN block is about to be sent. */
  countPin(): void;
  /** What an answer says about the keys. */
  hear(responseCode: string | undefined): void;
  /** The connection is gone, or the link is closing. */
  stop(): void;
  /** Nobody waits for a release any more. */
  abandon(): void;
}

/** A host that answers everything with an error of keys gets no more than one exchange a minute for it. */
const ERROR_PAUSE_MS = 60_000;

export function createSessionKeys(options: SessionKeysOptions): SessionKeys {
  const { clock, security, emit } = options;
  let due = false;
  let pinsSent = 0;
  let timer: unknown;
  let errorAt = Number.NEGATIVE_INFINITY;
  let exchanging: Promise<boolean> | undefined;
  let abandoned = false;
  const holds = new Set<KeyHold>();
  const waiting = new Set<() => void>();

  function exchange(on: Connection): Promise<boolean> {
    // Begun in a later turn: whatever settles while it begins finds it under way.
    const beginning = Promise.resolve()
      .then(() => exchangeAndLoad(on))
      .finally(() => {
        // A pad that is slow to load may end after the next connection has begun its own.
        if (exchanging === beginning) exchanging = undefined;
      });
    exchanging = beginning;
    return beginning;
  }

  async function exchangeAndLoad(on: Connection): Promise<boolean> {
    const loaded = await load();
    if (!options.current(on)) return false;
    if (!loaded.ok) {
      emit({ kind: 'keys-refused', detail: loaded.error });
      on.drop('no keys');
      return false;
    }
    pinsSent = 0;
    due = false;
    clock.clearTimeout(timer);
    timer = clock.setTimeout(renew, options.changeMs);
    emit({ kind: 'keys-loaded', detail: `PIN key ${loaded.value.pinCheck}, MAC key ${loaded.value.macCheck}` });
    return true;
  }

  async function load(): Promise<Result<WrappedKeys, string>> {
    const keys = await options.fetch();
    if (!keys.ok) return keys;
    return new Promise((resolve) => {
      const timer = clock.setTimeout(() => resolve(fail('not loaded in time')), options.loadMs, 'peer');
      void guarded(() => security.loadKeys(keys.value)).then((loaded) => {
        clock.clearTimeout(timer);
        resolve(loaded.ok ? ok(keys.value) : fail(loaded.error.code));
      });
    });
  }

  function changeWhenDue(): void {
    const on = due ? options.idle() : undefined;
    if (on !== undefined) void exchange(on).then(options.onFree);
  }

  function renew(): void {
    due = true;
    changeWhenDue();
  }

  function wake(): void {
    for (const resolve of waiting) resolve();
    waiting.clear();
  }

  return {
    exchange,
    get exchanging() {
      return exchanging;
    },
    get held() {
      return holds.size > 0;
    },
    hold() {
      const hold: KeyHold = {
        ready: Promise.resolve(exchanging).then(() => undefined),
        release() {
          if (!holds.delete(hold) || holds.size > 0) return;
          wake();
          options.onFree();
        },
      };
      holds.add(hold);
      return hold;
    },
    async released() {
      while (holds.size > 0 && !abandoned) await new Promise<void>((resolve) => waiting.add(resolve));
    },
    changeWhenDue,
    renew,
    countPin() {
      pinsSent += 1;
      if (pinsSent >= options.changePins) due = true;
    },
    hear(responseCode) {
      if (responseCode === undefined || !options.errorCodes.has(responseCode)) return;
      if (clock.now() - errorAt < ERROR_PAUSE_MS) return;
      errorAt = clock.now();
      emit({ kind: 'keys-out-of-step', detail: `answered with ${responseCode}`, responseCode });
      renew();
    },
    stop() {
      clock.clearTimeout(timer);
    },
    abandon() {
      abandoned = true;
      wake();
    },
  };
}
