/** Where a profile's tags are: which element, and the table of its tags. */
import type { TlvSpec } from '../iso8583/spec.ts';
import type { ProfileData, TlvRows } from './schema.ts';

const tableOf = ({ tag, length, tags }: TlvRows): TlvSpec => ({ tag, length, tags }) as TlvSpec;

/** For a description: which elements have tags. */
export function compositesOf(data: ProfileData): Readonly<Record<number, TlvSpec>> {
  const places = placesOf(data);
  return {
    ...(places.lines === undefined ? {} : { [places.lines.element]: places.lines.table }),
    [places.request.element]: places.request.table,
    [places.reply.element]: places.reply.table,
  };
}

/** Tags in an element. */
export interface TagPlace {
  readonly element: number;
  readonly table: TlvSpec;
}

export interface Places {
  /** Of requests and of network management. */
  readonly request: TagPlace;
  readonly reply: TagPlace;
  /** Lines of text for screen and paper. */
  readonly lines: TagPlace | undefined;
}

export function placesOf(data: ProfileData): Places {
  const { additional, answer = additional, lines } = data;
  return {
    request: { element: additional.element, table: tableOf(additional) },
    reply: { element: answer.element, table: tableOf(answer) },
    lines: lines === undefined ? undefined : { element: lines.element, table: linesTable(lines) },
  };
}

type Lines = NonNullable<ProfileData['lines']>;

/** `S00`, `R18`: a letter and the number of the line. */
export const lineTag = ({ tag }: { readonly tag: number }, letter: string, index: number): string =>
  letter + String(index).padStart(tag - 1, '0');

function linesTable(lines: Lines): TlvSpec {
  const rows = [lines.screen, lines.receipt].flatMap(({ letter, count: most }) =>
    Array.from({ length: most }, (_, index) => [
      lineTag(lines, letter, index),
      { name: `Line ${index}`, class: 'ans', min: 0, max: lines.width } as const,
    ]),
  );
  return { tag: lines.tag, length: lines.length, tags: Object.fromEntries(rows) };
}
