/** The ways in which a host misbehaves, each as what it does with an answer instead of sending it. */
import type { Framer } from '../link/framing.ts';

export type HostBehaviour =
  | 'normal'
  /** After the terminal has given up. */
  | 'late'
  | 'never'
  | 'twice'
  /** The answer to a later request comes first. */
  | 'out-of-order'
  /** A whole frame that holds no message. */
  | 'garbled'
  /** A whole frame that holds the beginning of a message. */
  | 'truncated'
  | 'bad-mac'
  /** Half a frame, then the connection closes. */
  | 'close-mid-message'
  /** Byte by byte. */
  | 'trickle';

/** The line to one terminal. */
export interface Wire {
  readonly framer: Framer;
  /** Milliseconds that `late` waits. */
  readonly lateMs: number;
  /** Unless the terminal has gone by then. False when too many wait already: it is not run. */
  after(ms: number, run: () => void): boolean;
  /** Nothing when the terminal has gone. */
  write(bytes: Uint8Array): void;
  /** Byte by byte; what is written meanwhile follows. */
  trickle(bytes: Uint8Array): void;
  /** Sends what was written, then closes. */
  end(): void;
  /** An answer kept back for `out-of-order`. */
  held: Uint8Array | undefined;
}

/** A lone answer is kept back for so long at most. */
const OUT_OF_ORDER_MS = 1000;
/** More than the MAC: the message breaks off inside an element. */
const CUT_OFF = 20;

const sendWhole = (wire: Wire, body: Uint8Array): void => wire.write(wire.framer.encode(body));

const DO: Readonly<Record<HostBehaviour, (wire: Wire, body: Uint8Array) => void>> = {
  normal: sendWhole,

  late(wire, body) {
    wire.after(wire.lateMs, () => sendWhole(wire, body));
  },

  never() {},

  twice(wire, body) {
    sendWhole(wire, body);
    sendWhole(wire, body);
  },

  'out-of-order'(wire, body) {
    const earlier = wire.held;
    wire.held = undefined;
    if (earlier !== undefined) {
      sendWhole(wire, body);
      sendWhole(wire, earlier);
      return;
    }
    const waits = wire.after(OUT_OF_ORDER_MS, () => {
      if (wire.held !== body) return;
      wire.held = undefined;
      sendWhole(wire, body);
    });
    if (waits) wire.held = body;
    else sendWhole(wire, body);
  },

  garbled(wire, body) {
    sendWhole(
      wire,
      body.map((byte, index) => (index < 24 ? 0x5a : byte ^ 0x15)),
    );
  },

  truncated(wire, body) {
    sendWhole(wire, body.subarray(0, -CUT_OFF));
  },

  'bad-mac'(wire, body) {
    const changed = Uint8Array.from(body);
    const last = changed.length - 1;
    changed[last] = changed[last] === 0x30 ? 0x31 : 0x30;
    sendWhole(wire, changed);
  },

  'close-mid-message'(wire, body) {
    const frame = wire.framer.encode(body);
    wire.write(frame.subarray(0, frame.length >>> 1));
    wire.end();
  },

  trickle(wire, body) {
    wire.trickle(wire.framer.encode(body));
  },
};

export const BEHAVIOURS = Object.keys(DO) as readonly HostBehaviour[];

export function isBehaviour(text: string): text is HostBehaviour {
  return Object.hasOwn(DO, text);
}

export function sendAs(behaviour: HostBehaviour, wire: Wire, body: Uint8Array): void {
  DO[behaviour](wire, body);
}
