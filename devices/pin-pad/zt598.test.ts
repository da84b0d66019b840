/** Driver and simulator together, with real bytes on a pty and on TCP. */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SimulatedPadKey } from '../simulator/contract.ts';
import { listenTcp, openPty, type Attachable, type LineEnd } from '../simulator/line-end.ts';
import { createPinPadSimulator, testMasterKey, type PinPadSimulator } from '../simulator/pin-pad.ts';
import { createTestClock, type TestClock } from '../test-clock.ts';
import { ptyRoundTrip } from '../test-pty.ts';
import { openPipe } from '../transport/open.ts';
import type { OpenPipe } from '../transport/pipe.ts';
import type { PadKeyEvent, PinPadStatus } from './contract.ts';
import { createPadDecoder } from './zt598-frame.ts';
import { createZt598, type Zt598, type Zt598Options } from './zt598.ts';

const pan = '5555555551234567';
const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex').toUpperCase();
const workingKey = bytes('7CA110454A1A6E570131D9619DC1376E');
const publishedMacKey = testMasterKey;

/** The host's side, here from node:crypto and the published vectors alone. */
function des(key: Uint8Array, data: Uint8Array, direction: 'encipher' | 'decipher' = 'encipher'): Uint8Array {
  const full = Buffer.concat([key, key, key]).subarray(0, 24);
  const cipher =
    direction === 'encipher'
      ? createCipheriv('des-ede3-ecb', full, null)
      : createDecipheriv('des-ede3-ecb', full, null);
  cipher.setAutoPadding(false);
  return Uint8Array.from(Buffer.concat([cipher.update(data), cipher.final()]));
}
const underMaster = (key: Uint8Array): Uint8Array => des(testMasterKey, key);
const checkValue = (key: Uint8Array): string => hex(des(key, new Uint8Array(8))).slice(0, 6);
function x919(key: Uint8Array, data: Uint8Array): string {
  const iv = Buffer.alloc(8);
  const padded = Buffer.concat([data, Buffer.alloc((8 - (data.length % 8)) % 8)]);
  const left = key.subarray(0, 8);
  const cbc = createCipheriv('des-ede3-cbc', Buffer.concat([left, left, left]), iv);
  cbc.setAutoPadding(false);
  const last = Buffer.concat([cbc.update(padded), cbc.final()]).subarray(-8);
  return hex(des(left, des(key.subarray(8), last, 'decipher')));
}

interface Stage {
  readonly end: LineEnd;
  readonly open: OpenPipe;
}

const transports: readonly (readonly [string, (simulator: Attachable, folder: string) => Promise<Stage>])[] = [
  [
    'TCP',
    async (simulator) => {
      const end = await listenTcp(simulator, { port: 0 });
      return { end, open: openPipe({ kind: 'tcp', host: '127.0.0.1', port: Number(new URL(end.address).port) }) };
    },
  ],
  [
    'pty',
    async (simulator, folder) => {
      const end = await openPty(simulator, { link: join(folder, 'pad') });
      const path = end.address;
      return {
        end,
        open: openPipe({ kind: 'serial', path, baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 }),
      };
    },
  ],
];

