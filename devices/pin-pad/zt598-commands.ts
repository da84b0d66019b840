/**
 * What can be said to an SZZT ZT598 or ZT588, and what they answer. Gathered from what public drivers of both pads send and
 * expect (the vendor publishes no manual); what only one of them shows, or none, is marked (?).
 *
 * An answer's text is one status byte and data: 6x..9x done, everything in `padStatuses` refused.
 */
import type { PinPadError, PinPadInformation, PinPadStatus } from './contract.ts';
import { maskCharacter } from './zt598-frame.ts';

export type PadModel = 'zt598' | 'zt588';

/** Every command: its first byte, what follows it, what is answered. Values are never shown: see `describeCommand`. */
export const padCommands: Readonly<
  Record<string, { readonly name: string; readonly text: string; readonly answer: string }>
> = {
  '1': { name: 'load plain key', text: 'key 2, type, size, data: factory only, never sent', answer: 'check value' },
  '2': {
    name: 'load key under key',
    text: 'parent 2, key 2, type, size, data hex; type 0 size 0 erases (?)',
    answer: 'check value hex',
  },
  '3': { name: 'information', text: 'nothing', answer: '146 characters, see parseInformation' },
  '4': { name: 'key table', text: '24 codes, hex: not used', answer: 'nothing' },
  '5': { name: 'control', text: 'parameter 1, value 2: see padControls', answer: 'nothing' },
  '6': {
    name: 'start PIN entry',
    text: 'ZT598 "00012"; ZT588 key 2, format, hint, length 2, PAN 12',
    answer: 'nothing',
  },
  '7': {
    name: 'PIN block',
    text: 'ZT598 key 2, format, PAN 12; ZT588 nothing',
    answer: 'track 2, length 2 (?), block hex 16',
  },
  '8': { name: 'MAC', text: 'key 2, mode, data as they are: see macModes', answer: 'MAC hex 16' },
  '9': { name: 'encrypt', text: 'key 2, mode, data: not used', answer: 'data' },
  ':': { name: 'authenticate', text: 'step 2, data: not used', answer: 'data' },
};

/** The parameters of `5`, each with a value of two characters. */
export const padControls = {
  /** 30 reset, 31 wipe all keys (never sent), 32 input off, 33 input on: keys are sent as they are, 34 / 35 sound off / on. */
  misc: '0',
  /** Seconds that PIN entry may take, hex; FF the longest. */
  timeLimit: '2',
  /** The character sent for a digit during PIN entry, hex. */
  mask: '3',
  shortestPin: '4',
  longestPin: '5',
  /** ZT598 (?): 22 the Clear key empties the entry, 21 it takes back one digit. */
  clearKey: 'A',
} as const;

/** The last digit of a key's load command: what it may be used for. */
export const keyTypes = { master: '2', pin: '3', mac: '5', data: '6' } as const;

/**
 * Both modes are plain CBC-MACs with an initial vector of zero over whole blocks of 8 bytes (?): `single` enciphers with
 * single DES under the left half of the key, `triple` with triple DES. X9.19 is composed of them, see `macSteps`.
 */
export const macModes = { single: '2', triple: 'A' } as const;

/** ISO 9564-1 §6: a PIN has 4 to 12 digits. */
export const shortestPin = 4;
export const longestPin = 12;

/** PIN block formats: ' ' ISO 9564 format 0, '!' format 1, '#' format 3. */
export const isoFormat0 = ' ';

/** Where the two models differ. */
export const padProfiles: Readonly<
  Record<
    PadModel,
    {
      /** How control values that are lengths are written. */
      readonly length: (value: number) => string;
      readonly startPin: (key: number, longest: number, pan12: string) => string;
      readonly pinBlock: (key: number, pan12: string) => string;
      /** The account number is wanted when the entry starts, not when the block is fetched. */
      readonly panAtStart: boolean;
      /** Sent on connect beside the common settings. */
      readonly settings: readonly string[];
    }
  >
