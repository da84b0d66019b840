/** The simulated terminal's hardware and host, each in a process of its own, and how the configuration finds them. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { personas, type Persona } from '../../protocol/host/personas.ts';
import { fail, ok, type Result } from '../../protocol/result.ts';
import type { CardFlaw, WorkbenchVerb } from '../contract.ts';
import { parseConfig, type Config, type LineConfig } from '../config.ts';
import { startSimulator, type SimulatorProcess } from './simulator-process.ts';

export interface Bench {
  readonly reader?: SimulatorProcess;
  readonly pad?: SimulatorProcess;
  readonly printer?: SimulatorProcess;
  readonly host?: SimulatorProcess;
  /** The configuration given, with the simulators where it named nothing. */
  readonly config: Config;
  /** True when every device and the host are simulated. */
  readonly complete: boolean;
  /** Does what a person could do; `refused` says why it cannot be done now. */
  act(verb: WorkbenchVerb): Promise<Result<unknown, { readonly code: string; readonly detail: string }>>;
  stop(): Promise<void>;
}

export interface BenchOptions {
  readonly config: Config;
  /** For the ptys' links and the host's members. */
  readonly folder: string;
  /** pty: a serial line as the kernel makes it; tcp: where there are no ptys. */
  readonly transport: 'pty' | 'tcp';
  /** Bits a second; absent: as fast as the machine. */
  readonly throttle?: number;
  /** Factor on the times of the simulated card reader's mechanics; 0: at once. */
  readonly pace?: number;
  /** More arguments for the host simulator. */
  readonly hostArgs?: readonly string[];
}

const root = path.resolve(import.meta.dirname, '../..');
const DEVICE_SCRIPT = path.join(root, 'devices/simulator/run.ts');
const HOST_SCRIPT = path.join(root, 'protocol/host/run.ts');

export const DEFAULT_TRANSPORT = process.platform === 'win32' ? 'tcp' : 'pty';

/** The card of a persona as the slot gets it. A wrong check digit is on the stripe; the other flaws are the slot's to play. */
export function cardOf(persona: Persona, flaw: CardFlaw) {
  const wrongDigit = (track: string): string =>
    track.replace(/^(\d{15})(\d)/, (_, head: string, check: string) => `${head}${(Number(check) + 1) % 10}`);
  return {
    label: persona.id,
    track2: flaw === 'bad-luhn' ? wrongDigit(persona.track2) : persona.track2,
    flaw: flaw === 'bad-luhn' ? 'none' : flaw,
  };
}

/** Verbs of the workbench page as the simulators call them. */
const CALLS: Readonly<Record<string, string>> = {
  'pull-out': 'pullOut',
  'clear-jam': 'clearJam',
  'empty-bin': 'emptyBin',
  'paper-low': 'paperLow',
  'paper-out': 'paperOut',
  'load-paper': 'loadPaper',
  'open-cover': 'openCover',
  'close-cover': 'closeCover',
};

function callOf(verb: WorkbenchVerb): { readonly name: string; readonly args: readonly unknown[] } | undefined {
  switch (verb.verb) {
    case 'insert': {
      const persona = personas.find((p) => p.id === verb.persona);
      return persona === undefined ? undefined : { name: 'insert', args: [cardOf(persona, verb.flaw)] };
    }
    case 'press':
      return { name: 'press', args: [verb.key] };
    case 'delay':
      return { name: 'delay', args: [verb.ms] };
    case 'behave':
      return { name: 'behave', args: [verb.behaviour] };
    case 'answer':
      return { name: 'answer', args: verb.responseCode === undefined ? [] : [verb.responseCode] };
    default:
      return { name: CALLS[verb.verb] ?? verb.verb, args: [] };
  }
}

const IMPOSSIBLE: Readonly<Record<string, string>> = {
  insert: 'slot occupied',
  take: 'no card to take',
  pullOut: 'no card inside',
  tear: 'nothing to tear',
};

