/**
 * From what a hand does on the page to the verb that is sent, and from what the server says to a value. Pure; whatever
 * arrives unreadable is undefined, never a guess.
 */
import type {
  CardFlaw,
  HostBehaviour,
  PadKey,
  PaperState,
  PersonaView,
  WorkbenchVerb,
  WorkbenchView,
} from '../../main/contract.ts';

export const PROTOCOL = 'anjungan.workbench.v1';

/** Longest delay of the host that the slider offers, in seconds: past the terminal's own limit of 30. */
export const LONGEST_DELAY = 40;

export const FLAWS: readonly CardFlaw[] = ['none', 'wrong-way', 'unreadable', 'bad-lrc', 'bad-luhn', 'no-stripe'];

export const BEHAVIOURS: readonly HostBehaviour[] = [
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
];

/** Response codes (DE39) with a line of their own in the list; any other two characters can be typed. */
export const RESPONSE_CODES = [
  '00',
  '05',
  '12',
  '14',
  '25',
  '30',
  '38',
  '41',
  '43',
  '54',
  '55',
  '57',
  '62',
  '63',
  '68',
  '75',
  '76',
  '78',
  '91',
  '92',
  '96',
] as const;
export type ListedCode = (typeof RESPONSE_CODES)[number];

export function isListedCode(code: string): code is ListedCode {
  return (RESPONSE_CODES as readonly string[]).includes(code);
}

/** The keys as they lie on the pad, row by row; undefined is a gap. */
export const PAD_ROWS: readonly (readonly (PadKey | undefined)[])[] = [
  ['1', '2', '3', 'cancel'],
  ['4', '5', '6', 'clear'],
  ['7', '8', '9', 'enter'],
  [undefined, '0', undefined, undefined],
];

const KEYBOARD: ReadonlyMap<string, PadKey> = new Map<string, PadKey>([
  ...(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] as const).map((digit): [string, PadKey] => [digit, digit]),
  ['Enter', 'enter'],
  ['Escape', 'cancel'],
  ['Backspace', 'clear'],
  ['Delete', 'clear'],
]);

/** @param key `KeyboardEvent.key` */
export function padKeyOf(key: string): PadKey | undefined {
  return KEYBOARD.get(key);
}

export function plugVerb(device: 'reader' | 'pad' | 'printer', plugged: boolean): WorkbenchVerb {
  return { device, verb: plugged ? 'unplug' : 'plug' };
}

export function paperVerb(paper: PaperState['paper']): WorkbenchVerb {
  const verbs = { ok: 'load-paper', low: 'paper-low', out: 'paper-out' } as const;
  return { device: 'printer', verb: verbs[paper] };
}

/** @param seconds whole or half seconds; anything outside 0..40 is brought inside. */
export function delayVerb(seconds: number): WorkbenchVerb {
  const inside = Number.isFinite(seconds) ? Math.min(LONGEST_DELAY, Math.max(0, seconds)) : 0;
  return { device: 'host', verb: 'delay', ms: Math.round(inside * 1000) };
}

/** An empty text takes the override away; undefined when it is not a response code (an2). */
export function answerVerb(text: string): WorkbenchVerb | undefined {
  const code = text.trim().toUpperCase();
  if (code === '') return { device: 'host', verb: 'answer' };
  return /^[0-9A-Z]{2}$/.test(code) ? { device: 'host', verb: 'answer', responseCode: code } : undefined;
}

/** Which persona the card in the slot belongs to: whoever put it in may have called it by id or by name. */
export function personaOf(personas: readonly PersonaView[], label: string | undefined): PersonaView | undefined {
  return personas.find((persona) => persona.id === label || persona.name === label);
}

export type ServerMessage =
  | { readonly type: 'workbench'; readonly view: WorkbenchView }
  | { readonly type: 'refused'; readonly verb: string; readonly reason: string };

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The view comes from our own origin behind a token, so only its outline is checked. */
function isView(value: unknown): value is WorkbenchView {
  return (
    isRecord(value) &&
    ['reader', 'pad', 'paper', 'host'].every((part) => isRecord(value[part])) &&
    Array.isArray(value['personas']) &&
    Array.isArray(value['log'])
  );
}

export function parseServerMessage(text: string): ServerMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  if (value['type'] === 'workbench')
    return isView(value['view']) ? { type: 'workbench', view: value['view'] } : undefined;
  if (value['type'] !== 'refused' || typeof value['reason'] !== 'string') return undefined;
  const told = value['verb'];
  const verb = isRecord(told) ? told['verb'] : told;
  return { type: 'refused', verb: typeof verb === 'string' ? verb : '', reason: value['reason'] };
}

export function verbMessage(verb: WorkbenchVerb): string {
  return JSON.stringify({ type: 'verb', verb });
}

/** The token of `#token=…`; undefined when it is missing or could not travel as a WebSocket subprotocol (RFC 9110 token). */
export function tokenOf(hash: string): string | undefined {
  const token = new URLSearchParams(hash.replace(/^#/, '')).get('token') ?? '';
  return /^[A-Za-z0-9._~-]{1,256}$/.test(token) ? token : undefined;
}

/** Only an ordinary web address may be framed. */
export function frameableUrl(url: string | undefined, base: string): string | undefined {
  if (url === undefined || !URL.canParse(url, base)) return undefined;
  const parsed = new URL(url, base);
  return parsed.protocol === 'http:' || parsed.protocol === 'https:' ? parsed.href : undefined;
}
