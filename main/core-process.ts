/**
 * The core as a process: in plain Node it serves the kiosk page on loopback, in Electron's utility process it hands Views to
 * the ports that the shell sends. One line a message on standard output; `--help` says the rest.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../protocol/clock.ts';
import { loadAssets } from './browser/assets.ts';
import { serveBrowser, type BrowserHost } from './browser/host.ts';
import { readConfig } from './config.ts';
import { parseAction } from './contract.ts';
import { startCore, type Core } from './core.ts';

const HELP = `core --config FILE [--ui browser|port] [--renderer FOLDER] [--frame-ancestor ORIGIN]

  --config FILE          the terminal's configuration (JSON)
  --ui browser           serve the kiosk page on loopback (default); the address is printed
  --ui port              no server: the Electron shell sends message ports
  --renderer FOLDER      the built renderer; default renderer/ beside this file
  --frame-ancestor URL   a page that may show the kiosk in a frame (the workbench)

Exit codes: 0 stopped, 64 wrong use, 69 another terminal runs here or the port is taken, 70 a defect (start me again),
78 the configuration has mistakes. Tokens for the kiosk page come in ANJUNGAN_UI_TOKENS, comma-separated.
`;

/** sysexits.h */
const EXIT = { usage: 64, unavailable: 69, software: 70, config: 78 } as const;

/** How long a customer has to take the card when the terminal is told to stop. */
const STOP_GRACE_MS = 20_000;

interface UiPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (message: { readonly data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start(): void;
}

interface ParentPort {
  on(
    event: 'message',
    listener: (message: { readonly data: unknown; readonly ports: readonly UiPort[] }) => void,
  ): unknown;
  postMessage(message: unknown): void;
}

const out = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

function end(code: number, line: string): never {
  process.stderr.write(`${line}\n`);
  process.exit(code);
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        config: { type: 'string' },
        ui: { type: 'string', default: 'browser' },
        renderer: { type: 'string', default: path.join(import.meta.dirname, 'renderer') },
        'frame-ancestor': { type: 'string', multiple: true, default: [] },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return end(EXIT.usage, (error as Error).message);
  }
}

/** A message port of the Electron shell: Views out, Actions in. A newer page replaces an older one. */
function servePorts(core: Core, parent: ParentPort): void {
  let detach: (() => void) | undefined;
  parent.on('message', ({ data, ports }) => {
    const { type } = (data ?? {}) as { readonly type?: unknown };
    const port = ports[0];
    if (type === 'stop') void stop(core, 'asked to stop');
    if (type !== 'ui-port' || port === undefined) return;
    detach?.();
    const unsubscribe = core.terminal.onView((view) => {
      port.postMessage({ type: 'view', view });
    });
    detach = unsubscribe;
    port.on('message', (message) => {
      const action = parseAction(message.data);
      if (action !== undefined) core.terminal.act(action);
    });
    port.on('close', unsubscribe);
    port.start();
    port.postMessage({ type: 'view', view: core.terminal.view() });
  });
  parent.postMessage({ type: 'ready' });
}

let browserHost: BrowserHost | undefined;
let stopping = false;

async function stop(core: Core, why: string, code = 0): Promise<void> {
  if (stopping) return;
  stopping = true;
  out(`stopping: ${why}`);
  await core.stop(STOP_GRACE_MS);
  await browserHost?.close();
  process.exit(code);
}

async function main(): Promise<void> {
  const args = readArguments();
  if (args.help) {
    out(HELP);
    return;
  }
  if (args.config === undefined) end(EXIT.usage, 'core: --config FILE is missing (--help says more)');
  const read = readConfig(args.config);
  if (!read.ok) {
    for (const mistake of read.mistakes) process.stderr.write(`${args.config}: ${mistake.path} ${mistake.rule}\n`);
    end(
      EXIT.config,
      `${args.config}: ${read.mistakes.length} mistake${read.mistakes.length === 1 ? '' : 's'}, nothing was started`,
    );
  }
  const { config } = read;
  const started = startCore({ config, clock: systemClock, log: out });
  if (!started.ok) {
    end(started.error.code === 'second-instance' ? EXIT.unavailable : EXIT.config, `core: ${started.error.detail}`);
  }
  const core = started.value;

  // An exception nobody expected is a bug: leave at once, and let the next start find the card where it is.
  const die = (error: unknown): void => {
    // Where, not what: a message could hold anything.
    const stack = error instanceof Error ? (error.stack ?? '').split('\n')[1]?.trim() : undefined;
    process.stderr.write(`defect: ${error instanceof Error ? error.name : typeof error} ${stack ?? ''}\n`);
    process.exit(EXIT.software);
  };
  process.on('uncaughtException', die);
  // In a utility process a rejection that nobody handles would only warn.
  process.on('unhandledRejection', die);
  core.terminal.onDefect(() => void stop(core, 'a defect was met; a fresh start is needed', EXIT.software));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(core, signal));

  const parent = (process as NodeJS.Process & { readonly parentPort?: ParentPort }).parentPort;
  if (args.ui === 'port') {
    if (parent === undefined) end(EXIT.usage, 'core: --ui port works only inside the Electron shell');
    servePorts(core, parent);
    return;
  }
  const served = await serveBrowser({
    terminal: core.terminal,
    assets: loadAssets(args.renderer),
    bind: config.browser.bind,
    port: config.browser.port,
    clock: systemClock,
    storage: core.storage.open,
    tokens: (process.env['ANJUNGAN_UI_TOKENS'] ?? '').split(',').filter((token) => token !== ''),
    frameAncestors: args['frame-ancestor'],
  });
  if (!served.ok) {
    await core.stop(STOP_GRACE_MS);
    const explain = served.error.code === 'port-in-use' ? 'the port is taken' : 'the kiosk page cannot be served';
    end(EXIT.unavailable, `core: ${explain}: ${served.error.detail}; browser.port in the configuration names another`);
  }
  browserHost = served.value;
  out(`kiosk: ${browserHost.address()}`);
  process.send?.({ type: 'ready', origin: browserHost.origin });
}

await main();
