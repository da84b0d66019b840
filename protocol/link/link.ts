/**
 * The link to the host: keeps one connection, signs on, exchanges keys, echoes when idle, changes keys when they are due,
 * comes back after a loss, by the next address in turn and with growing, jittered waits, and from an alternate address to
 * the primary.
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
  type WrappedKeys,
} from '../profile/network.ts';
import type { NetworkFunction } from '../profile/profile.ts';
import { fail, ok, type Result } from '../result.ts';
import { createBackoff } from './backoff.ts';
import { openConnection, type Connection, type Endpoint } from './connection.ts';
import type { HostLink, LinkEvent, LinkFailure, LinkState } from './contract.ts';
import { createFailBack } from './failback.ts';
import {
  DEFAULT_FAIL_BACK_MS,
  DEFAULT_KEY_CHANGE_MS,
  DEFAULT_TIMEOUTS,
  type LinkOptions,
  type LinkTimeouts,
} from './options.ts';
import { createRequests, type Answer } from './requests.ts';
import { createSessionKeys, type KeyHold } from './session-keys.ts';

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
  let echoing: Connection | undefined;
  /** The connection that is left on purpose, for the primary. */
  let leaving: Connection | undefined;
  let drained: (() => void) | undefined;

  const requests = createRequests({
    profile,
    security,
    stan: options.stan,
    clock,
    elapsed,
    timeZone: options.timeZone,
    correlation: options.correlation ?? profile.correlation,
    send: (body) => connection?.send(body) ?? false,
    emit,
    onSettled() {
      if (requests.size === 0) drained?.();
      whenIdle();
    },
  });

  const keys = createSessionKeys({
    clock,
    security,
    changeMs: options.keyChangeMs ?? DEFAULT_KEY_CHANGE_MS,
    changePins: options.keyChangePins ?? 1000,
    errorCodes: new Set(options.keyErrorCodes ?? profile.keyErrors),
    loadMs: timeouts.keyExchange,
    fetch: fetchKeys,
    idle: () => (isIdle() ? connection : undefined),
    current: (on) => connection === on && !closed,
    emit,
    onFree: whenIdle,
  });

  const failBack = createFailBack({
    clock,
    waitMs: options.failBackMs ?? DEFAULT_FAIL_BACK_MS,
    probe: (onOpen, onGone) =>
      openConnection({
        ...dialling(endpointAt(0)),
        onOpen,
        onFrame: () => undefined,
        onBrokenFraming: () => undefined,
        onGone,
      }),
    idle: isIdle,
    leave: () => void returnToPrimary(),
    onUnreachable: (why) => emit({ kind: 'connect-failed', detail: `${nameOf(endpointAt(0))}: ${why}` }),
  });

  function emit(event: LinkEvent): void {
    for (const listener of eventListeners) listener(event);
  }

  function setState(next: LinkState): void {
    state = next;
    for (const listener of stateListeners) listener(next);
  }

  // ---- Connection ----

  function endpointAt(index: number): Endpoint {
    const endpoint = endpoints[index];
    if (endpoint === undefined) throw new Error('a link needs an address');
    return endpoint;
  }

  const nameOf = ({ host, port }: Endpoint): string => `${host}:${port}`;

  const dialling = (endpoint: Endpoint) => ({
    endpoint,
    framing: profile.framing,
    clock,
    connectMs: timeouts.connect,
    ...(options.dial === undefined ? {} : { dial: options.dial }),
  });

  function open(): void {
    const endpoint = endpointAt(endpointIndex);
    served = false;
    setState({ state: 'connecting' });
    const name = nameOf(endpoint);
    const opening = openConnection({
      ...dialling(endpoint),
      onOpen() {
        emit({ kind: 'connected', detail: name });
        void serve(opening);
      },
      onFrame: receive,
      onBrokenFraming: (detail) => emit({ kind: 'garbled', detail }),
      onGone: (why, opened) => gone(opening, `${name}: ${why}`, opened),
    });
    connection = opening;
  }

  function gone(on: Connection, why: string, opened: boolean): void {
    const planned = leaving === on;
    connection = undefined;
    leaving = undefined;
    signedOn = false;
    clock.clearTimeout(idleTimer);
    keys.stop();
    failBack.disarm();
    // Out of service before anybody hears of a failed request: whoever asks again at once is told so.
    if (!closed) setState({ state: 'down', why });
    if (!closed && !planned) emit({ kind: opened ? 'lost' : 'connect-failed', detail: why });
    requests.failAll(why);
    if (closed) return;
    endpointIndex = served ? 0 : (endpointIndex + 1) % endpoints.length;
    // An alternate is tried at once, and the primary that is known to be there; after the last one, or a loss, there is a wait.
    const wait = !planned && (served || endpointIndex === 0) ? backoff.next() : 0;
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

  /**
   * The host may ask too: an echo, a cut-over and a change of keys are agreed to; anything else of network management is
   * not known here (12). Keys are fetched by an exchange of ours, whatever came with the request.
   */
  function answer(request: Message): void {
    const read = readNetworkRequest(profile, request);
    const what = read.ok ? read.value.function : undefined;
    const known = what === 'echo' || what === 'cutOver' || what === 'keyExchange';
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
    if (what === 'cutOver') emit({ kind: 'cut-over', detail: request.get(15) ?? '' });
    if (what === 'keyExchange') keys.renew();
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
    await keys.released();
    if (connection !== on || closed || !(await keys.exchange(on))) return;
    served = true;
    backoff.reset();
    if (endpointIndex === 0) failBack.reset();
    else failBack.arm();
    setState({ state: 'in-service' });
    whenIdle();
  }

  async function fetchKeys(): Promise<Result<WrappedKeys, string>> {
    const reply = await manage('keyExchange', timeouts.keyExchange);
    if (!reply.ok) return reply;
    return reply.value.keys === undefined ? fail('the reply has no keys') : ok(reply.value.keys);
  }

  function isIdle(): boolean {
    return state.state === 'in-service' && !keys.held && requests.size === 0 && keys.exchanging === undefined;
  }

  /** What waits for a moment in which nobody is served. */
  function whenIdle(): void {
    keys.changeWhenDue();
    failBack.tryWhenDue();
  }

  /** The alternate hears a sign-off, the primary is dialled at once; in between the link is out of service. */
  async function returnToPrimary(): Promise<void> {
    const on = connection;
    if (on === undefined) return;
    leaving = on;
    signedOn = false;
    clock.clearTimeout(idleTimer);
    emit({ kind: 'fail-back', detail: nameOf(endpointAt(0)) });
    setState({ state: 'down', why: 'back to the primary' });
    await manage('signOff', timeouts.signOff);
    if (leaving === on && !closed) on.drop('back to the primary');
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

  // ---- Requests, and the end ----

  async function signOffAndClose(drainMs: number): Promise<void> {
    closed = true;
    clock.clearTimeout(retryTimer);
    clock.clearTimeout(idleTimer);
    keys.stop();
    failBack.disarm();
    setState({ state: 'closed' });
    if (drainMs > 0 && requests.size > 0) {
      let timer: unknown;
      await new Promise<void>((resolve) => {
        drained = resolve;
        timer = clock.setTimeout(resolve, drainMs, 'peer');
      });
      clock.clearTimeout(timer);
    }
    requests.failAll('the link is closing', 'cancelled');
    if (signedOn) await manage('signOff', timeouts.signOff);
    connection?.drop('closed by us');
    keys.abandon();
  }

  async function request(message: Message, signal: AbortSignal): Promise<Answer> {
    if (state.state !== 'in-service') return refuse('not-in-service', state.state === 'down' ? state.why : state.state);
    if (requests.size >= maxPending) return refuse('queue-full', `${maxPending} requests are under way`);
    if (message.has(52)) keys.countPin();
    const answered = await requests.send(message, { deadlineMs: timeouts.reply, signal, after: keys.exchanging });
    // Silence may mean a connection that is open on our side only: find out now, not with the next customer.
    if (!answered.ok && answered.error.code === 'no-answer') void echo();
    if (answered.ok) keys.hear(answered.value.reply.get(39));
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
    hold: () => keys.hold(),
    renewKeys: () => keys.renew(),
    close(drainMs = 0) {
      closing ??= signOffAndClose(drainMs);
      return closing;
    },
  };
}
