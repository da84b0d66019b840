/** `npm run inquiry`: a whole session without a screen; prints what the customer sees and the receipt. */
import { parseArgs } from 'node:util';
import { systemClock } from '../../protocol/clock.ts';
import { PERSONA_PIN, personas } from '../../protocol/host/personas.ts';
import { outline } from '../../renderer/outline.ts';
import { parseConfig, readConfig, SIMULATED_TERMINAL } from '../config.ts';
import type { CardFlaw, View } from '../contract.ts';
import { DEFAULT_TRANSPORT } from '../workbench/bench.ts';
import { traceLines, traceMessages } from './trace.ts';
import { openRig, visit } from './visit.ts';

const FLAWS: readonly CardFlaw[] = ['none', 'wrong-way', 'unreadable', 'bad-lrc', 'bad-luhn', 'no-stripe'];

const HELP = `npm run inquiry -- --card PERSONA --pin PIN [options]

One whole session through the real drivers, the session machine and the link to the simulated host.

  --card PERSONA    ${personas.map((persona) => persona.id).join(', ')}
  --pin PIN         every persona's is ${PERSONA_PIN}
  --language id|en  default id
  --receipt HOW     paper (default), qr or none
  --flaw FLAW       ${FLAWS.join(', ')}
  --config FILE     a terminal's configuration; what it names no device or host for is simulated
  --transport HOW   pty or tcp; default ${DEFAULT_TRANSPORT}
  --answer DE39     the host answers every inquiry with this code
  --json            one object: {outcome, responseCode, screens, receipt, journal, timings}
  --trace           messages and device frames, masked, on standard error

Exit code 0 when the session ended as the persona should, 1 when not, 64 for wrong use, 70 when a
simulator or the core did not start.
`;

/** A silent host takes its 30 s, and the customer's waits come on top. */
const DEADLINE_MS = 120_000;

function usage(line: string): never {
  process.stderr.write(`${line}\n`);
  process.exit(64);
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        card: { type: 'string' },
        pin: { type: 'string' },
        language: { type: 'string', default: 'id' },
        receipt: { type: 'string', default: 'paper' },
        flaw: { type: 'string', default: 'none' },
        config: { type: 'string' },
        transport: { type: 'string', default: DEFAULT_TRANSPORT },
        answer: { type: 'string' },
        json: { type: 'boolean', default: false },
        trace: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return usage((error as Error).message);
  }
}

function screenText(view: View): string {
  const words = outline(view);
  const lines = words.lines.map((line) => `    ${line}`);
  const choices = words.choices.map((choice) => `    [ ${choice.label} ]`);
  return [`  ${words.title}`, ...lines, ...choices].join('\n');
}

const oneOf = <const T extends readonly string[]>(name: string, value: string, allowed: T): T[number] =>
  allowed.includes(value) ? value : usage(`inquiry: --${name} must be one of ${allowed.join(', ')}`);

async function main(): Promise<void> {
  const args = readArguments();
  if (args.help) {
    process.stdout.write(HELP);
    return;
  }
  const persona = personas.find((candidate) => candidate.id === args.card);
  if (persona === undefined) usage(`inquiry: --card must be one of ${personas.map((p) => p.id).join(', ')}`);
  if (args.pin === undefined || !/^\d{1,12}$/.test(args.pin)) usage('inquiry: --pin must be 1 to 12 digits');
  if (args.answer !== undefined && !/^[0-9A-Za-z]{2}$/.test(args.answer))
    usage('inquiry: --answer must be 2 letters or digits');
  // All of it before anything is started: nothing is left behind by a slip of the pen.
  const transport = oneOf('transport', args.transport, ['pty', 'tcp'] as const);
  const choices = {
    flaw: oneOf('flaw', args.flaw, FLAWS) as CardFlaw,
    language: oneOf('language', args.language, ['id', 'en'] as const),
    receipt: oneOf('receipt', args.receipt, ['paper', 'qr', 'none'] as const),
  };
  const read = args.config === undefined ? parseConfig(SIMULATED_TERMINAL) : readConfig(args.config);
  if (!read.ok) usage(read.mistakes.map((mistake) => `inquiry: ${mistake.path} ${mistake.rule}`).join('\n'));

  const trace = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  if (read.config.devices.cardReader.line !== undefined || read.config.devices.pinPad.line !== undefined) {
    usage('inquiry: needs a simulated card reader and PIN pad: nobody stands at the real ones (leave their line out)');
  }
  const rig = await openRig({
    config: read.config,
    transport,
    ...(args.answer === undefined ? {} : { hostArgs: ['--answer', args.answer] }),
    ...(args.trace
      ? {
          tap: traceLines(trace, systemClock),
          log: trace,
          onLinkEvent: traceMessages(trace),
        }
      : {}),
  });
  if (!rig.ok) {
    process.stderr.write(`inquiry: ${rig.error.detail}\n`);
    process.exit(70);
  }
  const done = await visit(rig.value, {
    persona,
    pin: args.pin,
    ...choices,
    deadlineMs: DEADLINE_MS,
  });
  await rig.value.close();
  if (!done.ok) {
    process.stderr.write(`inquiry: the terminal stayed on the screen ${done.error.screen}\n`);
    process.exit(1);
  }
  const { outcome, responseCode, views, receipt, journal, timings } = done.value;
  if (args.json) {
    const screens = views.map((view) => ({ kind: view.screen.kind, ...outline(view) }));
    process.stdout.write(
      `${JSON.stringify({ outcome, responseCode: responseCode ?? null, screens, receipt: receipt ?? null, journal, timings }, null, 2)}\n`,
    );
  } else {
    for (const view of views) process.stdout.write(`${screenText(view)}\n\n`);
    if (receipt !== undefined) process.stdout.write(`${receipt}\n\n`);
    process.stdout.write(
      `Outcome: ${outcome}${responseCode === undefined ? '' : ` (DE39 ${responseCode})`}, as expected of "${persona.id}": ${outcome === persona.expected ? 'yes' : `no, that would be ${persona.expected}`}\n`,
    );
  }
  process.exit(outcome === persona.expected ? 0 : 1);
}

await main();
