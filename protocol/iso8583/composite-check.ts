/** Whether the table of a composite element can be read by: its widths, keys, bits and formats. */
import { parseFormat } from './format.ts';
import type { CompositeSpec, PartSpec } from './spec.ts';

type Part = Omit<PartSpec, 'key' | 'optional'>;

/** Rules that a table breaks, with the place in it. */
export function checkComposite(spec: CompositeSpec, place = '', seen = new Set<CompositeSpec>()): readonly string[] {
  if (seen.has(spec)) return [];
  seen.add(spec);
  if (spec.kind === 'positional' || spec.kind === 'bitmap') {
    const bits = spec.kind === 'bitmap' ? Object.keys(spec.parts).map(Number) : [];
    const most = spec.kind === 'bitmap' ? spec.bytes * 8 : 0;
    const keys = spec.kind === 'positional' ? spec.parts.map(({ key }) => key) : [];
    return [
      ...(spec.kind === 'bitmap' && !(Number.isInteger(spec.bytes) && spec.bytes >= 1 && spec.bytes <= 24)
        ? [`${place}a bitmap has 1 to 24 bytes`]
        : []),
      ...bits
        .filter((bit) => !(bit >= 1 && bit <= most))
        .map((bit) => `${place}${bit}: bits are numbered 1 to ${most}`),
      ...keys.filter((key, index) => keys.indexOf(key) !== index).map((key) => `${place}${key}: stands there twice`),
      ...Object.entries(spec.parts).flatMap(([index, part]: [string, Part & { readonly key?: string }]) => {
        const here = `${place}${part.key ?? index}`;
        const format = parseFormat(part.format, part.min, part);
        return [
          ...(typeof format === 'string' ? [`${here}: ${format}`] : []),
          ...(part.inside === undefined ? [] : checkComposite(part.inside, `${here}.`, seen)),
        ];
      }),
    ];
  }
  if (spec.kind === 'ber') return [];
  return [spec.tag, spec.length].every((width) => Number.isInteger(width) && width >= 1 && width <= 4)
    ? Object.entries(spec.tags).flatMap(([tag, row]) =>
        row.inside === undefined ? [] : checkComposite(row.inside, `${place}${tag}.`, seen),
      )
    : [`${place}tags and lengths have 1 to 4 characters`];
}
