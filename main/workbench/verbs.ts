/** Reads what the workbench page sent: a verb of the table below, or nothing. */
import type { CardFlaw, HostBehaviour, PadKey, WorkbenchVerb } from '../contract.ts';

const FLAWS: ReadonlySet<string> = new Set<CardFlaw>([
  'none',
  'wrong-way',
  'unreadable',
  'bad-lrc',
  'bad-luhn',
  'no-stripe',
]);
const KEYS: ReadonlySet<string> = new Set<PadKey>([
  '0',
  '1',
  '2',
  '3',
  '4',
  '5',
  '6',
  '7',
  '8',
  '9',
  'enter',
  'cancel',
  'clear',
]);
const BEHAVIOURS: ReadonlySet<string> = new Set<HostBehaviour>([
  'normal',
  'late',
  'never',
  'twice',
  'out-of-order',
  'garbled',
  'truncated',
  'bad-mac',
  'close-mid-message',
  'trickle',
]);

type Fields = Readonly<Record<string, unknown>>;
const plain = (): Fields => ({});
const isText = (value: unknown, known: ReadonlySet<string>): value is string =>
  typeof value === 'string' && known.has(value);

/** For each device its verbs, and how each reads its own fields (undefined: they are wrong). */
const VERBS: Readonly<
  Record<WorkbenchVerb['device'], Readonly<Record<string, (given: Fields) => Fields | undefined>>>
> = {
  reader: {
    insert: (given) =>
      typeof given['persona'] === 'string' && isText(given['flaw'], FLAWS)
        ? { persona: given['persona'].slice(0, 40), flaw: given['flaw'] }
        : undefined,
    take: plain,
    'pull-out': plain,
    jam: plain,
    'clear-jam': plain,
    'empty-bin': plain,
    plug: plain,
    unplug: plain,
  },
  pad: {
    press: (given) => (isText(given['key'], KEYS) ? { key: given['key'] } : undefined),
    tamper: plain,
    repair: plain,
    plug: plain,
    unplug: plain,
  },
  printer: {
    tear: plain,
    'paper-low': plain,
    'paper-out': plain,
    'load-paper': plain,
    'open-cover': plain,
    'close-cover': plain,
    jam: plain,
    'clear-jam': plain,
    plug: plain,
    unplug: plain,
  },
  host: {
    start: plain,
    stop: plain,
    delay: ({ ms }) => (typeof ms === 'number' && ms >= 0 && ms <= 120_000 ? { ms: Math.round(ms) } : undefined),
    behave: (given) => (isText(given['behaviour'], BEHAVIOURS) ? { behaviour: given['behaviour'] } : undefined),
    answer: ({ responseCode }) =>
      responseCode === undefined
        ? {}
        : typeof responseCode === 'string' && /^[0-9A-Z]{2}$/.test(responseCode)
          ? { responseCode }
          : undefined,
  },
};

/** The page's message `{type: 'verb', verb}`; undefined when it is none. */
export function parseVerb(text: string): WorkbenchVerb | undefined {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    // Not JSON is not a verb: the caller closes the connection.
    return undefined;
  }
  const { type, verb: given } = (message ?? {}) as { readonly type?: unknown; readonly verb?: unknown };
  if (type !== 'verb' || typeof given !== 'object' || given === null) return undefined;
  const { device, verb } = given as { readonly device?: unknown; readonly verb?: unknown };
  if (typeof device !== 'string' || typeof verb !== 'string' || !Object.hasOwn(VERBS, device)) return undefined;
  const verbs = VERBS[device as WorkbenchVerb['device']];
  const fields = Object.hasOwn(verbs, verb) ? verbs[verb]?.(given as Fields) : undefined;
  return fields === undefined ? undefined : ({ device, verb, ...fields } as WorkbenchVerb);
}
