/**
 * One conversation's turn on the line: the tokens it waits for, those that came while it did not listen, and its end. Once
 * it is dead (line lost, aborted, or over) its wire only fails.
 */
import type { Clock } from '../clock.ts';
import { fail, ok, type Result } from '../result.ts';
import type { LineError, Wire } from './line.ts';

/** Tokens kept for a conversation that is not listening at the moment. */
const backlogLimit = 256;

export interface Turn<Token> {
  readonly dead: LineError | undefined;
  kill(error: LineError): void;
  /** Called once, when it dies. Answers how to unsubscribe. */
  onDeath(listener: (error: LineError) => void): () => void;
  /** A token has come while the turn owns the line. */
  hear(token: Token): void;
  /** The conversation is over: what it never took is handed on. */
  finish(): void;
  readonly wire: Wire<Token>;
}

export interface TurnOptions<Token> {
  readonly clock: Clock;
  readonly onUnsolicited: (token: Token) => void;
  /** Writes to the line as it is now; kills the turn when it cannot. Answers how to give up waiting for it. */
  readonly transmit: (bytes: Uint8Array, written: () => void) => () => void;
}

export function createTurn<Token>({ clock, onUnsolicited, transmit }: TurnOptions<Token>): Turn<Token> {
  const backlog: Token[] = [];
  const waiters = new Set<(token: Token) => boolean>();
  const onDeath = new Set<(error: LineError) => void>();
  const ends = new AbortController();
  let dead: LineError | undefined;

  function kill(error: LineError): void {
    if (dead) return;
    dead = error;
    for (const dies of onDeath) dies(error);
    ends.abort();
  }

  /** Waits for what `begin` starts (and answers how to end), or for the turn's death. */
  function wait<T>(
    begin: (settle: (result: Result<T, LineError>) => void) => () => void,
  ): Promise<Result<T, LineError>> {
    if (dead) return Promise.resolve(fail(dead));
    return new Promise((resolve) => {
      let settled = false;
      let end: () => void = () => undefined;
      const dies = (error: LineError): void => settle(fail(error));
      const settle = (result: Result<T, LineError>): void => {
        if (settled) return;
        settled = true;
        onDeath.delete(dies);
        end();
        resolve(result);
      };
      onDeath.add(dies);
      end = begin(settle);
      if (settled) end();
    });
  }

  const wire: Wire<Token> = {
    signal: ends.signal,
    send: (bytes) => wait((settle) => transmit(bytes, () => settle(dead ? fail(dead) : ok()))),
    next<T extends Token>(deadlineMs: number, accept: (token: Token) => token is T) {
      for (let token = backlog.shift(); token !== undefined; token = backlog.shift()) {
        if (!dead && accept(token)) return Promise.resolve(ok(token));
        onUnsolicited(token);
      }
      return wait<T>((settle) => {
        const take = (token: Token): boolean => {
          const taken = accept(token);
          if (taken) settle(ok(token));
          return taken;
        };
        waiters.add(take);
        const late: LineError = { code: 'no-answer', detail: `nothing usable within ${String(deadlineMs)} ms` };
        const timer = clock.setTimeout(() => settle(fail(late)), deadlineMs, 'peer');
        return () => {
          clock.clearTimeout(timer);
          waiters.delete(take);
        };
      });
    },
    pause: (ms) =>
      wait((settle) => {
        const timer = clock.setTimeout(() => settle(ok()), ms);
        return () => clock.clearTimeout(timer);
      }),
  };

  return {
    get dead() {
      return dead;
    },
    kill,
    onDeath(listener) {
      onDeath.add(listener);
      return () => onDeath.delete(listener);
    },
    hear(token) {
      if (dead) {
        onUnsolicited(token);
      } else if (waiters.size === 0) {
        backlog.push(token);
        if (backlog.length > backlogLimit) backlog.splice(0, 1).forEach(onUnsolicited);
      } else if (![...waiters].some((take) => take(token))) {
        onUnsolicited(token);
      }
    },
    finish() {
      kill({ code: 'cancelled', detail: 'the conversation is over' });
      backlog.splice(0).forEach(onUnsolicited);
    },
    wire,
  };
}
