/**
 * A stand-in for Electron's main-process module, for the real bundled shell to run against in plain Node. It shows no window
 * and starts no process: it records what the shell asks for, keeps the listeners and handlers the shell sets, and lets a
 * test play Chromium, the page, the core and the customer. What the shell uses and is not here fails as a TypeError.
 *
 * It knows Electron from its type definitions and documentation only.
 */
import { EventEmitter } from 'node:events';

export interface StandInSettings {
  readonly packaged: boolean;
  /** Chromium switches on the command line, without dashes. */
  readonly switches: readonly string[];
  /** Another instance holds the lock. */
  readonly secondInstance: boolean;
}

export interface Call {
  readonly what: string;
  readonly with: readonly unknown[];
}

/** The answer of a handler that takes a callback, or returns. */
export interface Decision {
  readonly given: unknown;
}

type Handler = (...args: unknown[]) => unknown;

export function createStandIn(settings: StandInSettings) {
  const calls: Call[] = [];
  const record =
    (what: string) =>
    (...args: unknown[]): void => {
      calls.push({ what, with: args });
    };

  const app = new App(settings, record, () => {
    process.send?.({ left: calls });
  });
  const screen = new Screen();
  const sessions = new Map<string, Session>();
  const sessionNamed = (name: string): Session => {
    const known = sessions.get(name) ?? new Session(record);
    sessions.set(name, known);
    return known;
  };
  const windows: BrowserWindow[] = [];
  const cores: UtilityProcess[] = [];
  let lastChannel = 0;

  const module = {
    app,
    screen,
    Menu: { setApplicationMenu: record('Menu.setApplicationMenu') },
    protocol: { registerSchemesAsPrivileged: record('protocol.registerSchemesAsPrivileged') },
    powerSaveBlocker: { start: record('powerSaveBlocker.start') },
    // Here to be found unused.
    crashReporter: { start: record('crashReporter.start') },
    ipcMain: { on: record('ipcMain.on'), handle: record('ipcMain.handle') },
    session: {
      get defaultSession() {
        return sessionNamed('default');
      },
      fromPartition: sessionNamed,
    },
    utilityProcess: {
      fork(file: string, args: readonly string[], options: unknown): UtilityProcess {
        record('utilityProcess.fork')(file, args, options);
        const core = new UtilityProcess(record);
        cores.push(core);
        return core;
      },
    },
    MessageChannelMain: class {
      readonly port1: string;
      readonly port2: string;
      constructor() {
        lastChannel += 1;
        this.port1 = `channel ${String(lastChannel)} end 1`;
        this.port2 = `channel ${String(lastChannel)} end 2`;
      }
    },
    BrowserWindow: function openWindow(options: WindowOptions) {
      record('BrowserWindow')(options);
      const window = new BrowserWindow(options, record);
      windows.push(window);
      app.emit('web-contents-created', {}, window.webContents);
      return window;
    },
  };
  return { module, calls, app, screen, sessions, windows, cores };
}

type Recorder = (what: string) => (...args: unknown[]) => void;

class App extends EventEmitter {
  readonly isPackaged: boolean;
  readonly commandLine;
  readonly enableSandbox;
  readonly requestSingleInstanceLock;
  readonly #ready = Promise.withResolvers<void>();
  readonly #record: Recorder;
  readonly #onExit: () => void;

  constructor(settings: StandInSettings, record: Recorder, onExit: () => void) {
    super();
    this.#record = record;
    this.#onExit = onExit;
    this.isPackaged = settings.packaged;
    this.enableSandbox = record('app.enableSandbox');
    this.requestSingleInstanceLock = () => !settings.secondInstance;
    this.commandLine = {
      hasSwitch: (name: string) => settings.switches.includes(name),
      appendSwitch: record('app.commandLine.appendSwitch'),
    };
  }

  whenReady(): Promise<void> {
    return this.#ready.promise;
  }

