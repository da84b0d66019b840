/**
 * What the journal may hold: every event with its allowed fields, and the only shapes their values may have.
 * A value that does not have its shape is withheld, so that a mistake elsewhere cannot put personal data on disk.
 */

/** A shape accepts a value or withholds it. Lengths are bounded, so that no free text can hide in one. */
const SHAPES = {
  /** A word of our own: state, reason, error code. */
  word: /^[a-z][a-z0-9-]{0,39}$/,
  /** A device's or the host's own short code. */
  code: /^[0-9A-Za-z]{1,8}$/,
  /** ****** and the last four digits. */
  card: /^\*{6}\d{4}$/,
  /** KPJ with its middle masked. */
  kpj: /^\d{4}•{5}\d{2}$/,
  stan: /^\d{6}$/,
  rrn: /^[0-9A-Z]{12}$/,
  /** What a customer quotes: the journal's own number, or the host's. */
  reference: /^(J\d{7,9}|[0-9A-Z]{12})$/,
  count: /^\d{1,9}$/,
  flag: /^(yes|no)$/,
} as const;

type Shape = keyof typeof SHAPES;

export const EVENTS = {
  'terminal-started': { version: 'code', recovered: 'flag' },
  'terminal-stopped': { reason: 'word' },
  'out-of-service': { reason: 'word' },
  'in-service': {},
  'journal-gap': { lost: 'count' },
  defect: { where: 'word' },
  'device-status': { device: 'word', state: 'word', fault: 'word', code: 'code' },
  'host-link': { state: 'word' },
  'host-unmatched': { stan: 'stan', kind: 'word' },
  'session-started': {},
  'session-ended': { outcome: 'word' },
  'card-refused-at-mouth': {},
  'card-read': { card: 'card' },
  'card-unreadable': { problem: 'word' },
  'card-found': { media: 'word' },
  'card-ejected': { reason: 'word' },
  'card-taken': {},
  'card-pulled-out': {},
  'card-retained': { reason: 'word', reference: 'reference' },
  'card-stuck': { code: 'word' },
  'pin-entered': {},
  'pin-too-short': {},
  'pin-cancelled': {},
  'pin-wrong': { tries: 'count' },
  'inquiry-answered': { code: 'code', meaning: 'word', stan: 'stan', rrn: 'rrn', known: 'flag', memberships: 'count' },
  'inquiry-failed': { failure: 'word' },
  'reply-malformed': { path: 'word' },
  'membership-shown': { kpj: 'kpj', jht: 'flag' },
  'receipt-chosen': { choice: 'word' },
  'print-done': { what: 'word' },
  'print-failed': { what: 'word', fault: 'word', printed: 'word' },
  'ticket-issued': { number: 'code' },
  'time-warning': {},
  'timed-out': { state: 'word' },
  cancelled: { state: 'word' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Shape>>>>;

export type JournalEvent = keyof typeof EVENTS;
export type JournalFields<E extends JournalEvent> = { readonly [F in keyof (typeof EVENTS)[E]]?: string | undefined };

/** One event with its fields, typed by the table above. */
export type JournalEntry = {
  [E in JournalEvent]: { readonly event: E; readonly fields: JournalFields<E> };
}[JournalEvent];

export const WITHHELD = '(withheld)';

/** The fields as they may be stored: known names only, in the table's order, each value of its shape or withheld. */
export function allowedFields(entry: JournalEntry): Record<string, string> {
  const shapes: Readonly<Record<string, Shape>> = EVENTS[entry.event];
  const given: Readonly<Record<string, string | undefined>> = entry.fields;
  const allowed: Record<string, string> = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const value = given[name];
    if (value !== undefined) allowed[name] = SHAPES[shape].test(value) ? value : WITHHELD;
  }
  return allowed;
}
