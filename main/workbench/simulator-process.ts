/** One simulator as a child process: started, asked by verbs, watched. */
import { fork } from 'node:child_process';
import { fail, ok, type Result } from '../../protocol/result.ts';

export interface SimulatorProcess {
  /** As it said when it was ready: an address, a port. */
  readonly ready: Readonly<Record<string, unknown>>;
  /** `refused`: the physical world did not allow it (no card to take). Settles within five seconds. */
  ask(
    verb: string,
    ...args: readonly unknown[]
  ): Promise<Result<unknown, { readonly code: 'refused' | 'no-answer' | 'gone'; readonly detail: string }>>;
  state(): unknown;
  onState(listener: (state: unknown) => void): () => void;
  onLog(listener: (line: string) => void): () => void;
  stop(): Promise<void>;
}

interface Told {
  readonly ready?: boolean;
  readonly state?: unknown;
  readonly log?: string;
  readonly id?: number;
  readonly ok?: boolean;
  readonly value?: unknown;
  readonly error?: string;
}

const READY_MS = 15_000;
const ANSWER_MS = 5_000;
const STOP_MS = 2_000;

/** Starts `script` with Node's own type stripping; its standard error goes to ours. */
export function startSimulator(
  script: string,
  args: readonly string[],
): Promise<Result<SimulatorProcess, { readonly code: 'not-started'; readonly detail: string }>> {
  const child = fork(script, args, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const stateListeners = new Set<(state: unknown) => void>();
  const logListeners = new Set<(line: string) => void>();
  const pending = new Map<number, (told: Told) => void>();
  let state: unknown;
  let nextId = 1;
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = `${complaint}${text}`.slice(-1_000);
  });

  const ask: SimulatorProcess['ask'] = (verb, ...verbArgs) =>
    new Promise((resolve) => {
      if (!child.connected) return resolve(fail({ code: 'gone', detail: complaint.trim() }));
      const id = nextId;
      nextId += 1;
      const timer = setTimeout(() => {
        pending.delete(id);
        resolve(fail({ code: 'no-answer', detail: verb }));
      }, ANSWER_MS);
      pending.set(id, (told) => {
        clearTimeout(timer);
        pending.delete(id);
        resolve(told.ok === true ? ok(told.value) : fail({ code: 'refused', detail: told.error ?? verb }));
      });
      child.send({ id, verb, args: verbArgs });
    });

  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) return resolve();
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      child.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      child.kill('SIGTERM');
    });

  return new Promise((resolve) => {
    const giveUp = setTimeout(() => {
      void stop();
      resolve(fail({ code: 'not-started', detail: `${script}: not ready in time` }));
    }, READY_MS);
    child.on('message', (message) => {
      const told = message as Told;
      if (told.ready === true) {
        clearTimeout(giveUp);
        resolve(
          ok({
            ready: told as Readonly<Record<string, unknown>>,
            ask,
            state: () => state,
            onState(listener) {
              stateListeners.add(listener);
              return () => stateListeners.delete(listener);
            },
            onLog(listener) {
              logListeners.add(listener);
              return () => logListeners.delete(listener);
            },
            stop,
          }),
        );
      }
      if (told.id !== undefined) pending.get(told.id)?.(told);
      if (told.state !== undefined) {
        state = told.state;
        for (const listener of stateListeners) listener(state);
      }
      if (typeof told.log === 'string') for (const listener of logListeners) listener(told.log);
    });
    child.once('exit', (code) => {
      clearTimeout(giveUp);
      for (const settle of pending.values()) settle({ ok: false, error: 'the simulator ended' });
      resolve(
        fail({
          code: 'not-started',
          detail: `${script} ended with ${code ?? 'a signal'}: ${complaint.trim().split('\n').at(-1) ?? ''}`,
        }),
      );
    });
  });
}