  becomeReady(): void {
    this.#ready.resolve();
  }

  /** As Electron's: the code after the call still runs, then the process is gone. */
  exit(code: number): void {
    this.#record('app.exit')(code);
    setImmediate(() => {
      this.#onExit();
      process.exit(code);
    });
  }
}

class Screen extends EventEmitter {
  bounds = { x: 0, y: 0, width: 1080, height: 1920 };

  getPrimaryDisplay() {
    return { bounds: this.bounds };
  }
}

class Session extends EventEmitter {
  /** By the name of the method that set it. */
  readonly handlers = new Map<string, Handler>();
  readonly schemes = new Map<string, (request: Request) => Response>();
  readonly setSpellCheckerEnabled;

  constructor(record: Recorder) {
    super();
    this.setSpellCheckerEnabled = record('session.setSpellCheckerEnabled');
  }

  readonly #keep =
    (name: string) =>
    (handler: Handler): void => {
      this.handlers.set(name, handler);
    };
  readonly setPermissionRequestHandler = this.#keep('setPermissionRequestHandler');
  readonly setPermissionCheckHandler = this.#keep('setPermissionCheckHandler');
  readonly setDevicePermissionHandler = this.#keep('setDevicePermissionHandler');
  readonly setBluetoothPairingHandler = this.#keep('setBluetoothPairingHandler');
  readonly setDisplayMediaRequestHandler = this.#keep('setDisplayMediaRequestHandler');
  readonly webRequest = { onBeforeRequest: this.#keep('onBeforeRequest') };
  readonly protocol = {
    handle: (scheme: string, handler: (request: Request) => Response): void => {
      this.schemes.set(scheme, handler);
    },
  };
}

interface WindowOptions {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

class WebContents extends EventEmitter {
  url = '';
  windowOpenHandler: Handler | undefined;
  readonly setWebRTCIPHandlingPolicy;
  readonly setVisualZoomLevelLimits;
  readonly closeDevTools;
  readonly postMessage;
  readonly #record: Recorder;

  constructor(record: Recorder) {
    super();
    this.#record = record;
    this.setWebRTCIPHandlingPolicy = record('page.setWebRTCIPHandlingPolicy');
    this.setVisualZoomLevelLimits = record('page.setVisualZoomLevelLimits');
    this.closeDevTools = record('page.closeDevTools');
    this.postMessage = record('page.postMessage');
  }

  setWindowOpenHandler(handler: Handler): void {
    this.windowOpenHandler = handler;
  }

  getURL(): string {
    return this.url;
  }

  loadURL(url: string): Promise<void> {
    this.#record('page.loadURL')(url);
    this.url = url;
    this.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false, url });
    return Promise.resolve();
  }

  forcefullyCrashRenderer(): void {
    this.#record('page.forcefullyCrashRenderer')();
    this.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 5 });
  }
}

class BrowserWindow extends EventEmitter {
  readonly webContents: WebContents;
  readonly show;
  readonly focus;
  readonly restore;
  readonly setKiosk;
  #bounds: WindowOptions;
  readonly #record: Recorder;

  constructor(options: WindowOptions, record: Recorder) {
    super();
    this.#record = record;
    this.webContents = new WebContents(record);
    this.show = record('window.show');
    this.focus = record('window.focus');
    this.restore = record('window.restore');
    this.setKiosk = record('window.setKiosk');
    this.#bounds = options;
  }

  isDestroyed(): boolean {
    return false;
  }

  getBounds() {
    const { x, y, width, height } = this.#bounds;
    return { x, y, width, height };
  }

  setBounds(bounds: WindowOptions): void {
    this.#record('window.setBounds')(bounds);
    this.#bounds = bounds;
  }
}

class UtilityProcess extends EventEmitter {
  readonly postMessage;
  readonly kill;

  constructor(record: Recorder) {
    super();
    this.postMessage = record('core.postMessage');
    this.kill = record('core.kill');
  }
}
