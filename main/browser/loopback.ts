/**
 * A web server for one page on this machine: loopback only, exact Host and Origin, files from a closed set, one WebSocket
 * path whose token travels in the subprotocol (it never stands in a URL that a log could keep).
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Clock } from '../../protocol/clock.ts';
import { fail, ok, type Result } from '../../protocol/result.ts';
import type { Asset } from './assets.ts';

export interface LoopbackOptions {
  readonly bind: string;
  /** 0: any free one. */
  readonly port: number;
  readonly assets: ReadonlyMap<string, Asset>;
  /** The asset served at `/`. */
  readonly index: string;
  /** Assets of other pages, which this server does not show. */
  readonly hidden: readonly string[];
  readonly socketPath: string;
  /** The subprotocol the page must offer beside its token. */
  readonly protocol: string;
  /** Takes a token out of circulation or refuses it. */
  readonly admit: (token: string) => boolean;
  readonly onSocket: (socket: WebSocket) => void;
  /** Origins that may show the page in a frame (the workbench); none by default. */
  readonly frameAncestors?: () => readonly string[];
  /** Pages that this page may show in a frame. */
  readonly frames?: readonly string[];
  readonly clock: Clock;
}

export interface Loopback {
  /** e.g. `http://127.0.0.1:8700` */
  readonly origin: string;
  readonly close: () => Promise<void>;
}

export type ListenFailure = { readonly code: 'port-in-use' | 'not-permitted' | 'unknown'; readonly detail: string };

const MAX_MESSAGE = 4_096;
const PING_MS = 10_000;
const MAX_SOCKETS = 8;

const LISTEN_CODES: Readonly<Record<string, ListenFailure['code']>> = {
  EADDRINUSE: 'port-in-use',
  EACCES: 'not-permitted',
};

function securityHeaders(origin: string, options: LoopbackOptions): Record<string, string> {
  const socket = origin.replace(/^http/, 'ws');
  const ancestors = options.frameAncestors?.() ?? [];
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ${socket}`,
    `frame-src ${options.frames?.length ? options.frames.join(' ') : "'none'"}`,
    `frame-ancestors ${ancestors.length > 0 ? ancestors.join(' ') : "'none'"}`,
    "base-uri 'none'",
    "form-action 'none'",
    "object-src 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-site',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=()',
    'cache-control': 'no-cache',
  };
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

export function serveLoopback(options: LoopbackOptions): Promise<Result<Loopback, ListenFailure>> {
  const { clock } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(options.protocol) ? options.protocol : false),
  });
  let host = '';
  let origin = '';

  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const answer = (status: number, type: string, body: Buffer | string): void => {
      response.writeHead(status, {
        ...securityHeaders(origin, options),
        'content-type': type,
        'content-length': Buffer.byteLength(body),
      });
      response.end(request.method === 'HEAD' ? undefined : body);
    };
    if (request.headers.host !== host) return answer(421, 'text/plain', 'This server answers to its own name only.\n');
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, 'text/plain', 'Only GET.\n');
    const requested = (request.url ?? '/').split(/[?#]/, 1)[0] ?? '/';
    const name = requested === '/' ? options.index : requested;
    const asset = options.hidden.includes(name) ? undefined : options.assets.get(name);
    if (asset === undefined) return answer(404, 'text/plain', 'Not here.\n');
    answer(200, asset.type, asset.body);
  };

  const server = createServer(serve);
  server.headersTimeout = 5_000;
  server.requestTimeout = 10_000;
  server.maxConnections = 64;

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    if (request.headers.host !== host || request.headers.origin !== origin) return refuse(socket, '403 Forbidden');
    if (request.url !== options.socketPath) return refuse(socket, '404 Not Found');
    if (sockets.clients.size >= MAX_SOCKETS) return refuse(socket, '503 Service Unavailable');
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    const token = offered.find((name) => name.startsWith('token.'))?.slice('token.'.length);
    if (!offered.includes(options.protocol) || token === undefined || !options.admit(token))
      return refuse(socket, '401 Unauthorized');
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      keepAlive(webSocket);
      options.onSocket(webSocket);
    });
  });

  const keepAlive = (webSocket: WebSocket): void => {
    let answered = true;
    let timer: unknown;
    const ping = (): void => {
      timer = clock.setTimeout(() => {
        if (!answered) return webSocket.terminate();
        answered = false;
        webSocket.ping();
        ping();
      }, PING_MS);
    };
    webSocket.on('pong', () => {
      answered = true;
    });
    webSocket.on('close', () => {
      clock.clearTimeout(timer);
    });
    webSocket.on('error', () => {
      webSocket.terminate();
    });
    ping();
  };

  return new Promise((resolve) => {
    // Stays: a refused accept (no file descriptors left) must not end the process.
    server.on('error', (error: NodeJS.ErrnoException) => {
      resolve(
        fail({
          code: LISTEN_CODES[error.code ?? ''] ?? 'unknown',
          detail: `${options.bind}:${options.port} (${error.code ?? 'unknown'})`,
        }),
      );
    });
    server.listen(options.port, options.bind, () => {
      const { port } = server.address() as AddressInfo;
      host = options.bind.includes(':') ? `[${options.bind}]:${port}` : `${options.bind}:${port}`;
      origin = `http://${host}`;
      resolve(
        ok({
          origin,
          close: () =>
            new Promise<void>((done) => {
              for (const client of sockets.clients) client.terminate();
              server.close(() => {
                done();
              });
              server.closeAllConnections();
            }),
        }),
      );
    });
  });
}
