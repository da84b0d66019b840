/**
 * The link to the host: keeps one connection, signs on, exchanges keys, echoes when idle, changes keys when they are due,
 * and comes back after a loss, by the next address in turn and with growing, jittered waits.
 *
 *   down -> connecting -> signing-on -> exchanging-keys -> in-service -> (lost) down ...
 */
import { explain } from '../iso8583/error.ts';
import type { Message } from '../iso8583/message.ts';
import { isReply } from '../iso8583/mti.ts';
import {
  buildNetworkReply,
  buildNetworkRequest,
  isNetworkRequest,
  readNetworkReply,
  readNetworkRequest,
  type NetworkReply,
} from '../profile/network.ts';
import type { NetworkFunction } from '../profile/profile.ts';
import { fail, ok, type Result } from '../result.ts';
import { createBackoff } from './backoff.ts';
import { openConnection, type Connection } from './connection.ts';
import type { HostLink, LinkEvent, LinkFailure, LinkState } from './contract.ts';
import { DEFAULT_KEY_CHANGE_MS, DEFAULT_TIMEOUTS, type LinkOptions, type LinkTimeouts } from './options.ts';
import { createRequests, type Answer } from './requests.ts';

/** While it is held, no key is changed: a PIN block made under the pad's key stays good. */
export interface KeyHold {
  /** Settles when a key change that was already under way is over; ask the pad for a PIN only then. */
  readonly ready: Promise<void>;
  /** May be called again. */
  release(): void;
}

export interface Link extends HostLink {
  /**
   * Take it before the pad is asked for a PIN, release it (in `finally`) when the last request with that PIN block has
   * settled. A link that comes back meanwhile signs on and waits with its keys, and is in service after the release.
   */
  hold(): KeyHold;
  /** Whoever holds the keys may have lost them (unplugged, tampered, exchanged): get new ones as soon as no PIN is under way. */
  renewKeys(): void;
}

