/**
 * A simulated SZZT ZT598 or ZT588: the machine at the far end of the line. It holds the keys, masks the PIN, and answers
 * commands byte for byte as devices/pin-pad/zt598-commands.ts documents them, from its own reading of the protocol.
 */
import { systemClock, type Clock } from '../clock.ts';
import type { PinPadSimulatorState, PinPadSimulatorVerbs, SimulatedPadKey, Simulator } from './contract.ts';
import { cbcMac, decipher, encipher, hasOddParity, keyCheckValue, pinBlock0 } from './pin-pad-crypto.ts';
import { createPadReceiver, replyFrame, type Reply } from './pin-pad-link.ts';
import { createPinPadFaults, type PinPadFaultVerbs } from './pin-pad-faults.ts';

/** The documented TEST master key (check value 08D7B4). Never in a real pad. */
export const testMasterKey: Uint8Array = Uint8Array.from(Buffer.from('0123456789ABCDEFFEDCBA9876543210', 'hex'));

export interface PinPadSimulatorOptions {
  /** Default the system's. */
  readonly clock?: Clock;
  /** 16 or 24 bytes. Default `testMasterKey`. */
  readonly masterKey?: Uint8Array;
  /** Default 0x01. */
  readonly masterKeyIndex?: number;
  /** Default `zt598`. */
  readonly model?: 'zt598' | 'zt588';
  /** Eight characters. Default `26010001`. */
  readonly serial?: string;
}

export interface PinPadSimulatorExtraVerbs extends PinPadFaultVerbs {
  /** Lifts the pad out of its place: the removal switch opens, the keys are gone. `repair` puts it back. */
  remove(): void;
  /** The next command is answered with this status byte. */
  refuseNext(status: number): void;
  /** Power fails in the middle of the next command: no answer; entry and settings are gone, the keys stay. */
  rebootMidCommand(): void;
}

export type PinPadSimulator = Simulator<PinPadSimulatorState, PinPadSimulatorVerbs & PinPadSimulatorExtraVerbs>;

type KeyUse = 'master' | 'pin' | 'mac' | 'data';
type Input = 'off' | 'plain' | 'pin';

const done: Reply = { data: '' };
const keyUses: Readonly<Record<string, KeyUse>> = { '2': 'master', '3': 'pin', '5': 'mac', '6': 'data' };
const keySizes: Readonly<Record<string, number>> = { '1': 8, '2': 16, '3': 24 };
const keyNames: Readonly<Record<KeyUse, string>> = { master: 'MASTER', pin: 'PIN', mac: 'MAC', data: 'DATA' };
const functionKeys: Readonly<Partial<Record<SimulatedPadKey, number>>> = { enter: 0x0d, cancel: 0x1b, clear: 0x08 };
const timeIsOver = 0x80;
const pinBufferDigits = 12;
const shortestBlockPin = 4;
const factory = { sound: true, seconds: 30, mask: 0x2a, shortest: 4, longest: 12 };

