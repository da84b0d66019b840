/** `npm run bench -- NAME [--json]`: one benchmark with its peers, in one run on this machine. `--help` says the rest. */
import os from 'node:os';
import { parseArgs } from 'node:util';
import type { BenchResult } from './iso8583.ts';

interface BenchOptions {
  /** How often what is measured is done; each benchmark has a default of its own. */
  readonly count?: number;
  /** Progress, for people. */
  readonly say: (line: string) => void;
}

interface Bench {
  readonly about: string;
  readonly run: (options: BenchOptions) => Promise<readonly BenchResult[]>;
}

const BENCHES: Readonly<Record<string, Bench>> = {
  iso8583: {
    about: 'pack, unpack, unpack and read every value of one 0200; peers: the npm packages iso_8583 and iso8583',
    run: async () => (await import('./iso8583.ts')).benchIso8583(),
  },
  inquiry: {
    about: "the terminal's own share of an inquiry, PIN Enter to result, in whole sessions with simulators on ptys",
    run: async (options) => (await import('./inquiry.ts')).benchInquiry(options),
  },
  host: {
    about:
      'inquiries a second that the host simulator answers to 1,000 terminals on real links, against a bare TCP echo',
    run: async (options) => (await import('./host.ts')).benchHost(options),
  },
  startup: {
    about: 'process start of the core to ready, against a bare Node process that listens; size of the renderer',
    run: async (options) => (await import('./startup.ts')).benchStartup(options),
  },
};

const HELP = `npm run bench -- NAME [--json] [--count N]

${Object.entries(BENCHES)
  .map(([name, { about }]) => `  ${name.padEnd(10)} ${about}`)
  .join('\n')}

  --json      prints one object {bench, machine, results: [{metric, value, unit, peer?, peerValue?, ratio?, note?}]}
  --count N   sessions of inquiry (default 300), inquiries of host (default 30000), starts of startup (default 15)

Exit code 0 when it was measured, 1 when not, 64 for wrong use. Results are of this machine as busy as it is now.
`;

function usage(line: string): never {
  process.stderr.write(`bench: ${line} (--help says more)\n`);
  process.exit(64);
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        json: { type: 'boolean', default: false },
        count: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    });
  } catch (error) {
    return usage((error as Error).message);
  }
}

function machine() {
  const [cpu] = os.cpus();
  return {
    cpu: cpu?.model ?? 'unknown',
    cores: os.availableParallelism(),
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.version,
    /** Processes that wanted to run in the last minute, before the benchmark began. */
    load: Math.round((os.loadavg()[0] ?? 0) * 100) / 100,
  };
}

function table(results: readonly BenchResult[]): string {
  const rows = results.map(({ metric, value, unit, peer, peerValue, ratio, note }) => [
    metric,
    String(value),
    unit,
    peer === undefined ? '' : `${peer} ${peerValue ?? ''}`,
    ratio === undefined ? '' : `x ${ratio}`,
    note ?? '',
  ]);
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 1 ? cell.padStart(widths[1] ?? 0) : cell.padEnd(widths[column] ?? 0)))
        .join('  '),
    )
    .map((line) => line.trimEnd())
    .join('\n');
}

const { values, positionals } = readArguments();
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const [name = '', ...more] = positionals;
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
if (bench === undefined || more.length > 0) usage(`one of ${Object.keys(BENCHES).join(', ')}`);
if (values.count !== undefined && !/^[1-9]\d{0,5}$/.test(values.count)) usage('--count takes a whole number from 1');

const about = machine();
try {
  const results = await bench.run({
    ...(values.count === undefined ? {} : { count: Number(values.count) }),
    say: (line) => {
      process.stderr.write(`${line}\n`);
    },
  });
  const text = values.json
    ? JSON.stringify({ bench: name, machine: about, results }, null, 2)
    : `${about.cpu}, ${about.cores} cores, ${about.system}, Node ${about.node}, load ${about.load}\n\n${table(results)}`;
  process.stdout.write(`${text}\n`);
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
