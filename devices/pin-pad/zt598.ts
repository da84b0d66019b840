/**
 * Driver for the PIN pads SZZT ZT598 and ZT588: keys, PIN entry, PIN block, MAC, and what keeps them honest on a real line
 * (settings anew after every connect or restart of the pad, a heartbeat, a fault that stays until the pad says otherwise).
 */
import { timingSafeEqual } from 'node:crypto';
import { abortAfter, type Clock } from '../clock.ts';
import { fail, ok, type Result } from '../result.ts';
import { createLine, type LineStatistics, type Wire } from '../transport/line.ts';
import type { OpenPipe } from '../transport/pipe.ts';
import type { PadKeyEvent, PinPad, PinPadError, PinPadInformation, PinPadStatus, WorkingKey } from './contract.ts';
import {
  answerShapes,
  control,
  eraseKey,
  loadKey as loadKeyCommand,
  longestPin,
  macCommand,
  macSteps,
  padProfiles,
  pan12Of,
  parseInformation,
  settingsOf,
  shortestPin,
  type PadModel,
} from './zt598-commands.ts';
import { createPinEntry } from './zt598-entry.ts';
import { createPadDecoder, type PadToken } from './zt598-frame.ts';
import { createTalk, deviceCodeOf, toPinPadError, type PadFailure } from './zt598-talk.ts';

export interface Zt598Options {
  readonly open: OpenPipe;
  readonly clock: Clock;
  /** Default `zt598`. */
  readonly model?: PadModel;
  /** Where the pad keeps its keys, 0..0x7F. Defaults 0x01, 0x40, 0x48. */
  readonly masterKeyIndex?: number;
  readonly pinKeyIndex?: number;
  readonly macKeyIndex?: number;
  /** A beep for each key. Default on: who cannot see the screen needs it. */
  readonly sound?: boolean;
  /** Keys are heard outside PIN entry too (the line then carries them as they are). Default on. */
  readonly keysOutsidePinEntry?: boolean;
  /** Longest wait for an answer, and how often a command is sent. Defaults 1000 ms, 4. */
  readonly answerMs?: number;
  readonly tries?: number;
  /** Idle time after which the pad is asked whether it is there. Default 1000 ms. */
  readonly heartbeatMs?: number;
}

export interface Zt598 extends PinPad {
  statistics(): LineStatistics;
}

/** An idle pad that does not answer twice in this time is gone: with the idle time less than 3 s after the plug was pulled. */
const heartbeatPatience = { answerMs: 800, tries: 2 } as const;
const closePatience = { answerMs: 300, tries: 1 } as const;
/** Longest wait, at the end, for the pad to switch its keys off. */
const closeMs = 1000;
const interByteMs = 200;
/** Longest time the pad keeps a PIN that nobody fetches. */
const heldPinMs = 300_000;
/** After an entry was aborted the keys stay off: the customer may still be typing the PIN. */
const quietAfterAbortMs = 3000;
/** A fault that goes away when the pad answers as usual; the others need a new key or a new connection. */
const passingFaults: readonly string[] = ['tampered', 'removed', 'battery', 'hardware'];

function sameCheckValue(answered: string, expected: string): boolean {
  if (!/^[0-9A-F]{6}$/i.test(expected)) return false;
  return timingSafeEqual(Buffer.from(answered.slice(0, 6), 'hex'), Buffer.from(expected, 'hex'));
}

