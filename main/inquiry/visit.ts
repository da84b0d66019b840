/**
 * A customer without a screen: puts a persona's card in, presses the PIN pad's keys, touches what the screen offers, takes
 * the card and the paper - through the same drivers, machine and link as at a real terminal.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { systemClock } from '../../protocol/clock.ts';
import type { Persona } from '../../protocol/host/personas.ts';
import type { LinkEvent } from '../../protocol/link/contract.ts';
import { fail, ok, type Result } from '../../protocol/result.ts';
import type { Config, Delays } from '../config.ts';
import type {
  Action,
  CardFlaw,
  CardReaderSimulatorState,
  PadKey,
  PaperState,
  PinPadSimulatorState,
  View,
} from '../contract.ts';
import { startCore, type Core } from '../core.ts';
import type { TapLine } from '../devices.ts';
import { journalReader, type JournalRow } from '../journal/journal.ts';
import { startBench, type Bench } from '../workbench/bench.ts';

export interface Rig {
  readonly bench: Bench;
  readonly core: Core;
  /** Milliseconds the host took for inquiries since the last reset, and when the pad last said Enter. */
  readonly marks: { hostMs: number; pinEnteredAt: number };
  close(): Promise<void>;
}

export interface RigOptions {
  readonly config: Config;
  readonly transport: 'pty' | 'tcp';
  readonly hostArgs?: readonly string[];
  /** For measuring: how fast the simulated mechanics are, and waits shorter than the configuration allows. */
  readonly pace?: number;
  readonly delays?: Partial<Delays>;
  readonly tap?: TapLine;
  readonly onLinkEvent?: (event: LinkEvent) => void;
  readonly log?: (line: string) => void;
}

/** Simulators in processes of their own, the core in this one, its data in a temporary folder. */
export async function openRig(options: RigOptions): Promise<Result<Rig, { readonly detail: string }>> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'anjungan-inquiry-'));
  const clean = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  const bench = await startBench({
    config: { ...options.config, data: { folder } },
    folder: path.join(folder, 'bench'),
    transport: options.transport,
    ...(options.hostArgs === undefined ? {} : { hostArgs: options.hostArgs }),
    ...(options.pace === undefined ? {} : { pace: options.pace }),
  });
  if (!bench.ok) {
    clean();
    return fail({ detail: bench.error.detail });
  }
  const marks = { hostMs: 0, pinEnteredAt: 0 };
  const core = startCore({
    config: { ...bench.value.config, delays: { ...bench.value.config.delays, ...options.delays } },
    clock: systemClock,
    log: options.log ?? (() => undefined),
    tap: options.tap,
    onLinkEvent: options.onLinkEvent,
    onHostTime: (ms) => {
      marks.hostMs += ms;
    },
  });
  if (!core.ok) {
    await bench.value.stop();
    clean();
    return fail({ detail: core.error.detail });
  }
  // Heard as the key's byte arrives, before the driver has done anything about it.
  core.value.devices.pad.onKey((key) => {
    if (key === 'enter') marks.pinEnteredAt = performance.now();
  });
  return ok({
    bench: bench.value,
    core: core.value,
    marks,
    async close() {
      await core.value.stop(2_000);
      await bench.value.stop();
      clean();
    },
  });
}

export interface VisitOptions {
  readonly persona: Persona;
  readonly pin: string;
  readonly flaw: CardFlaw;
  readonly language: 'id' | 'en';
  readonly receipt: 'paper' | 'qr' | 'none';
  /** Gives up after so long, whatever the terminal does. */
  readonly deadlineMs: number;
}

export interface Visit {
  /** What it came to, in the words of the personas' expectations or of the screen that ended it. */
  readonly outcome: string;
  /** DE39 of the last answer. */
  readonly responseCode?: string;
  /** One view for each screen that was met, in order. */
  readonly views: readonly View[];
  readonly receipt?: string;
  readonly journal: readonly JournalRow[];
  readonly timings: {
    readonly wholeMs: number;
    readonly hostMs: number;
    readonly pinEnterToResultMs?: number;
    readonly ownMs?: number;
  };
}

const outcomeOf = (view: View): string | undefined => {
  const { screen } = view;
  switch (screen.kind) {
    case 'choose-membership':
      return 'several';
    case 'result':
      return screen.membership.jht === undefined ? 'not-in-jht' : 'balance';
    case 'not-linked':
      return 'not-linked';
    case 'sorry':
      return screen.cause;
    case 'card-retained':
      return 'retained';
    case 'card-unreadable':
      return 'card-unreadable';
    default:
      return undefined;
  }
};

/** What the customer touches on each screen; undefined: nothing, or something in the physical world. */
function touch(view: View, options: VisitOptions): Action | undefined {
  const { screen } = view;
  if (view.language !== options.language && screen.kind !== 'out-of-service')
    return { kind: 'language', language: options.language };
  switch (screen.kind) {
    case 'menu':
      return { kind: 'check-balance' };
    case 'choose-membership':
      return { kind: 'choose-membership', index: 0 };
    case 'result':
    case 'receipt-qr':
      return { kind: 'continue' };
    case 'receipt-choice':
      return {
        kind: 'receipt',
        choice: options.receipt === 'paper' && screen.receipt === 'unavailable' ? 'none' : options.receipt,
      };
    case 'pin-wrong':
      return { kind: 'retry' };
    case 'something-else':
    case 'sorry':
    case 'not-linked':
    case 'card-retained':
    case 'take-receipt':
    case 'receipt-failed':
      return { kind: 'finish' };
    default:
      return undefined;
  }
}

