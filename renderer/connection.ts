/**
 * The way to the core: the Electron preload's `window.anjungan`, or a WebSocket to the origin that served this page.
 * Both carry the same messages: we send `{type:'action', step, action}`; we get `{type:'view', view}`, and first, on a
 * WebSocket, `{type:'resume', token}`: each token opens one connection, so the next one is kept for a reconnect.
 * A lost connection is reported at once and tried again for ever.
 */
import type { ActionMessage, ScreenKind, View } from '../main/contract.ts';

export interface ConnectionEvents {
  readonly onView: (view: View) => void;
  /** The core cannot be heard: whatever it said last must not stay on the screen. */
  readonly onLost: () => void;
}

export interface Connection {
  /** An action made while unconnected is dropped: the screen it was meant for is gone. */
  send(message: ActionMessage): void;
  close(): void;
}

interface Bridge {
  send(message: unknown): void;
  subscribe(listener: (message: unknown) => void): unknown;
}

declare global {
  interface Window {
    readonly anjungan?: Bridge;
  }
}

const RESUME_KEY = 'anjungan.resume';
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 4_000;
/** A handshake that takes longer is given up and tried again. */
const CONNECT_MS = 10_000;

const KINDS: Readonly<Record<ScreenKind, true>> = {
  'out-of-service': true,
  idle: true,
  'card-entering': true,
  'card-unreadable': true,
  pin: true,
  'pin-wrong': true,
  menu: true,
  'asking-host': true,
  'choose-membership': true,
  result: true,
  'not-linked': true,
  'receipt-choice': true,
  'receipt-qr': true,
  'something-else': true,
  'take-card': true,
  'card-retained': true,
  printing: true,
  'take-receipt': true,
  'receipt-failed': true,
  goodbye: true,
  sorry: true,
};

type Incoming =
  | { readonly type: 'view'; readonly view: View }
  | { readonly type: 'resume'; readonly token: string }
  | { readonly type: 'lost' };

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isView(value: unknown): value is View {
  if (!isRecord(value) || typeof value['step'] !== 'number' || !isRecord(value['terminal'])) return false;
  const screen = value['screen'];
  return (
    (value['language'] === 'id' || value['language'] === 'en') &&
    isRecord(screen) &&
    typeof screen['kind'] === 'string' &&
    Object.hasOwn(KINDS, screen['kind'])
  );
}

/**
 * Reads a message of the core; undefined for what does not concern this page. A view that it cannot draw counts as `lost`:
 * an old screen must not stay up in place of one that is not understood. The core is trusted with the details of a screen.
 */
export function parseIncoming(message: unknown): Incoming | undefined {
  if (!isRecord(message)) return undefined;
  if (message['type'] === 'lost') return { type: 'lost' };
  if (message['type'] === 'view')
    return isView(message['view']) ? { type: 'view', view: message['view'] } : { type: 'lost' };
  if (message['type'] === 'resume' && typeof message['token'] === 'string')
    return { type: 'resume', token: message['token'] };
  return undefined;
}

function parseText(data: unknown): Incoming | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    return parseIncoming(JSON.parse(data));
  } catch {
    return undefined;
  }
}

/** Milliseconds before attempt number `attempt` (from 0): doubling to a limit, with up to a quarter more by `random` (0..1). */
export function retryDelay(attempt: number, random: number): number {
  const base = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt, 10));
  return Math.round(base * (1 + random / 4));
}

/** The token in an address such as `#token=abc`. */
export function tokenOf(hash: string): string | undefined {
  const token = new URLSearchParams(hash.replace(/^#/, '')).get('token');
  return token === null || !/^[A-Za-z0-9._~-]+$/.test(token) ? undefined : token;
}

/** Takes the token out of the address bar, where a passer-by or a screenshot could see it. */
function takeToken(): void {
  const token = tokenOf(location.hash);
  if (token === undefined) return;
  sessionStorage.setItem(RESUME_KEY, token);
  history.replaceState(null, '', location.pathname + location.search);
}

function connectBridge(bridge: Bridge, events: ConnectionEvents): Connection {
  const unsubscribe = bridge.subscribe((message) => {
    const incoming = parseIncoming(message);
    if (incoming?.type === 'view') events.onView(incoming.view);
    else if (incoming?.type === 'lost') events.onLost();
  });
  return {
    send: ({ step, action }) => bridge.send({ type: 'action', step, action }),
    close: () => {
      if (typeof unsubscribe === 'function') unsubscribe();
    },
  };
}

function connectSocket(events: ConnectionEvents): Connection {
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;
  let closed = false;

  const retry = (): void => {
    if (closed) return;
    clearTimeout(timer);
    timer = setTimeout(open, retryDelay(attempt, Math.random()));
    attempt += 1;
  };

  function open(): void {
    const token = sessionStorage.getItem(RESUME_KEY);
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const next = new WebSocket(`${scheme}://${location.host}/ui`, [
      'anjungan.v1',
      ...(token === null ? [] : [`token.${token}`]),
    ]);
    socket = next;
    const deadline = setTimeout(() => next.close(), CONNECT_MS);
    next.addEventListener('open', () => clearTimeout(deadline));
    next.addEventListener('message', (event) => {
      if (socket !== next) return;
      const incoming = parseText(event.data);
      if (incoming?.type === 'resume') sessionStorage.setItem(RESUME_KEY, incoming.token);
      else if (incoming?.type === 'lost') events.onLost();
      else if (incoming?.type === 'view') {
        attempt = 0;
        events.onView(incoming.view);
      }
    });
    // An error is always followed by close.
    next.addEventListener('close', () => {
      clearTimeout(deadline);
      if (socket !== next) return;
      socket = undefined;
      events.onLost();
      retry();
    });
  }

  const onNewToken = (): void => {
    if (tokenOf(location.hash) === undefined) return;
    takeToken();
    attempt = 0;
    if (socket === undefined) retry();
  };
  addEventListener('hashchange', onNewToken);
  takeToken();
  open();

  return {
    send: ({ step, action }) => {
      if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: 'action', step, action }));
    },
    close: () => {
      closed = true;
      clearTimeout(timer);
      removeEventListener('hashchange', onNewToken);
      socket?.close();
    },
  };
}

export function connect(events: ConnectionEvents): Connection {
  const bridge = window.anjungan;
  return bridge === undefined ? connectSocket(events) : connectBridge(bridge, events);
}
