/**
 * The line to the workbench server: one WebSocket to our own origin, opened again with growing pauses when it is lost.
 * The token comes once in the address and is kept for this tab only.
 */
import type { WorkbenchVerb, WorkbenchView } from '../../main/contract.ts';
import { PROTOCOL, parseServerMessage, tokenOf, verbMessage } from './verbs.ts';

export type Line = 'no-token' | 'connecting' | 'open' | 'lost';

export interface Listeners {
  readonly onLine: (line: Line) => void;
  readonly onView: (view: WorkbenchView) => void;
  readonly onRefused: (verb: string, reason: string) => void;
}

export interface Connection {
  /** False when the line is down: nothing was sent, and nothing will be. */
  send(verb: WorkbenchVerb): boolean;
  close(): void;
}

const TOKEN_KEY = 'anjungan.workbench.token';
const FIRST_PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 5_000;
/** A handshake that takes longer is given up and tried again. */
const CONNECT_DEADLINE_MS = 10_000;

/** Takes the token out of the address bar, so that it is in no screenshot and no bookmark. */
export function takeToken(): string | undefined {
  const told = tokenOf(location.hash);
  if (told !== undefined) {
    sessionStorage.setItem(TOKEN_KEY, told);
    history.replaceState(null, '', location.pathname + location.search);
  }
  return told ?? sessionStorage.getItem(TOKEN_KEY) ?? undefined;
}

export function connect(token: string | undefined, listeners: Listeners): Connection {
  if (token === undefined) {
    listeners.onLine('no-token');
    return { send: () => false, close: () => undefined };
  }
  const address = new URL('/workbench', location.href);
  address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';

  let socket: WebSocket | undefined;
  let timer: number | undefined;
  let pause = FIRST_PAUSE_MS;
  let closed = false;

  function open(): void {
    const mine = new WebSocket(address, [PROTOCOL, `token.${token}`]);
    socket = mine;
    timer = window.setTimeout(() => mine.close(), CONNECT_DEADLINE_MS);
    mine.addEventListener('open', () => {
      window.clearTimeout(timer);
      pause = FIRST_PAUSE_MS;
      listeners.onLine('open');
    });
    mine.addEventListener('message', (event: MessageEvent<unknown>) => {
      const message = typeof event.data === 'string' ? parseServerMessage(event.data) : undefined;
      if (message?.type === 'workbench') listeners.onView(message.view);
      if (message?.type === 'refused') listeners.onRefused(message.verb, message.reason);
    });
    mine.addEventListener('close', () => {
      window.clearTimeout(timer);
      if (closed) return;
      listeners.onLine('lost');
      timer = window.setTimeout(open, pause);
      pause = Math.min(LONGEST_PAUSE_MS, pause * 2);
    });
  }

  listeners.onLine('connecting');
  open();
  return {
    send(verb) {
      if (socket?.readyState !== WebSocket.OPEN) return false;
      socket.send(verbMessage(verb));
      return true;
    },
    close() {
      closed = true;
      window.clearTimeout(timer);
      socket?.close();
    },
  };
}
