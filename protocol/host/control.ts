/**
 * The host simulator's verbs as messages, for whoever started it as a child process: `{id, verb, args}` in,
 * `{id, ok: true, value?}` or `{id, ok: false, error}` out. Arguments are checked; nothing is guessed.
 */
import { isResponseCode } from './codes.ts';
import { parseFaults } from './faults.ts';
import type { RunningHost } from './host.ts';

export type HostVerb = 'start' | 'stop' | 'delay' | 'behave' | 'answer' | 'dropConnections' | 'resetPins' | 'state';

export interface ControlAnswer {
  readonly id: unknown;
  readonly ok: boolean;
  readonly value?: unknown;
  readonly error?: string;
}

interface Outcome {
  readonly value?: unknown;
  readonly error?: string;
}

const MAX_DELAY_MS = 600_000;

const VERBS: Readonly<Record<HostVerb, (host: RunningHost, args: readonly unknown[]) => Outcome | Promise<Outcome>>> = {
  async start(host) {
    const started = await host.start();
    return started.ok ? {} : { error: `${started.error.code}: ${started.error.detail}` };
  },
  async stop(host) {
    await host.stop();
    return {};
  },
  delay(host, [ms]) {
    if (typeof ms !== 'number' || !Number.isInteger(ms) || ms < 0 || ms > MAX_DELAY_MS)
      return { error: `delay takes 0 to ${MAX_DELAY_MS} milliseconds` };
    host.delay(ms);
    return {};
  },
  behave(host, [behaviour, scope]) {
    if (scope !== undefined && scope !== 'business' && scope !== 'everything')
      return { error: 'the scope is business or everything' };
    if (behaviour === 'normal') {
      host.behave('normal', scope);
      return {};
    }
    if (typeof behaviour !== 'string') return { error: 'behave takes a text' };
    const faults = parseFaults(behaviour, (code) => isResponseCode(host.profile, code));
    if (!faults.ok) return { error: `no such behaviour: ${faults.error.rule}` };
    host.behave(faults.value, scope);
    return {};
  },
  answer(host, [code]) {
    // null: undefined does not survive JSON.
    if (code === undefined || code === null) host.answer(undefined);
    else if (typeof code === 'string' && isResponseCode(host.profile, code)) host.answer(code);
    else return { error: 'a response code that fits DE39 of the profile' };
    return {};
  },
  dropConnections(host) {
    host.dropConnections();
    return {};
  },
  resetPins(host) {
    const reset = host.resetPins();
    return reset.ok ? {} : { error: reset.error.code };
  },
  state: (host) => ({ value: host.state() }),
};

/** Undefined for what is no control message at all. */
export async function control(host: RunningHost, message: unknown): Promise<ControlAnswer | undefined> {
  if (typeof message !== 'object' || message === null || !('verb' in message)) return undefined;
  const { id, verb, args } = message as { id?: unknown; verb: unknown; args?: unknown };
  if (typeof verb !== 'string' || !Object.hasOwn(VERBS, verb)) return { id, ok: false, error: 'no such verb' };
  const outcome = await VERBS[verb as HostVerb](host, Array.isArray(args) ? args : []);
  return { id, ok: outcome.error === undefined, ...outcome };
}
