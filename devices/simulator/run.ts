/**
 * A simulated device as a process of its own, at the far end of a line. With an IPC channel it is driven by messages, without
 * one by words typed on standard input. `node devices/simulator/run.ts --help` tells the rest.
 */
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { systemClock } from '../clock.ts';
import { fail, ok, type Result } from '../result.ts';
import { createCardReaderSimulator } from './card-reader.ts';
import { listenTcp, openPty, type Attachable, type LineEnd } from './line-end.ts';
import { createPinPadSimulator } from './pin-pad.ts';
import { createReceiptPrinterSimulator } from './receipt-printer.ts';
import { readArguments, simulatorVerbs, verbUsage, type SimulatorKind } from './verbs.ts';

/** What the parent sends. `verb`: one of the device's, or `plug`, `unplug`, `state`. Bytes as hex. */
export interface SimulatorRequest {
  readonly id: number | string;
  readonly verb: string;
  readonly args?: readonly unknown[];
}

/** What the parent gets: `ready` once, `state` after every change (before the answer to what caused it), an answer each. */
export type SimulatorMessage =
  | { readonly ready: true; readonly address: string }
  | { readonly state: unknown }
  | { readonly id: number | string; readonly ok: true; readonly value: unknown }
  | { readonly id: number | string; readonly ok: false; readonly error: string };

const usage = `node devices/simulator/run.ts <card-reader|pin-pad|receipt-printer> (--tcp PORT | --pty LINK) [options]

  --tcp PORT        listen on 127.0.0.1:PORT; 0 takes a free one and says which
  --pty LINK        make a pty and a symbolic link to the terminal's end of it
  --throttle BAUD   as slow as a line of that speed (8E1)
  --unplugged       start with the plug out
  --pace FACTOR     card reader: factor on the times of its mechanics, 0 = at once (default 1)
  --columns N       receipt printer: characters a line (default 42)
  --ms-per-line N   receipt printer: time for one line (default 0)
  --model NAME      PIN pad: zt598 (default) or zt588
  --master-key HEX  PIN pad: 16 or 24 bytes (default: the documented test key)
`;

/** Any simulator, behind its checked arguments. */
interface Device extends Attachable {
  readonly verbs: object;
  state(): object;
  onChange(listener: () => void): () => void;
}

interface Settings {
  readonly kind: SimulatorKind;
  readonly line: { readonly tcp: number } | { readonly pty: string };
  readonly throttle?: number;
  readonly unplugged: boolean;
  readonly create: () => Device;
}

function readSettings(argv: readonly string[]): Result<Settings, string> {
  const text = { type: 'string' } as const;
  const options = {
    tcp: text,
    pty: text,
    throttle: text,
    pace: text,
    columns: text,
    'ms-per-line': text,
    model: text,
    'master-key': text,
    unplugged: { type: 'boolean', default: false },
  } as const;
  let parsed;
  try {
    parsed = parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    return fail(error instanceof Error ? error.message : 'wrong options');
  }
  const { values, positionals } = parsed;
  const mistakes: string[] = [];
  const number = (name: 'tcp' | 'throttle' | 'pace' | 'columns' | 'ms-per-line', least: number, most: number) => {
    const given = values[name];
    if (given === undefined) return undefined;
    const value = Number(given);
    const shape = name === 'pace' ? /^\d+(\.\d+)?$/ : /^\d+$/;
    if (shape.test(given) && value >= least && value <= most) return value;
    mistakes.push(`--${name}: a number from ${String(least)} to ${String(most)}`);
    return undefined;
  };
  const [tcp, throttle, pace] = [number('tcp', 0, 65535), number('throttle', 300, 1e6), number('pace', 0, 100)];
  const [columns, msPerLine] = [number('columns', 16, 96), number('ms-per-line', 0, 5000)];
  const kind = (['card-reader', 'pin-pad', 'receipt-printer'] as const).find((known) => known === positionals[0]);
  const model = (['zt598', 'zt588'] as const).find((known) => known === (values.model ?? 'zt598'));
  const key = values['master-key'];
  if (!kind || positionals.length !== 1) mistakes.push('one device: card-reader, pin-pad or receipt-printer');
  if ((values.tcp === undefined) === (values.pty === undefined)) mistakes.push('either --tcp PORT or --pty LINK');
  if (!model) mistakes.push('--model: zt598 or zt588');
  if (key !== undefined && !/^([0-9a-f]{32}|[0-9a-f]{48})$/i.test(key))
    mistakes.push('--master-key: 32 or 48 hex digits');
  if (!kind || !model || mistakes.length > 0) return fail(mistakes.join('\n'));

  const clock = systemClock;
  const create: Readonly<Record<SimulatorKind, () => Device>> = {
    'card-reader': () => createCardReaderSimulator({ clock, pace: pace ?? 1 }),
    'pin-pad': () =>
      createPinPadSimulator({ clock, model, ...(key ? { masterKey: Uint8Array.from(Buffer.from(key, 'hex')) } : {}) }),
    'receipt-printer': () =>
      createReceiptPrinterSimulator({ clock, columns: columns ?? 42, msPerLine: msPerLine ?? 0 }),
  };
  return ok({
    kind,
    line: values.pty === undefined ? { tcp: tcp ?? 0 } : { pty: values.pty },
    ...(throttle === undefined ? {} : { throttle }),
    unplugged: values.unplugged,
    create: create[kind],
  });
}

