/** The terminal's configuration: read once, checked once, every mistake told at once with its path and rule. */
import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { CROSS_RULES } from './config-rules.ts';

const text = (max: number) =>
  v.pipe(
    v.string('must be text'),
    v.trim(),
    v.minLength(1, 'must not be empty'),
    v.maxLength(max, `must be at most ${max} characters`),
  );
const printable = (max: number) => v.pipe(text(max), v.regex(/^[\x20-\x7e]*$/, 'must be printable ASCII'));
const digits = (min: number, max: number) =>
  v.pipe(
    v.string('must be text'),
    v.regex(
      new RegExp(`^\\d{${min},${max}}$`),
      min === max ? `must be ${min} digits` : `must be ${min} to ${max} digits`,
    ),
  );
const whole = (min: number, max: number) =>
  v.pipe(
    v.number('must be a number'),
    v.integer('must be a whole number'),
    v.minValue(min, `must be at least ${min}`),
    v.maxValue(max, `must be at most ${max}`),
  );
const choice = <const T extends readonly string[]>(values: T) =>
  v.picklist(values, `must be one of ${values.join(', ')}`);
const port = whole(1, 65535);
const GROUP = 'must be a group of settings in braces';
/** To Valibot a list is an object as well. */
const group = <const T extends v.ObjectEntries>(settings: T) =>
  v.pipe(
    v.custom<object>((value) => !Array.isArray(value), GROUP),
    v.strictObject(settings),
  );

const line = v.variant(
  'kind',
  [
    v.strictObject({
      kind: v.literal('serial'),
      path: text(200),
      baudRate: v.optional(whole(300, 921_600), 9600),
      dataBits: v.optional(v.picklist([7, 8] as const, 'must be 7 or 8'), 8),
      parity: v.optional(choice(['none', 'even', 'odd'])),
      stopBits: v.optional(v.picklist([1, 2] as const, 'must be 1 or 2'), 1),
    }),
    v.strictObject({ kind: v.literal('tcp'), host: text(200), port }),
  ],
  'must have kind serial or tcp',
);

/** Milliseconds, each with its default; the bounds keep a slip of the pen from making a terminal nobody can use. */
const delays = group({
  /** A touch screen without a touch, until the warning. */
  touchScreen: v.optional(whole(5_000, 600_000), 45_000),
  touchScreenWarning: v.optional(whole(5_000, 120_000), 20_000),
  /** PIN entry without Enter, until the warning. */
  pinEntry: v.optional(whole(5_000, 600_000), 30_000),
  pinEntryWarning: v.optional(whole(5_000, 120_000), 20_000),
  /** Calm wait for the card to be taken, then it calls louder. */
  takeCardCalm: v.optional(whole(3_000, 120_000), 10_000),
  /** Whole wait for the card to be taken; then it is retained. */
  takeCard: v.optional(whole(10_000, 300_000), 45_000),
  takeReceipt: v.optional(whole(2_000, 120_000), 8_000),
  pinWrongNotice: v.optional(whole(1_000, 30_000), 6_000),
  goodbye: v.optional(whole(1_000, 30_000), 4_000),
  /** How long the screen stays that says a card was retained. */
  cardRetained: v.optional(whole(5_000, 300_000), 60_000),
  progressShown: v.optional(whole(0, 10_000), 1_000),
  stillWorking: v.optional(whole(1_000, 60_000), 10_000),
});

