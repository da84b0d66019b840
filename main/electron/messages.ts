/**
 * What the shell's processes say to one another: main to page, main to core. Imports nothing, so that the core, which
 * must not know Electron, can read it too.
 */

/** The one channel on which main speaks to the page's preload. It carries no data, only the page's end of a port. */
export const pagePortChannel = 'anjungan:port';

/**
 * What the core hears on `process.parentPort`, as `event.data`.
 * - `ui-port`: `event.ports[0]` is a line to a freshly loaded page. The core calls `start()` on it, sends the View at once,
 *   and forgets the port on its `close`. There may be several in the life of a core; the newest is the page on the screen.
 * - `stop`: end the session, give the card back, close everything and exit with 0, within `stopDeadlineMs`.
 */
export type ShellToCore = { readonly type: 'ui-port' } | { readonly type: 'stop' };

/** What the core has for all that, card return included; after it, it is ended. */
export const stopDeadlineMs = 30_000;

/** How the shell leaves, after sysexits.h: systemd decides by these. */
export const exitCode = {
  ok: 0,
  /** Another terminal runs on this machine (EX_UNAVAILABLE). */
  alreadyRunning: 69,
  /** A bug in the shell (EX_SOFTWARE). */
  fault: 70,
  /** Too many failures in a minute: start everything anew (EX_TEMPFAIL). */
  tooManyFailures: 75,
  /** Started wrongly; a restart would not help (EX_CONFIG). */
  configuration: 78,
} as const;

/** With these the core says that it was started wrongly (EX_USAGE, EX_CONFIG): the shell leaves with the same. */
export const coreCannotStart: ReadonlySet<number> = new Set([64, exitCode.configuration]);
