/** An element of a profile with its format worked out, and the words for what is wrong with one. */
import type { CodecError, CodecErrorCode } from './error.ts';
import { parseFormat } from './format.ts';
import type { Format } from './format.ts';
import type { MessageSpec } from './spec.ts';

export interface Field extends Format {
  readonly element: number;
}

/** By element number; undefined where the profile has none, and for the bitmaps (1, 65). */
export type Fields = readonly (Field | undefined)[];

export const MTI_DIGITS = 4;
export const BITMAP_DIGITS = 16;
export const LAST_ELEMENT = 128;

const MAX_BYTES = 4096;

export function maxBytesOf(spec: MessageSpec): number {
  return spec.maxBytes ?? MAX_BYTES;
}

/** What is wrong with a spec, with the element it is wrong with; empty when it can be compiled. */
export function checkSpec(spec: MessageSpec): readonly { readonly element: number; readonly rule: string }[] {
  const mistakes: { element: number; rule: string }[] = [];
  for (const [key, row] of Object.entries(spec.elements)) {
    const element = Number(key);
    if (!Number.isInteger(element) || element < 1 || element > LAST_ELEMENT) {
      mistakes.push({ element, rule: `elements are numbered 1 to ${LAST_ELEMENT}` });
      continue;
    }
    const format = parseFormat(row.format, row.min);
    if (typeof format === 'string') mistakes.push({ element, rule: format });
  }
  return mistakes;
}

/** A spec that breaks a rule of checkSpec is a defect of the program, and throws. */
export function fieldsOf(spec: MessageSpec): Fields {
  const [wrong] = checkSpec(spec);
  if (wrong !== undefined) throw new Error(`${spec.name}: element ${wrong.element}: ${wrong.rule}`);
  return Array.from({ length: LAST_ELEMENT + 1 }, (_, element) => {
    const row = spec.elements[element];
    if (row === undefined || element <= 1 || element === 65) return undefined;
    const format = parseFormat(row.format, row.min);
    return typeof format === 'string' ? undefined : { ...format, element };
  });
}

/** One element's format; undefined when the spec has none, or a wrong one. */
export function formatOf(spec: MessageSpec, element: number): Format | undefined {
  const row = spec.elements[element];
  const format = row === undefined ? undefined : parseFormat(row.format, row.min);
  return typeof format === 'string' ? undefined : format;
}

export function fits(field: Field, length: number): boolean {
  return length >= field.min && length <= field.max && !(field.paired && (length & 1) === 1);
}

/** The lengths an element may have, in words. */
export function lengthsOf(field: Field): string {
  const unit = field.paired ? 'hex digits' : 'characters';
  return field.min === field.max ? `${field.max} ${unit}` : `${field.min} to ${field.max} ${unit}`;
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
