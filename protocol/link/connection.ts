/** One TCP connection that carries framed messages: opened by a deadline, and gone exactly once. */
import { connect, type Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import { createFramer, type FramingSpec } from './framing.ts';

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
  /** How a stream is opened; default plain TCP. */
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
  let opened = false;
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
  socket.once('connect', () => {
    if (gone) return;
    clock.clearTimeout(deadline);
    opened = true;
    options.onOpen();
  });
  socket.on('data', (bytes: Buffer) => {
    if (gone) return;
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
  socket.on('error', (error: NodeJS.ErrnoException) => finish(error.code ?? error.name));
  socket.on('end', () =>
    finish(framer.pending > 0 ? 'closed by the host in the middle of a message' : 'closed by the host'),
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