export function createPinPadSimulator(options: PinPadSimulatorOptions = {}): PinPadSimulator {
  const clock = options.clock ?? systemClock;
  const model = options.model ?? 'zt598';
  const masterIndex = options.masterKeyIndex ?? 0x01;
  const masterKey = (options.masterKey ?? testMasterKey).slice();
  const serial = (options.serial ?? '26010001').padEnd(8).slice(0, 8);

  const listeners = new Set<() => void>();
  const keys = new Map<number, { readonly use: KeyUse; readonly value: Uint8Array }>();
  const pin = new Uint8Array(pinBufferDigits);
  let digits = 0;
  /** Set by Enter: there is a PIN for `7`. */
  let entered = false;
  let input: Input = 'off';
  let settings = { ...factory };
  /** ZT588: what `6` said about the block. */
  let promised = '';
  let broken: 'tampered' | 'removed' | undefined;
  let refuseNext: number | undefined;
  let rebootNext = false;
  let entryTimer: unknown;
  let line: ((bytes: Uint8Array) => void) | undefined;
  const faults = createPinPadFaults((bytes) => line?.(bytes));

  function changed(): void {
    for (const listener of listeners) listener();
  }

  function forgetPin(): void {
    pin.fill(0);
    digits = 0;
    entered = false;
  }

  function setInput(to: Input): void {
    clock.clearTimeout(entryTimer);
    input = to;
    if (to === 'pin') entryTimer = clock.setTimeout(timeOver, settings.seconds * 1000);
  }

  function timeOver(): void {
    forgetPin();
    setInput('off');
    faults.key(Uint8Array.of(timeIsOver));
    changed();
  }

  function wipe(): void {
    for (const key of keys.values()) key.value.fill(0);
    keys.clear();
    powerOff();
  }

  function powerOff(): void {
    forgetPin();
    setInput('off');
    settings = { ...factory };
    link.forget();
  }

  function loadMaster(): void {
    keys.set(masterIndex, { use: 'master', value: masterKey.slice() });
  }

  function keyAt(index: string, use: KeyUse): Uint8Array | undefined {
    const key = keys.get(Number.parseInt(index, 16));
    return key?.use === use ? key.value : undefined;
  }

  function loadUnderKey(text: string): Reply {
    const [, parent = '', index = '', type = '', size = '', data = ''] =
      /^2([0-9A-F]{2})([0-9A-F]{2})(.)(.)([0-9A-F]*)$/.exec(text) ?? [];
    const place = Number.parseInt(index, 16);
    if (type === '0' && size === '0' && place !== masterIndex) {
      keys.get(place)?.value.fill(0);
      keys.delete(place);
      return done;
    }
    const use = keyUses[type];
    if (use === undefined || place === masterIndex) return { status: 0xeb };
    if (data.length !== 2 * (keySizes[size] ?? -1)) return { status: 0xe3 };
    const above = keyAt(parent, 'master');
    if (!above) return { status: 0xe2 };
    const value = decipher(above, Buffer.from(data, 'hex'));
    if (!hasOddParity(value)) return { status: 0xe6 };
    keys.set(place, { use, value });
    return { data: keyCheckValue(value, 4) };
  }

  function information(): Reply {
    const flags = (keys.has(masterIndex) ? 0 : 1) | (input === 'off' ? 0 : 2) | (settings.sound ? 4 : 0);
    const bytes = [flags, 0, settings.seconds, settings.mask, settings.shortest, settings.longest, 3, 0x37, 10, 0];
    const version = `${model.toUpperCase().padEnd(6)}H10S23`;
    return {
      data: `${''.padEnd(50)}${''.padEnd(48, '0')}${Buffer.from(bytes).toString('hex').toUpperCase()}DES3PIN0${version}${serial}`,
    };
  }

  function misc(value: string): Reply {
    switch (value) {
      case '30':
        powerOff();
        return done;
      case '32':
      case '33':
        forgetPin();
        setInput(value === '33' ? 'plain' : 'off');
        return done;
      case '34':
      case '35':
        settings.sound = value === '35';
        return done;
      default:
        return { status: value === '31' ? 0xec : 0xeb }; // Wiping needs authentication.
    }
  }

  function control(text: string): Reply {
    const [, parameter = '', value = ''] = /^5([0-9A-F])([0-9A-F]{2})$/.exec(text) ?? [];
    if (value === '') return { status: 0xe8 };
    const byte = Number.parseInt(value, 16);
    const length = model === 'zt598' ? Number(value) : byte;
    switch (parameter) {
      case '0':
        return misc(value);
      case '2':
        settings.seconds = byte;
        return done;
      case '3':
        settings.mask = byte;
        return done;
      case '4':
      case '5':
        if (!(length <= pinBufferDigits)) return { status: 0xe9 };
        settings[parameter === '4' ? 'shortest' : 'longest'] = length;
        return done;
      case 'A':
        return model === 'zt598' && value === '22' ? done : { status: 0xeb };
      default:
        return { status: 0xeb };
    }
  }

  function startEntry(text: string): Reply {
    const shape = model === 'zt598' ? /^600012$/ : /^6[0-9A-F]{2} \d(0[4-9]|1[0-2])\d{12}$/;
    if (!shape.test(text)) return { status: 0xe9 };
    if (model === 'zt588' && !keyAt(text.slice(1, 3), 'pin')) return { status: 0xe4 };
    promised = text.slice(1, 4) + text.slice(-12);
    forgetPin();
    setInput('pin');
    return done;
  }

  function pinBlock(text: string): Reply {
    const wanted = model === 'zt598' ? text.slice(1) : promised;
    if (!/^[0-9A-F]{2} \d{12}$/.test(wanted)) return { status: 0xe9 };
    const key = keyAt(wanted.slice(0, 2), 'pin');
    if (!key) return { status: keys.has(Number.parseInt(wanted.slice(0, 2), 16)) ? 0xe5 : 0xe4 };
    if (!entered || digits < shortestBlockPin) {
      forgetPin();
      return { status: 0xef };
    }
    const clear = pinBlock0(pin.subarray(0, digits), wanted.slice(3));
    const length = String(digits).padStart(2, '0');
    const block = Buffer.from(encipher(key, clear)).toString('hex').toUpperCase();
    clear.fill(0);
    forgetPin();
    return { data: `00${length}${block}` };
  }

  function mac(text: string): Reply {
    const key = keyAt(text.slice(1, 3), 'mac');
    if (!key) return { status: keys.has(Number.parseInt(text.slice(1, 3), 16)) ? 0xe5 : 0xe4 };
    const blocks = Buffer.from(text.slice(4), 'latin1');
    if (blocks.length === 0 || blocks.length % 8 !== 0) return { status: 0xe8 };
    const under = text[3] === '2' ? key.subarray(0, 8) : text[3] === 'A' ? key : undefined;
    return under ? { data: Buffer.from(cbcMac(under, blocks)).toString('hex').toUpperCase() } : { status: 0xeb };
  }

  const commands: Readonly<Record<string, (text: string) => Reply>> = {
    '1': () => ({ status: 0xec }), // A plain key is loaded at the factory, after authentication.
    '2': loadUnderKey,
    '3': information,
    '5': control,
    '6': startEntry,
    '7': pinBlock,
    '8': mac,
  };

  function answer(reply: Reply): void {
    faults.answer(replyFrame(reply));
  }

  function obey(text: string): void {
    if (rebootNext) {
      rebootNext = false;
      powerOff();
    } else if (refuseNext !== undefined) {
      const status = refuseNext;
      refuseNext = undefined;
      answer({ status });
    } else if (broken) {
      answer({ status: broken === 'tampered' ? 0xdd : 0xff });
    } else {
      answer((commands[text[0] ?? ''] ?? ((): Reply => ({ status: 0xeb })))(text));
    }
    changed();
  }

  const link = createPadReceiver(clock, obey, (status) => answer({ status }));

  /** During PIN entry; undefined: the key does nothing. */
  function pressDuringEntry(key: SimulatedPadKey): number | undefined {
    switch (key) {
      case 'enter':
        if (digits < settings.shortest) return undefined;
        entered = true;
        setInput('off');
        break;
      case 'cancel':
        forgetPin();
        setInput('off');
        break;
      case 'clear':
        forgetPin();
        break;
      default:
        if (digits >= Math.min(settings.longest, pinBufferDigits)) return undefined;
        pin[digits] = Number(key);
        digits += 1;
        setInput('pin');
        return settings.mask;
    }
    return functionKeys[key];
  }

  loadMaster();
  return {
    state: () => ({
      plugged: line !== undefined,
      entering: input === 'pin',
      digits,
      tampered: broken !== undefined,
      keys: [...keys.values()].map(({ use, value }) => ({ name: keyNames[use], checkValue: keyCheckValue(value) })),
    }),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    attach(send) {
      line = send;
      link.forget();
      // Whoever comes or goes: a half typed PIN is nobody's.
      forgetPin();
      setInput('off');
      changed();
    },
    receive(bytes) {
      if (faults.silent) return;
      link.receive(bytes);
    },
    verbs: {
      ...faults.verbs,
      press(key) {
        const plain = functionKeys[key] ?? key.charCodeAt(0);
        const sent = broken || input === 'off' ? undefined : input === 'plain' ? plain : pressDuringEntry(key);
        if (sent !== undefined) faults.key(Uint8Array.of(sent));
        changed();
      },
      tamper() {
        broken = 'tampered';
        wipe();
        changed();
      },
      remove() {
        broken = 'removed';
        wipe();
        changed();
      },
      repair() {
        broken = undefined;
        loadMaster();
        changed();
      },
      refuseNext(status) {
        refuseNext = status;
      },
      rebootMidCommand() {
        rebootNext = true;
      },
    },
  };
}