const DEVICES = [
  { name: 'reader', setting: 'cardReader', kind: 'card-reader' },
  { name: 'pad', setting: 'pinPad', kind: 'pin-pad' },
  { name: 'printer', setting: 'receiptPrinter', kind: 'receipt-printer' },
] as const;

function lineTo(address: string): LineConfig {
  const tcp = /^tcp:\/\/([^:]+):(\d+)$/.exec(address);
  return tcp?.[1] !== undefined
    ? { kind: 'tcp', host: tcp[1], port: Number(tcp[2]) }
    : { kind: 'serial', path: address, baudRate: 115_200, dataBits: 8, parity: 'none', stopBits: 1 };
}

export async function startBench(
  options: BenchOptions,
): Promise<Result<Bench, { readonly code: 'not-started'; readonly detail: string }>> {
  const { config, folder } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const running: Partial<Record<'reader' | 'pad' | 'printer' | 'host', SimulatorProcess>> = {};
  const stop = async (): Promise<void> => {
    await Promise.all(Object.values(running).map((simulator) => simulator.stop()));
  };

  const wanted = DEVICES.filter(({ setting }) => config.devices[setting].line === undefined);
  const starts = wanted.map(async ({ name, kind }) => {
    const where = options.transport === 'pty' ? ['--pty', path.join(folder, `${kind}.tty`)] : ['--tcp', '0'];
    const columns = kind === 'receipt-printer' ? ['--columns', String(config.devices.receiptPrinter.columns)] : [];
    const model = kind === 'pin-pad' ? ['--model', config.devices.pinPad.driver] : [];
    const throttle = options.throttle === undefined ? [] : ['--throttle', String(options.throttle)];
    const pace = kind === 'card-reader' && options.pace !== undefined ? ['--pace', String(options.pace)] : [];
    const started = await startSimulator(DEVICE_SCRIPT, [kind, ...where, ...columns, ...model, ...throttle, ...pace]);
    if (started.ok) running[name] = started.value;
    return started;
  });
  if (config.host.endpoints.length === 0) {
    starts.push(
      (async () => {
        const args = [
          '--port',
          '0',
          '--profile',
          config.host.profile,
          '--database',
          'memory',
          ...(options.hostArgs ?? []),
        ];
        const started = await startSimulator(HOST_SCRIPT, args);
        if (started.ok) running.host = started.value;
        return started;
      })(),
    );
  }
  for (const started of await Promise.all(starts)) {
    if (!started.ok) {
      await stop();
      return started;
    }
  }

  const devices = Object.fromEntries(
    DEVICES.map(({ name, setting }) => {
      const simulator = running[name];
      return [
        setting,
        simulator === undefined
          ? config.devices[setting]
          : { ...config.devices[setting], line: lineTo(String(simulator.ready['address'])) },
      ];
    }),
  );
  const endpoints =
    running.host === undefined
      ? config.host.endpoints
      : [{ host: '127.0.0.1', port: Number(running.host.ready['port']) }];
  const complete = wanted.length === DEVICES.length && running.host !== undefined;
  const resolved = parseConfig({ ...config, devices, host: { ...config.host, endpoints }, simulated: complete });
  if (!resolved.ok)
    throw new Error(`a configuration that was valid no longer is: ${JSON.stringify(resolved.mistakes)}`);

  return ok({
    ...running,
    config: resolved.config,
    complete,
    async act(verb) {
      const target = running[verb.device];
      if (target === undefined) return fail({ code: 'real', detail: `the ${verb.device} is not simulated` });
      const call = callOf(verb);
      if (call === undefined) return fail({ code: 'refused', detail: 'no such persona' });
      const done = await target.ask(call.name, ...call.args);
      // The physical world did not allow it: a verb answers false, tearing answers nothing.
      const impossible = done.ok && (done.value === false || (call.name === 'tear' && typeof done.value !== 'string'));
      return impossible ? fail({ code: 'refused', detail: IMPOSSIBLE[call.name] ?? 'not possible now' }) : done;
    },
    stop,
  });
}
