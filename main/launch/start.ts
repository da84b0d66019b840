/** `npm start`: simulators for whatever the configuration does not name, the core, and a screen to show it on. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../../protocol/clock.ts';
import { loadAssets } from '../browser/assets.ts';
import { parseConfig, readConfig, SIMULATED_TERMINAL, type Config } from '../config.ts';
import { findElectronBinary, installElectronBinary } from '../electron/binary.mjs';
import { DEFAULT_TRANSPORT, startBench, type Bench } from '../workbench/bench.ts';
import { serveWorkbench, type WorkbenchServer } from '../workbench/server.ts';
import { build } from './build.ts';
import { findChromium } from './chromium.ts';

const HELP = `npm start -- [--config FILE] [--screen electron|chromium|none] [--transport pty|tcp] [--throttle BAUD]

Starts the terminal. Devices and a host that the configuration does not name are simulated, and a workbench page shows them.

  --config FILE    the terminal's configuration; default: everything simulated
  --screen WHICH   where the kiosk is shown; default: Electron where its binary is or can be had, else an installed
                   Chromium, else only the address is printed (always so without a display, or as root)
  --transport      the simulated devices' lines: pty (default where there are ptys) or tcp
  --throttle BAUD  the simulated lines' speed; default as fast as the machine
`;

const root = path.resolve(import.meta.dirname, '../..');
const dist = path.join(root, 'dist');
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Restarts of the core in a minute before the launcher gives up. */
const RESTARTS = 5;
const ELECTRON_INSTALL_MS = 180_000;
const EXIT = { ok: 0, usage: 64, unavailable: 69, software: 70, tooManyFailures: 75, config: 78 } as const;
/** A new start of the core would end the same way. */
const FINAL: readonly number[] = [EXIT.usage, EXIT.unavailable, EXIT.config];

interface Running {
  bench?: Bench;
  workbench?: WorkbenchServer;
  core?: ChildProcess;
  screen?: ChildProcess;
  profileFolder?: string;
}

const running: Running = {};
let leaving = false;

async function leave(code: number): Promise<never> {
  leaving = true;
  const ended = (child: ChildProcess | undefined, ms: number): Promise<void> =>
    new Promise((resolve) => {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return resolve();
      const timer = setTimeout(() => child.kill('SIGKILL'), ms);
      child.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      child.kill('SIGTERM');
    });
  // The core first: a card inside is given back, and the simulated reader must still be there to give it.
  await ended(running.screen, 3_000);
  await ended(running.core, 25_000);
  await running.workbench?.close();
  await running.bench?.stop();
  if (running.profileFolder !== undefined) rmSync(running.profileFolder, { recursive: true, force: true });
  process.exit(code);
}

function fatal(code: number, line: string): Promise<never> {
  process.stderr.write(`${line}\n`);
  return leave(code);
}

async function configuration(file: string | undefined): Promise<Config> {
  const read = file === undefined ? parseConfig(SIMULATED_TERMINAL) : readConfig(file);
  if (read.ok) return read.config;
  for (const mistake of read.mistakes) process.stderr.write(`${file ?? 'built-in'}: ${mistake.path} ${mistake.rule}\n`);
  return fatal(EXIT.config, `${file ?? 'built-in'}: ${read.mistakes.length} mistakes, nothing was started`);
}

type Screen =
  | { readonly kind: 'electron' | 'chromium'; readonly path: string }
  | { readonly kind: 'none'; readonly reason: string };

async function chooseScreen(wanted: string | undefined): Promise<Screen> {
  if (wanted === 'none') return { kind: 'none', reason: 'as asked' };
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) {
    return { kind: 'none', reason: 'there is no display' };
  }
  if (process.getuid?.() === 0) return { kind: 'none', reason: 'browsers do not run safely as root' };
  const reasons: string[] = [];
  if (wanted !== 'chromium') {
    let electron = findElectronBinary(root);
    if ('reason' in electron) {
      say('Fetching Electron (once, about 100 MB) ...');
      electron = await installElectronBinary(root, { timeoutMs: ELECTRON_INSTALL_MS, onLine: () => undefined });
    }
    if ('path' in electron) return { kind: 'electron', path: electron.path };
    reasons.push(`Electron: ${electron.reason}`);
  }
  if (wanted !== 'electron') {
    const chromium = findChromium();
    if ('path' in chromium) return { kind: 'chromium', path: chromium.path };
    reasons.push(chromium.reason);
  }
  return { kind: 'none', reason: reasons.join('; ') };
}

/** The core in a process of its own, started again after a defect: the card inside is then found and returned. */
function superviseCore(
  configFile: string,
  extra: readonly string[],
  firstTokens: readonly string[],
  onReady: () => void,
): void {
  const ends: number[] = [];
  let tokens = firstTokens;
  const start = (): void => {
    const core = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', path.join(dist, 'core.js'), '--config', configFile, ...extra],
      {
        stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
        env: { ...process.env, ANJUNGAN_UI_TOKENS: tokens.join(',') },
      },
    );
    running.core = core;
    core.stdout?.setEncoding('utf8').on('data', (text: string) => {
      // The address with its token is for whoever starts the core alone.
      for (const line of text.split('\n')) if (line !== '' && !line.startsWith('kiosk: ')) say(`core: ${line}`);
    });
    core.on('message', (message: { readonly type?: string }) => {
      if (message.type === 'ready') onReady();
    });
    core.once('exit', (code, signal) => {
      if (leaving) return;
      if (code !== null && (code === 0 || FINAL.includes(code))) return void leave(code);
      const now = Date.now();
      ends.push(now);
      while (ends[0] !== undefined && now - ends[0] > 60_000) ends.shift();
      if (ends.length > RESTARTS)
        return void fatal(EXIT.tooManyFailures, `the core ended ${ends.length} times within a minute`);
      say(`core: ended (${signal ?? code ?? 'unknown'}), starting it again`);
      // Pages come back with the token they were given last.
      tokens = [];
      setTimeout(start, 250 * ends.length);
    });
  };
  start();
}

