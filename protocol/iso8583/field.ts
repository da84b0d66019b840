/** An element of a profile with its format worked out, and the words for what is wrong with one. */
import { checkComposite } from './composite-check.ts';
import type { CodecError, CodecErrorCode } from './error.ts';
import { CLASSES, classOf, parseFormat } from './format.ts';
import type { Format, FormatWire } from './format.ts';
import type { ElementSpec, MessageSpec } from './spec.ts';

export interface Field extends Format {
  readonly element: number;
}

/** By element number; undefined where the profile has none, and for the bitmaps (1, 65). */
export type Fields = readonly (Field | undefined)[];

export const MTI_DIGITS = 4;
/** With a tertiary bitmap; 128 without. */
export const LAST_ELEMENT = 192;

const MAX_BYTES = 4096;

export function maxBytesOf(spec: MessageSpec): number {
  return spec.maxBytes ?? MAX_BYTES;
}

/** The last element that messages of this spec can have. */
export function lastElementOf(spec: MessageSpec): number {
  return spec.tertiaryBitmap === 'as-needed' ? LAST_ELEMENT : 128;
}

/** An element's row with the message's defaults. */
function wireOf({ wire }: MessageSpec, row: ElementSpec): FormatWire {
  const name = classOf(row.format);
  const group = name === 'b' ? wire?.binary : name !== undefined && CLASSES[name].packs ? wire?.digits : wire?.text;
  return {
    encoding: row.encoding ?? group,
    prefix: row.prefix ?? wire?.prefix,
    counts: row.counts,
    pad: row.pad ?? wire?.pad,
  };
}

/** What is wrong with a spec, with the element it is wrong with; empty when it can be compiled. */
export function checkSpec(spec: MessageSpec): readonly { readonly element: number; readonly rule: string }[] {
  const mistakes: { element: number; rule: string }[] = [];
  const last = lastElementOf(spec);
  for (const [key, row] of Object.entries(spec.elements)) {
    const element = Number(key);
    if (!Number.isInteger(element) || element < 1 || element > last) {
      mistakes.push({ element, rule: `elements are numbered 1 to ${last}` });
      continue;
    }
    const format = parseFormat(row.format, row.min, wireOf(spec, row));
    if (typeof format === 'string') mistakes.push({ element, rule: format });
  }
  for (const [key, composite] of Object.entries(spec.composites ?? {})) {
    const element = Number(key);
    for (const rule of checkComposite(composite)) mistakes.push({ element, rule: `inside: ${rule}` });
    const bytes = formatOf(spec, element)?.paired;
    if (bytes === false && composite.kind === 'ber') mistakes.push({ element, rule: 'BER-TLV is inside class b' });
    if (bytes === true && (composite.kind ?? 'tlv') === 'tlv') {
      mistakes.push({ element, rule: 'tags of characters are not inside class b' });
    }
  }
  return mistakes;
}

/** A spec that breaks a rule of checkSpec is a defect of the program, and throws. */
export function fieldsOf(spec: MessageSpec): Fields {
  const [wrong] = checkSpec(spec);
  if (wrong !== undefined) throw new Error(`${spec.name}: element ${wrong.element}: ${wrong.rule}`);
  return Array.from({ length: LAST_ELEMENT + 1 }, (_, element) => {
    if (element <= 1 || element === 65) return undefined;
    const format = formatOf(spec, element);
    return format === undefined ? undefined : { ...format, element };
  });
}

/** The message type as an element. */
export function mtiOf(spec: MessageSpec): Format {
  const format = parseFormat(`n ${MTI_DIGITS}`, 1, { encoding: spec.wire?.mti });
  if (typeof format === 'string') throw new Error(`${spec.name}: message type: ${format}`);
  return format;
}

/** One element's format; undefined when the spec has none, or a wrong one. */
export function formatOf(spec: MessageSpec, element: number): Format | undefined {
  const row = spec.elements[element];
  const format = row === undefined ? undefined : parseFormat(row.format, row.min, wireOf(spec, row));
  return typeof format === 'string' ? undefined : format;
}

export function fits(format: Format, length: number): boolean {
  return (
    length >= format.min && length <= format.max && !(format.even && ((length - (format.signed ? 1 : 0)) & 1) === 1)
  );
}

/** The lengths an element may have, in words. */
export function lengthsOf(format: Format): string {
  const unit = format.paired ? 'hex digits' : 'characters';
  const even = format.even && !format.paired ? ', an even number' : '';
  return format.min === format.max ? `${format.max} ${unit}` : `${format.min} to ${format.max} ${unit}${even}`;
}

export function codecError(
  code: CodecErrorCode,
  element: number,
  offset: number | undefined,
  expected: string,
  got: string,
): CodecError {
  const path = element === 0 ? 'MTI' : element === 1 ? 'bitmap' : `DE${element}`;
  return { code, element, path, expected, got, ...(offset === undefined ? {} : { offset }) };
}