> = {
  zt598: {
    length: (value) => String(value).padStart(2, '0'),
    startPin: () => '600012',
    pinBlock: (key, pan12) => `7${hex2(key)}${isoFormat0}${pan12}`,
    panAtStart: false,
    settings: [control('clearKey', '22')],
  },
  zt588: {
    length: hex2,
    startPin: (key, longest, pan12) => `6${hex2(key)}${isoFormat0}0${String(longest).padStart(2, '0')}${pan12}`,
    pinBlock: () => '7',
    panAtStart: true,
    settings: [],
  },
};

export function control(parameter: keyof typeof padControls, value: string): string {
  return `5${padControls[parameter]}${value}`;
}

/** What the driver counts on: sound, the longest time for an entry, the mask, and that Enter ends an entry of any length. */
export function settingsOf(model: PadModel, sound: boolean): readonly string[] {
  const { length, settings } = padProfiles[model];
  return [
    control('misc', sound ? '35' : '34'),
    control('timeLimit', 'FF'),
    control('mask', hex2(maskCharacter)),
    control('shortestPin', length(0)),
    control('longestPin', length(longestPin)),
    ...settings,
  ];
}

export function loadKey(parent: number, key: number, type: keyof typeof keyTypes, encrypted: Uint8Array): string {
  return `2${hex2(parent)}${hex2(key)}${keyTypes[type]}${String(encrypted.length / 8)}${Buffer.from(encrypted).toString('hex').toUpperCase()}`;
}

/** (?) One public ZT588 driver only; a pad that does not know it refuses it. */
export function eraseKey(key: number): string {
  return `200${hex2(key)}00`;
}

export function macCommand(key: number, mode: keyof typeof macModes, blocks: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`8${hex2(key)}${macModes[mode]}`), blocks]);
}

/** Bytes of a message in one MAC command: half a second at 9600 bits a second. */
const macChunkBytes = 512;

/**
 * X9.19 by the pad's two CBC modes: all blocks but the last under single DES, the last under triple DES, each step
 * chained by the one before. `blocks` still lacks that chaining value.
 */
export function macSteps(data: Uint8Array): { readonly mode: 'single' | 'triple'; readonly blocks: Uint8Array }[] {
  const padded = Buffer.alloc(Math.max(8, Math.ceil(data.length / 8) * 8));
  padded.set(data);
  const last = padded.length - 8;
  const steps: { mode: 'single' | 'triple'; blocks: Uint8Array }[] = [];
  for (let at = 0; at < last; at += macChunkBytes) {
    steps.push({ mode: 'single', blocks: padded.subarray(at, Math.min(at + macChunkBytes, last)) });
  }
  return [...steps, { mode: 'triple', blocks: padded.subarray(last) }];
}

/** The account number's part of an ISO 9564 format 0 block: the rightmost 12 digits without the check digit. */
export function pan12Of(pan: string): string | undefined {
  return /^\d{8,19}$/.test(pan) ? pan.slice(0, -1).slice(-12).padStart(12, '0') : undefined;
}

export function hex2(value: number): string {
  return value.toString(16).toUpperCase().padStart(2, '0');
}

/**
 * `again`: the command may have been spoilt on the line, send it once more. `reload-key`: the host is to send new keys.
 * `enter-again`: the customer types the PIN once more. `service`: a technician. `report`: a mistake of the software.
 */
export type PadRemedy = 'again' | 'reload-key' | 'enter-again' | 'service' | 'report';

export interface PadStatusRow {
  readonly meaning: string;
  readonly error: PinPadError['code'];
  readonly fault?: Extract<PinPadStatus, { state: 'fault' }>['fault'];
  readonly remedy: PadRemedy;
}

