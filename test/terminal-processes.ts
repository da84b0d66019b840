/** A simulated terminal in real processes: the simulators and the host, the core's bundle, and a page that shows its Views. */
import path from 'node:path';
import { WebSocket } from 'ws';
import { openDatabase } from '../protocol/storage/sqlite.ts';
import { parseConfig, SIMULATED_TERMINAL, type Config } from '../main/config.ts';
import type {
  Action,
  CardReaderSimulatorState,
  PadKey,
  PinPadSimulatorState,
  Screen,
  ScreenKind,
  View,
} from '../main/contract.ts';
import { journalReader, type ChainReport, type JournalRow } from '../main/journal/journal.ts';
import { startBench, type Bench } from '../main/workbench/bench.ts';
import { eventually, freePort, run, temporaryFolder, writeConfig, type Running } from './processes.ts';

export interface TerminalProcesses {
  readonly bench: Bench;
  readonly config: Config;
  /** As `--config` names it. */
  readonly configFile: string;
  reader(): CardReaderSimulatorState;
  pad(): PinPadSimulatorState;
  /** Another core on the same configuration; ended by `close` if nobody else ended it. */
  start(): Running;
  insert(persona: string): Promise<void>;
  press(...keys: readonly PadKey[]): Promise<void>;
  takeCard(): Promise<void>;
  /** Read from the file, whoever writes it. */
  journal(): { readonly rows: readonly JournalRow[]; readonly chain: ChainReport };
  close(): Promise<void>;
}

export async function startTerminalProcesses(coreFile: string, transport: 'pty' | 'tcp'): Promise<TerminalProcesses> {
  const { folder, remove } = temporaryFolder();
  const data = path.join(folder, 'data');
  const parsed = parseConfig({
    ...SIMULATED_TERMINAL,
    browser: { port: await freePort() },
    data: { folder: data },
    delays: { goodbye: 1_000 },
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.mistakes));
  const started = await startBench({ config: parsed.config, folder: path.join(folder, 'bench'), transport, pace: 0 });
  if (!started.ok) {
    remove();
    throw new Error(started.error.detail);
  }
  const bench = started.value;
  const configFile = writeConfig(folder, bench.config);
  const cores: Running[] = [];
  const act = async (verb: Parameters<Bench['act']>[0]): Promise<void> => {
    const done = await bench.act(verb);
    if (!done.ok) throw new Error(`${verb.device} ${verb.verb}: ${done.error.detail}`);
  };
  const reader = (): CardReaderSimulatorState => bench.reader?.state() as CardReaderSimulatorState;
  return {
    bench,
    config: bench.config,
    configFile,
    reader,
    pad: () => bench.pad?.state() as PinPadSimulatorState,
    start() {
      const core = run(coreFile, ['--config', configFile]);
      cores.push(core);
      return core;
    },
    async insert(persona) {
      await eventually('the reader accepts a card', () => reader().accepting);
      await act({ device: 'reader', verb: 'insert', persona, flaw: 'none' });
    },
    async press(...keys) {
      for (const key of keys) await act({ device: 'pad', verb: 'press', key });
    },
    async takeCard() {
      await eventually('the reader holds the card out', () => reader().place === 'takeout');
      await act({ device: 'reader', verb: 'take' });
    },
    journal() {
      const database = openDatabase(path.join(data, 'terminal.db'), { readonly: true });
      if (!database.ok) throw new Error(database.error.detail);
      const journal = journalReader(database.value);
      const rows = journal.read();
      const chain = journal.verify();
      database.value.close();
      if (!rows.ok || !chain.ok) throw new Error('the journal cannot be read');
      return { rows: rows.value, chain: chain.value };
    },
    async close() {
      await Promise.all(cores.map((core) => core.kill()));
      await bench.stop();
      remove();
    },
  };
}

export interface Page {
  readonly view: () => View | undefined;
  /** For the next connection. */
  readonly resumeToken: () => string;
  screen<K extends ScreenKind>(kind: K): Promise<Extract<Screen, { kind: K }>>;
  touch(action: Action): void;
  readonly lost: () => boolean;
  close(): void;
}

/** What the core printed: where the page is, and the token for it. */
export async function kioskOf(core: Running): Promise<{ readonly origin: string; readonly token: string }> {
  const url = new URL((await core.line(/^kiosk: /)).slice('kiosk: '.length));
  return { origin: url.origin, token: new URLSearchParams(url.hash.slice(1)).get('token') ?? '' };
}

/** Connects as the kiosk page does; rejects when the core refuses the token. */
export async function openPage(origin: string, token: string): Promise<Page> {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/ui`, ['anjungan.v1', `token.${token}`], { origin });
  let view: View | undefined;
  let resume = '';
  let lost = false;
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString('utf8')) as {
      readonly type: string;
      readonly view?: View;
      readonly token?: string;
    };
    if (message.type === 'view') view = message.view;
    if (message.type === 'resume') resume = message.token ?? '';
  });
  socket.on('close', () => {
    lost = true;
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.on('error', reject);
  });
  await eventually('the page has its View', () => view !== undefined && resume !== '');
  return {
    view: () => view,
    resumeToken: () => resume,
    async screen(kind) {
      await eventually(
        `the screen ${kind}`,
        () => {
          if (lost) throw new Error(`the page lost the core while it waited for ${kind}`);
          return view?.screen.kind === kind;
        },
        30_000,
      ).catch((error: unknown) => {
        throw new Error(`${String(error)}; shown is ${JSON.stringify(view?.screen)}`);
      });
      return view?.screen as Extract<Screen, { kind: typeof kind }>;
    },
    touch(action) {
      socket.send(JSON.stringify({ type: 'action', step: view?.step ?? 0, action }));
    },
    lost: () => lost,
    close: () => {
      socket.terminate();
    },
  };
}
