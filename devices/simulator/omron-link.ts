/**
 * The OMRON 3S4YR's end of its link layer: ACK or NAK for a command, its answer when ENQ asks for it, the same answer again for
 * every further ENQ, EOT to give up (Data Transmission Specifications). And all the ways in which it can misbehave.
 */
import {
  createOmronDecoder,
  decodeOmronCommand,
  encodeOmronAnswer,
  omronControl,
  type OmronAnswer,
  type OmronControl,
  type OmronToken,
} from '../card-reader/omron-frame.ts';

/** How the line and the firmware can misbehave, byte by byte. Counted ones wear off by themselves. */
export interface OmronLinkFaultVerbs {
  /** Answers the next commands with NAK. */
  nakNext(times?: number): void;
  /** Swallows the next ACKs. */
  dropNextAck(times?: number): void;
  /** Swallows the next answers (a repeated ENQ gets them). */
  dropNextAnswer(times?: number): void;
  /** Sends the next answers with a wrong BCC. */
  damageNextAnswer(times?: number): void;
  /** Sends only the first half of the next answers. */
  halveNextAnswer(times?: number): void;
  /** Puts so many bytes of noise before the next thing sent. */
  noise(bytes?: number): void;
  /** Sends byte by byte. */
  splitWrites(on?: boolean): void;
  /** Does not answer at all, as with the data cable out and the port alive. */
  silence(on?: boolean): void;
}

export interface OmronLink {
  readonly verbs: OmronLinkFaultVerbs;
  receive(bytes: Uint8Array): void;
  attach(send: ((bytes: Uint8Array) => void) | undefined): void;
  /** Power gone: nothing is pending any more. */
  forget(): void;
}

/** `run` carries out a command and calls `done` once, now or later; what it gives back stops it. */
export function createOmronLink(run: (name: string, done: (answer: OmronAnswer) => void) => () => void): OmronLink {
  const decoder = createOmronDecoder();
  const faults = { nak: 0, dropAck: 0, dropAnswer: 0, damage: 0, halve: 0, noise: 0, split: false, silent: false };
  let send: ((bytes: Uint8Array) => void) | undefined;
  let command: string | undefined;
  let stop: (() => void) | undefined;
  let lastAnswer: Uint8Array | undefined;

  /** Uses up one of a counted fault. */
  function wearsOff(fault: 'nak' | 'dropAck' | 'dropAnswer' | 'damage' | 'halve'): boolean {
    if (faults[fault] === 0) return false;
    faults[fault] -= 1;
    return true;
  }

  function transmit(bytes: Uint8Array): void {
    if (faults.silent) return;
    const noise = Uint8Array.from({ length: faults.noise }, (_, n) => 0x20 + ((n * 37) % 0x5f));
    faults.noise = 0;
    const all = Uint8Array.from([...noise, ...bytes]);
    if (!faults.split) send?.(all);
    else for (const byte of all) send?.(Uint8Array.of(byte));
  }

  function control(which: OmronControl): void {
    transmit(omronControl(which));
  }

  function transmitAnswer(bytes: Uint8Array): void {
    if (wearsOff('dropAnswer')) return;
    if (wearsOff('halve')) transmit(bytes.subarray(0, Math.floor(bytes.length / 2)));
    else if (wearsOff('damage')) transmit(bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 0x55 : byte)));
    else transmit(bytes);
  }

  function start(name: string): void {
    let finished = false;
    const halt = run(name, (answer) => {
      finished = true;
      stop = undefined;
      lastAnswer = encodeOmronAnswer(answer);
      transmitAnswer(lastAnswer);
    });
    if (!finished) stop = halt;
  }

  function forget(): void {
    stop?.();
    stop = undefined;
    command = undefined;
    lastAnswer = undefined;
  }

  function heard(token: OmronToken): void {
    if (token.kind === 'eot') {
      forget();
      control('eot');
    } else if (stop) {
      // Half duplex: deaf while it works; the answer comes when it is done.
    } else if (token.kind === 'enq') {
      const name = command;
      command = undefined;
      if (name !== undefined) start(name);
      else if (lastAnswer) transmitAnswer(lastAnswer);
    } else if (token.kind === 'frame' || token.kind === 'damaged') {
      lastAnswer = undefined;
      command = token.kind === 'frame' ? decodeOmronCommand(token.text)?.name : undefined;
      if (command === undefined || wearsOff('nak')) {
        command = undefined;
        control('nak');
      } else if (!wearsOff('dropAck')) {
        control('ack');
      }
    }
  }

  return {
    forget,
    attach(to) {
      send = to;
      if (!to) decoder.expire();
    },
    receive(bytes) {
      const tokens = decoder.push(bytes);
      if (!faults.silent) for (const token of tokens) heard(token);
    },
    verbs: {
      nakNext: (times = 1) => void (faults.nak = times),
      dropNextAck: (times = 1) => void (faults.dropAck = times),
      dropNextAnswer: (times = 1) => void (faults.dropAnswer = times),
      damageNextAnswer: (times = 1) => void (faults.damage = times),
      halveNextAnswer: (times = 1) => void (faults.halve = times),
      noise: (bytes = 8) => void (faults.noise = bytes),
      splitWrites: (on = true) => void (faults.split = on),
      silence: (on = true) => void (faults.silent = on),
    },
  };
}
