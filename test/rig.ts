/**
 * A whole terminal for the stories and the faults: the real core, drivers, link and journal; the byte-level simulators and
 * the host simulator on TCP in the same process, all on one simulated clock, so that nobody waits for real.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'vitest';
import { createTestClock, type TestClock } from '../devices/test-clock.ts';
import { createCardReaderSimulator, type CardReaderSimulator } from '../devices/simulator/card-reader.ts';
import { listenTcp, type LineEnd } from '../devices/simulator/line-end.ts';
import { createPinPadSimulator, type PinPadSimulator } from '../devices/simulator/pin-pad.ts';
import { createReceiptPrinterSimulator, type ReceiptPrinterSimulator } from '../devices/simulator/receipt-printer.ts';
import type { SimulatedPadKey } from '../devices/simulator/contract.ts';
import { startHost, type HostOptions, type RunningHost } from '../protocol/host/host.ts';
import { personas, type PersonaId } from '../protocol/host/personas.ts';
import { loadProfile } from '../protocol/profile/profile.ts';
import { openDatabase } from '../protocol/storage/sqlite.ts';
import { parseConfig, SIMULATED_TERMINAL, type Config } from '../main/config.ts';
import type { Action, CardFlaw, Screen, ScreenKind, View } from '../main/contract.ts';
import { startCore, type Core, type CoreOptions } from '../main/core.ts';
import { journalReader, type JournalRow } from '../main/journal/journal.ts';
import { cardOf } from '../main/workbench/bench.ts';

export interface Rig {
  readonly clock: TestClock;
  readonly reader: CardReaderSimulator;
  readonly pad: PinPadSimulator;
  readonly printer: ReceiptPrinterSimulator;
  readonly lines: Readonly<Record<'reader' | 'pad' | 'printer', LineEnd>>;
  readonly host: RunningHost;
  readonly config: Config;
  /** The one running now; `restart` replaces it. */
  readonly core: () => Core;
  readonly folder: string;
  /** Every View that was sent to a user interface, as JSON, and every line that was logged. */
  readonly sent: string[];
  readonly logged: string[];
  view(): View;
  /** Time passes until this screen is shown. */
  screen<K extends ScreenKind>(kind: K, limitMs?: number): Promise<Extract<Screen, { kind: K }>>;
  until(condition: () => boolean, limitMs?: number): Promise<void>;
  insert(persona: PersonaId, flaw?: CardFlaw): void;
  press(...keys: readonly SimulatedPadKey[]): void;
  /** Waits for the pad to take a PIN, types it and presses Enter. */
  enterPin(pin?: string): Promise<void>;
  touch(action: Action): void;
  /** Waits until the reader holds the card out, and takes it. */
  takeCard(): Promise<void>;
  /** From the idle screen to the menu. */
  toMenu(persona: PersonaId): Promise<void>;
  toResult(persona: PersonaId): Promise<Extract<Screen, { kind: 'result' }>>;
  journal(): readonly JournalRow[];
  /** The events of the journal's last visit, in order. */
  story(): readonly string[];
  /** The process dies: nothing is said to anybody; a new core starts on the same data. */
  crashAndRestart(): Promise<void>;
  /** What every end must leave behind: no card in the reader, an unbroken journal, no personal data in the View. */
  expectClean(): void;
  close(): Promise<void>;
}

export interface RigOptions {
  readonly host?: Partial<HostOptions>;
  readonly delays?: Readonly<Record<string, number>>;
  readonly language?: 'id' | 'en';
  /** Devices whose plug is out when the terminal starts. */
  readonly unplugged?: readonly ('reader' | 'pad' | 'printer')[];
  /** Does not wait for the idle screen. */
  readonly cold?: boolean;
  /** The data folder; default a new temporary one. */
  readonly folder?: string;
  /** The printer's speed: a fault during printing needs some. */
  readonly msPerLine?: number;
  readonly extraTerminal?: Readonly<Record<string, unknown>>;
  /** Who overhears the devices' lines and the link, as `--trace` does. */
  readonly overhear?: Pick<CoreOptions, 'tap' | 'onLinkEvent'>;
}

