/**
 * The verbs of the simulated devices as they come from outside the process, from another one or typed by a person: which there
 * are, what they take, and the check of it.
 */
import { fail, ok, type Result } from '../result.ts';
import type { CardReaderSimulatorVerbs, PinPadSimulatorVerbs, PrinterSimulatorVerbs } from './contract.ts';
import type { CardReaderFaultVerbs } from './card-reader.ts';
import type { PinPadSimulatorExtraVerbs } from './pin-pad.ts';
import type { PrinterMisbehaviour } from './receipt-printer.ts';

export type SimulatorKind = 'card-reader' | 'pin-pad' | 'receipt-printer';

/** One argument: a value of its type, or a word that stands for one. Undefined means that it does not fit. */
interface Argument {
  readonly usage: string;
  readonly optional?: true;
  /** Takes all the words that are left. */
  readonly rest?: true;
  read(value: unknown): unknown;
}

const optional = (argument: Argument): Argument => ({ ...argument, usage: `[${argument.usage}]`, optional: true });

function wholeNumber(usage: string): Argument {
  return {
    usage,
    read(value) {
      const number = typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) : value;
      return typeof number === 'number' && Number.isInteger(number) && number >= 0 ? number : undefined;
    },
  };
}

const onOff: Argument = {
  usage: 'on|off',
  read: (value) => (value === 'on' || value === true ? true : value === 'off' || value === false ? false : undefined),
};

const word = (usage: string): Argument => ({
  usage,
  read: (value) => (typeof value === 'string' && value.length > 0 && value.length <= 64 ? value : undefined),
});

function oneOf(...choices: readonly string[]): Argument {
  return {
    usage: choices.join('|'),
    read: (value) => choices.find((choice) => choice === String(value)),
  };
}

const bytes: Argument = {
  usage: 'HEX',
  read(value) {
    if (typeof value === 'string' && /^([0-9a-f]{2}){1,512}$/i.test(value))
      return Uint8Array.from(Buffer.from(value, 'hex'));
    return value instanceof Uint8Array && value.length <= 512 ? value : undefined;
  },
};

/** A number, or a word as the pad's documents write it: E4. */
const statusByte: Argument = {
  usage: 'STATUS-HEX',
  read(value) {
    const number = typeof value === 'string' && /^[0-9a-f]{2}$/i.test(value) ? Number.parseInt(value, 16) : value;
    return typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= 0xff ? number : undefined;
  },
};

const flaws = ['none', 'wrong-way', 'unreadable', 'bad-lrc', 'no-stripe'];

function readCard(value: unknown): unknown {
  if (Array.isArray(value)) {
    const [label, track2, flaw = 'none'] = value as readonly unknown[];
    return readCard({ label, ...(track2 === '-' ? {} : { track2 }), flaw });
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { label, track1, track2, flaw } = value as Readonly<Record<string, unknown>>;
  const isTrack = (track: unknown): boolean => track === undefined || (typeof track === 'string' && track.length <= 76);
  const fits =
    typeof label === 'string' && typeof flaw === 'string' && flaws.includes(flaw) && isTrack(track1) && isTrack(track2);
  if (!fits) return undefined;
  return { label, flaw, ...(track1 === undefined ? {} : { track1 }), ...(track2 === undefined ? {} : { track2 }) };
}

const card: Argument = { usage: `LABEL TRACK2|- [${flaws.join('|')}]`, rest: true, read: readCard };
const times = optional(wholeNumber('TIMES'));

type Table<Verbs> = { readonly [Name in keyof Verbs]: readonly Argument[] };

const cardReader: Table<CardReaderSimulatorVerbs & CardReaderFaultVerbs> = {
  insert: [card],
  take: [],
  pullOut: [],
  jam: [],
  clearJam: [],
  emptyBin: [],
  nakNext: [times],
  dropNextAck: [times],
  dropNextAnswer: [times],
  damageNextAnswer: [times],
  halveNextAnswer: [times],
  noise: [optional(wholeNumber('BYTES'))],
  splitWrites: [optional(onOff)],
  silence: [optional(onOff)],
  refuseNext: [word('COMMAND'), word('CODE')],
  reboot: [],
};

const pinPad: Table<PinPadSimulatorVerbs & PinPadSimulatorExtraVerbs> = {
  press: [oneOf('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'enter', 'cancel', 'clear')],
  tamper: [],
  repair: [],
  remove: [],
  dropNextAnswer: [times],
  mergeNextAnswer: [],
  wrongCheckBytes: [times],
  noise: [bytes, optional(oneOf('now', 'before-next-answer'))],
  splitWrites: [onOff],
  silence: [onOff],
  refuseNext: [statusByte],
  rebootMidCommand: [],
};

const printer: Table<PrinterSimulatorVerbs & PrinterMisbehaviour> = {
  tear: [],
  paperLow: [],
  paperOut: [optional(wholeNumber('AFTER-LINES'))],
  loadPaper: [],
  openCover: [],
  closeCover: [],
  jam: [],
  clearJam: [],
  silence: [onOff],
  dropNextAnswer: [],
  noise: [bytes],
  overheat: [onOff],
};

export const simulatorVerbs: Readonly<Record<SimulatorKind, Readonly<Record<string, readonly Argument[]>>>> = {
  'card-reader': cardReader,
  'pin-pad': pinPad,
  'receipt-printer': printer,
};

export function verbUsage(kind: SimulatorKind, verb: string): string {
  return [verb, ...(simulatorVerbs[kind][verb] ?? []).map((argument) => argument.usage)].join(' ');
}

/** The arguments as the verb takes them, or what is wrong with them; the values themselves are never told. */
export function readArguments(
  kind: SimulatorKind,
  verb: string,
  values: readonly unknown[],
): Result<readonly unknown[], string> {
  const wanted = Object.hasOwn(simulatorVerbs[kind], verb) ? simulatorVerbs[kind][verb] : undefined;
  if (!wanted) return fail(`a ${kind} has no verb ${JSON.stringify(verb.slice(0, 40))}`);
  const wrong = fail(`usage: ${verbUsage(kind, verb)}`);
  // Typed words of one argument come one by one.
  const given = wanted[0]?.rest && typeof values[0] === 'string' ? [values] : values;
  if (given.length > wanted.length) return wrong;
  const read: unknown[] = [];
  for (const [at, argument] of wanted.entries()) {
    const value = given[at];
    if (value === undefined && argument.optional) break;
    const made = argument.read(value);
    if (made === undefined) return wrong;
    read.push(made);
  }
  return ok(read);
}
