/** A message as an engineer reads it, redacted: what the table does not mark is hidden, and hidden means its length only. */
import { readComposite } from './composite.ts';
import { formatOf } from './field.ts';
import type { Message } from './message.ts';
import type { CompositeSpec, MessageSpec, Show } from './spec.ts';
import type { TlvEntry } from './tlv.ts';

export interface DescribedElement {
  /** `35`, `48.MB[1].ST` */
  readonly path: string;
  readonly name: string;
  /** As the table lets it be seen; absent when hidden. */
  readonly value?: string;
  readonly length: number;
}

export interface DescribedMessage {
  readonly mti: string;
  readonly kind: string;
  readonly elements: readonly DescribedElement[];
}

/** ISO 8583:1987 §4.1: class and function of a message type. */
const MTI_CLASS: Readonly<Record<string, string>> = {
  '1': 'authorization',
  '2': 'financial',
  '3': 'file action',
  '4': 'reversal',
  '5': 'reconciliation',
  '6': 'administrative',
  '8': 'network management',
};
const MTI_FUNCTION: Readonly<Record<string, string>> = {
  '00': 'request',
  '01': 'request, repeat',
  '10': 'response',
  '20': 'advice',
  '21': 'advice, repeat',
  '30': 'advice response',
};

function kindOfMessage(mti: string): string {
  const kind = MTI_CLASS[mti.charAt(1)];
  const what = MTI_FUNCTION[mti.slice(2)];
  return kind === undefined || what === undefined ? 'unknown type' : `${kind} ${what}`;
}

/** Fewer than this many characters, and "the last four" would tell too much. */
const LAST4_NEEDS = 12;

/** A message that was never packed can hold anything; a log gets no control characters from it. */
function printable(value: string): string {
  return value.replaceAll(/[^\x20-\x7e]/g, '?');
}

/** What may be seen of a value; undefined when nothing may. */
export function redact(value: string, show: Show | undefined): string | undefined {
  if (show === 'whole') return printable(value);
  if (show === 'last4' && value.length >= LAST4_NEEDS) return '*'.repeat(6) + printable(value.slice(-4));
  return undefined;
}

function row(path: string, name: string, value: string, show: Show | undefined): DescribedElement {
  const visible = redact(value, show);
  return { path, name, length: value.length, ...(visible === undefined ? {} : { value: visible }) };
}

interface Row {
  readonly path: string;
  readonly name: string;
  readonly show: Show | undefined;
  /** How to read what is inside it. */
  readonly inside: CompositeSpec | undefined;
}

/** What the table says of an entry; `nth` of its tag. */
function rowOf(spec: CompositeSpec, tag: string, nth: number, path: string): Row {
  if (spec.kind === 'positional' && (spec.times ?? 1) > 1) {
    const once: CompositeSpec = { kind: 'positional', parts: spec.parts };
    return { path: `${path}[${tag}]`, name: 'group', show: undefined, inside: once };
  }
  if (spec.kind === 'positional' || spec.kind === 'bitmap') {
    const part = spec.kind === 'bitmap' ? spec.parts[Number(tag)] : spec.parts.find(({ key }) => key === tag);
    return { path: `${path}.${tag}`, name: part?.name ?? 'unknown part', show: part?.show, inside: part?.inside };
  }
  const known = Object.hasOwn(spec.tags, tag) ? spec.tags[tag] : undefined;
  const place = (known?.times ?? 1) > 1 ? `${tag}[${nth}]` : tag;
  if (spec.kind === 'ber') {
    return { path: `${path}.${place}`, name: known?.name ?? 'unknown tag', show: known?.show, inside: spec };
  }
  // The tag of an unknown entry is its sender's free text, so it is not shown either.
  if (known === undefined) return { path: `${path}.?`, name: 'unknown tag', show: undefined, inside: undefined };
  return { path: `${path}.${place}`, name: known.name, show: known.show, inside: known.inside };
}

function describeInside(
  spec: CompositeSpec,
  entries: readonly TlvEntry[],
  path: string,
  into: DescribedElement[],
): void {
  const seen = new Map<string, number>();
  for (const { tag, value, inside } of entries) {
    const nth = seen.get(tag) ?? 0;
    seen.set(tag, nth + 1);
    const known = rowOf(spec, tag, nth, path);
    into.push(row(known.path, known.name, value, inside === undefined ? known.show : 'hidden'));
    if (inside !== undefined && known.inside !== undefined) describeInside(known.inside, inside, known.path, into);
  }
}

export function describeMessageJson(spec: MessageSpec, message: Message): DescribedMessage {
  const elements: DescribedElement[] = [];
  for (const element of message.elements) {
    const value = message.get(element);
    if (value === undefined) continue;
    const known = spec.elements[element];
    elements.push(row(`${element}`, known?.name ?? 'not in this profile', value, known?.show));
    const inner = spec.composites?.[element];
    if (inner === undefined) continue;
    const entries: TlvEntry[] = [];
    const kind = formatOf(spec, element)?.paired === true ? 'bytes' : 'text';
    const read = readComposite(inner, value, `${element}`, kind, entries);
    describeInside(inner, entries, `${element}`, elements);
    if (!read.ok) elements.push({ path: read.error.path, name: `broken: ${read.error.rule}`, length: value.length });
  }
  return { mti: message.mti, kind: kindOfMessage(message.mti), elements };
}

export function describeMessage(spec: MessageSpec, message: Message): string {
  const { mti, kind, elements } = describeMessageJson(spec, message);
  const width = Math.max(0, ...elements.map(({ path }) => path.length));
  const names = Math.max(0, ...elements.map(({ name }) => name.length));
  const lines = elements.map(({ path, name, value, length }) =>
    `  ${path.padStart(width)}  ${name.padEnd(names)}  ${value ?? `hidden (${length})`}`.trimEnd(),
  );
  return [`${mti} ${kind}`, ...lines].join('\n');
}