export async function startRig(options: RigOptions = {}): Promise<Rig> {
  const clock = createTestClock({ start: Date.UTC(2026, 10, 20, 2, 5, 0) });
  const folder = options.folder ?? mkdtempSync(path.join(os.tmpdir(), 'anjungan-test-'));
  const reader = createCardReaderSimulator({ clock });
  const pad = createPinPadSimulator({ clock });
  const printer = createReceiptPrinterSimulator({ clock, columns: 42, msPerLine: options.msPerLine ?? 0 });
  const lines = {
    reader: await listenTcp(reader, { port: 0, clock }),
    pad: await listenTcp(pad, { port: 0, clock }),
    printer: await listenTcp(printer, { port: 0, clock }),
  };
  for (const device of options.unplugged ?? []) await lines[device].unplug();

  const profile = loadProfile('jht');
  if (!profile.ok) throw new Error('the profile jht does not load');
  const started = await startHost({ profile: profile.value, clock, ...options.host });
  if (!started.ok) throw new Error(`the host did not start: ${started.error.code}`);
  const host = started.value;

  const line = (end: LineEnd) => ({ kind: 'tcp', host: '127.0.0.1', port: Number(end.address.split(':').at(-1)) });
  const parsed = parseConfig({
    ...SIMULATED_TERMINAL,
    terminal: { ...SIMULATED_TERMINAL.terminal, language: options.language ?? 'id', ...options.extraTerminal },
    host: { endpoints: [{ host: '127.0.0.1', port: host.port }] },
    devices: {
      cardReader: { line: line(lines.reader) },
      pinPad: { line: line(lines.pad) },
      receiptPrinter: { line: line(lines.printer) },
    },
    data: { folder },
    delays: { ...options.delays },
    simulated: true,
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.mistakes));
  const config = parsed.config;

  const sent: string[] = [];
  const logged: string[] = [];
  const boot = (): Core => {
    const core = startCore({ config, clock, log: (text) => logged.push(text), ...options.overhear });
    if (!core.ok) throw new Error(core.error.detail);
    core.value.terminal.onView((view) => sent.push(JSON.stringify(view)));
    return core.value;
  };
  let core = boot();
  const dead: Core[] = [];

  const rig: Rig = {
    clock,
    reader,
    pad,
    printer,
    lines,
    host,
    config,
    core: () => core,
    folder,
    sent,
    logged,
    view: () => core.terminal.view(),
    async screen(kind, limitMs) {
      try {
        await clock.until(() => core.terminal.view().screen.kind === kind, limitMs);
      } catch {
        throw new Error(
          `waited for the screen ${kind}, the terminal shows ${JSON.stringify(core.terminal.view().screen)}`,
        );
      }
      return core.terminal.view().screen as Extract<Screen, { kind: typeof kind }>;
    },
    until: (condition, limitMs) => clock.until(condition, limitMs),
    insert(id, flaw = 'none') {
      const persona = personas.find((candidate) => candidate.id === id);
      if (persona === undefined) throw new Error(`no persona ${id}`);
      expect(reader.verbs.insert(cardOf(persona, flaw))).toBe(true);
    },
    press(...keys) {
      for (const key of keys) pad.verbs.press(key);
    },
    async enterPin(pin = '123456') {
      await clock.until(() => pad.state().entering);
      for (const digit of pin) pad.verbs.press(digit as SimulatedPadKey);
      pad.verbs.press('enter');
    },
    touch(action) {
      core.terminal.act({ step: core.terminal.view().step, action });
    },
    async takeCard() {
      await clock.until(() => reader.state().place === 'takeout');
      expect(reader.verbs.take()).toBe(true);
    },
    async toMenu(id) {
      await rig.screen('idle');
      await clock.until(() => reader.state().accepting);
      rig.insert(id);
      await rig.screen('pin');
      await rig.enterPin();
      await rig.screen('menu');
    },
    async toResult(id) {
      await rig.toMenu(id);
      rig.touch({ kind: 'check-balance' });
      return rig.screen('result');
    },
    journal() {
      const database = openDatabase(path.join(folder, 'terminal.db'), { readonly: true });
      if (!database.ok) throw new Error(`the journal does not open: ${database.error.detail}`);
      const rows = journalReader(database.value).read();
      database.value.close();
      if (!rows.ok) throw new Error(rows.error.detail);
      return rows.value;
    },
    story() {
      const rows = rig.journal();
      const session = rows.findLast((row) => row.session !== '')?.session;
      return rows.filter((row) => row.session === session).map((row) => row.event);
    },
    async crashAndRestart() {
      // As after a kill: no card is given back, nobody signs off, the instance lock is gone with the process.
      dead.push(core);
      await clock.settle(core.abandon());
      core = boot();
    },
    expectClean() {
      expect(['none', 'retained', 'mouth']).toContain(reader.state().place);
      const database = openDatabase(path.join(folder, 'terminal.db'), { readonly: true });
      if (!database.ok) throw new Error(database.error.detail);
      const chain = journalReader(database.value).verify();
      database.value.close();
      expect(chain).toMatchObject({ ok: true, value: { intact: true } });
      expect(['idle', 'out-of-service']).toContain(core.terminal.view().screen.kind);
      expect(core.terminal.view().language).toBe(config.terminal.language);
    },
    async close() {
      await clock.settle(core.stop(1_000));
      await Promise.all(Object.values(lines).map((end) => end.close()));
      await clock.settle(host.close());
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
  if (options.cold !== true) await rig.screen('idle');
  return rig;
}
