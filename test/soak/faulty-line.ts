/** A TCP line between terminal and host that misbehaves by chance, from a seed: what a van on a poor network sees. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { createFramer, type FramingSpec } from '../../protocol/link/framing.ts';

/** What happens to a message, each with its share of all messages. */
export const FAULTS = {
  /** It never arrives. */
  drop: 0.001,
  /** From now on nothing arrives on this connection, in neither direction, and nobody is told. */
  'half-open': 0.0002,
  /** After the terminal has given up. */
  late: 0.001,
  duplicate: 0.002,
  /** In pieces, some of one byte. */
  split: 0.03,
  /** In one piece with the next. */
  merged: 0.03,
  /** Half of it, then the connection is reset. */
  cut: 0.0003,
} as const;

export type Fault = keyof typeof FAULTS;

export interface FaultyLine {
  readonly port: number;
  readonly counts: Readonly<Record<Fault, number>>;
  readonly messages: () => number;
  close(): Promise<void>;
}

export interface FaultyLineOptions {
  readonly host: number;
  readonly framing: FramingSpec;
  /** 0 <= x < 1. */
  readonly random: () => number;
  readonly lateMs: number;
  /** So many times the usual share of each fault. Default 1. */
  readonly factor?: number;
}

const MERGE_MS = 3;

export async function startFaultyLine(options: FaultyLineOptions): Promise<FaultyLine> {
  const { random, factor = 1 } = options;
  const counts: Record<Fault, number> = {
    drop: 0,
    'half-open': 0,
    late: 0,
    duplicate: 0,
    split: 0,
    merged: 0,
    cut: 0,
  };
  let messages = 0;
  const sockets = new Set<Socket>();
  const timers = new Set<NodeJS.Timeout>();

  function after(ms: number, run: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      run();
    }, ms);
    timers.add(timer);
  }

  function chance(): Fault | undefined {
    let share = random();
    for (const [fault, part] of Object.entries(FAULTS) as [Fault, number][]) {
      share -= part * factor;
      if (share < 0) return fault;
    }
    return undefined;
  }

  function serve(terminal: Socket): void {
    const host = connect(options.host, '127.0.0.1');
    let deaf = false;
    for (const [one, other] of [
      [terminal, host],
      [host, terminal],
    ] as const) {
      sockets.add(one);
      one.setNoDelay(true);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    const forward = (to: Socket): ((bytes: Buffer) => void) => {
      const framer = createFramer(options.framing);
      /** Pieces go out in their order, one a turn, so that each arrives by itself. */
      const pieces: Uint8Array[] = [];
      let held: Uint8Array | undefined;
      let going = false;
      const pump = (): void => {
        const piece = pieces.shift();
        going = piece !== undefined;
        if (piece === undefined) return;
        if (!to.destroyed) to.write(piece);
        setImmediate(pump);
      };
      const put = (...more: Uint8Array[]): void => {
        if (deaf) return;
        const [first = new Uint8Array(), ...rest] = more;
        pieces.push(held === undefined ? first : Buffer.concat([held, first]), ...rest);
        held = undefined;
        if (!going) pump();
      };
      const does: Readonly<Record<Fault, (frame: Uint8Array) => void>> = {
        drop: () => undefined,
        'half-open': () => (deaf = true),
        late: (frame) => after(options.lateMs, () => put(frame)),
        duplicate: (frame) => put(frame, frame),
        split(frame) {
          const cuts = [1 + Math.floor(random() * 3), Math.floor(random() * frame.length)].sort((a, b) => a - b);
          const [one = 0, two = 0] = cuts;
          put(frame.subarray(0, one), frame.subarray(one, two), frame.subarray(two));
        },
        merged(frame) {
          held = held === undefined ? frame : Buffer.concat([held, frame]);
          after(MERGE_MS, () => (held === undefined ? undefined : put()));
        },
        cut(frame) {
          put(frame.subarray(0, frame.length >>> 1));
          setImmediate(() => {
            terminal.resetAndDestroy();
            host.destroy();
          });
        },
      };
      return (bytes) => {
        const frames = framer.push(bytes);
        if (!frames.ok) throw new Error(`the line cannot tell where a message ends: ${frames.error.code}`);
        for (const body of frames.value) {
          messages += 1;
          const frame = framer.encode(body);
          const fault = deaf ? 'drop' : chance();
          if (fault === undefined) {
            put(frame);
            continue;
          }
          if (!deaf) counts[fault] += 1;
          does[fault](frame);
        }
      };
    };
    terminal.on('data', forward(host));
    host.on('data', forward(terminal));
  }

  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    counts,
    messages: () => messages,
    async close() {
      for (const timer of timers) clearTimeout(timer);
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Numbers from 0 to below 1, the same for the same seed (a 32-bit xorshift-multiply generator). */
export function seeded(seed: number): () => number {
  let state = (seed ^ 0x6a09e667) >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}
