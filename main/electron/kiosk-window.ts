/**
 * The one window: the whole primary display, the page in it, and what happens when the page dies, hangs or does not load.
 */
import { BrowserWindow, screen } from 'electron/main';
import type { Session, WebContents } from 'electron/main';
import type { Clock } from '../../protocol/clock.ts';
import { isStartPage, startPage } from './address.ts';
import { log } from './log.ts';

export interface KioskWindow {
  /** The page, once it has loaded and while it lives; a port can be handed to it. */
  loadedPage(): WebContents | undefined;
  /** Loads the page anew: what was on the screen is gone. */
  reload(): void;
  focus(): void;
}

export interface KioskWindowOptions {
  readonly preload: string;
  readonly session: Session;
  readonly dev: boolean;
  readonly clock: Clock;
  readonly onLoaded: () => void;
  /** The page failed: how long to wait before it is loaded again, or undefined when the shell is leaving. */
  readonly onFailed: () => number | undefined;
  /** The window is gone, with all that it showed. */
  readonly onClosed: () => void;
}

/** A page that takes no touch for this long after Chromium noticed is taken down and loaded again. */
const hangMs = 5000;
/** Chromium's code for a load that another load replaced: not a failure. */
const aborted = -3;

export function openKioskWindow(options: KioskWindowOptions): KioskWindow {
  const { clock, dev } = options;
  const window = new BrowserWindow({
    ...screen.getPrimaryDisplay().bounds,
    kiosk: !dev,
    frame: dev,
    // Not before there is something to see: no white flash.
    show: false,
    backgroundColor: '#ffffff',
    autoHideMenuBar: true,
    title: 'Anjungan',
    webPreferences: {
      preload: options.preload,
      session: options.session,
      // A page that is broken into is still in its process, without Node, and apart from the preload.
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      plugins: false,
      devTools: dev,
      // A file dropped on the window must not open.
      navigateOnDragDrop: false,
      // alert() and its kin wait for somebody to press OK.
      disableDialogs: true,
      spellcheck: false,
      // Countdowns go on when another window lies over this one.
      backgroundThrottling: false,
      // Prompts speak without having been touched.
      autoplayPolicy: 'no-user-gesture-required',
      webgl: false,
    },
  });
  const contents = window.webContents;
  let loaded = false;
  let retry: unknown;
  let hung: unknown;

  function load(): void {
    loaded = false;
    clock.clearTimeout(retry);
    // A rejection is the same failure that did-fail-load reports, there with its code.
    contents.loadURL(startPage).catch(() => undefined);
  }

  function failed(what: string): void {
    loaded = false;
    clock.clearTimeout(hung);
    log(what);
    const wait = options.onFailed();
    if (wait === undefined) return;
    clock.clearTimeout(retry);
    retry = clock.setTimeout(() => {
      if (!window.isDestroyed()) load();
    }, wait);
  }

  contents.on('did-start-navigation', (event) => {
    if (event.isMainFrame && !event.isSameDocument) loaded = false;
  });
  contents.on('did-finish-load', () => {
    // Chromium's own error page finishes loading as well.
    if (!isStartPage(contents.getURL())) return;
    loaded = true;
    options.onLoaded();
  });
  contents.on('did-fail-load', (_event, code, description, _url, isMainFrame) => {
    if (isMainFrame && code !== aborted) failed(`page did not load: ${description} (${String(code)})`);
  });
  contents.on('preload-error', (_event, _path, error) => {
    failed(`preload failed: ${error.name}`);
  });
  contents.on('render-process-gone', (_event, details) => {
    failed(`page process gone: ${details.reason} (${String(details.exitCode)})`);
  });
  contents.on('unresponsive', () => {
    clock.clearTimeout(hung);
    // Taking it down reports render-process-gone, which loads it again.
    hung = clock.setTimeout(() => {
      if (!window.isDestroyed()) contents.forcefullyCrashRenderer();
    }, hangMs);
  });
  contents.on('responsive', () => {
    clock.clearTimeout(hung);
  });

  window.once('ready-to-show', () => {
    window.show();
    window.focus();
  });
  window.once('closed', options.onClosed);
  if (!dev) keepOnScreen(window);
  load();

  return {
    loadedPage: () => (loaded && !window.isDestroyed() ? contents : undefined),
    reload() {
      if (!window.isDestroyed()) load();
    },
    focus() {
      if (window.isDestroyed()) return;
      window.show();
      window.focus();
    },
  };
}

/** Customers, window managers and displays that wake late must not move the window away. */
function keepOnScreen(window: BrowserWindow): void {
  window.on('close', (event) => {
    event.preventDefault();
  });
  window.on('leave-full-screen', () => {
    window.setKiosk(true);
  });
  window.on('minimize', () => {
    window.restore();
  });

  function cover(): void {
    if (window.isDestroyed()) return;
    const { bounds } = screen.getPrimaryDisplay();
    const now = window.getBounds();
    if (now.x === bounds.x && now.y === bounds.y && now.width === bounds.width && now.height === bounds.height) return;
    window.setBounds(bounds);
    window.setKiosk(true);
  }
  screen.on('display-added', cover);
  screen.on('display-removed', cover);
  screen.on('display-metrics-changed', cover);
}
