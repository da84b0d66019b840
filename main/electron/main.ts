/**
 * The Electron shell: a window manager and nothing else. It shows the kiosk page, keeps the core running beside it, hands
 * the two a line to each other, and denies everything else. It never sees what they say.
 *
 * Bundled as CommonJS: in an ES module a top-level `await app.whenReady()` never resolves.
 */
import { app, Menu, MessageChannelMain, powerSaveBlocker, protocol, session } from 'electron/main';
import path from 'node:path';
import { systemClock } from '../../protocol/clock.ts';
import { scheme } from './address.ts';
import { createBreaker } from './breaker.ts';
import { type CoreHost, hostCore } from './core-host.ts';
import { guardContents, guardSession } from './denials.ts';
import { answer, loadKioskFiles } from './files.ts';
import { type KioskWindow, openKioskWindow } from './kiosk-window.ts';
import { log } from './log.ts';
import { exitCode, pagePortChannel } from './messages.ts';
import { coreArguments, refusedSwitch } from './start-options.ts';

/** dist/electron, in a package inside app.asar. */
const here = __dirname;
const clock = systemClock;
/** A window with a frame and DevTools. Never in an installed terminal, whatever its environment says. */
const dev = !app.isPackaged && process.env['ANJUNGAN_DEV'] === '1';

let core: CoreHost | undefined;
let kiosk: KioskWindow | undefined;
let leaving = false;

/** The only way out: the core gives the card back first. Before `ready` Electron notes the code and leaves when it can. */
function leave(code: number): void {
  if (leaving) return;
  leaving = true;
  if (code !== exitCode.ok) log(`leaving with ${String(code)}`);
  void (core?.stop() ?? Promise.resolve()).then(() => {
    app.exit(code);
  });
}

/** A bug here must not end in Electron's default: a dialogue box over the kiosk, waiting for OK. */
function leaveOnBugs(): void {
  const report = (error: unknown): void => {
    log(error instanceof Error ? (error.stack ?? error.message) : 'thrown: not an Error');
    leave(exitCode.fault);
  };
  process.on('uncaughtException', report);
  process.on('unhandledRejection', report);
}

/** Why this start is refused, if it is. */
function refusal(): number | undefined {
  const refused = app.isPackaged ? refusedSwitch((name) => app.commandLine.hasSwitch(name)) : undefined;
  if (refused !== undefined) {
    log(`--${refused} is refused in an installed terminal`);
    return exitCode.configuration;
  }
  // Two cores would fight for the same card reader. The first one is told, and comes to the front.
  if (!app.requestSingleInstanceLock()) {
    log('already running');
    return exitCode.alreadyRunning;
  }
  return undefined;
}

/** What Chromium only takes before it is ready. */
function prepare(): void {
  app.enableSandbox();
  // With the menu go its shortcuts.
  Menu.setApplicationMenu(null);
  const switches: readonly (readonly [string, string?])[] = [
    ['disable-pinch'],
    // A sideways swipe would go back in history.
    ['overscroll-history-navigation', '0'],
    // Nothing of the page's has a name to look up; the core's connections are Node's and not touched by this.
    ['host-resolver-rules', 'MAP * ~NOTFOUND'],
    // No key ring: it may open its password dialogue over the kiosk, and we keep nothing in it.
    ['password-store', 'basic'],
  ];
  for (const [name, value] of switches) app.commandLine.appendSwitch(name, value);
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
  // Every page there ever is, also one that should not be there.
  app.on('web-contents-created', (_event, contents) => {
    guardContents(contents, dev);
  });
}

/** A direct line between page and core, new for each page load and each core; the old one ends with its owner. */
function connect(): void {
  const page = kiosk?.loadedPage();
  if (page === undefined || core === undefined || !core.running) return;
  const { port1, port2 } = new MessageChannelMain();
  core.givePort(port1);
  page.postMessage(pagePortChannel, null, [port2]);
}

function boot(): void {
  // In memory: cookies, caches and storage of the page never reach the disk. Nothing uses the default session; it is
  // guarded in case something does.
  const memory = session.fromPartition('kiosk');
  for (const each of [memory, session.defaultSession]) guardSession(each, dev);
  const files = loadKioskFiles(path.join(here, '../renderer'));
  memory.protocol.handle(scheme, (request) => answer(files, request));
  powerSaveBlocker.start('prevent-display-sleep');

  const breaker = createBreaker(clock);
  core = hostCore({
    file: path.join(here, '../core.js'),
    args: coreArguments(process.argv),
    clock,
    breaker,
    onUp: connect,
    // The last thing it drew may be somebody's balance, and nobody is left to take it off.
    onLost: () => kiosk?.reload(),
    onGivenUp: leave,
  });
  kiosk = openKioskWindow({
    preload: path.join(here, 'preload.cjs'),
    session: memory,
    dev,
    clock,
    onLoaded: connect,
    onFailed: () => pageFailed(breaker.failed()),
    // A terminal's window does not close; if it is gone, only a new start brings it back.
    onClosed: () => {
      leave(dev ? exitCode.ok : exitCode.tooManyFailures);
    },
  });
}

function pageFailed(wait: number | 'give-up'): number | undefined {
  if (wait !== 'give-up') return leaving ? undefined : wait;
  leave(exitCode.tooManyFailures);
  return undefined;
}

/** After `ready`: until then Chromium puts its own signal handlers over ours. */
function leaveOnSignals(): void {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      leave(exitCode.ok);
    });
  }
}

function start(): void {
  leaveOnBugs();
  const refused = refusal();
  if (refused !== undefined) {
    app.exit(refused);
    return;
  }
  prepare();
  app.on('second-instance', () => kiosk?.focus());
  app.on('child-process-gone', (_event, details) => {
    log(`${details.type} process gone: ${details.reason} (${String(details.exitCode)})`);
  });
  // Chromium's own signal handlers, and the desktop's log-out, arrive here: the core must be asked first all the same.
  app.on('before-quit', (event) => {
    event.preventDefault();
    leave(exitCode.ok);
  });
  // Electron quits by itself when nobody listens; `closed` has decided already.
  app.on('window-all-closed', () => undefined);
  void app.whenReady().then(() => {
    leaveOnSignals();
    boot();
  });
}

start();