describe.each(transports)('ZT598 over %s', (_, connect) => {
  let folder: string;
  let clock: TestClock;
  let simulator: PinPadSimulator;
  let stage: Stage;
  let pad: Zt598;
  let heard: PadKeyEvent[];
  let statuses: PinPadStatus[];
  /** Every byte that the pad sent to the terminal. */
  let toTerminal: number[];
  let toPad: number[];
  /** Stands in the simulator's place from the next plugging on. */
  let replaced: PinPadSimulator | undefined;
  /** What the line does to the bytes. */
  let spoil: (data: Uint8Array) => Uint8Array;

  async function setUp(options: Partial<Zt598Options> = {}, unplugged = false): Promise<void> {
    simulator = createPinPadSimulator({ clock, model: options.model ?? 'zt598' });
    const recorded: Attachable = {
      receive(data) {
        toPad.push(...data);
        (replaced ?? simulator).receive(spoil(data));
      },
      attach(send) {
        (replaced ?? simulator).attach(
          send &&
            ((data) => {
              toTerminal.push(...data);
              send(spoil(data));
            }),
        );
      },
    };
    stage = await connect(recorded, folder);
    if (unplugged) await stage.end.unplug();
    pad = createZt598({ open: stage.open, clock, ...options });
    pad.onKey((key) => heard.push(key));
    pad.onStatus((status) => statuses.push(status));
  }

  async function ready(options: Partial<Zt598Options> = {}): Promise<void> {
    await setUp(options);
    await clock.until(() => pad.status().state === 'ready');
  }

  const settle = <T>(promise: Promise<T>): Promise<T> => clock.settle(promise);

  function press(...keys: SimulatedPadKey[]): void {
    for (const key of keys) simulator.verbs.press(key);
  }

  async function loadKeys(): Promise<void> {
    expect(await settle(pad.loadKey('pin', underMaster(workingKey), checkValue(workingKey)))).toEqual({ ok: true });
    expect(await settle(pad.loadKey('mac', underMaster(publishedMacKey), '08D7B4'))).toEqual({ ok: true });
  }

  /** Opens an entry, and waits until the pad has heard of it. In an object: a promise in a promise would be awaited. */
  async function begin(maxDigits = 6, signal = new AbortController().signal, withPan?: string) {
    const entry = pad.enterPin(maxDigits, signal, withPan);
    await clock.until(() => simulator.state().entering);
    return { entry };
  }

  async function enterPin(...keys: SimulatedPadKey[]) {
    const { entry } = await begin();
    press(...keys);
    return settle(entry);
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pad-'));
    clock = createTestClock({ roundTrip: ptyRoundTrip });
    heard = [];
    statuses = [];
    toTerminal = [];
    toPad = [];
    replaced = undefined;
    spoil = (data) => data;
  });

  afterEach(async () => {
    await settle(pad.close());
    await stage.end.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('reports what it is', async () => {
    await ready();
    expect(statuses).toEqual([{ state: 'ready' }]);
    expect(await settle(pad.information())).toEqual({
      ok: true,
      value: { model: 'ZT598', firmware: 'H10-S23', serial: '26010001' },
    });
  });

  it('loads a key when the check value is right, and refuses to use it when it is wrong', async () => {
    await ready();
    await loadKeys();
    expect(simulator.state().keys).toEqual([
      { name: 'MASTER', checkValue: '08D7B4' },
      { name: 'PIN', checkValue: checkValue(workingKey) },
      { name: 'MAC', checkValue: '08D7B4' },
    ]);
    for (const wrong of ['08D7B5', '', 'xyzxyz']) {
      const refused = await settle(pad.loadKey('mac', underMaster(publishedMacKey), wrong));
      expect(refused).toEqual({ ok: false, error: { code: 'check-value' } });
    }
    expect(simulator.state().keys.map((key) => key.name)).toEqual(['MASTER', 'PIN']);
    expect(await settle(pad.mac(Buffer.from('x')))).toEqual({ ok: false, error: { code: 'no-key' } });
    await loadKeys();
    expect((await settle(pad.mac(Buffer.from('x')))).ok).toBe(true);
  });

  it('refuses a key with wrong parity, and one of a wrong size', async () => {
    await ready();
    const even = workingKey.map((byte) => byte ^ 1);
    expect(await settle(pad.loadKey('pin', underMaster(even), checkValue(even)))).toEqual({
      ok: false,
      error: { code: 'key-parity', deviceCode: 'E6' },
    });
    expect(await settle(pad.loadKey('pin', new Uint8Array(8), '000000'))).toEqual({
      ok: false,
      error: { code: 'refused' },
    });
  });

  it('says E4 when there is no key', async () => {
    await ready();
    expect(await settle(pad.mac(Buffer.from('x')))).toEqual({ ok: false, error: { code: 'no-key', deviceCode: 'E4' } });
    await enterPin('1', '2', '3', '4', 'enter');
    expect(await settle(pad.pinBlock(pan))).toEqual({ ok: false, error: { code: 'no-key', deviceCode: 'E4' } });
  });

  it('enters a PIN with Clear, and gives the PIN block once', async () => {
    await ready();
    await loadKeys();
    expect(await enterPin('9', '9', 'clear', '1', '2', '3', '4', 'enter')).toEqual({ ok: true, value: { digits: 4 } });
    expect(heard).toEqual(['digit', 'digit', 'clear', 'digit', 'digit', 'digit', 'digit', 'enter']);
    const block = await settle(pad.pinBlock(pan));
    expect(block.ok && hex(des(workingKey, block.value, 'decipher'))).toBe('041261AAAAEDCBA9'); // published
    expect(await settle(pad.pinBlock(pan))).toEqual({ ok: false, error: { code: 'no-pin' } });
    expect(simulator.state().digits).toBe(0);
  });

  it('never lets a digit out while PIN entry is open', async () => {
    await ready();
    await loadKeys();
    const { entry } = await begin(12);
    toTerminal.length = 0;
    press('1', '7', '3', '9', '5', '0', '2', '8', '4', '6', 'enter');
    expect(await settle(entry)).toEqual({ ok: true, value: { digits: 10 } });
    const keys = createPadDecoder()
      .push(Uint8Array.from(toTerminal))
      .flatMap((token) => (token.kind === 'key' ? [token.key] : []));
    expect(keys).toEqual(Array.from('1739502846', () => 'mask').concat('enter'));
    expect(JSON.stringify(heard)).not.toMatch(/\d/);
  });

  it('does not count digits beyond the longest PIN', async () => {
    await ready();
    expect(await enterPin('1', '2', '3', '4', '5', '6', '7', '8', 'enter')).toEqual({ ok: true, value: { digits: 6 } });
    expect(heard.filter((key) => key === 'digit').length).toBe(6);
  });

  it('ends a short PIN at Enter, and gives no PIN block for it', async () => {
    await ready();
    await loadKeys();
    for (const keys of [['enter'], ['1', '2', '3', 'enter']] satisfies SimulatedPadKey[][]) {
      expect(await enterPin(...keys)).toEqual({ ok: true, value: { digits: keys.length - 1 } });
      expect(await settle(pad.pinBlock(pan))).toEqual({ ok: false, error: { code: 'no-pin' } });
    }
  });

  it('gives no PIN block without an entry, nor with an account number that is none', async () => {
    await ready();
    await loadKeys();
    expect(await settle(pad.pinBlock(pan))).toEqual({ ok: false, error: { code: 'no-pin' } });
    await enterPin('1', '2', '3', '4', 'enter');
    expect(await settle(pad.pinBlock('12x4'))).toEqual({ ok: false, error: { code: 'refused' } });
  });

  it('ends at Cancel, and the pad has forgotten the digits', async () => {
    await ready();
    await loadKeys();
    expect(await enterPin('1', '2', '3', '4', 'cancel')).toEqual({ ok: false, error: { code: 'cancelled' } });
    expect(simulator.state()).toMatchObject({ entering: false, digits: 0 });
    expect(await settle(pad.pinBlock(pan))).toEqual({ ok: false, error: { code: 'no-pin' } });
  });

  it('ends at abort: entry closed and cleared on the pad, and no key in the clear for a while', async () => {
    await ready();
    await loadKeys();
    const abort = new AbortController();
    const { entry } = await begin(6, abort.signal);
    press('1', '2', '3');
    abort.abort();
    expect(await settle(entry)).toEqual({ ok: false, error: { code: 'cancelled' } });
    expect(simulator.state()).toMatchObject({ entering: false, digits: 0 });
    toTerminal.length = 0;
    await clock.advance(1500);
    press('4', '5', '6');
    await clock.advance(10);
    expect(Buffer.from(toTerminal).toString('latin1')).not.toContain('456');
    expect(await settle(pad.enterPin(6, AbortSignal.abort()))).toEqual({ ok: false, error: { code: 'cancelled' } });
  });

  it('hears keys again after the next PIN, however soon after an abort', async () => {
    await ready();
    await loadKeys();
    const abort = new AbortController();
    const { entry } = await begin(6, abort.signal);
    abort.abort();
    await settle(entry);
    expect(await enterPin('1', '2', '3', '4', 'enter')).toMatchObject({ ok: true });
    await settle(pad.pinBlock(pan));
    heard.length = 0;
    // The quiet after an abort is three seconds.
    for (let tenth = 0; tenth < 15 && heard.length === 0; tenth += 1) {
      press('cancel');
      await clock.advance(100);
    }
    expect(heard.at(0)).toBe('cancel');
  });

  it('hears keys outside PIN entry, but not which digit', async () => {
    await ready();
    press('enter', '5', 'cancel', 'clear');
    await clock.until(() => heard.length === 4);
    expect(heard).toEqual(['enter', 'digit', 'cancel', 'clear']);
    await loadKeys();
    await enterPin('1', '2', '3', '4', 'enter');
    press('5'); // The pad holds a PIN: its keys are off.
    await settle(pad.pinBlock(pan));
    heard.length = 0;
    await clock.advance(50);
    press('enter');
    await clock.until(() => heard.length === 1);
    expect(heard).toEqual(['enter']);
  });

  it('hears none when they are not wanted', async () => {
    await ready({ keysOutsidePinEntry: false });
    await clock.advance(2000);
    press('5', 'enter');
    await clock.advance(100);
    expect(heard).toEqual([]);
  });

  it('forgets a PIN that nobody fetches', async () => {
    await ready();
    await loadKeys();
    await enterPin('1', '2', '3', '4', 'enter');
    expect(simulator.state().digits).toBe(4);
    await clock.advance(302_000);
    expect(simulator.state().digits).toBe(0);
    expect(await settle(pad.pinBlock(pan))).toEqual({ ok: false, error: { code: 'no-pin' } });
  }, 60_000);

  it.each([0, 1, 8, 9, 512, 520, 521, 1200])('computes the X9.19 MAC of %i bytes', async (length) => {
    await ready();
    expect((await settle(pad.loadKey('mac', underMaster(workingKey), checkValue(workingKey)))).ok).toBe(true);
    const data = Uint8Array.from({ length }, (_unused, at) => (at * 31) & 0xff);
    const mac = await settle(pad.mac(data));
    expect(mac.ok && hex(mac.value)).toBe(x919(workingKey, length === 0 ? new Uint8Array(8) : data));
  });

  it('computes the published X9.19 MACs', async () => {
    await ready();
    await loadKeys();
    const first = await settle(pad.mac(Buffer.from('Now is the time for all ')));
    expect(first.ok && hex(first.value)).toBe('A1C72E74EA3FA9B6');
    await settle(pad.loadKey('mac', underMaster(workingKey), checkValue(workingKey)));
    const second = await settle(pad.mac(Buffer.from('Hello World !!!!')));
    expect(second.ok && hex(second.value)).toBe('F09B856213BAB83B');
  });

  it.each([
    ['tampered', 'DD', (): void => simulator.verbs.tamper()],
    ['removed', 'FF', (): void => simulator.verbs.remove()],
  ] as const)(
    '%s: its keys are gone, and it is out of service until the service visit',
    async (fault, deviceCode, happen) => {
      await ready();
      await loadKeys();
      happen();
      await clock.until(() => pad.status().state === 'fault', 3000);
      expect(pad.status()).toEqual({ state: 'fault', fault, deviceCode });
      expect(await settle(pad.mac(Buffer.from('x')))).toEqual({ ok: false, error: { code: fault, deviceCode } });
      expect(await settle(pad.enterPin(6, new AbortController().signal))).toEqual({
        ok: false,
        error: { code: fault, deviceCode },
      });
      expect(simulator.state().keys).toEqual([]);
      simulator.verbs.repair();
      await clock.until(() => pad.status().state === 'ready', 3000);
      expect(await settle(pad.mac(Buffer.from('x')))).toEqual({
        ok: false,
        error: { code: 'no-key', deviceCode: 'E4' },
      });
      await loadKeys();
      expect((await settle(pad.mac(Buffer.from('x')))).ok).toBe(true);
    },
  );

  it('tampered during PIN entry: the entry fails and says why', async () => {
    await ready();
    const { entry } = await begin();
    press('1', '2');
    simulator.verbs.tamper();
    expect(await settle(entry)).toEqual({ ok: false, error: { code: 'tampered', deviceCode: 'DD' } });
  });

  it.each([
    [0xe0, 'battery', 'battery'],
    [0xed, 'locked', 'locked'],
    [0xe2, 'no-master-key', 'no-master-key'],
    [0xfe, 'refused', 'hardware'],
  ] as const)('status %i is the error %s and the fault %s', async (refusal, code, fault) => {
    await ready();
    const deviceCode = refusal.toString(16).toUpperCase();
    simulator.verbs.refuseNext(refusal);
    expect(await settle(pad.loadKey('pin', underMaster(workingKey), checkValue(workingKey)))).toEqual({
      ok: false,
      error: { code, deviceCode },
    });
    expect(pad.status()).toEqual({ state: 'fault', fault, deviceCode });
  });

  it('is absent until it is plugged in, and again after it was unplugged', async () => {
    await setUp({}, true);
    await clock.until(() => pad.status().state === 'absent');
    expect(await settle(pad.mac(Buffer.from('x')))).toEqual({ ok: false, error: { code: 'absent' } });
    await stage.end.plug();
    await clock.until(() => pad.status().state === 'ready', 5000);
    await stage.end.unplug();
    await clock.until(() => pad.status().state === 'absent', 3000);
    await stage.end.plug();
    await clock.until(() => pad.status().state === 'ready', 5000);
    await loadKeys();
  });

  it('unplugged in every operation: it says so, and works again when it is back', async () => {
    await ready();
    await loadKeys();
    const gone: ((
      signal: AbortSignal,
    ) => Promise<{ readonly ok: boolean; readonly error?: { readonly code: string } }>)[] = [
      () => pad.information(),
      () => pad.loadKey('pin', underMaster(workingKey), checkValue(workingKey)),
      (signal) => pad.enterPin(6, signal),
      () => pad.mac(new Uint8Array(1200)),
    ];
    for (const operation of gone) {
      simulator.verbs.silence(true); // So that the plug is out before the answer is.
      const result = operation(new AbortController().signal);
      await clock.advance(0);
      await stage.end.unplug();
      const settled = await settle(result);
      expect(settled).toMatchObject({ ok: false, error: { code: 'absent' } });
      await clock.until(() => pad.status().state === 'absent', 3000);
      simulator.verbs.silence(false);
      await stage.end.plug();
      await clock.until(() => pad.status().state === 'ready', 5000);
    }
    const { entry } = await begin();
    press('1', '2');
    await stage.end.unplug();
    expect(await settle(entry)).toEqual({ ok: false, error: { code: 'absent' } });
    await stage.end.plug();
    await clock.until(() => pad.status().state === 'ready', 5000);
    expect(await enterPin('1', '2', '3', '4', 'enter')).toEqual({ ok: true, value: { digits: 4 } });
    await stage.end.unplug();
    expect(await settle(pad.pinBlock(pan))).toMatchObject({ ok: false });
  });

  it('silent although plugged in: absent within 3 s, and back when it speaks again', async () => {
    await ready();
    simulator.verbs.silence(true);
    await clock.until(() => pad.status().state === 'absent', 3000);
    simulator.verbs.silence(false);
    await clock.until(() => pad.status().state === 'ready', 5000);
  });

  it.each([
    ['a lost answer', (): void => simulator.verbs.dropNextAnswer()],
    ['a wrong check byte', (): void => simulator.verbs.wrongCheckBytes()],
    ['noise', (): void => simulator.verbs.noise(Buffer.from('\x02099\x00\xff', 'latin1'), 'before-next-answer')],
    [
      'a half frame before it',
      (): void => simulator.verbs.noise(Buffer.from('\x02009`0', 'latin1'), 'before-next-answer'),
    ],
    ['an answer in many reads', (): void => simulator.verbs.splitWrites(true)],
    ['two answers in one read', (): void => simulator.verbs.mergeNextAnswer()],
    ['a refusal of a spoilt command', (): void => simulator.verbs.refuseNext(0xe9)],
  ] as const)('survives %s in every operation, with the right result', async (_fault, happen) => {
    await ready();
    await loadKeys();
    happen();
    await loadKeys();
    happen();
    const mac = await settle(pad.mac(new Uint8Array(1200)));
    expect(mac.ok && hex(mac.value)).toBe(x919(publishedMacKey, new Uint8Array(1200)));
    happen();
    expect(await enterPin('1', '2', '3', '4', 'enter')).toEqual({ ok: true, value: { digits: 4 } });
    happen();
    const block = await settle(pad.pinBlock(pan));
    // A lost PIN block is not made again: the pad has forgotten the PIN.
    if (block.ok) expect(hex(des(workingKey, block.value, 'decipher'))).toBe('041261AAAAEDCBA9');
    else expect(block.error).toEqual({ code: 'no-pin', deviceCode: 'EF' });
    happen();
    expect((await settle(pad.information())).ok).toBe(true);
  });

  it('does not take a late answer for the answer to the next command', async () => {
    await ready();
    await loadKeys();
    const first = new Uint8Array(8).fill(1);
    const second = new Uint8Array(8).fill(2);
    simulator.verbs.mergeNextAnswer(); // Late: it comes together with the answer to the repeated command.
    const one = await settle(pad.mac(first));
    const two = await settle(pad.mac(second));
    expect(one.ok && hex(one.value)).toBe(x919(publishedMacKey, first));
    expect(two.ok && hex(two.value)).toBe(x919(publishedMacKey, second));
  });

  it('gives up after four tries, and says so', async () => {
    await ready();
    simulator.verbs.dropNextAnswer(4);
    toPad.length = 0;
    expect(await settle(pad.mac(Buffer.from('x')))).toEqual({ ok: false, error: { code: 'no-answer' } });
    expect(Buffer.from(toPad).toString('latin1').split('\x02012848A').length - 1).toBe(4);
  });

  it('restarted during PIN entry: the customer starts again, and no digit was in the clear', async () => {
    await ready();
    const { entry } = await begin();
    press('1', '2');
    await clock.until(() => heard.length === 2);
    simulator.verbs.rebootMidCommand();
    await clock.until(() => heard.at(-1) === 'clear', 5000);
    await clock.until(() => simulator.state().entering);
    await clock.advance(1);
    press('1', '2', '3', '4', 'enter');
    expect(await settle(entry)).toEqual({ ok: true, value: { digits: 4 } });
  });

  it("opens the entry again when the pad's own time limit closed it", async () => {
    await ready();
    const { entry } = await begin();
    press('1', '2');
    await clock.advance(256_000);
    await clock.until(() => heard.length === 3, 5000);
    expect(heard).toEqual(['digit', 'digit', 'clear']);
    await clock.until(() => simulator.state().entering);
    press('1', '2', '3', '4', 'enter');
    expect(await settle(entry)).toEqual({ ok: true, value: { digits: 4 } });
  }, 60_000);

  it('stops the entry at once when a digit comes unmasked', async () => {
    await ready();
    const { entry } = await begin();
    // What comes while an answer is awaited may be the rest of one; so more than once.
    let over = false;
    void entry.then(() => (over = true));
    while (!over) {
      simulator.verbs.noise(Buffer.from('7'));
      await clock.advance(20);
    }
    expect(await settle(entry)).toEqual({ ok: false, error: { code: 'refused' } });
    expect(simulator.state()).toMatchObject({ entering: false, digits: 0 });
  });

  it('another pad in its place has none of the keys: they are wanted anew', async () => {
    await ready();
    await loadKeys();
    replaced = createPinPadSimulator({ clock, serial: '26019999' });
    await stage.end.unplug();
    await clock.until(() => pad.status().state === 'absent', 3000);
    await stage.end.plug();
    await clock.until(() => pad.status().state === 'ready', 5000);
    expect(await settle(pad.mac(Buffer.from('x')))).toEqual({ ok: false, error: { code: 'no-key' } });
    await loadKeys();
    expect((await settle(pad.mac(Buffer.from('x')))).ok).toBe(true);
  });

  it('with one byte in a thousand spoilt or lost, both ways, every exchange settles and no wrong data is accepted', async () => {
    await ready();
    await loadKeys();
    let seed = 20_260_105;
    const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    spoil = (data) =>
      Uint8Array.from(
        [...data].flatMap((byte) => (random() < 0.999 ? [byte] : random() < 0.5 ? [] : [Math.floor(random() * 256)])),
      );
    const counted: Record<string, number> = {};
    for (let turn = 0; turn < 60; turn += 1) {
      await clock.until(() => pad.status().state === 'ready');
      const data = Buffer.alloc(8 + turn, turn);
      const mac = await settle(pad.mac(data));
      if (mac.ok) expect(hex(mac.value)).toBe(x919(publishedMacKey, data));
      const outcome = mac.ok ? 'right' : mac.error.code;
      counted[outcome] = (counted[outcome] ?? 0) + 1;
    }
    spoil = (data) => data;
    expect(counted['right']).toBeGreaterThan(50);
    expect(pad.statistics().discardedBytes).toBeGreaterThan(0);
    await clock.until(() => pad.status().state === 'ready');
  });

  it('closes the entry on the pad when it is closed itself', async () => {
    await ready();
    const { entry } = await begin();
    press('1', '2');
    await settle(pad.close());
    expect((await entry).ok).toBe(false);
    expect(simulator.state()).toMatchObject({ entering: false, digits: 0 });
    expect(await settle(pad.information())).toEqual({ ok: false, error: { code: 'absent' } });
    expect(clock.pending).toBe(0);
  });

  it('ZT588: the account number is wanted at the start, and the block is for that one only', async () => {
    await ready({ model: 'zt588' });
    await loadKeys();
    expect(await settle(pad.enterPin(6, new AbortController().signal))).toEqual({
      ok: false,
      error: { code: 'refused' },
    });
    for (const wanted of [pan, '5555555551234575']) {
      const { entry } = await begin(6, new AbortController().signal, pan);
      press('1', '2', '3', '4', 'enter');
      expect(await settle(entry)).toEqual({ ok: true, value: { digits: 4 } });
      const block = await settle(pad.pinBlock(wanted));
      if (wanted === pan) expect(block.ok && hex(des(workingKey, block.value, 'decipher'))).toBe('041261AAAAEDCBA9');
      else expect(block).toEqual({ ok: false, error: { code: 'refused' } });
    }
  });
});
