/**
 * An OMRON 3S4YR: its commands and the mechanics around one card. The link layer is omron-link.ts. The order of the sensors in
 * the answer to `11` (mouth, takeout, inside) is our own: the specification at hand does not give it.
 */
import type { Clock } from '../clock.ts';
import { track2Lrc } from '../card-reader/track.ts';
import type { OmronAnswer } from '../card-reader/omron-frame.ts';
import { createOmronLink, type OmronLinkFaultVerbs } from './omron-link.ts';
import type {
  CardPlace,
  CardReaderSimulatorState,
  CardReaderSimulatorVerbs,
  SimulatedCard,
  Simulator,
} from './contract.ts';

export interface CardReaderFaultVerbs extends OmronLinkFaultVerbs {
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
  const listeners = new Set<() => void>();

  let place: CardPlace = 'none';
  let card: SimulatedCard | undefined;
  let entry: 'denied' | 'any' | 'stripe' = 'denied';
  let initialised = false;
  let jammed = false;
  let drawnOut = false;
  let retained = 0;
  let drawing: unknown;

  let refusal: { readonly name: string; readonly code: string } | undefined;

  function changed(): void {
    for (const listener of listeners) listener();
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

  function answerTo(name: string, outcome: Outcome): OmronAnswer {
    if (outcome.error !== undefined) return { kind: 'refused', name, error: outcome.error };
    return { kind: 'done', name, position: positionOf[place] ?? '00', data: Buffer.from(outcome.data ?? '', 'latin1') };
  }

  function carryOut(name: string): Outcome {
    const row = commands[name];
    if (row) {
      const why = obstacle(name, row);
      return why === undefined ? row.run() : { error: why };
    }
    const familyIsKnown = Object.keys(commands).some((known) => known.startsWith(name.slice(0, 1)));
    return { error: familyIsKnown ? error.parameter : error.unknown };
  }

  const link = createOmronLink((name, done) => {
    const row = commands[name];
    const ms = (row?.ms ?? 0) * pace;
    const before = row && ms > 0 ? obstacle(name, row) : undefined;
    if (ms === 0 || before !== undefined) {
      done(answerTo(name, before === undefined ? carryOut(name) : { error: before }));
      return () => undefined;
    }
    const moving = clock.setTimeout(() => done(answerTo(name, carryOut(name))), ms);
    return () => clock.clearTimeout(moving);
  });

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
    attach: (to) => link.attach(to),
    receive: (bytes) => link.receive(bytes),
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
      ...link.verbs,
      refuseNext: (name, code) => void (refusal = { name, code }),
      reboot() {
        link.forget();
        initialised = false;
        setEntry('denied');
      },
    },
  };
}