function openChromium(executable: string, kiosk: string, real: boolean): ChildProcess {
  running.profileFolder = mkdtempSync(path.join(os.tmpdir(), 'anjungan-chromium-'));
  const shape = real
    ? ['--kiosk', '--start-fullscreen', kiosk]
    : // On a developer's screen: a window of a kiosk's shape, beside which the workbench has room.
      [`--app=${kiosk}`, '--window-size=540,960'];
  return spawn(
    executable,
    [
      `--user-data-dir=${running.profileFolder}`,
      '--no-first-run',
      '--no-default-browser-check',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-pinch',
      '--overscroll-history-navigation=0',
      '--disable-features=Translate,TouchpadOverscrollHistoryNavigation',
      ...shape,
    ],
    { stdio: 'ignore' },
  );
}

const wrongUse = (line: string): never => {
  process.stderr.write(`${line} (--help lists the options)\n`);
  return process.exit(EXIT.usage);
};

function readArguments() {
  try {
    return parseArgs({
      options: {
        config: { type: 'string' },
        screen: { type: 'string' },
        transport: { type: 'string', default: DEFAULT_TRANSPORT },
        throttle: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return wrongUse((error as Error).message);
  }
}

async function main(): Promise<void> {
  const args = readArguments();
  if (args.help) return say(HELP);
  const { transport, throttle, screen: wanted } = args;
  if (transport !== 'pty' && transport !== 'tcp') return wrongUse('--transport must be pty or tcp');
  if (throttle !== undefined && !/^\d{3,6}$/.test(throttle))
    return wrongUse('--throttle must be a line speed, e.g. 9600');
  if (wanted !== undefined && !['electron', 'chromium', 'none'].includes(wanted)) {
    return wrongUse('--screen must be electron, chromium or none');
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void leave(EXIT.ok));

  const config = await configuration(args.config);
  await build(say);
  const folder = path.resolve(config.data.folder);
  const bench = await startBench({
    config: { ...config, data: { folder } },
    folder: path.join(folder, 'bench'),
    transport,
    ...(throttle === undefined ? {} : { throttle: Number(throttle) }),
  });
  if (!bench.ok) return fatal(EXIT.software, `a simulator did not start: ${bench.error.detail}`);
  running.bench = bench.value;

  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const configFile = path.join(folder, 'resolved.json');
  writeFileSync(configFile, JSON.stringify(bench.value.config, null, 2), { mode: 0o600 });

  const simulated = bench.value.reader ?? bench.value.pad ?? bench.value.printer ?? bench.value.host;
  const screen = await chooseScreen(wanted);
  const kioskOrigin = `http://${config.browser.bind.includes(':') ? `[${config.browser.bind}]` : config.browser.bind}:${config.browser.port}`;
  const [kioskToken, frameToken, workbenchToken] = [0, 1, 2].map(() => randomBytes(24).toString('base64url')) as [
    string,
    string,
    string,
  ];

  if (simulated !== undefined) {
    const workbench = await serveWorkbench({
      bench: bench.value,
      assets: loadAssets(path.join(dist, 'renderer')),
      port: config.workbench.port,
      clock: systemClock,
      token: workbenchToken,
      ...(screen.kind === 'electron' ? {} : { kioskOrigin }),
    });
    if (!workbench.ok)
      return fatal(
        EXIT.unavailable,
        `the workbench cannot be served: ${workbench.error.code} ${workbench.error.detail}`,
      );
    running.workbench = workbench.value;
  }

  const announce = (): void => {
    say('');
    say(`Anjungan is running${bench.value.complete ? ', with simulated devices and a simulated host' : ''}.`);
    if (screen.kind !== 'electron') say(`  kiosk      ${kioskOrigin}/#token=${kioskToken}`);
    if (running.workbench !== undefined) say(`  workbench  ${running.workbench.address}`);
    if (bench.value.complete) say('  On the workbench: put a card in, type the PIN 123456, and follow the screen.');
    if (screen.kind === 'none')
      say(`  No window is opened here: ${screen.reason}. Open the addresses above in a browser.`);
    say('');
  };

  if (screen.kind === 'electron') {
    running.screen = spawn(screen.path, [root, `--config=${configFile}`], { stdio: 'inherit' });
    running.screen.once('exit', (code) => void leave(code ?? EXIT.software));
    announce();
    return;
  }
  let announced = false;
  const frame = running.workbench === undefined ? [] : ['--frame-ancestor', running.workbench.origin];
  superviseCore(configFile, ['--renderer', path.join(dist, 'renderer'), ...frame], [kioskToken, frameToken], () => {
    if (announced) return;
    announced = true;
    running.workbench?.showKiosk(`${kioskOrigin}/#token=${frameToken}`);
    announce();
    if (screen.kind === 'chromium') {
      running.screen = openChromium(screen.path, `${kioskOrigin}/#token=${kioskToken}`, !bench.value.complete);
      running.screen.once('exit', () => void leave(EXIT.ok));
    }
  });
}

await main();
