/** Starts the bundled shell against the stand-in, in a process of its own, and gives a test hands to work it with. */
import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import type { Order, Target } from './child.ts';
import type { Call, Decision } from './electron.ts';

export interface ShellSettings {
  /** main.cjs */
  readonly bundle: string;
  /** Default true: an installed terminal. */
  readonly packaged?: boolean;
  readonly switches?: readonly string[];
  readonly secondInstance?: boolean;
  readonly commandLine?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Shell {
  /** Every call the shell made to Electron so far, or those named `what`; also after it has left. */
  calls(what?: string): Promise<readonly Call[]>;
  /** Chromium has started: the shell opens its window and starts the core. */
  ready(): Promise<void>;
  advance(ms: number): Promise<void>;
  /** Emits an event whose first argument is an event object; answers whether the shell prevented it. */
  emit(target: Target, event: string, ...args: readonly unknown[]): Promise<{ readonly prevented: boolean }>;
  pageLoads(): Promise<void>;
  coreEnds(code: number): Promise<void>;
  ask(target: Target, handler: string, args: readonly unknown[], how: 'returns' | 'calls back'): Promise<Decision>;
  order(order: Order): Promise<unknown>;
  signal(signal: NodeJS.Signals): void;
  /** The exit code, once the shell has left. */
  readonly exited: Promise<number | null>;
  /** What it wrote on standard error. */
  log(): string;
  end(): Promise<void>;
}

const startMs = 10_000;

/** Settles when the bundle has run to its end, or the shell has left already. */
export async function startShell(settings: ShellSettings): Promise<Shell> {
  const standIn = {
    packaged: settings.packaged ?? true,
    switches: settings.switches ?? [],
    secondInstance: settings.secondInstance ?? false,
  };
  const child = fork(
    path.join(import.meta.dirname, 'child.ts'),
    [settings.bundle, JSON.stringify(standIn), ...(settings.commandLine ?? [])],
    { stdio: ['ignore', 'inherit', 'pipe', 'ipc'], env: { ...process.env, ...settings.env }, execArgv: [] },
  );
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const exited = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      resolve(code);
    });
  });
  let callsWhenItLeft: readonly Call[] = [];
  child.on('message', (message: { readonly left?: readonly Call[] }) => {
    callsWhenItLeft = message.left ?? callsWhenItLeft;
  });
  await answer(child, exited);

  async function order(given: Order): Promise<unknown> {
    if (!child.connected) throw new Error(`the shell has left; its log: ${log}`);
    const answered = answer(child, exited);
    child.send(given);
    return answered;
  }

  return {
    exited,
    order,
    log: () => log,
    async calls(what) {
      const all = child.connected ? ((await order({ do: 'calls' })) as readonly Call[]) : callsWhenItLeft;
      return what === undefined ? all : all.filter((call) => call.what === what);
    },
    async ready() {
      await order({ do: 'ready' });
    },
    async advance(ms) {
      await order({ do: 'advance', ms });
    },
    async emit(target, event, ...args) {
      return (await order({ do: 'emit', target, event, args })) as { prevented: boolean };
    },
    async pageLoads() {
      await order({ do: 'emit', target: 'page', event: 'did-finish-load', args: [] });
    },
    async coreEnds(code) {
      await order({ do: 'emit', target: 'core', event: 'exit', args: [code], bare: true });
    },
    async ask(target, handler, args, how) {
      return (await order({ do: 'ask', target, handler, args, calledBack: how === 'calls back' })) as Decision;
    },
    signal(signal) {
      child.kill(signal);
    },
    async end() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** The next answer; undefined when the shell leaves instead. */
async function answer(child: ChildProcess, exited: Promise<number | null>): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const deadline = setTimeout(() => {
    reject(new Error(`the shell did not answer within ${String(startMs)} ms`));
  }, startMs);
  const onMessage = (message: unknown): void => {
    // The farewell is not an answer.
    if (!Object.hasOwn(message as object, 'left')) resolve((message as { answer?: unknown }).answer);
  };
  child.on('message', onMessage);
  void exited.then(() => {
    resolve(undefined);
  });
  try {
    return await promise;
  } finally {
    clearTimeout(deadline);
    child.off('message', onMessage);
  }
}
