/** The kiosk page in a browser: serves it on loopback and carries Views out and Actions in. */
import type { WebSocket } from 'ws';
import type { Clock } from '../../protocol/clock.ts';
import type { Result } from '../../protocol/result.ts';
import { parseAction } from '../contract.ts';
import type { OpenStorage } from '../journal/journal.ts';
import type { Terminal } from '../terminal.ts';
import type { Asset } from './assets.ts';
import { serveLoopback, type ListenFailure } from './loopback.ts';
import { createTokens } from './tokens.ts';

export interface BrowserHost {
  readonly origin: string;
  /** The page's address with a fresh token, good once. */
  address(): string;
  close(): Promise<void>;
}

export interface BrowserHostOptions {
  readonly terminal: Terminal;
  readonly assets: ReadonlyMap<string, Asset>;
  readonly bind: string;
  readonly port: number;
  readonly clock: Clock;
  readonly storage: OpenStorage;
  /** Tokens made by the launcher, for pages it opens itself. */
  readonly tokens: readonly string[];
  /** The workbench's origin, which shows the kiosk in a frame; simulation only. */
  readonly frameAncestors: readonly string[];
}

/** Touches a second that a person can make, with room; a page that sends more is not ours. */
const ACTIONS_PER_SECOND = 40;

export async function serveBrowser(options: BrowserHostOptions): Promise<Result<BrowserHost, ListenFailure>> {
  const { terminal, clock } = options;
  const tokens = createTokens(options.storage);
  for (const token of options.tokens) tokens.accept(token);

  const onSocket = (socket: WebSocket): void => {
    const send = (message: unknown): void => {
      // A page that does not read is dropped rather than buffered without bound.
      if (socket.bufferedAmount > 1_000_000) socket.terminate();
      else socket.send(JSON.stringify(message));
    };
    send({ type: 'resume', token: tokens.issue() });
    send({ type: 'view', view: terminal.view() });
    const unsubscribe = terminal.onView((view) => {
      send({ type: 'view', view });
    });
    let second = 0;
    let count = 0;
    socket.on('message', (data: Buffer, isBinary) => {
      // What still arrives after a refusal is not listened to.
      if (socket.readyState !== socket.OPEN) return;
      const now = Math.floor(clock.now() / 1000);
      count = now === second ? count + 1 : 1;
      second = now;
      const message = isBinary ? undefined : parseAction(json(data));
      if (message === undefined || count > ACTIONS_PER_SECOND) socket.close(1008, 'not an action');
      else terminal.act(message);
    });
    socket.on('close', unsubscribe);
  };

  const served = await serveLoopback({
    bind: options.bind,
    port: options.port,
    assets: options.assets,
    index: '/index.html',
    hidden: ['/workbench.html'],
    socketPath: '/ui',
    protocol: 'anjungan.v1',
    admit: (token) => tokens.spend(token),
    onSocket,
    frameAncestors: () => options.frameAncestors,
    clock,
  });
  if (!served.ok) return served;
  return {
    ok: true,
    value: {
      origin: served.value.origin,
      address: () => `${served.value.origin}/#token=${tokens.issue()}`,
      close: served.value.close,
    },
  };
}

function json(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString('utf8'));
  } catch {
    // Not JSON is not an action: the caller closes the connection.
    return undefined;
  }
}