export function createZt598(options: Zt598Options): Zt598 {
  const { clock } = options;
  const model = options.model ?? 'zt598';
  const profile = padProfiles[model];
  const master = options.masterKeyIndex ?? 0x01;
  const slots: Readonly<Record<WorkingKey, number>> = {
    pin: options.pinKeyIndex ?? 0x40,
    mac: options.macKeyIndex ?? 0x48,
  };
  const keysWanted = options.keysOutsidePinEntry ?? true;
  const heartbeatMs = options.heartbeatMs ?? 1000;

  const statusListeners = new Set<(status: PinPadStatus) => void>();
  const keyListeners = new Set<(key: PadKeyEvent) => void>();
  /** `unknown`: the pad may have it from before; `bad`: what is in its place must not be used. */
  const keyStates: Record<WorkingKey, 'unknown' | 'good' | 'bad'> = { pin: 'unknown', mac: 'unknown' };
  let status: PinPadStatus = { state: 'unknown' };
  let serial: string | undefined;
  /** As the pad told its settings last; another answer means that it has restarted. */
  let settings: string | undefined;
  /** The keys are as they are to be outside PIN entry. */
  let keysOn = false;
  let keysOffUntil = 0;
  /** The PIN that the pad holds: the account number its entry was started with, and until when. */
  let held: { readonly pan: string | undefined; readonly until: number } | undefined;
  let beatTimer: unknown;
  const closing = new AbortController();
  let entryUnderWay: Promise<unknown> = Promise.resolve();

  function setStatus(next: PinPadStatus): void {
    if (JSON.stringify(next) === JSON.stringify(status)) return;
    status = next;
    for (const listener of statusListeners) listener(status);
  }

  const talk = createTalk({ answerMs: options.answerMs ?? 1000, tries: options.tries ?? 4 }, (row, deviceCode) => {
    if (row.fault !== undefined) setStatus({ state: 'fault', fault: row.fault, deviceCode });
  });
  const entry = createPinEntry({
    talk,
    profile,
    beat,
    configure,
    beatMs: heartbeatMs,
    onKey(key) {
      for (const listener of keyListeners) listener(key);
    },
  });
  const line = createLine<PadToken>({
    open: options.open,
    clock,
    decoder: createPadDecoder,
    interByteMs,
    onUnsolicited: (token) => entry.hear(token),
  });

  async function setInput(
    wire: Wire<PadToken>,
    on: boolean,
    patience?: typeof closePatience,
  ): Promise<Result<unknown, PadFailure>> {
    const set = await talk.ask(wire, control('misc', on ? '33' : '32'), answerShapes.done, patience);
    keysOn = set.ok && on;
    settings = undefined;
    return set;
  }

  /** Puts the pad into the state that the driver counts on: entry closed and forgotten, our settings. */
  async function configure(wire: Wire<PadToken>): Promise<Result<undefined, PadFailure>> {
    held = undefined;
    const informed = await talk.ask(wire, '3', answerShapes.information);
    if (!informed.ok) return informed;
    const found = parseInformation(informed.value).information.serial;
    if (serial !== undefined && serial !== found) keyStates.pin = keyStates.mac = 'bad'; // Another pad, with other keys.
    serial = found;
    const off = await setInput(wire, false);
    if (!off.ok) return off;
    for (const setting of settingsOf(model, options.sound ?? true)) {
      const set = await talk.ask(wire, setting, answerShapes.done);
      if (!set.ok) return set;
    }
    settings = undefined;
    return ok();
  }

  /** Asks whether the pad is there and as it was left; drops the line when it is not there. */
  async function beat(wire: Wire<PadToken>): Promise<Result<'same' | 'restarted', PadFailure>> {
    const informed = await talk.ask(wire, '3', answerShapes.information, heartbeatPatience);
    if (!informed.ok) {
      if (informed.error.code === 'no-answer') line.reopen('the PIN pad does not answer');
      return informed;
    }
    const now = parseInformation(informed.value).settings;
    const restarted = settings !== undefined && settings !== now;
    settings = now;
    return ok(restarted ? 'restarted' : 'same');
  }

  async function start(wire: Wire<PadToken>): Promise<Result<undefined, PadFailure>> {
    const configured = await configure(wire);
    const started = configured.ok ? await switchKeys(wire) : configured;
    if (started.ok) {
      setStatus({ state: 'ready' });
    } else if (started.error.code === 'no-answer') {
      setStatus({ state: 'absent', why: 'the PIN pad does not answer' });
      line.reopen('the PIN pad does not answer');
    } else if (status.state !== 'fault' && line.state().state === 'up') {
      setStatus({ state: 'fault', fault: 'hardware', deviceCode: deviceCodeOf(started.error).deviceCode ?? '' });
    }
    return started;
  }

  /** Switches the keys on that are heard outside PIN entry, as soon as that is safe. */
  async function switchKeys(wire: Wire<PadToken>): Promise<Result<undefined, PadFailure>> {
    if (held && clock.now() >= held.until) held = undefined;
    if (keysOn || held || clock.now() < keysOffUntil) return ok();
    // Off first: whatever PIN the pad may still hold, it forgets.
    const off = await setInput(wire, false);
    const switched = off.ok && keysWanted ? await setInput(wire, true) : off;
    if (!switched.ok) return switched;
    keysOn = true;
    return ok();
  }

  /** What the pad does by itself: one turn now, and again after each idle time. */
  async function idle(first: boolean): Promise<void> {
    clock.clearTimeout(beatTimer);
    if (closing.signal.aborted || line.state().state !== 'up') return;
    await line.exchange<undefined, PadFailure>(async (wire) => {
      if (first) return start(wire);
      const alive = await beat(wire);
      if (!alive.ok) return alive;
      const recovered = status.state === 'fault' && passingFaults.includes(status.fault);
      return alive.value === 'restarted' || recovered || status.state === 'absent' ? start(wire) : switchKeys(wire);
    });
    rest();
  }

  function rest(ms = heartbeatMs): void {
    clock.clearTimeout(beatTimer);
    if (!closing.signal.aborted) beatTimer = clock.setTimeout(() => void idle(false), ms);
  }

  line.onState((state) => {
    clock.clearTimeout(beatTimer);
    talk.distrust();
    keysOn = false;
    held = undefined;
    if (state.state === 'up') void idle(true);
    else if (state.state === 'down') setStatus({ state: 'absent', why: state.why });
  });

  async function exchange<T>(
    conversation: (wire: Wire<PadToken>) => Promise<Result<T, PadFailure>>,
    signal?: AbortSignal,
  ): Promise<Result<T, PinPadError>> {
    clock.clearTimeout(beatTimer);
    const result = await line.exchange<T, PadFailure>(conversation, signal);
    rest(!result.ok && result.error.code === 'no-answer' ? 0 : heartbeatMs);
    return result.ok ? result : fail(toPinPadError(result.error));
  }

  async function enter(
    maxDigits: number,
    given: AbortSignal,
    pan?: string,
  ): Promise<Result<{ readonly digits: number }, PinPadError>> {
    const pan12 = pan === undefined ? undefined : pan12Of(pan);
    if (!Number.isInteger(maxDigits) || maxDigits < shortestPin || maxDigits > longestPin)
      return fail({ code: 'refused' });
    if (profile.panAtStart && pan12 === undefined) return fail({ code: 'refused' });
    if (profile.panAtStart && keyStates.pin === 'bad') return fail({ code: 'no-key' });
    held = undefined;
    const signal = AbortSignal.any([given, closing.signal]);
    const entered = await exchange(async (wire) => {
      keysOn = false;
      settings = undefined;
      try {
        return await entry.run(wire, { key: slots.pin, longest: maxDigits, pan12: pan12 ?? '' });
      } finally {
        settings = undefined;
      }
    }, signal);
    if (entered.ok) {
      held = { pan, until: clock.now() + heldPinMs };
      // Whoever was typing when an earlier entry was aborted has stopped since.
      keysOffUntil = 0;
      return entered;
    }
    if (signal.aborted) keysOffUntil = clock.now() + quietAfterAbortMs;
    await exchange((wire) => setInput(wire, false, closing.signal.aborted ? closePatience : undefined));
    rest(signal.aborted ? quietAfterAbortMs : 0);
    return entered;
  }

  return {
    status: () => status,
    onStatus(listener) {
      statusListeners.add(listener);
      return () => statusListeners.delete(listener);
    },
    onKey(listener) {
      keyListeners.add(listener);
      return () => keyListeners.delete(listener);
    },
    statistics: () => line.statistics(),
    information: () =>
      exchange<PinPadInformation>(async (wire) => {
        const informed = await talk.ask(wire, '3', answerShapes.information);
        return informed.ok ? ok(parseInformation(informed.value).information) : informed;
      }),
    loadKey(key, encrypted, checkValue) {
      if (encrypted.length !== 16 && encrypted.length !== 24) return Promise.resolve(fail({ code: 'refused' }));
      return exchange<undefined>(async (wire) => {
        keyStates[key] = 'bad';
        const loaded = await talk.ask(
          wire,
          loadKeyCommand(master, slots[key], key, encrypted),
          answerShapes.checkValue,
        );
        if (!loaded.ok) return loaded;
        if (!sameCheckValue(loaded.value, checkValue)) {
          // Whether the pad does it or not: `bad` keeps the key out of use.
          await talk.ask(wire, eraseKey(slots[key]), answerShapes.done);
          return fail({ code: 'check-value' });
        }
        keyStates[key] = 'good';
        if (status.state === 'fault' && status.fault === 'no-master-key') setStatus({ state: 'ready' });
        return ok();
      });
    },
    enterPin(maxDigits, signal, pan) {
      const entering = enter(maxDigits, signal, pan);
      entryUnderWay = entering;
      return entering;
    },
    async pinBlock(pan) {
      const pan12 = pan12Of(pan);
      const fetched = await exchange<string>(async (wire) => {
        // In its own turn on the line: until then the PIN is to be kept.
        const mine = held;
        held = undefined;
        if (keyStates.pin === 'bad') return fail({ code: 'no-key' });
        if (!mine || clock.now() >= mine.until || entry.digits() < shortestPin) return fail({ code: 'no-pin' });
        if (pan12 === undefined || (profile.panAtStart && mine.pan !== pan)) return fail({ code: 'refused' });
        return talk.ask(wire, profile.pinBlock(slots.pin, pan12), answerShapes.pinBlock);
      });
      rest(0);
      if (fetched.ok) return ok(Uint8Array.from(Buffer.from(fetched.value.slice(4), 'hex')));
      return fail(fetched.error.deviceCode === 'EF' ? { code: 'no-pin', deviceCode: 'EF' } : fetched.error);
    },
    mac: (data) =>
      exchange<Uint8Array>(async (wire) => {
        if (keyStates.mac === 'bad') return fail({ code: 'no-key' });
        let chained: Uint8Array = new Uint8Array(8);
        for (const step of macSteps(data)) {
          const before = chained;
          const blocks = step.blocks.map((byte, at) => byte ^ (before[at] ?? 0));
          const answered = await talk.ask(wire, macCommand(slots.mac, step.mode, blocks), answerShapes.mac);
          if (!answered.ok) return answered;
          chained = Uint8Array.from(Buffer.from(answered.value, 'hex'));
        }
        return ok(chained);
      }),
    async close() {
      if (!closing.signal.aborted) {
        closing.abort();
        clock.clearTimeout(beatTimer);
        await entryUnderWay;
        const limit = abortAfter(clock, closeMs);
        await exchange((wire) => setInput(wire, false, closePatience), limit.signal).finally(limit.clear);
      }
      clock.clearTimeout(beatTimer);
      await line.close();
    },
  };
}