function isRequest(message: unknown): message is SimulatorRequest {
  if (typeof message !== 'object' || message === null) return false;
  const { id, verb, args } = message as Readonly<Record<string, unknown>>;
  const named = typeof id === 'number' || typeof id === 'string';
  return named && typeof verb === 'string' && (args === undefined || Array.isArray(args));
}

async function run(settings: Settings): Promise<void> {
  const device = settings.create();
  const pace = settings.throttle === undefined ? {} : { throttle: settings.throttle };
  const end: LineEnd =
    'tcp' in settings.line
      ? await listenTcp(device, { ...pace, port: settings.line.tcp })
      : await openPty(device, { ...pace, link: settings.line.pty });
  if (settings.unplugged) await end.unplug();

  const state = (): object => ({ ...device.state(), plugged: end.plugged });
  const own: Readonly<Record<string, () => unknown>> = { plug: () => end.plug(), unplug: () => end.unplug(), state };

  async function call(verb: string, values: readonly unknown[]): Promise<Result<unknown, string>> {
    const mine = Object.hasOwn(own, verb) ? own[verb] : undefined;
    if (mine) return ok(await mine());
    const args = readArguments(settings.kind, verb, values);
    if (!args.ok) return args;
    const verbs = device.verbs as Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
    return ok(verbs[verb]?.(...args.value));
  }

  async function leave(): Promise<void> {
    await end.close();
    process.exit(0);
  }
  process.on('SIGTERM', () => void leave());
  process.on('SIGINT', () => void leave());
  if (process.send) serveParent();
  else servePerson();

  function serveParent(): void {
    const send = (message: SimulatorMessage): void => {
      if (process.connected) process.send?.(message);
    };
    let told = JSON.stringify(state());
    let due = false;
    const tellState = (): void => {
      due = false;
      const now = state();
      const text = JSON.stringify(now);
      if (text === told) return;
      told = text;
      send({ state: now });
    };
    device.onChange(() => {
      if (!due) setImmediate(tellState);
      due = true;
    });
    process.on('disconnect', () => void leave());
    process.on('message', (message) => {
      if (!isRequest(message)) return;
      const { id, verb, args = [] } = message;
      void call(verb, args).then((result) => {
        tellState();
        send(result.ok ? { id, ok: true, value: result.value } : { id, ok: false, error: result.error });
      });
    });
    send({ ready: true, address: end.address });
    send({ state: state() });
  }

  function servePerson(): void {
    const write = (text: string): void => void process.stdout.write(`${text}\n`);
    const help = Object.keys(simulatorVerbs[settings.kind]).map((verb) => verbUsage(settings.kind, verb));
    write(`${settings.kind} at ${end.address}; "help" lists what you can do to it`);
    async function obey(line: string): Promise<void> {
      const [verb = '', ...words] = line.trim().split(/\s+/);
      if (verb === '') return;
      if (verb === 'quit') await leave();
      if (verb === 'help') {
        write([...help, 'plug', 'unplug', 'state', 'quit'].join('\n'));
        return;
      }
      const result = await call(verb, words);
      if (!result.ok) write(result.error);
      else if (result.value === false) write('not possible now');
      else if (typeof result.value === 'string') write(result.value);
      write(JSON.stringify(state()));
    }
    let before = Promise.resolve();
    createInterface({ input: process.stdin }).on('line', (line) => {
      before = before.then(() => obey(line));
    });
  }
}

const argv = process.argv.slice(2);
if (argv.includes('--help')) {
  process.stdout.write(usage);
} else {
  const settings = readSettings(argv);
  const give = (why: string): void => {
    process.stderr.write(`${why}\n`);
    process.exitCode = 2;
  };
  if (!settings.ok) give(`${settings.error}\n\n${usage}`);
  else
    await run(settings.value).catch((error: unknown) => give(error instanceof Error ? error.message : String(error)));
}
