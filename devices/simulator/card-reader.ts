/**
 * An OMRON 3S4YR as the other end of the line sees it: its link layer, its commands, and the mechanics around one card.
 * A command runs when ENQ asks for its answer; a second ENQ gets the same answer again (Data Transmission Specifications).
 */
import type { Clock } from '../clock.ts';
import {
  createOmronDecoder,
  decodeOmronCommand,
  encodeOmronAnswer,
  omronControl,
  type OmronAnswer,
  type OmronControl,
  type OmronToken,
} from '../card-reader/omron-frame.ts';
import { track2Lrc } from '../card-reader/track.ts';
import type {
  CardPlace,
  CardReaderSimulatorState,
  CardReaderSimulatorVerbs,
  SimulatedCard,
  Simulator,
} from './contract.ts';

/** How the line and the firmware can misbehave, byte by byte. Counted ones wear off by themselves. */
export interface CardReaderFaultVerbs {
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
  /** The next command with this name is refused with this code, e.g. `30`, `13`. */
  refuseNext(name: string, code: string): void;
  /** Power gone and back: not initialised, entry closed, nothing pending. The card stays where it is. */
  reboot(): void;
}

export interface CardReaderSimulatorOptions {
  readonly clock: Clock;
  /** Factor on the times of the mechanics below; 0: at once. Default 1. */
  readonly pace?: number;
  /** What `62` hands over: the content alone (default), or with sentinels and LRC, which it then does not check itself. */
  readonly trackForm?: 'content' | 'with-lrc';
  readonly firmware?: string;
}

export type CardReaderSimulator = Simulator<CardReaderSimulatorState, CardReaderSimulatorVerbs & CardReaderFaultVerbs>;

const mechanicsMs = { reset: 300, draw: 350, eject: 400, retain: 500, read: 150 } as const;
const inPlace: readonly CardPlace[] = ['inside', 'stuck', 'takeout'];
const positionOf: Partial<Record<CardPlace, string>> = { takeout: '01', inside: '02', stuck: '02' };

/** Error codes it answers with (Data Transmission Specifications, error codes). */
const error = {
  unknown: '00',
  parameter: '01',
  state: '02',
  jam: '10',
  drawnOut: '14',
  needsReset: '18',
  startSentinel: '40',
  lrc: '43',
  blank: '44',
} as const;

