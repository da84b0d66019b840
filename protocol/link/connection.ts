/** One connection, TCP or TLS, that carries framed messages: opened by a deadline, and gone exactly once. */
import { connect, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Clock } from '../clock.ts';
import { createFramer, type FramingSpec } from './framing.ts';
import { explainSocketError } from './tls.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface ConnectionOptions {
  readonly endpoint: Endpoint;
  readonly framing: FramingSpec;
  readonly clock: Clock;
  /** Milliseconds. */
  readonly connectMs: number;
  /** How a stream is opened; default plain TCP. A TLS socket is open when its handshake is done. */
  readonly dial?: (endpoint: Endpoint) => Socket;
  onOpen(): void;
  /** The body of one frame. */
  onFrame(body: Uint8Array): void;
  /** The stream is out of step; `onGone` follows. */
  onBrokenFraming(detail: string): void;
  /** Once: refused, timed out, closed by the host, or dropped by us. `opened` tells whether `onOpen` came before. */
  onGone(why: string, opened: boolean): void;
}

export interface Connection {
  /** Hands a whole frame to the socket; false when the connection is gone. */
  send(body: Uint8Array): boolean;
  /** Ends it; `onGone` comes before this returns. May be called again. */
  drop(why: string): void;
}

const KEEP_ALIVE_MS = 30_000;
/** Bytes that may wait for a host that does not read; a terminal's requests are some hundred bytes each. */
const MAX_UNREAD = 262_144;

export function openConnection(options: ConnectionOptions): Connection {
  const { clock, endpoint } = options;
  const framer = createFramer(options.framing);
  const socket = (options.dial ?? connect)({ host: endpoint.host, port: endpoint.port });
  const secure = socket instanceof TLSSocket;
  let opened = false;
  let heard = false;
  let gone = false;

  function finish(why: string): void {
    if (gone) return;
    gone = true;
    clock.clearTimeout(deadline);
    socket.destroy();
    options.onGone(why, opened);
  }

  const deadline = clock.setTimeout(() => finish('no connection in time'), options.connectMs, 'peer');
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  socket.once(secure ? 'secureConnect' : 'connect', () => {
    if (gone) return;
    clock.clearTimeout(deadline);
    opened = true;
    options.onOpen();
  });
  socket.on('data', (bytes: Buffer) => {
    if (gone) return;
    heard = true;
    const frames = framer.push(bytes);
    for (const body of frames.ok ? frames.value : frames.error.before) {
      options.onFrame(body);
      if (gone) return;
    }
    if (frames.ok) return;
    const { code, expected, got } = frames.error;
    options.onBrokenFraming(`${code}: expected ${expected}, got ${got}`);
    finish('the framing was lost');
  });
  // In TLS 1.3 a host judges our certificate after we think the handshake is done: it may hang up instead of answering.
  const unheard = (): string =>
    secure && !heard ? ', before it said anything: it may not accept our certificate' : '';
  socket.on('error', (error: NodeJS.ErrnoException) =>
    finish(`${explainSocketError(error)}${opened ? unheard() : ''}`),
  );
  socket.on('end', () =>
    finish(framer.pending > 0 ? 'closed by the host in the middle of a message' : `closed by the host${unheard()}`),
  );
  socket.on('close', () => finish('closed'));

  return {
    send(body) {
      if (gone || !opened) return false;
      socket.write(framer.encode(body));
      if (socket.writableLength <= MAX_UNREAD) return true;
      finish('the host does not read');
      return false;
    },
    drop: finish,
  };
}