/** Every status byte that refuses. */
export const padStatuses: Readonly<Record<number, PadStatusRow>> = {
  0xd7: { meaning: 'crypto chip does not answer', error: 'refused', fault: 'hardware', remedy: 'service' },
  0xdc: { meaning: "the command's MAC is wrong", error: 'refused', remedy: 'again' },
  0xdd: { meaning: 'opened by force: all keys are gone', error: 'tampered', fault: 'tampered', remedy: 'service' },
  0xde: { meaning: 'crypto chip not mounted', error: 'refused', fault: 'hardware', remedy: 'service' },
  0xe0: { meaning: 'battery low', error: 'battery', fault: 'battery', remedy: 'service' },
  0xe1: {
    meaning: 'no initial key, so no master key can be loaded',
    error: 'no-master-key',
    fault: 'no-master-key',
    remedy: 'service',
  },
  0xe2: {
    meaning: 'no master key, so no working key can be loaded',
    error: 'no-master-key',
    fault: 'no-master-key',
    remedy: 'service',
  },
  0xe3: { meaning: 'key length', error: 'refused', remedy: 'report' },
  0xe4: { meaning: 'no such key', error: 'no-key', remedy: 'reload-key' },
  0xe5: { meaning: 'no such key, or one for another use', error: 'no-key', remedy: 'reload-key' },
  0xe6: { meaning: 'key parity', error: 'key-parity', remedy: 'reload-key' },
  0xe7: { meaning: 'key check value', error: 'check-value', remedy: 'reload-key' },
  0xe8: { meaning: 'command length', error: 'refused', remedy: 'again' },
  0xe9: { meaning: 'wrong data or check byte', error: 'refused', remedy: 'again' },
  0xea: { meaning: 'no such code', error: 'refused', remedy: 'report' },
  0xeb: { meaning: 'parameter', error: 'refused', remedy: 'report' },
  0xec: { meaning: 'not authenticated', error: 'refused', remedy: 'report' },
  0xed: { meaning: 'locked after wrong authentication', error: 'locked', fault: 'locked', remedy: 'service' },
  0xee: { meaning: 'the time for PIN entry is over', error: 'no-pin', remedy: 'enter-again' },
  /** To `7` it is the answer when no PIN has been entered. */
  0xef: { meaning: 'other', error: 'refused', remedy: 'report' },
  0xf8: { meaning: 'wrong input mode', error: 'refused', remedy: 'report' },
  0xfb: { meaning: 'command locked', error: 'locked', fault: 'locked', remedy: 'service' },
  0xfc: { meaning: 'PIN length', error: 'no-pin', remedy: 'enter-again' },
  0xfe: { meaning: 'memory fault', error: 'refused', fault: 'hardware', remedy: 'service' },
  0xff: {
    meaning: 'taken out of its place: the removal switch is open',
    error: 'removed',
    fault: 'removed',
    remedy: 'service',
  },
};

const unknownStatus: PadStatusRow = { meaning: 'unknown', error: 'refused', remedy: 'report' };

/** `undefined`: done. */
export function refusal(status: number): PadStatusRow | undefined {
  return status >= 0x60 && status <= 0x9f ? undefined : (padStatuses[status] ?? unknownStatus);
}

/** Shapes of good answers, by which a late answer to an earlier command is known for what it is. */
export const answerShapes = {
  done: /^.{0,8}$/s,
  checkValue: /^[0-9A-F]{6,16}$/i,
  information: /^.{146,}$/s,
  pinBlock: /^.{4}[0-9A-F]{16}$/is,
  mac: /^[0-9A-F]{16}$/i,
} as const;

/** The information answer: user text 50, key table 48, settings 20, function 8, model 6, hardware 3, firmware 3, date 4, number 4. */
export function parseInformation(data: string): { readonly information: PinPadInformation; readonly settings: string } {
  return {
    information: {
      model: data.slice(126, 132).trim(),
      firmware: `${data.slice(132, 135).trim()}-${data.slice(135, 138).trim()}`,
      serial: data.slice(138, 146).trim(),
    },
    settings: data.slice(98, 118),
  };
}

/** For traces: which command it is and how long, never what it holds. */
export function describeCommand(text: Uint8Array): string {
  const first = String.fromCharCode(text[0] ?? 0);
  const open = first === '5' || first === '3' ? ` ${Buffer.from(text).toString('latin1')}` : '';
  return `${padCommands[first]?.name ?? 'unknown command'}${open}, ${String(text.length)} bytes`;
}
