/**
 * The same search on the processes as they are shipped: dist/core.js, the device and host simulators, the pages' WebSockets
 * and the inquiry command. A relay between core and host learns the keys and PIN blocks that really went over the line.
 */
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { parseConfig, SIMULATED_TERMINAL } from '../../main/config.ts';
import type { Action, PadKey, View } from '../../main/contract.ts';
import { build } from '../../main/launch/build.ts';
import type { Bench } from '../../main/workbench/bench.ts';
import { serveWorkbench, type WorkbenchServer } from '../../main/workbench/server.ts';
import type { SimulatorProcess } from '../../main/workbench/simulator-process.ts';
import { systemClock } from '../../protocol/clock.ts';
import { TEST_MASTER_KEY } from '../../protocol/host/host.ts';
import { PERSONA_PIN, personas } from '../../protocol/host/personas.ts';
import { createFramer } from '../../protocol/link/framing.ts';
import { readNetworkReply } from '../../protocol/profile/network.ts';
import { loadProfile } from '../../protocol/profile/profile.ts';
import { unwrapKey } from '../../protocol/security/keys.ts';
import { eventually } from '../processes.ts';
import { binary, leaks, pin, text, type Haystack, type Sentinel } from './scan.ts';
import {
  filesIn,
  KPJ,
  linesNamed,
  NAME,
  PAN,
  PERSONAL,
  PIN,
  SECRETS,
  TRACK2,
  writeMembers,
  WRONG_PIN,
} from './sentinels.ts';

const root = path.resolve(import.meta.dirname, '../..');
const NODE = ['--disable-warning=ExperimentalWarning'];
const loaded = loadProfile('jht');
if (!loaded.ok) throw new Error('the profile jht does not load');
const profile = loaded.value;

/** What each process wrote, by its name; IPC messages too, for the workbench shows them. */
const said = new Map<string, string[]>();
function hear(name: string, child: ChildProcess): void {
  const lines = said.get(name) ?? [];
  said.set(name, lines);
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => lines.push(text));
  child.on('message', (message) => lines.push(JSON.stringify(message)));
}

const children = new Set<ChildProcess>();
function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill(signal);
  });
}

interface Told {
  readonly ready?: boolean;
  readonly state?: unknown;
  readonly log?: string;
  readonly id?: number;
  readonly ok?: boolean;
  readonly value?: unknown;
}

/** A simulator whose output is kept, to be driven as the workbench drives its own. */
async function simulator(name: string, script: string, args: readonly string[]): Promise<SimulatorProcess> {
  const child = fork(path.join(root, script), args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: NODE });
  children.add(child);
  hear(name, child);
  const states = new Set<(state: unknown) => void>();
  const logs = new Set<(line: string) => void>();
  const asked = new Map<number, (told: Told) => void>();
  let ready: Record<string, unknown> | undefined;
  let state: unknown;
  let next = 1;
  child.on('message', (message) => {
    const told = message as Told;
    if (told.ready === true) ready = message as Record<string, unknown>;
    if (told.state !== undefined) {
      state = told.state;
      for (const listener of states) listener(state);
    }
    if (told.log !== undefined) for (const listener of logs) listener(told.log);
    if (told.id !== undefined) asked.get(told.id)?.(told);
  });
  await eventually(`${name} is ready`, () => ready !== undefined);
  return {
    ready: ready ?? {},
    ask: (verb, ...values) =>
      new Promise((resolve) => {
        const id = next;
        next += 1;
        asked.set(id, (told) => {
          resolve(
            told.ok === true
              ? { ok: true, value: told.value }
              : { ok: false, error: { code: 'refused', detail: verb } },
          );
        });
        child.send({ id, verb, args: values });
      }),
    state: () => state,
    onState(listener) {
      states.add(listener);
      return () => states.delete(listener);
    },
    onLog(listener) {
      logs.add(listener);
      return () => logs.delete(listener);
    },
    stop: () => ended(child, 'SIGTERM'),
  };
}

const learned: Sentinel[] = [];
let pinBlocks = 0;