export function createLink(options: LinkOptions): Link {
  const { profile, endpoints, terminal, security, clock } = options;
  const timeouts: LinkTimeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const elapsed = options.elapsed ?? (() => performance.now());
  const backoff = createBackoff({ ...options.backoff, random: options.random ?? Math.random });
  const maxPending = options.maxPending ?? 16;
  const keyChangeMs = options.keyChangeMs ?? DEFAULT_KEY_CHANGE_MS;
  const keyChangePins = options.keyChangePins ?? 1000;

  let state: LinkState = { state: 'down', why: 'starting' };
  const stateListeners = new Set<(state: LinkState) => void>();
  const eventListeners = new Set<(event: LinkEvent) => void>();
  let connection: Connection | undefined;
  let endpointIndex = 0;
  let served = false;
  let signedOn = false;
  let closed = false;
  let closing: Promise<void> | undefined;
  let retryTimer: unknown;
  let idleTimer: unknown;
  let keyTimer: unknown;
  let pinsSent = 0;
  let keyChangeDue = false;
  /** An exchange of keys under way; false when it fails. On a link in service, requests wait for it. */
  let exchanging: Promise<boolean> | undefined;
  let echoing: Connection | undefined;
  const holds = new Set<KeyHold>();
  const waitingForRelease = new Set<() => void>();

  const requests = createRequests({
    profile,
    security,
    stan: options.stan,
    clock,
    elapsed,
    timeZone: options.timeZone,
    send: (body) => connection?.send(body) ?? false,
    emit,
    onSettled: changeKeysWhenDue,
  });

  function emit(event: LinkEvent): void {
    for (const listener of eventListeners) listener(event);
  }

  function setState(next: LinkState): void {
    state = next;
    for (const listener of stateListeners) listener(next);
  }

  // ---- Connection ----

  function open(): void {
    const endpoint = endpoints[endpointIndex];
    if (endpoint === undefined) throw new Error('a link needs an address');
    served = false;
    setState({ state: 'connecting' });
    const name = `${endpoint.host}:${endpoint.port}`;
    const opening = openConnection({
      endpoint,
      framing: profile.framing,
      clock,
      connectMs: timeouts.connect,
      ...(options.dial === undefined ? {} : { dial: options.dial }),
      onOpen() {
        emit({ kind: 'connected', detail: name });
        void serve(opening);
      },
      onFrame: receive,
      onBrokenFraming: (detail) => emit({ kind: 'garbled', detail }),
      onGone: (why, opened) => gone(`${name}: ${why}`, opened),
    });
    connection = opening;
  }

  function gone(why: string, opened: boolean): void {
    connection = undefined;
    signedOn = false;
    clock.clearTimeout(idleTimer);
    clock.clearTimeout(keyTimer);
    // Out of service before anybody hears of a failed request: whoever asks again at once is told so.
    if (!closed) setState({ state: 'down', why });
    if (!closed) emit({ kind: opened ? 'lost' : 'connect-failed', detail: why });
    requests.failAll(why);
    if (closed) return;
    endpointIndex = served ? 0 : (endpointIndex + 1) % endpoints.length;
    // An alternate is tried at once; after the last one, or a loss, there is a wait.
    const wait = served || endpointIndex === 0 ? backoff.next() : 0;
    retryTimer = clock.setTimeout(open, wait);
  }

  function receive(body: Uint8Array): void {
    const at = elapsed();
    if (signedOn) waitForIdle();
    const message = profile.codec.unpack(body);
    if (!message.ok) {
      emit({ kind: 'garbled', detail: explain(message.error) });
      requests.receiveBroken(message.error);
    } else if (isReply(message.value.mti)) requests.receive(body, message.value, at);
    else answer(message.value);
  }

  /** The host may ask too: an echo or a cut-over is agreed to; anything else of network management is not known here (12). */
  function answer(request: Message): void {
    const read = readNetworkRequest(profile, request);
    const known = read.ok && (read.value.function === 'echo' || read.value.function === 'cutOver');
    const stan = request.get(11);
    emit({
      kind: 'received',
      detail: known ? 'asked by the host' : 'not known here',
      mti: request.mti,
      ...(stan === undefined ? {} : { stan }),
      describe: () => profile.codec.describe(request),
    });
    if (!isNetworkRequest(request)) return;
    const reply = profile.codec.pack(buildNetworkReply(profile, request, { responseCode: known ? '00' : '12' }));
    if (reply.ok) connection?.send(reply.value);
  }

  // ---- Network management ----

  async function manage(what: NetworkFunction, deadlineMs: number): Promise<Result<NetworkReply, string>> {
    const answered = await requests.send(buildNetworkRequest(profile, terminal, what), { deadlineMs });
    if (!answered.ok) return fail(`${answered.error.code}: ${answered.error.detail}`);
    const reply = readNetworkReply(profile, answered.value.reply);
    if (!reply.ok) return fail(`${reply.error.path}: ${reply.error.rule}`);
    if (reply.value.function !== what) return fail(`DE70: the answer is to ${reply.value.function}`);
    return reply.value.approved ? reply : fail(`refused with ${reply.value.responseCode}`);
  }

  async function serve(on: Connection): Promise<void> {
    setState({ state: 'signing-on' });
    const signOn = await manage('signOn', timeouts.signOn);
    if (connection !== on || closed) return;
    if (!signOn.ok) {
      emit({ kind: 'sign-on-refused', detail: signOn.error });
      on.drop('not signed on');
      return;
    }
    signedOn = true;
    emit({ kind: 'signed-on', detail: '' });
    waitForIdle();
    setState({ state: 'exchanging-keys' });
    await released();
    if (connection !== on || closed || !(await exchangeKeys(on))) return;
    served = true;
    backoff.reset();
    setState({ state: 'in-service' });
    changeKeysWhenDue();
  }

  /** False when it failed; the connection is then gone. */
  function exchangeKeys(on: Connection): Promise<boolean> {
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
    const loaded = await loadKeys();
    if (connection !== on || closed) return false;
    if (!loaded.ok) {
      emit({ kind: 'keys-refused', detail: loaded.error });
      on.drop('no keys');
      return false;
    }
    pinsSent = 0;
    keyChangeDue = false;
    clock.clearTimeout(keyTimer);
    keyTimer = clock.setTimeout(() => {
      keyChangeDue = true;
      changeKeysWhenDue();
    }, keyChangeMs);
    emit({ kind: 'keys-loaded', detail: `PIN key ${loaded.value.pinCheck}, MAC key ${loaded.value.macCheck}` });
    return true;
  }

  async function loadKeys(): Promise<Result<{ pinCheck: string; macCheck: string }, string>> {
    const reply = await manage('keyExchange', timeouts.keyExchange);
    if (!reply.ok) return reply;
    const { keys } = reply.value;
    if (keys === undefined) return fail('the reply has no keys');
    const loaded = await security.loadKeys(keys);
    return loaded.ok ? ok(keys) : fail(loaded.error.code);
  }

  /** A key change never comes between a PIN and its request, nor between a request and its answer. */
  function changeKeysWhenDue(): void {
    const on = connection;
    if (!keyChangeDue || exchanging !== undefined || on === undefined) return;
    if (state.state !== 'in-service' || holds.size > 0 || requests.size > 0) return;
    void exchangeKeys(on);
  }

  // ---- Idle ----

  function waitForIdle(): void {
    clock.clearTimeout(idleTimer);
    idleTimer = clock.setTimeout(() => void echo(), timeouts.echoIdle);
  }

  async function echo(): Promise<void> {
    const on = connection;
    if (on === undefined || !signedOn || echoing === on) return;
    echoing = on;
    clock.clearTimeout(idleTimer);
    const reply = await manage('echo', timeouts.echoReply);
    if (echoing === on) echoing = undefined;
    if (connection !== on || closed) return;
    if (reply.ok) {
      emit({ kind: 'echo', detail: '' });
      return;
    }
    emit({ kind: 'echo-failed', detail: reply.error });
    on.drop('the echo was not answered');
  }

  // ---- Holds ----

  async function released(): Promise<void> {
    while (holds.size > 0) await new Promise<void>((resolve) => waitingForRelease.add(resolve));
  }

  async function signOffAndClose(): Promise<void> {
    closed = true;
    clock.clearTimeout(retryTimer);
    clock.clearTimeout(idleTimer);
    clock.clearTimeout(keyTimer);
    setState({ state: 'closed' });
    requests.failAll('the link is closing', 'cancelled');
    if (signedOn) await manage('signOff', timeouts.signOff);
    connection?.drop('closed by us');
    for (const resolve of waitingForRelease) resolve();
    waitingForRelease.clear();
  }

  async function request(message: Message, signal: AbortSignal): Promise<Answer> {
    if (state.state !== 'in-service') return refuse('not-in-service', state.state === 'down' ? state.why : state.state);
    if (requests.size >= maxPending) return refuse('queue-full', `${maxPending} requests are under way`);
    if (message.has(52)) {
      pinsSent += 1;
      if (pinsSent >= keyChangePins) keyChangeDue = true;
    }
    const answered = await requests.send(message, { deadlineMs: timeouts.reply, signal, after: exchanging });
    // Silence may mean a connection that is open on our side only: find out now, not with the next customer.
    if (!answered.ok && answered.error.code === 'no-answer') void echo();
    return answered;
  }

  const refuse = (code: LinkFailure['code'], detail: string): Answer => fail({ code, detail });

  retryTimer = clock.setTimeout(open, 0);

  return {
    state: () => state,
    onState(listener) {
      stateListeners.add(listener);
      return () => stateListeners.delete(listener);
    },
    onEvent(listener) {
      eventListeners.add(listener);
      return () => eventListeners.delete(listener);
    },
    request,
    hold() {
      const hold: KeyHold = {
        ready: Promise.resolve(exchanging).then(() => undefined),
        release() {
          if (!holds.delete(hold) || holds.size > 0) return;
          for (const resolve of waitingForRelease) resolve();
          waitingForRelease.clear();
          changeKeysWhenDue();
        },
      };
      holds.add(hold);
      return hold;
    },
    renewKeys() {
      keyChangeDue = true;
      changeKeysWhenDue();
    },
    close() {
      closing ??= signOffAndClose();
      return closing;
    },
  };
}
