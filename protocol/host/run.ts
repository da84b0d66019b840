/** The host simulator as a process: options from the command line, a line of log per message, verbs over the IPC channel. */
import { parseArgs } from 'node:util';
import { loadProfile } from '../profile/profile.ts';
import { BEHAVIOURS } from './behaviour.ts';
import { isResponseCode } from './codes.ts';
import { control } from './control.ts';
import { parseFaults } from './faults.ts';
import { startHost, TEST_MASTER_KEY, type HostOptions } from './host.ts';
import { PERSONA_PIN, personas } from './personas.ts';
import { readHostTls } from './tls.ts';

const HELP = `The host simulator: answers ISO 8583 inquiries for invented members.

  --port N            port to listen on; 0 takes any free one          [8583]
  --bind ADDRESS      address to listen on                             [127.0.0.1]
  --profile NAME      host profile, by name or as path of a .json file [jht]
  --database PATH     members' database, or "memory"                   [memory]
  --members N         members besides the personas                     [0]
  --seed N            what they are generated from                     [1]
  --behave FAULTS     how inquiries are answered, as below             [normal]
  --behaviour FAULTS  the same
  --late MS           how late "late" is                               [35000]
  --delay MS          wait before every answer to an inquiry           [0]
  --answer CODE       answer every inquiry with this DE39
  --terminals A,B     only these terminals (DE41) may sign on          [all]
  --master-key HEX    terminal master key, 32 hex digits
                      [TEST key ${TEST_MASTER_KEY}]
  --quiet             no line of log per message
  --tls-cert PATH     TLS 1.3 with this certificate (PEM), and           [plain TCP]
  --tls-key PATH      its key, and
  --tls-ca PATH       the authority that terminals' certificates come from
  --personas          list the personas and their cards, and end
  --help              this text

Faults: WHAT[@PERSONA][:COUNT|:SHARE%], with commas between several, e.g. garbled:5%,never@normal,answer=91:3
WHAT is one of ${BEHAVIOURS.join(', ')},
refuse (connections are reset), answer=CODE (DE39). The same answers go wrong for the same --seed.

Every persona's PIN is ${PERSONA_PIN}. Cards begin 9999 36, a range that belongs to no issuer.
`;

