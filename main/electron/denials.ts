/**
 * Everything a browser would do for a page and a terminal must not. The page is ours, but it runs in front of strangers and
 * is only as good as its last dependency; so each power is taken away here, beside its reason, and Electron's defaults
 * (which grant) are not relied on.
 */
import type { Session, WebContents } from 'electron/main';
import { isStartPage, ownPath } from './address.ts';

/** Denies what a page can ask of its session: permissions, devices, downloads, the network. */
export function guardSession(session: Session, dev: boolean): void {
  // Electron grants what it is not told to refuse: camera, microphone, position, notifications, clipboard, full screen.
  session.setPermissionRequestHandler((_contents, _permission, decide) => {
    decide(false);
  });
  // Some are not asked for but looked up.
  session.setPermissionCheckHandler(() => false);
  // HID, USB and serial belong to the core: a page that reached the card reader would see tracks.
  session.setDevicePermissionHandler(() => false);
  session.setBluetoothPairingHandler((_details, decide) => {
    decide({ confirmed: false });
  });
  // Nobody records the screen.
  session.setDisplayMediaRequestHandler((_request, decide) => {
    decide(null);
  });
  // A download would open a dialogue and write to the disk.
  session.on('will-download', (event) => {
    event.preventDefault();
  });
  // The spelling checker fetches dictionaries.
  session.setSpellCheckerEnabled(false);
  session.webRequest.onBeforeRequest((request, decide) => {
    decide({ cancel: !mayRequest(request.url, dev) });
  });
}

/** Our own files, the pictures that stand in them, and in development the DevTools' own. */
function mayRequest(address: string, dev: boolean): boolean {
  return (
    ownPath(address) !== undefined || address.startsWith('data:image/') || (dev && address.startsWith('devtools:'))
  );
}

/** Denies what a page, or the person in front of it, can do to its window. */
export function guardContents(contents: WebContents, dev: boolean): void {
  denyLeaving(contents);
  denyOverlays(contents);
  if (!dev) denyShortcuts(contents);
}

function denyLeaving(contents: WebContents): void {
  // A second window would have no way back.
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  // A webview brings its own preload and settings.
  contents.on('will-attach-webview', (event) => {
    event.preventDefault();
  });
  // The page is one document for ever; it may only load itself again. Frames, which it has none of, nothing at all.
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame || !isStartPage(event.url)) event.preventDefault();
  });
  // Our own files never redirect, so whatever does is not ours.
  contents.on('will-redirect', (event) => {
    event.preventDefault();
  });
  // Here preventDefault means: unload in spite of the page. It must not hold up a reload.
  contents.on('will-prevent-unload', (event) => {
    event.preventDefault();
  });
  // Requests are stopped by the session; WebRTC's packets do not pass there.
  contents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp');
}

function denyOverlays(contents: WebContents): void {
  // A long press on a touch screen is a right click; its menu offers search, print and save.
  contents.on('context-menu', (event) => {
    event.preventDefault();
  });
  contents.on('select-bluetooth-device', (event, _devices, choose) => {
    event.preventDefault();
    choose('');
  });
  // window.moveTo, window.resizeTo: the desktop would show beside the page.
  contents.on('content-bounds-updated', (event) => {
    event.preventDefault();
  });
}

/** What a keypad, a scanner or an assistive switch types. Neither F-keys nor anything held with Ctrl, Alt or Meta. */
const ordinaryKeys: ReadonlySet<string> = new Set([
  'Enter',
  'Tab',
  'Backspace',
  'Escape',
  'ArrowUp',
  'ArrowDown',
  'ArrowLeft',
  'ArrowRight',
  // Shift alone is no shortcut, and capitals need it.
  'Shift',
]);

function denyShortcuts(contents: WebContents): void {
  // Zoom, reload, find, print, close, DevTools, and whatever Chromium adds next: what is not listed is refused. What the
  // desktop takes before us (Alt+Tab, Ctrl+Alt+F1) never arrives here; the compositor has to refuse that.
  contents.on('before-input-event', (event, input) => {
    const chord = input.control || input.alt || input.meta;
    const ordinary = ordinaryKeys.has(input.key) || input.key.length === 1;
    if (chord || !ordinary) event.preventDefault();
  });
  // Whatever opened them (an accessibility tool, a future default), close them.
  contents.on('devtools-opened', () => {
    contents.closeDevTools();
  });
  // Two fingers are not for enlarging: the page has its own large type.
  contents.on('did-finish-load', () => {
    void contents.setVisualZoomLevelLimits(1, 1);
  });
}
