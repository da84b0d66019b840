/**
 * Keeps the core running: starts it in a utility process, starts it again when it ends, and asks it to stop at the end.
 * The core owns the session and the devices; the shell only knows whether it lives.
 */
import { utilityProcess } from 'electron/main';
import type { MessagePortMain, UtilityProcess } from 'electron/main';
import type { Clock } from '../../protocol/clock.ts';
import type { Breaker } from './breaker.ts';
import { log } from './log.ts';
import { coreCannotStart, exitCode, type ShellToCore, stopDeadlineMs } from './messages.ts';

export interface CoreHost {
  readonly running: boolean;
  /** Gives the core its end of a line to the page. Nothing happens while the core is down: `onUp` says when it is back. */
  givePort(port: MessagePortMain): void;
  /** Asks the core to give the card back and end; ends it after `stopDeadlineMs`. Settles when it is gone. Idempotent. */
  stop(): Promise<void>;
}

export interface CoreHostOptions {
  /** The core's bundle: dist/core.js. */
  readonly file: string;
  readonly args: readonly string[];
  readonly clock: Clock;
  readonly breaker: Breaker;
  /** A core has just been started, at first and after each failure. */
  readonly onUp: () => void;
  /** The core has ended without having been asked to. It is started again after a wait. */
  readonly onLost: () => void;
  /** It is no use starting it again; the shell has to leave with this code. */
  readonly onGivenUp: (code: number) => void;
}

/** Starts the core at once. */
export function hostCore(options: CoreHostOptions): CoreHost {
  const { clock } = options;
  let core: UtilityProcess | undefined;
  let restart: unknown;
  let stopping: Promise<void> | undefined;
  let stopped: (() => void) | undefined;

  function start(): void {
    const child = utilityProcess.fork(options.file, [...options.args], {
      serviceName: 'anjungan-core',
      // Its log is the shell's log: the service manager collects both.
      stdio: 'inherit',
    });
    core = child;
    // Without a listener this event would be thrown in the shell. The report it carries holds the environment: not logged.
    child.on('error', (type, location) => {
      log(`core: ${type} at ${location}`);
    });
    child.once('exit', (code) => {
      core = undefined;
      if (stopped) stopped();
      else lost(code);
    });
    options.onUp();
  }

  function lost(code: number): void {
    log(`core ended with ${String(code)}`);
    options.onLost();
    if (coreCannotStart.has(code)) {
      options.onGivenUp(code);
      return;
    }
    const wait = options.breaker.failed();
    if (wait === 'give-up') options.onGivenUp(exitCode.tooManyFailures);
    else restart = clock.setTimeout(start, wait);
  }

  async function end(child: UtilityProcess): Promise<void> {
    const gone = new Promise<void>((resolve) => {
      stopped = resolve;
    });
    const deadline = clock.setTimeout(
      () => {
        log('core did not stop in time');
        child.kill();
        stopped?.();
      },
      stopDeadlineMs,
      'peer',
    );
    child.postMessage({ type: 'stop' } satisfies ShellToCore);
    await gone;
    clock.clearTimeout(deadline);
  }

  start();
  return {
    get running() {
      return core !== undefined;
    },
    givePort(port) {
      core?.postMessage({ type: 'ui-port' } satisfies ShellToCore, [port]);
    },
    stop() {
      clock.clearTimeout(restart);
      stopping ??= core ? end(core) : Promise.resolve();
      return stopping;
    },
  };
}