/** Between core and host: passes everything on, and takes from it what must be found nowhere else. */
async function relay(to: number): Promise<{ readonly server: Server; readonly port: number }> {
  const master = Buffer.from(TEST_MASTER_KEY, 'hex');
  const learn = (frame: Uint8Array): void => {
    const message = profile.codec.unpack(frame);
    if (!message.ok) return;
    const block = message.value.get(52);
    if (block !== undefined) {
      pinBlocks += 1;
      learned.push(binary('encrypted PIN block', Buffer.from(block, 'hex')));
    }
    const reply = message.value.mti === '0810' ? readNetworkReply(profile, message.value) : undefined;
    if (reply?.ok !== true || reply.value.keys === undefined) return;
    const { pinKey, pinCheck, macKey, macCheck } = reply.value.keys;
    for (const [name, wrapped, check] of [
      ['PIN key', pinKey, pinCheck],
      ['MAC key', macKey, macCheck],
    ] as const) {
      const key = unwrapKey(master, wrapped, check);
      if (!key.ok) throw new Error(key.error.code);
      learned.push(binary(name, key.value), binary(`${name} under the master key`, Buffer.from(wrapped, 'hex')));
    }
  };
  const server = createServer((socket) => {
    const far = connect(to, '127.0.0.1');
    const pass = (from: Socket, into: Socket): void => {
      const framer = createFramer(profile.framing);
      from.on('data', (bytes: Buffer) => {
        const frames = framer.push(bytes);
        if (frames.ok) for (const frame of frames.value) learn(frame);
        into.write(bytes);
      });
      from.on('error', () => into.destroy());
      from.on('close', () => into.destroy());
    };
    pass(socket, far);
    pass(far, socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

interface Page {
  /** Every frame it was sent. */
  readonly frames: readonly string[];
  readonly socket: WebSocket;
  view(): View | undefined;
  act(action: Action): void;
  screen(kind: View['screen']['kind']): Promise<void>;
}

function openPage(origin: string, route: string, protocol: string, token: string): Page {
  const socket = new WebSocket(`${origin.replace(/^http/, 'ws')}${route}`, [protocol, `token.${token}`], { origin });
  const frames: string[] = [];
  socket.on('message', (bytes: Buffer) => frames.push(bytes.toString('utf8')));
  // One that cannot connect or is cut off shows nothing, and whoever waits for a screen says so.
  socket.on('error', () => undefined);
  const view = (): View | undefined => {
    const last = frames.findLast((frame) => frame.startsWith('{"type":"view"'));
    return last === undefined ? undefined : (JSON.parse(last) as { readonly view: View }).view;
  };
  return {
    frames,
    socket,
    view,
    act(action) {
      socket.send(JSON.stringify({ type: 'action', step: view()?.step, action }));
    },
    screen: (kind) => eventually(`the screen ${kind}`, () => view()?.screen.kind === kind, 40_000),
  };
}

let folder: string;
let data: string;
/** For the inquiry command: nobody has to be able to read its screens. */
let quick: string;
let reader: SimulatorProcess;
let pad: SimulatorProcess;
let printer: SimulatorProcess;
let host: SimulatorProcess;
let line: { readonly server: Server; readonly port: number };
let workbench: WorkbenchServer;
let bench: Page;
let page: Page;
let core: ChildProcess;
let starts = 0;
const pages: Page[] = [];
const receipts: string[] = [];
const whileRunning: Haystack[] = [];

async function startCore(): Promise<void> {
  starts += 1;
  const token = `leak${starts}`;
  core = spawn(
    process.execPath,
    [
      ...NODE,
      path.join(root, 'dist/core.js'),
      '--config',
      path.join(folder, 'terminal.json'),
      '--renderer',
      path.join(root, 'dist/renderer'),
    ],
    { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: { ...process.env, ANJUNGAN_UI_TOKENS: token } },
  );
  children.add(core);
  hear('core', core);
  let origin = '';
  core.once('message', (message: { readonly origin: string }) => {
    origin = message.origin;
  });
  await eventually('the core is ready', () => origin !== '');
  page = openPage(origin, '/ui', 'anjungan.v1', token);
  pages.push(page);
}

const place = (): string => (reader.state() as { readonly place: string }).place;

/** Keys by way of the workbench page, as a person presses them there. */
async function type(digits: string): Promise<void> {
  await eventually('the pad takes a PIN', () => (pad.state() as { readonly entering: boolean }).entering);
  for (const key of [...digits.split(''), 'enter'] as PadKey[])
    bench.socket.send(JSON.stringify({ type: 'verb', verb: { device: 'pad', verb: 'press', key } }));
}

async function toMenu(typed = PIN): Promise<void> {
  await page.screen('idle');
  await eventually('the reader takes a card', () => (reader.state() as { readonly accepting: boolean }).accepting);
  expect(await reader.ask('insert', { label: 'sentinel', track2: TRACK2, flaw: 'none' })).toMatchObject({
    ok: true,
    value: true,
  });
  await page.screen('pin');
  await type(typed);
  await page.screen('menu');
}

async function takeCard(): Promise<void> {
  await eventually('the reader holds the card out', () => place() === 'takeout');
  await reader.ask('take');
}

const STORIES: Readonly<Record<string, () => Promise<void>>> = {
  async 'a balance, shown in full for a moment, and a receipt'() {
    await toMenu();
    page.act({ kind: 'check-balance' });
    await page.screen('result');
    page.act({ kind: 'reveal' });
    await eventually('number and name are shown', () => {
      const screen = page.view()?.screen;
      return screen?.kind === 'result' && screen.revealed;
    });
    page.act({ kind: 'conceal' });
    page.act({ kind: 'continue' });
    await page.screen('receipt-choice');
    page.act({ kind: 'receipt', choice: 'paper' });
    await page.screen('something-else');
    page.act({ kind: 'finish' });
    await takeCard();
    await page.screen('take-receipt');
    const torn = await printer.ask('tear');
    receipts.push(torn.ok ? String(torn.value) : '');
  },
  async 'a wrong PIN'() {
    await toMenu(WRONG_PIN);
    page.act({ kind: 'check-balance' });
    await page.screen('pin-wrong');
    page.act({ kind: 'cancel' });
    await takeCard();
  },
  ...Object.fromEntries(
    (['garbled', 'bad-mac', 'close-mid-message'] as const).map((behaviour) => [
      `a host that is ${behaviour}`,
      async () => {
        await toMenu();
        await host.ask('behave', behaviour);
        page.act({ kind: 'check-balance' });
        await page.screen('sorry');
        await host.ask('behave', 'normal');
        page.act({ kind: 'finish' });
        await takeCard();
      },
    ]),
  ),
  async 'a card that cannot be read'() {
    await page.screen('idle');
    await eventually('the reader takes a card', () => (reader.state() as { readonly accepting: boolean }).accepting);
    await reader.ask('insert', { label: 'sentinel', track2: TRACK2, flaw: 'bad-lrc' });
    await page.screen('card-unreadable');
    await takeCard();
  },
  async 'a printer without paper, and a pad that is unplugged with the PIN typed'() {
    await toMenu();
    await printer.ask('paperOut');
    page.act({ kind: 'check-balance' });
    await page.screen('result');
    await pad.ask('unplug');
    page.act({ kind: 'finish' });
    await takeCard();
    await pad.ask('plug');
    await printer.ask('loadPaper');
  },
  async 'a core that is killed with the balance on the screen'() {
    await toMenu();
    page.act({ kind: 'check-balance' });
    await page.screen('result');
    whileRunning.push(...filesIn(data).map(({ name, bytes }) => ({ name: `${name} while it was running`, bytes })));
    await ended(core, 'SIGKILL');
    whileRunning.push(...filesIn(data).map(({ name, bytes }) => ({ name: `${name} after the kill`, bytes })));
    await startCore();
    await page.screen('take-card');
    await takeCard();
  },
};

beforeAll(async () => {
  await build(() => undefined);
  folder = mkdtempSync(path.join(os.tmpdir(), 'anjungan-test-'));
  data = path.join(folder, 'data');
  const members = path.join(folder, 'members.db');
  writeMembers(members);
  const device = 'devices/simulator/run.ts';
  [reader, pad, printer, host] = await Promise.all([
    simulator('card reader', device, ['card-reader', '--tcp', '0', '--pace', '0']),
    simulator('PIN pad', device, ['pin-pad', '--tcp', '0']),
    simulator('printer', device, ['receipt-printer', '--tcp', '0']),
    simulator('host', 'protocol/host/run.ts', ['--port', '0', '--database', members]),
  ]);
  line = await relay(Number(host.ready['port']));
  const to = ({ ready }: SimulatorProcess) => ({
    line: { kind: 'tcp', host: '127.0.0.1', port: Number(String(ready['address']).split(':').at(-1)) },
  });
  const parsed = parseConfig({
    ...SIMULATED_TERMINAL,
    host: { endpoints: [{ host: '127.0.0.1', port: line.port }], replyMs: 2_000 },
    devices: { cardReader: to(reader), pinPad: to(pad), receiptPrinter: to(printer) },
    browser: { port: 0 },
    data: { folder: data },
    delays: { goodbye: 1_000, takeReceipt: 2_000 },
    simulated: true,
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.mistakes));
  writeFileSync(path.join(folder, 'terminal.json'), JSON.stringify(parsed.config));
  const parts = { reader, pad, printer, host };
  const own: Bench = {
    ...parts,
    config: parsed.config,
    complete: true,
    act: (verb) => parts[verb.device].ask(verb.verb, ...('key' in verb ? [verb.key] : [])),
    stop: () => Promise.resolve(),
  };
  const served = await serveWorkbench({
    bench: own,
    assets: new Map(),
    port: 0,
    clock: systemClock,
    token: 'workbench',
  });
  if (!served.ok) throw new Error(served.error.detail);
  workbench = served.value;
  bench = openPage(workbench.origin, '/workbench', 'anjungan.workbench.v1', 'workbench');
  quick = path.join(folder, 'quick.json');
  writeFileSync(
    quick,
    JSON.stringify({ ...SIMULATED_TERMINAL, delays: { goodbye: 1_000, takeReceipt: 2_000, pinWrongNotice: 1_000 } }),
  );
  await startCore();
}, 60_000);

afterAll(async () => {
  for (const { socket } of [...pages, ...(bench === undefined ? [] : [bench])]) socket.terminate();
  await workbench?.close();
  await Promise.all([...children].map((child) => ended(child, 'SIGTERM')));
  line?.server.close();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

describe('sentinels go through the processes', { timeout: 60_000 }, () => {
  it.each(Object.keys(STORIES))('%s', async (name) => {
    await STORIES[name]?.();
    await page.screen('idle');
  });
});

describe('and are found nowhere', () => {
  const revealing = (frame: string): boolean => {
    const { view } = JSON.parse(frame) as { readonly view?: View };
    return view?.screen.kind === 'result' && view.screen.revealed;
  };
  const frames = (): string[] => pages.flatMap((one) => one.frames);

  it('although they were there', () => {
    expect(pinBlocks).toBeGreaterThanOrEqual(6);
    expect(learned.filter(({ name }) => name === 'MAC key').length).toBeGreaterThanOrEqual(2);
    const shown = frames().filter(revealing).join('\n');
    expect(shown).toContain(KPJ);
    expect(shown).toContain(NAME);
    expect(receipts.join('\n')).toContain(`******${PAN.slice(-4)}`);
    expect(bench.frames.at(-1)).toContain('-> 00');
    expect([...said.keys()].sort()).toEqual(['PIN pad', 'card reader', 'core', 'host', 'printer']);
    expect(said.get('core')?.join('')).toContain('host: keys-loaded');
    expect(whileRunning.map(({ name }) => name)).toContain('terminal.db-wal after the kill');
  });

  it('in no output, no file, no frame of the workbench, and on no paper', async () => {
    await ended(core, 'SIGTERM');
    const places: Haystack[] = [
      ...filesIn(data),
      ...whileRunning,
      ...[...said].map(([name, lines]) => linesNamed(`the output of the ${name}`, lines)),
      linesNamed('the frames of the workbench', [...new Set(bench.frames)]),
      linesNamed('the receipts', receipts),
    ];
    expect(leaks([...SECRETS, ...PERSONAL, ...learned], places)).toEqual([]);
  }, 60_000);

  it('in no frame of the kiosk, but for number and name while the customer asks for them', () => {
    const all = [...new Set(frames())];
    expect(leaks([...SECRETS, ...learned], [linesNamed('the frames of the kiosk', all)])).toEqual([]);
    expect(
      leaks(PERSONAL, [
        linesNamed(
          'the frames of the kiosk',
          all.filter((frame) => !revealing(frame)),
        ),
      ]),
    ).toEqual([]);
  });
});

describe('the inquiry command', { concurrent: true, timeout: 60_000 }, () => {
  const persona = personas.find(({ id }) => id === 'normal');
  const membership = persona?.memberships[0];
  if (persona === undefined || membership === undefined) throw new Error('no persona normal');
  const secrets = (typed: string): Sentinel[] => [
    text('card number', persona.pan),
    // The issuer part and the expiry are the same on every simulated card.
    text('beginning of the card number', persona.pan.slice(0, 12)),
    text('track 2', persona.track2, 17),
    pin(typed),
    text('KPJ', membership.kpj, 7),
    ...membership.name
      .split(' ')
      .filter((word) => word !== 'Contoh')
      .map((word) => text(`name (${word})`, word)),
    binary('master key', Buffer.from(TEST_MASTER_KEY, 'hex')),
  ];

  it.each([
    ['with the right PIN', PERSONA_PIN, [], 0],
    ['with a wrong PIN', WRONG_PIN, [], 1],
    ['with a host that answers nonsense', PERSONA_PIN, ['--answer', '96'], 1],
    ['with a damaged card', PERSONA_PIN, ['--flaw', 'bad-lrc'], 1],
  ] as const)('tells nothing %s', async (_, typed, more, expected) => {
    const child = spawn(
      process.execPath,
      [
        ...NODE,
        path.join(root, 'main/inquiry/cli.ts'),
        '--card',
        'normal',
        '--pin',
        typed,
        '--trace',
        '--json',
        '--config',
        quick,
        ...more,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    children.add(child);
    const lines: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => lines.push(chunk));
    const code = await new Promise((resolve) => child.once('close', resolve));
    const output = lines.join('');
    expect(code).toBe(expected);
    expect(output).toContain('reader  ->  C62');
    expect(leaks(secrets(typed), [{ name: 'the output', bytes: Buffer.from(output, 'utf8') }])).toEqual([]);
  });
});
