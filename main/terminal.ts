/** Runs the session machine on its parts: what they report goes in, the View comes out. */
import { createActor } from 'xstate';
import type { SessionParts } from './session/actors.ts';
import { createActors, createPinKeyHold } from './session/actors.ts';
import type { SessionEvent, SessionInput } from './session/context.ts';
import { sessionMachine } from './session/machine.ts';
import { pathOf, viewOf } from './session/screen.ts';
import type { ActionMessage, View } from './contract.ts';
import type { JournalFields } from './journal/events.ts';

export interface Terminal {
  view(): View;
  onView(listener: (view: View) => void): () => void;
  /** A touch; dropped when it was made on an earlier screen than the one shown now. */
  act(message: ActionMessage): void;
  /** No new customer; a card inside is given back first. Settles when the terminal is out of service, or after `deadlineMs`. */
  stop(deadlineMs: number): Promise<void>;
  /** A defect took the terminal out of service, and no card is in its hands: time to start afresh. */
  onDefect(listener: () => void): void;
}

/** Between two attempts to write what the journal could not. */
const FLUSH_MS = 2_000;

export function runTerminal(parts: SessionParts, input: Omit<SessionInput, 'terminal' | 'pinLength'>): Terminal {
  const { clock, journal } = parts;
  const listeners = new Set<(view: View) => void>();
  const defectListeners = new Set<() => void>();

  const pinKeys = createPinKeyHold(parts.link);
  const actor = createActor(
    sessionMachine.provide({
      actors: createActors(parts, pinKeys),
      actions: {
        record: (_, entry) => {
          journal.append(entry);
        },
      },
    }),
    {
      clock: {
        setTimeout: (run, ms) => clock.setTimeout(run, ms),
        clearTimeout: (timer) => {
          clock.clearTimeout(timer);
        },
      },
      input: {
        ...input,
        terminal: parts.terminal,
        pinLength: { min: parts.profile.pin.min, max: parts.profile.pin.max },
      },
    },
  );

  let step = 0;
  let place = '';
  let drawn = '';
  let current: View | undefined;

  const publish = (): void => {
    const snapshot = actor.getSnapshot();
    const path = pathOf(snapshot.value.flow);
    const next = viewOf(path, snapshot.context);
    // A touch belongs to a screen: what kind it is and when it came up, not its countdown or its progress.
    const nextPlace = `${path[0] ?? ''} ${next.screen.kind}`;
    if (nextPlace !== place) step += 1;
    place = nextPlace;
    const text = JSON.stringify(next);
    if (text === drawn && current?.step === step) return;
    drawn = text;
    current = { step, ...next };
    noteService(current.screen, path[0] ?? '');
    for (const listener of listeners) listener(current);
    if (snapshot.context.defect && path[0] === 'outOfService') for (const listener of defectListeners) listener();
  };

  /** The reason that the journal has, or that the terminal is in service; at first neither. */
  let service: string | undefined;
  const noteService = (screen: View['screen'], outer: string): void => {
    if (outer !== 'visit') pinKeys.release();
    if (outer === 'idle' || outer === 'outOfService') journal.endSession();
    // Between the two a card found inside may be given back: that is neither.
    const now = screen.kind === 'out-of-service' ? screen.reason : screen.kind === 'idle' ? 'in-service' : service;
    if (now === service || now === undefined) return;
    service = now;
    journal.append(
      now === 'in-service' ? { event: 'in-service', fields: {} } : { event: 'out-of-service', fields: { reason: now } },
    );
  };

  const send = (event: SessionEvent): void => {
    actor.send(event);
  };

  actor.subscribe(publish);
  actor.start();

  const { reader, pad, printer, link } = parts;
  let padWasGone = false;
  const recorded = new Map<string, string>();
  /** A status that differs from the last only in where the card is has its own entries. */
  const recordStatus = (fields: JournalFields<'device-status'>): void => {
    const text = JSON.stringify(fields);
    if (recorded.get(fields.device ?? '') === text) return;
    recorded.set(fields.device ?? '', text);
    journal.append({ event: 'device-status', fields });
  };
  const unsubscribes = [
    reader.onStatus((status) => {
      recordStatus({
        device: 'card-reader',
        state: status.state,
        ...(status.state === 'fault' ? { fault: status.fault, code: status.deviceCode } : {}),
      });
      send({ type: 'reader', status });
    }),
    reader.onRefusedAtMouth(() => {
      send({ type: 'refused-at-mouth' });
    }),
    pad.onStatus((status) => {
      // It comes back from a fault or from having been away: whether it still has its keys, nobody knows.
      if (status.state === 'ready' && padWasGone) link.renewKeys();
      padWasGone = status.state === 'fault' || status.state === 'absent';
      recordStatus({
        device: 'pin-pad',
        state: status.state,
        ...(status.state === 'fault' ? { fault: status.fault, code: status.deviceCode } : {}),
      });
      send({ type: 'pad', status });
    }),
    pad.onKey((key) => {
      send({ type: 'key', key });
    }),
    printer.onStatus((status) => {
      const state = status.state === 'ready' && status.paper === 'low' ? 'paper-low' : status.state;
      recordStatus({ device: 'receipt-printer', state, ...(status.state === 'fault' ? { fault: status.fault } : {}) });
      send({ type: 'printer', status });
    }),
    link.onState((state) => {
      journal.append({ event: 'host-link', fields: { state: state.state } });
      send({ type: 'link', state: state.state });
    }),
  ];

  let flushTimer: unknown;
  const keepFlushing = (): void => {
    flushTimer = clock.setTimeout(() => {
      if (!journal.flush()) keepFlushing();
      else flushTimer = undefined;
    }, FLUSH_MS);
  };
  journal.onHealth((healthy) => {
    send({ type: 'storage', ok: healthy });
    if (!healthy && flushTimer === undefined) keepFlushing();
  });
  if (!journal.flush() && flushTimer === undefined) {
    send({ type: 'storage', ok: false });
    keepFlushing();
  }

  // What was known before anybody listened.
  send({ type: 'reader', status: reader.status() });
  send({ type: 'pad', status: pad.status() });
  send({ type: 'printer', status: printer.status() });
  send({ type: 'link', state: link.state().state });

  return {
    view() {
      if (current === undefined) throw new Error('no view before the first snapshot');
      return current;
    },
    onView(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    act({ step: madeOn, action }) {
      if (madeOn !== step) return;
      const { kind, ...rest } = action;
      send({ type: kind, ...rest } as SessionEvent);
    },
    async stop(deadlineMs) {
      send({ type: 'stop' });
      await new Promise<void>((resolve) => {
        const timer = clock.setTimeout(finish, deadlineMs);
        const subscription = actor.subscribe(check);
        function finish(): void {
          clock.clearTimeout(timer);
          subscription.unsubscribe();
          resolve();
        }
        function check(): void {
          if (pathOf(actor.getSnapshot().value.flow)[0] === 'outOfService') queueMicrotask(finish);
        }
        check();
      });
      for (const unsubscribe of unsubscribes) unsubscribe();
      clock.clearTimeout(flushTimer);
      actor.stop();
    },
    onDefect(listener) {
      defectListeners.add(listener);
    },
  };
}
