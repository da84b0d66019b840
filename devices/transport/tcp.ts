/** TCP to a serial device server (or a simulator): a byte pipe of equal standing with a serial line. */
import { connect, type Socket } from 'node:net';
import { fail, ok, type Result } from '../result.ts';
import type { LineAddress, OpenPipe, Pipe, PipeError } from './pipe.ts';

const connectMs = 3000;
const closeMs = 500;
/** Idle time before the operating system probes a peer that vanished without a word; drivers' heartbeats are quicker. */
const keepAliveMs = 5000;

const codes: Readonly<Record<string, PipeError['code']>> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'not-found',
  EAI_AGAIN: 'not-found',
  EHOSTUNREACH: 'not-found',
  ENETUNREACH: 'not-found',
  EACCES: 'denied',
  EPERM: 'denied',
  ETIMEDOUT: 'timeout',
};

function toPipeError(error: NodeJS.ErrnoException): PipeError {
  return { code: codes[error.code ?? ''] ?? 'lost', detail: error.code ?? error.message };
}

/** Opens a connection for each call; gives up after 3 s with `timeout`. */
export function openTcp(address: Extract<LineAddress, { kind: 'tcp' }>): OpenPipe {
  return () =>
    new Promise((resolve) => {
      const socket = connect({ host: address.host, port: address.port, noDelay: true });
      const give = (result: Result<Pipe, PipeError>): void => {
        clearTimeout(timer);
        socket.off('connect', onConnect);
        socket.off('error', onError);
        resolve(result);
      };
      const onConnect = (): void => {
        socket.setKeepAlive(true, keepAliveMs);
        give(ok(pipeOf(socket)));
      };
      const onError = (error: NodeJS.ErrnoException): void => {
        socket.destroy();
        give(fail(toPipeError(error)));
      };
      const timer = setTimeout(() => {
        socket.on('error', () => socket.destroy());
        socket.destroy();
        give(fail({ code: 'timeout', detail: `no connection after ${String(connectMs)} ms` }));
      }, connectMs);
      socket.on('connect', onConnect);
      socket.on('error', onError);
    });
}

function pipeOf(socket: Socket): Pipe {
  let ours = false;
  let gone: PipeError | undefined;
  let tell: ((error: PipeError) => void) | undefined;

  const lost = (error: PipeError): void => {
    if (gone || ours) return;
    gone = error;
    socket.destroy();
    tell?.(error);
  };
  socket.on('error', (error: NodeJS.ErrnoException) => lost({ ...toPipeError(error), code: 'lost' }));
  socket.on('end', () => lost({ code: 'lost', detail: 'the other end closed the connection' }));
  socket.on('close', () => lost({ code: 'lost', detail: 'the connection is closed' }));

  return {
    write(bytes, deadlineMs) {
      if (ours || gone) return Promise.resolve(fail(gone ?? { code: 'closed', detail: 'closed by us' }));
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          resolve(fail({ code: 'timeout', detail: `not written after ${String(deadlineMs)} ms` }));
        }, deadlineMs);
        socket.write(bytes, (error) => {
          clearTimeout(timer);
          resolve(error ? fail({ ...toPipeError(error), code: 'lost' }) : ok());
        });
      });
    },
    onData(listener) {
      socket.on('data', listener);
    },
    onLost(listener) {
      tell = listener;
      if (gone) listener(gone);
    },
    close() {
      ours = true;
      return new Promise((resolve) => {
        if (socket.closed) {
          resolve();
          return;
        }
        const timer = setTimeout(resolve, closeMs);
        socket.once('close', () => {
          clearTimeout(timer);
          resolve();
        });
        socket.destroy();
      });
    },
  };
}