/** Exported for the test that holds the technician's table of settings to it. */
export const configSchema = group({
  terminal: group({
    /** DE41, as the bank registered it. */
    id: v.pipe(printable(8), v.minLength(8, 'must be 8 characters')),
    /** DE42. */
    acceptorId: printable(15),
    /** DE43, name and place as the bank wants them. */
    acceptorName: printable(40),
    /** DE32. */
    acquirerId: digits(1, 11),
    /** Shown to the customer. */
    bank: printable(32),
    place: printable(64),
    zone: v.optional(choice(['WIB', 'WITA', 'WIT']), 'WIB'),
    callCentre: v.optional(printable(20), '175'),
    language: v.optional(choice(['id', 'en']), 'id'),
  }),
  host: group({
    profile: v.optional(text(400), 'jht'),
    /** In order of preference; none: the host simulator. */
    endpoints: v.optional(
      v.pipe(v.array(group({ host: text(200), port }), 'must be a list'), v.maxLength(8, 'at most 8 endpoints')),
      [],
    ),
    connectMs: v.optional(whole(100, 60_000), 10_000),
    replyMs: v.optional(whole(1_000, 120_000), 30_000),
    echoIdleMs: v.optional(whole(1_000, 3_600_000), 60_000),
    keyExchangeMs: v.optional(whole(60_000, 7 * 86_400_000), 86_400_000),
    /** On an alternate endpoint for so long: back to the first in the next idle moment. */
    failBackMs: v.optional(whole(10_000, 86_400_000), 300_000),
    /** TLS 1.3 with a client certificate; none: plain TCP. Paths of PEM files. */
    tls: v.optional(group({ ca: text(400), cert: text(400), key: text(400), servername: v.optional(text(200)) })),
  }),
  devices: v.optional(
    group({
      cardReader: v.optional(
        group({ driver: v.optional(choice(['omron-3s4yr']), 'omron-3s4yr'), line: v.optional(line) }),
        {},
      ),
      pinPad: v.optional(
        group({
          driver: v.optional(choice(['zt598', 'zt588']), 'zt598'),
          line: v.optional(line),
          /** Where the pad keeps its keys. */
          masterKey: v.optional(whole(0, 127), 1),
          pinKey: v.optional(whole(0, 127), 64),
          macKey: v.optional(whole(0, 127), 72),
        }),
        {},
      ),
      receiptPrinter: v.optional(
        group({
          driver: v.optional(choice(['escpos']), 'escpos'),
          line: v.optional(line),
          columns: v.optional(v.picklist([32, 42, 48] as const, 'must be 32, 42 or 48'), 42),
        }),
        {},
      ),
    }),
    {},
  ),
  browser: v.optional(
    group({
      /** The address of the kiosk page; anything but loopback needs a reverse proxy with TLS in front. */
      bind: v.optional(choice(['127.0.0.1', '::1']), '127.0.0.1'),
      port: v.optional(whole(0, 65535), 8700),
    }),
    {},
  ),
  workbench: v.optional(group({ port: v.optional(whole(0, 65535), 8701) }), {}),
  data: v.optional(
    group({
      /** Journal, STAN counter and instance lock live here. */
      folder: v.optional(text(400), '.data'),
    }),
    {},
  ),
  delays: v.optional(delays, {}),
  /** Written by the launcher when every device and the host are simulated: screens and paper then say CONTOH. */
  simulated: v.optional(v.boolean('must be true or false'), false),
});

export type Config = v.InferOutput<typeof configSchema>;
export type Delays = Config['delays'];
export type LineConfig = v.InferOutput<typeof line>;

export interface ConfigMistake {
  /** e.g. `host.endpoints[0].port` */
  readonly path: string;
  readonly rule: string;
}

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly mistakes: readonly ConfigMistake[] };

function pathOf(issue: v.BaseIssue<unknown>): string {
  const path = (issue.path ?? [])
    .map((item) => (typeof item.key === 'number' ? `[${item.key}]` : `.${String(item.key)}`))
    .join('')
    .replace(/^\./, '');
  return path === '' ? '(file)' : path;
}

function ruleOf(issue: v.BaseIssue<unknown>): string {
  if (issue.type !== 'strict_object') return issue.message;
  if (issue.expected === 'never') return 'is not a setting';
  return issue.received === 'undefined' ? 'is missing' : GROUP;
}

/** Checks a parsed configuration; defaults are filled in. All mistakes come at once. */
export function parseConfig(value: unknown): ConfigResult {
  const parsed = v.safeParse(configSchema, value);
  const mistakes: ConfigMistake[] = parsed.success
    ? []
    : parsed.issues.map((issue) => ({ path: pathOf(issue), rule: ruleOf(issue) }));
  const touches = (mistake: string, path: string): boolean =>
    mistake === '(file)' || mistake === path || path.startsWith(`${mistake}.`) || mistake.startsWith(`${path}.`);
  const ownMistakes = mistakes.map(({ path }) => path);
  const sound = (...paths: readonly string[]): boolean =>
    !paths.some((path) => ownMistakes.some((mistake) => touches(mistake, path)));
  // With mistakes the output is whole only where it is sound, and that is all a rule looks at.
  const config = parsed.output as Config;
  for (const rule of CROSS_RULES) mistakes.push(...rule(config, sound));
  return mistakes.length > 0 ? { ok: false, mistakes } : { ok: true, config };
}

/** Reads a JSON file. A file that is missing or not JSON is a mistake like any other. */
export function readConfig(path: string): ConfigResult {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return { ok: false, mistakes: [{ path: '(file)', rule: `${path} cannot be read (${code})` }] };
  }
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    return {
      ok: false,
      mistakes: [{ path: '(file)', rule: `is not JSON: ${(error as SyntaxError).message.slice(0, 120)}` }],
    };
  }
  return parseConfig(value);
}

/** The terminal that `npm start` simulates when no configuration is named. */
export const SIMULATED_TERMINAL = {
  terminal: {
    id: 'ANJ00001',
    acceptorId: '000000000000001',
    acceptorName: 'ANJUNGAN JHT CONTOH      JAKARTA      ID',
    acquirerId: '000000',
    bank: 'Bank Contoh',
    place: 'Mal Pelayanan Publik Contoh, Jakarta',
  },
  host: {},
} as const;

export const TIME_ZONES = { WIB: 'Asia/Jakarta', WITA: 'Asia/Makassar', WIT: 'Asia/Jayapura' } as const;