export function createCardReaderSimulator(options: CardReaderSimulatorOptions): CardReaderSimulator {
  const { clock } = options;
  const pace = options.pace ?? 1;
  const decoder = createOmronDecoder();
  const listeners = new Set<() => void>();
  let send: ((bytes: Uint8Array) => void) | undefined;

  let place: CardPlace = 'none';
  let card: SimulatedCard | undefined;
  let entry: 'denied' | 'any' | 'stripe' = 'denied';
  let initialised = false;
  let jammed = false;
  let drawnOut = false;
  let retained = 0;
  let drawing: unknown;

  let command: { readonly name: string; readonly data: Uint8Array } | undefined;
  let running: unknown;
  let lastAnswer: Uint8Array | undefined;

  const faults = { nak: 0, dropAck: 0, dropAnswer: 0, damage: 0, halve: 0, noise: 0, split: false, silent: false };
  let refusal: { readonly name: string; readonly code: string } | undefined;

  function changed(): void {
    for (const listener of listeners) listener();
  }

  /** Uses up one of a counted fault. */
  function wearsOff(fault: 'nak' | 'dropAck' | 'dropAnswer' | 'damage' | 'halve'): boolean {
    if (faults[fault] === 0) return false;
    faults[fault] -= 1;
    return true;
  }

  // The mechanics around one card

  function move(to: CardPlace): void {
    place = to;
    if (to === 'none') card = undefined;
    changed();
  }

  function fits(offered: SimulatedCard): boolean {
    if (entry === 'denied') return false;
    return entry === 'any' || (offered.flaw !== 'wrong-way' && offered.flaw !== 'no-stripe');
  }

  /** The gate lets in what it may, as soon as it may. */
  function watchMouth(): void {
    clock.clearTimeout(drawing);
    if (place !== 'mouth' || !card || !fits(card)) return;
    drawing = clock.setTimeout(() => {
      entry = 'denied';
      move(jammed ? 'stuck' : 'inside');
    }, mechanicsMs.draw * pace);
  }

  function setEntry(to: typeof entry): void {
    entry = to;
    watchMouth();
    changed();
  }

  function retainCard(): void {
    if (!inPlace.includes(place)) return;
    retained += 1;
    move('retained');
  }

  // Commands

  interface Outcome {
    readonly data?: string;
    readonly error?: string;
  }
  interface CommandRow {
    readonly ms?: number;
    /** Runs after `ms` of mechanics. */
    readonly run: () => Outcome;
    readonly needsCard?: true;
    /** Works on a reader that is jammed or not initialised. */
    readonly always?: true;
  }

  function reset(then: () => void): CommandRow {
    return {
      ms: mechanicsMs.reset,
      always: true,
      run: () => {
        setEntry('denied');
        drawnOut = false;
        if (jammed) return { error: error.jam };
        initialised = true;
        then();
        return {};
      },
    };
  }

  function permit(to: typeof entry): CommandRow {
    return {
      run: () => {
        if (to !== 'denied' && inPlace.includes(place)) return { error: error.state };
        setEntry(to);
        return {};
      },
    };
  }

  function read(track: 1 | 2): CommandRow {
    return {
      ms: mechanicsMs.read,
      needsCard: true,
      run: () => {
        if (place !== 'inside') return { error: error.state };
        const content = track === 1 ? card?.track1 : card?.track2;
        if (card?.flaw === 'unreadable') return { error: error.startSentinel };
        if (content === undefined || card?.flaw === 'no-stripe' || card?.flaw === 'wrong-way')
          return { error: error.blank };
        const badLrc = card?.flaw === 'bad-lrc';
        if (options.trackForm !== 'with-lrc') return badLrc ? { error: error.lrc } : { data: content };
        const lrc = track2Lrc(content);
        return { data: `;${content}?${badLrc ? String.fromCharCode(lrc.charCodeAt(0) ^ 1) : lrc}` };
      },
    };
  }

  const toTakeout: CommandRow = {
    ms: mechanicsMs.eject,
    needsCard: true,
    run: () => {
      move('takeout');
      return {};
    },
  };
  const toBin: CommandRow = {
    ms: mechanicsMs.retain,
    needsCard: true,
    run: () => {
      retainCard();
      return {};
    },
  };
  const sensors = (): string => [place === 'mouth', place === 'takeout', inPlace.includes(place)].map(Number).join('');

  const commands: Readonly<Record<string, CommandRow>> = {
    '00': reset(() => {
      if (inPlace.includes(place)) move('takeout');
    }),
    '01': reset(retainCard),
    '02': reset(() => undefined),
    '10': { run: () => ({}) },
    '11': { always: true, run: () => ({ data: sensors() }) },
    ':0': permit('any'),
    ':1': permit('denied'),
    ':2': permit('stripe'),
    '30': toTakeout,
    '31': toBin,
    '40': {
      ...toTakeout,
      run: () => {
        move('inside');
        return {};
      },
    },
    '41': toBin,
    '61': read(1),
    '62': read(2),
    '63': { needsCard: true, ms: mechanicsMs.read, run: () => ({ error: error.blank }) },
    Q0: { always: true, run: () => ({ data: String(retained).padStart(3, '0') }) },
    V0: { always: true, run: () => ({ data: options.firmware ?? '3S4YR SIMULATED 01.00' }) },
  };

  /** Why a command cannot run, before and again after its mechanics: the world may have changed meanwhile. */
  function obstacle(name: string, row: CommandRow): string | undefined {
    if (refusal?.name === name) {
      const { code } = refusal;
      refusal = undefined;
      return code;
    }
    if (row.always) return undefined;
    if (jammed) return error.jam;
    if (!initialised) return error.needsReset;
    if (!row.needsCard) return undefined;
    if (drawnOut) {
      drawnOut = false;
      return error.drawnOut;
    }
    return inPlace.includes(place) ? undefined : error.state;
  }

  function start(name: string): void {
    const row = commands[name];
    if (!row) {
      const family = Object.keys(commands).some((known) => known.startsWith(name.slice(0, 1)));
      answer(name, { error: family ? error.parameter : error.unknown });
      return;
    }
    const before = obstacle(name, row);
    if (before !== undefined) {
      answer(name, { error: before });
      return;
    }
    const finish = (): void => {
      running = undefined;
      const after = obstacle(name, row);
      answer(name, after === undefined ? row.run() : { error: after });
    };
    if (row.ms === undefined || pace === 0) finish();
    else running = clock.setTimeout(finish, row.ms * pace);
  }

  // The link layer

  function transmit(bytes: Uint8Array): void {
    const noise = Uint8Array.from({ length: faults.noise }, (_, n) => 0x20 + ((n * 37) % 0x5f));
    if (faults.silent) return;
    faults.noise = 0;
    const all = Uint8Array.from([...noise, ...bytes]);
    if (!faults.split) send?.(all);
    else for (const byte of all) send?.(Uint8Array.of(byte));
  }

  function control(which: OmronControl): void {
    transmit(omronControl(which));
  }

  function answer(name: string, outcome: Outcome): void {
    const made: OmronAnswer =
      outcome.error !== undefined
        ? { kind: 'refused', name, error: outcome.error }
        : { kind: 'done', name, position: positionOf[place] ?? '00', data: Buffer.from(outcome.data ?? '', 'latin1') };
    lastAnswer = encodeOmronAnswer(made);
    transmitAnswer(lastAnswer);
  }

  function transmitAnswer(bytes: Uint8Array): void {
    if (wearsOff('dropAnswer')) return;
    if (wearsOff('halve')) transmit(bytes.subarray(0, Math.floor(bytes.length / 2)));
    else if (wearsOff('damage')) transmit(bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 0x55 : byte)));
    else transmit(bytes);
  }

  function forget(): void {
    clock.clearTimeout(running);
    running = undefined;
    command = undefined;
    lastAnswer = undefined;
  }

  function heard(token: OmronToken): void {
    if (token.kind === 'eot') {
      forget();
      control('eot');
    } else if (running !== undefined) {
      // Half duplex: deaf while it works; the answer comes when it is done.
    } else if (token.kind === 'enq') {
      const { name } = command ?? {};
      command = undefined;
      if (name !== undefined) start(name);
      else if (lastAnswer) transmitAnswer(lastAnswer);
    } else if (token.kind === 'frame' || token.kind === 'damaged') {
      command = token.kind === 'frame' ? decodeOmronCommand(token.text) : undefined;
      lastAnswer = undefined;
      if (!command || wearsOff('nak')) {
        command = undefined;
        control('nak');
      } else if (!wearsOff('dropAck')) {
        control('ack');
      }
    }
  }

  return {
    state: () => ({
      plugged: true,
      place,
      ...(card ? { label: card.label } : {}),
      accepting: entry !== 'denied',
      jammed,
      retained,
    }),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    attach(to) {
      send = to;
      if (!to) decoder.expire();
    },
    receive(bytes) {
      const tokens = decoder.push(bytes);
      if (!faults.silent) for (const token of tokens) heard(token);
    },
    verbs: {
      insert(offered) {
        if (place !== 'none' && place !== 'retained') return false;
        card = offered;
        drawnOut = false;
        move('mouth');
        watchMouth();
        return true;
      },
      take() {
        if (place !== 'mouth' && place !== 'takeout') return false;
        clock.clearTimeout(drawing);
        move('none');
        return true;
      },
      pullOut() {
        if (place !== 'inside') return false;
        drawnOut = true;
        move('none');
        return true;
      },
      jam() {
        jammed = true;
        initialised = false;
        if (place === 'inside') move('stuck');
        else changed();
      },
      clearJam() {
        jammed = false;
        if (place === 'stuck') move('inside');
        else changed();
      },
      emptyBin() {
        retained = 0;
        if (place === 'retained') move('none');
        else changed();
      },
      nakNext: (times = 1) => void (faults.nak = times),
      dropNextAck: (times = 1) => void (faults.dropAck = times),
      dropNextAnswer: (times = 1) => void (faults.dropAnswer = times),
      damageNextAnswer: (times = 1) => void (faults.damage = times),
      halveNextAnswer: (times = 1) => void (faults.halve = times),
      noise: (bytes = 8) => void (faults.noise = bytes),
      splitWrites: (on = true) => void (faults.split = on),
      silence: (on = true) => void (faults.silent = on),
      refuseNext: (name, code) => void (refusal = { name, code }),
      reboot() {
        forget();
        initialised = false;
        setEntry('denied');
      },
    },
  };
}
