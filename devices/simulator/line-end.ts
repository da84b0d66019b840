/** The device's end of the line: joins a simulator to a TCP port or to a pty, with a plug that can be pulled. */
import { closeSync, lstatSync, renameSync, rmSync, symlinkSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer, type Server, type Socket } from 'node:net';
import { ReadStream } from 'node:tty';
import { systemClock, type Clock } from '../clock.ts';

/** What a line needs of a simulator (see contract.ts). */
export interface Attachable {
  receive(bytes: Uint8Array): void;
  attach(send: ((bytes: Uint8Array) => void) | undefined): void;
}

export interface LineEnd {
  /** What the terminal's configuration names: `tcp://127.0.0.1:PORT` or the path of the link. */
  readonly address: string;
  readonly plugged: boolean;
  /** Idempotent, like its opposite: the terminal sees the device come (again at the same address). */
  plug(): Promise<void>;
  /** The terminal sees the line go. Bytes under way are lost. */
  unplug(): Promise<void>;
  /** Unplugs for good. */
  close(): Promise<void>;
}

export interface LineEndOptions {
  /** Line speed in bits a second; 11 bits a character (8E1). Default: as fast as the machine. */
  readonly throttle?: number;
  /** Default the system's. */
  readonly clock?: Clock;
}

/**
 * The binding below node-pty's `open`: that function also reads the terminal end (and so takes bytes from the driver), and
 * keeps a descriptor of it for ever.
 */
export function openPtyPair(): { readonly master: number; readonly slave: number; readonly pty: string } {
  const nodePty = createRequire(import.meta.url)('@lydell/node-pty/requireBinary.js') as {
    requireBinary(name: string): {
      open(columns: number, rows: number): { master: number; slave: number; pty: string };
    };
  };
  return nodePty.requireBinary('pty.node').open(80, 24);
}

/** Bytes that wait for a slow or absent reader; what exceeds it is lost, as on a real line without flow control. */
const backlogBytes = 64 * 1024;
const bitsPerCharacter = 11;
const quantumMs = 4;

/** Passes bytes on at line speed, in order; `stop` drops what waits. */
function pace(clock: Clock, bitsPerSecond: number | undefined, out: (bytes: Uint8Array) => void) {
  let waiting: Uint8Array[] = [];
  let size = 0;
  let timer: unknown;
  let free = 0;

  function release(): void {
    timer = undefined;
    const perMs = (bitsPerSecond ?? 0) / bitsPerCharacter / 1000;
    let room = Math.max(1, Math.floor(perMs * quantumMs));
    const batch: Uint8Array[] = [];
    for (let first = waiting.shift(); first; first = room > 0 ? waiting.shift() : undefined) {
      batch.push(first.subarray(0, room));
      if (first.length > room) waiting.unshift(first.subarray(room));
      room -= Math.min(room, first.length);
    }
    const bytes = Buffer.concat(batch);
    size -= bytes.length;
    free = Math.max(free, clock.now()) + bytes.length / perMs;
    if (waiting.length > 0) timer = clock.setTimeout(release, free - clock.now());
    out(bytes);
  }

  return {
    push(bytes: Uint8Array): void {
      if (bitsPerSecond === undefined) {
        out(bytes);
        return;
      }
      if (size + bytes.length > backlogBytes) return;
      waiting.push(bytes.slice());
      size += bytes.length;
      const perMs = bitsPerSecond / bitsPerCharacter / 1000;
      // A character is there only when its last bit is.
      timer ??= clock.setTimeout(release, Math.max(0, free - clock.now()) + Math.min(quantumMs, bytes.length / perMs));
    },
    stop(): void {
      clock.clearTimeout(timer);
      timer = undefined;
      waiting = [];
      size = 0;
    },
  };
}

