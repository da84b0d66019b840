/**
 * A serial line. The only file that imports serialport, and the place that knows its traps: a write on a closed port never
 * calls back, `close` may come twice or never, and a port object that is opened again sends what it kept. Hence one object
 * per connection, a deadline of our own on every write, and a look at the port now and then.
 */
import { SerialPort } from 'serialport';
import { fail, ok, type Result } from '../result.ts';
import type { LineAddress, OpenPipe, Pipe, PipeError } from './pipe.ts';

const openMs = 3000;
const closeMs = 500;
/** How often the modem signals are asked for, only to learn whether the port is still there. */
const lookMs = 500;

const openErrors: readonly (readonly [RegExp, PipeError['code']])[] = [
  [/cannot lock|busy|access denied/i, 'busy'],
  [/permission denied|EACCES/i, 'denied'],
  [/no such (file|device)|not found|ENOENT|ENXIO|ENODEV/i, 'not-found'],
];

function openError(error: Error): PipeError {
  const code = openErrors.find(([pattern]) => pattern.test(error.message))?.[1] ?? 'not-found';
  return { code, detail: error.message };
}

/** A pty and some adapters have no modem signals; their refusal says that the port is alive. */
const noModemSignals = /inappropriate ioctl|invalid argument|not supported|not a typewriter/i;

/** Opens the port for each call; gives up after 3 s with `timeout`. */
export function openSerial(address: Extract<LineAddress, { kind: 'serial' }>): OpenPipe {
  return () =>
    new Promise((resolve) => {
      const { path, baudRate, dataBits, parity, stopBits } = address;
      const port = new SerialPort({ path, baudRate, dataBits, parity, stopBits, autoOpen: false });
      let late = false;
      const give = (result: Result<Pipe, PipeError>): void => {
        clearTimeout(timer);
        resolve(result);
      };
      const timer = setTimeout(() => {
        late = true;
        give(fail({ code: 'timeout', detail: `${path} not open after ${String(openMs)} ms` }));
      }, openMs);
      port.on('error', () => undefined); // Each call has its own callback; an `error` without a listener would throw.
      port.open((error) => {
        if (error) give(fail(openError(error)));
        else if (late) void closePort(port);
        else give(ok(pipeOf(port)));
      });
    });
}

function closePort(port: SerialPort): Promise<void> {
  return new Promise((resolve) => {
    if (!port.isOpen) {
      resolve();
      return;
    }
    const timer = setTimeout(resolve, closeMs);
    port.close(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function pipeOf(port: SerialPort): Pipe {
  let ours = false;
  let gone: PipeError | undefined;
  let tell: ((error: PipeError) => void) | undefined;

  const lost = (detail: string): void => {
    if (gone || ours) return;
    gone = { code: 'lost', detail };
    clearInterval(look);
    void closePort(port);
    tell?.(gone);
  };
  port.on('close', (error: Error | null) => lost(error?.message ?? 'the port was closed'));
  port.on('error', (error: Error) => lost(error.message));
  port.on('end', () => lost('the port has ended'));
  const look = setInterval(() => {
    port.get((error) => {
      if (error && !noModemSignals.test(error.message)) lost(error.message);
    });
  }, lookMs).unref();

  return {
    write(bytes, deadlineMs) {
      if (ours || gone || !port.isOpen) {
        return Promise.resolve(fail(gone ?? { code: 'closed', detail: 'the port is closed' }));
      }
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          resolve(fail({ code: 'timeout', detail: `not written after ${String(deadlineMs)} ms` }));
        }, deadlineMs);
        port.write(Buffer.from(bytes), (error) => {
          clearTimeout(timer);
          resolve(error ? fail({ code: 'lost', detail: error.message }) : ok());
        });
      });
    },
    onData(listener) {
      port.on('data', (bytes: Buffer) => {
        if (!ours && !gone) listener(bytes);
      });
    },
    onLost(listener) {
      tell = listener;
      if (gone) listener(gone);
    },
    close() {
      ours = true;
      clearInterval(look);
      return closePort(port);
    },
  };
}