/** One whole visit. `stuck`: the terminal did not come back to idle in time; the screen says where it stood. */
export async function visit(
  rig: Rig,
  options: VisitOptions,
): Promise<Result<Visit, { readonly code: 'stuck'; readonly screen: string }>> {
  const { bench, core, marks } = rig;
  const { terminal } = core;
  const begun = performance.now();
  marks.hostMs = 0;
  const views: View[] = [];
  let outcome = 'none';
  let receipt: string | undefined;
  let inserted = false;
  let resultAt: number | undefined;
  let pinTypedOn = -1;
  let actedOn = '';
  let busy: Promise<void> = Promise.resolve();

  const reader = (): CardReaderSimulatorState | undefined =>
    bench.reader?.state() as CardReaderSimulatorState | undefined;
  const pad = (): PinPadSimulatorState | undefined => bench.pad?.state() as PinPadSimulatorState | undefined;
  const paper = (): PaperState | undefined => bench.printer?.state() as PaperState | undefined;

  const typePin = async (): Promise<void> => {
    for (const digit of options.pin) await bench.act({ device: 'pad', verb: 'press', key: digit as PadKey });
    await bench.act({ device: 'pad', verb: 'press', key: 'enter' });
  };

  const finished = await new Promise<boolean>((resolve) => {
    const unsubscribes: (() => void)[] = [];
    const end = (well: boolean): void => {
      clearTimeout(deadline);
      for (const unsubscribe of unsubscribes) unsubscribe();
      resolve(well);
    };
    const deadline = setTimeout(() => {
      end(false);
    }, options.deadlineMs);

    const look = (): void => {
      const view = terminal.view();
      const { screen } = view;
      if (views.at(-1)?.step !== view.step) {
        views.push(view);
        outcome = (outcome === 'several' && screen.kind === 'result' ? undefined : outcomeOf(view)) ?? outcome;
        if (screen.kind === 'result' && resultAt === undefined) resultAt = performance.now();
      } else {
        views[views.length - 1] = view;
      }
      if (screen.kind === 'idle') {
        if (inserted && (views.length > 1 || outcome === 'refused-at-mouth')) return end(true);
        // The entry light says that the reader takes a card now.
        if (!inserted && reader()?.accepting === true && view.language === options.language) {
          inserted = true;
          views.length = 0;
          views.push(view);
          void bench.act({ device: 'reader', verb: 'insert', persona: options.persona.id, flaw: options.flaw });
          return;
        }
      }
      const place = reader()?.place;
      if (screen.kind === 'idle' && screen.hint !== undefined) outcome = 'refused-at-mouth';
      if ((screen.kind === 'take-card' || screen.kind === 'card-unreadable') && place === 'takeout') {
        void bench.act({ device: 'reader', verb: 'take' });
      }
      // Refused at the mouth: the customer takes it back.
      if (screen.kind === 'idle' && screen.hint !== undefined && place === 'mouth')
        void bench.act({ device: 'reader', verb: 'take' });
      if (screen.kind === 'pin' && pad()?.entering === true && pinTypedOn !== view.step) {
        pinTypedOn = view.step;
        busy = busy.then(typePin);
      }
      const hanging = paper()?.tickets.length ?? 0;
      if (hanging > 0 && (screen.kind === 'take-receipt' || screen.kind === 'card-retained')) {
        busy = busy.then(async () => {
          const torn = await bench.act({ device: 'printer', verb: 'tear' });
          if (torn.ok && typeof torn.value === 'string') receipt = torn.value;
          look();
        });
        return;
      }
      if (screen.kind === 'card-retained' && screen.slip === 'printing') return;
      const action = touch(view, options);
      const once = `${view.step} ${view.language}`;
      if (action !== undefined && actedOn !== once) {
        actedOn = once;
        // Not from within the terminal's own notification.
        queueMicrotask(() => {
          terminal.act({ step: terminal.view().step, action });
        });
      }
    };
    unsubscribes.push(terminal.onView(look));
    for (const simulator of [bench.reader, bench.pad, bench.printer])
      if (simulator !== undefined) unsubscribes.push(simulator.onState(look));
    look();
  });
  await busy;
  if (!finished) return fail({ code: 'stuck', screen: terminal.view().screen.kind });

  const opened = core.storage.open();
  const written = opened.ok ? journalReader(opened.value) : undefined;
  const session = written?.lastSession();
  const rows =
    session?.ok === true && session.value !== undefined ? written?.read({ session: session.value }) : undefined;
  const journal = rows?.ok === true ? rows.value : [];
  const responseCode = journal.findLast((row) => row.event === 'inquiry-answered')?.fields['code'];
  const toResult = resultAt === undefined ? undefined : resultAt - marks.pinEnteredAt;
  return ok({
    outcome,
    ...(responseCode === undefined ? {} : { responseCode }),
    views,
    ...(receipt === undefined ? {} : { receipt }),
    journal,
    timings: {
      wholeMs: performance.now() - begun,
      hostMs: marks.hostMs,
      ...(toResult === undefined ? {} : { pinEnterToResultMs: toResult, ownMs: toResult - marks.hostMs }),
    },
  });
}