/** Listens on 127.0.0.1; `port` 0 takes a free one and keeps it over unplug and plug. One terminal at a time. */
export async function listenTcp(
  simulator: Attachable,
  options: LineEndOptions & { readonly port: number },
): Promise<LineEnd> {
  const clock = options.clock ?? systemClock;
  let port = options.port;
  let server: Server | undefined;
  let current: Socket | undefined;

  const toTerminal = pace(clock, options.throttle, (bytes) => {
    if (current && current.writableLength < backlogBytes) current.write(bytes);
  });
  const toDevice = pace(clock, options.throttle, (bytes) => simulator.receive(bytes));

  function leave(socket: Socket): void {
    socket.destroy();
    if (current !== socket) return;
    current = undefined;
    toTerminal.stop();
    toDevice.stop();
    simulator.attach(undefined);
  }

  function welcome(socket: Socket): void {
    // A newcomer takes over, as serial device servers are set up to do: the old connection may be a dead one.
    if (current) leave(current);
    current = socket;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => {
      if (current === socket) toDevice.push(bytes);
    });
    socket.on('error', () => leave(socket));
    socket.on('close', () => leave(socket));
    simulator.attach((bytes) => toTerminal.push(bytes));
  }

  const end: LineEnd = {
    get address() {
      return `tcp://127.0.0.1:${String(port)}`;
    },
    get plugged() {
      return server !== undefined;
    },
    async plug() {
      if (server) return;
      const made = createServer(welcome);
      server = made;
      await new Promise<void>((resolve, reject) => {
        made.once('error', (error) => {
          server = undefined;
          reject(error);
        });
        made.listen(port, '127.0.0.1', resolve);
      });
      const at = made.address();
      if (at !== null && typeof at === 'object') port = at.port;
    },
    async unplug() {
      const was = server;
      if (!was) return;
      server = undefined;
      const closed = new Promise<void>((resolve) => {
        was.close(() => resolve());
      });
      // A reset, not a farewell: the cable is out.
      current?.resetAndDestroy();
      if (current) leave(current);
      await closed;
    },
    close: () => end.unplug(),
  };
  await end.plug();
  return end;
}

/**
 * Opens a pty pair whose terminal end is found at `link` (a symbolic link, made anew on every plug). The terminal end is raw
 * from the start, so that nothing is echoed or translated before a driver has opened it. POSIX only.
 */
export async function openPty(
  simulator: Attachable,
  options: LineEndOptions & { readonly link: string },
): Promise<LineEnd> {
  const clock = options.clock ?? systemClock;
  const { link } = options;
  let pair: { readonly fd: number; readonly unplug: () => void } | undefined;
  let unsent: Uint8Array = new Uint8Array(0);
  let retry: unknown;

  function writeNow(): void {
    retry = undefined;
    while (pair && unsent.length > 0) {
      try {
        unsent = unsent.subarray(writeSync(pair.fd, unsent));
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
        // Nobody reads at the moment. Real time: it is the operating system that is waited for.
        retry = setTimeout(writeNow, 2).unref();
        return;
      }
    }
  }
  const toTerminal = pace(clock, options.throttle, (bytes) => {
    if (unsent.length + bytes.length > backlogBytes) return;
    unsent = unsent.length === 0 ? bytes.slice() : Buffer.concat([unsent, bytes]);
    if (retry === undefined) writeNow();
  });
  const toDevice = pace(clock, options.throttle, (bytes) => simulator.receive(bytes));

  function pointLinkTo(path: string): void {
    // Whatever else is there is somebody's file.
    if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === false)
      throw new Error(`${link} exists and is not a symbolic link`);
    const fresh = `${link}.${String(process.pid)}`;
    rmSync(fresh, { force: true });
    symlinkSync(path, fresh);
    renameSync(fresh, link);
  }

  function makePair() {
    const { master: fd, slave, pty: path } = openPtyPair();
    try {
      pointLinkTo(path);
    } catch (error) {
      closeSync(fd);
      closeSync(slave);
      throw error;
    }
    // Held open and never read: while no driver has the line open, the pair neither hangs up nor leaves raw mode.
    const holder = new ReadStream(slave);
    holder.setRawMode(true);
    const master = new ReadStream(fd);
    master.on('data', (bytes: Buffer) => {
      if (pair?.fd === fd) toDevice.push(bytes);
    });
    master.on('error', () => undefined); // EIO as the pair goes; its end is ours to decide.
    return {
      fd,
      unplug() {
        holder.destroy();
        closeSync(slave); // The stream works on a descriptor of its own.
        master.destroy();
      },
    };
  }

  const end: LineEnd = {
    address: link,
    get plugged() {
      return pair !== undefined;
    },
    plug() {
      if (pair) return Promise.resolve();
      pair = makePair();
      simulator.attach((bytes) => toTerminal.push(bytes));
      return Promise.resolve();
    },
    async unplug() {
      const was = pair;
      if (!was) return;
      pair = undefined;
      clearTimeout(retry as NodeJS.Timeout | undefined);
      retry = undefined;
      unsent = new Uint8Array(0);
      toTerminal.stop();
      toDevice.stop();
      simulator.attach(undefined);
      rmSync(link, { force: true });
      was.unplug();
      await new Promise((resolve) => setImmediate(resolve));
    },
    close: () => end.unplug(),
  };
  await end.plug();
  return end;
}
