/** How the host simulator listens: plain TCP, or TLS 1.3 with a certificate asked of every terminal. */
import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

/** PEM texts. */
export interface HostTls {
  readonly cert: string;
  readonly key: string;
  /** The authority that the terminals' certificates must come from. */
  readonly ca: string;
}

const HANDSHAKE_MS = 10_000;

/** `serve` gets each connection, with TLS once the terminal's certificate was accepted; `log` hears why one was not. */
export function listener(
  tls: HostTls | undefined,
  serve: (socket: Socket) => void,
  log: (line: string) => void,
): Server {
  if (tls === undefined) return createServer(serve);
  const server = createTlsServer(
    {
      ...tls,
      minVersion: 'TLSv1.3',
      requestCert: true,
      rejectUnauthorized: true,
      handshakeTimeout: HANDSHAKE_MS,
    },
    serve,
  );
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    log(`${socket.remoteAddress ?? '?'} TLS refused: ${error.code ?? error.message}`);
    socket.destroy();
  });
  return server;
}

/** The three files of the command line, all or none; what is wrong with them goes to `mistakes`. */
export function readHostTls(paths: readonly (string | undefined)[], mistakes: string[]): HostTls | undefined {
  if (paths.every((path) => path === undefined)) return undefined;
  const texts = paths.map((path, index) => {
    const option = ['--tls-cert', '--tls-key', '--tls-ca'][index] ?? '';
    if (path === undefined) {
      mistakes.push(`${option} is missing: TLS takes --tls-cert, --tls-key and --tls-ca`);
      return '';
    }
    try {
      return readFileSync(path, 'latin1');
    } catch (error) {
      mistakes.push(`${option} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
      return '';
    }
  });
  const [cert = '', key = '', ca = ''] = texts;
  return { cert, key, ca };
}