const OPTIONS = {
  port: { type: 'string' },
  bind: { type: 'string' },
  profile: { type: 'string' },
  database: { type: 'string' },
  members: { type: 'string' },
  seed: { type: 'string' },
  behave: { type: 'string' },
  behaviour: { type: 'string' },
  late: { type: 'string' },
  delay: { type: 'string' },
  answer: { type: 'string' },
  terminals: { type: 'string' },
  'master-key': { type: 'string' },
  quiet: { type: 'boolean' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'tls-ca': { type: 'string' },
  personas: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** Ends with the mistakes, one a line; 2 is the shell's word for a wrong command line. */
function refuse(mistakes: readonly string[]): never {
  process.stderr.write(`${mistakes.map((mistake) => `host: ${mistake}`).join('\n')}\n`);
  process.exit(2);
}

interface CommandLine {
  readonly host: HostOptions;
  readonly quiet: boolean;
}

function readCommandLine(): CommandLine | undefined {
  let values;
  try {
    ({ values } = parseArgs({ options: OPTIONS, allowPositionals: false }));
  } catch (error) {
    return refuse([error instanceof Error ? error.message : 'unknown option']);
  }
  if (values.help === true) {
    process.stdout.write(HELP);
    return undefined;
  }
  if (values.personas === true) {
    for (const { id, name, pan, track2, note } of personas) {
      print(
        `${id.padEnd(12)} ${pan}  ${track2.slice(19, 21)}/${track2.slice(17, 19)}  ${name.slice(0, 28).padEnd(28)}  ${note.en}`,
      );
    }
    print(`Every PIN is ${PERSONA_PIN}.`);
    return undefined;
  }

  const mistakes: string[] = [];
  const whole = (name: 'port' | 'members' | 'seed' | 'delay' | 'late', otherwise: number, max: number): number => {
    const text = values[name] ?? String(otherwise);
    const number = /^[0-9]{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isNaN(number) || number > max) mistakes.push(`--${name} takes a whole number from 0 to ${max}`);
    return number;
  };
  const port = whole('port', 8583, 65_535);
  const members = whole('members', 0, 10_000_000);
  const seed = whole('seed', 1, 0x7fff_ffff);
  const delayMs = whole('delay', 0, 600_000);
  const lateMs = whole('late', 35_000, 600_000);
  const tls = readHostTls([values['tls-cert'], values['tls-key'], values['tls-ca']], mistakes);
  const masterKey = values['master-key'] ?? TEST_MASTER_KEY;
  if (!/^[0-9A-Fa-f]{32}$/.test(masterKey)) mistakes.push('--master-key takes 32 hex digits');
  const profile = loadProfile(values.profile ?? 'jht');
  if (!profile.ok)
    mistakes.push(...profile.error.map(({ path, rule }) => `--profile: ${path === '' ? '' : `${path}: `}${rule}`));
  // Mistakes come all at once: without its own profile, the codes are those of the default.
  const codes = profile.ok ? profile : loadProfile('jht');
  const isCode = (code: string): boolean => codes.ok && isResponseCode(codes.value, code);
  if (values.answer !== undefined && !isCode(values.answer)) mistakes.push('--answer takes a code that fits DE39');
  const wanted = values.behave ?? values.behaviour ?? 'normal';
  const faults = parseFaults(wanted, isCode);
  if (!faults.ok) mistakes.push(`--${values.behave === undefined ? 'behaviour' : 'behave'}: ${faults.error.rule}`);
  if (mistakes.length > 0 || !profile.ok || !faults.ok) return refuse(mistakes);
  const { database, bind, answer, terminals } = values;
  const host: HostOptions = {
    profile: profile.value,
    port,
    members,
    seed,
    delayMs,
    lateMs,
    faults: faults.value,
    masterKey,
    ...(database === undefined || database === 'memory' ? {} : { database }),
    ...(bind === undefined ? {} : { bind }),
    ...(tls === undefined ? {} : { tls }),
    ...(answer === undefined ? {} : { answer }),
    ...(terminals === undefined ? {} : { terminals: terminals.split(',') }),
  };
  return { host, quiet: values.quiet ?? false };
}

async function run({ host: options, quiet }: CommandLine): Promise<void> {
  /** Only with a parent that listens; a parent that has gone is noticed by 'disconnect'. */
  const tell = (message: object): void => {
    if (process.connected) process.send?.(message);
  };
  const started = await startHost(options);
  if (!started.ok) {
    const error = `${started.error.code}: ${started.error.detail}`;
    tell({ ready: false, error });
    process.stderr.write(`host: ${error}\n`);
    process.exitCode = 1;
    if (process.connected) process.disconnect();
    return;
  }
  const host = started.value;
  const log = (text: string): void => {
    print(`${new Date().toISOString().slice(11, 23)} ${text}`);
    tell({ log: text });
  };
  if (!quiet) host.onLog(log);
  host.onState((state) => tell({ state }));
  // One after the other, so that answers come in the order of the questions.
  let last = Promise.resolve();
  process.on('message', (message) => {
    last = last.then(async () => {
      const answer = await control(host, message);
      if (answer !== undefined) tell(answer);
    });
  });

  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    void host.close().then(() => process.exit(0));
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  process.on('disconnect', end);
  // Nobody reads the log any more: a pipe to `head`, a terminal window that was closed.
  process.stdout.on('error', end);

  log(`listening on ${options.bind ?? '127.0.0.1'}:${host.port}, profile ${options.profile.name}`);
  tell({ state: host.state() });
  tell({ ready: true, port: host.port });
}

const options = readCommandLine();
if (options !== undefined) await run(options);
