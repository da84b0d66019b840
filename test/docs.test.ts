/** The documents against the code: what they link to, name and promise is there, and every setting is described as it is. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { configSchema, parseConfig } from '../main/config.ts';

const root = path.resolve(import.meta.dirname, '..');
const documents = [
  'README.md',
  ...readdirSync(path.join(root, 'docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
];
const textOf = (document: string): string => readFileSync(path.join(root, document), 'utf8');
const scripts = (JSON.parse(textOf('package.json')) as { readonly scripts: Readonly<Record<string, string>> }).scripts;

const all = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].flatMap((match) => match.slice(1).filter((group) => group !== undefined));

/** A heading's anchor as GitHub makes it. */
const anchors = (text: string): readonly string[] =>
  all(text, /^#+ (.+)$/gm).map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

describe.each(documents)('%s', (document) => {
  const text = textOf(document);
  const folder = path.dirname(path.join(root, document));

  it('links and shows only what is there', () => {
    const targets = all(text, /\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g).filter(
      (target) => !/^[a-z]+:/.test(target),
    );
    const broken = targets.filter((target) => {
      const [file = '', anchor] = target.split('#');
      const full = file === '' ? path.join(root, document) : path.resolve(folder, file);
      if (!existsSync(full)) return true;
      return anchor !== undefined && !anchors(readFileSync(full, 'utf8')).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('names only npm commands that package.json has', () => {
    const named = [...all(text, /\bnpm run (?:-s )?([a-z]+)/g), ...all(text, /\bnpm (start|test)\b/g)];
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it('names only files of the project that are there', () => {
    const named = all(text, /(?<![\w/.-])((?:main|renderer|devices|protocol|test|docs)\/[\w./-]*[\w/])/g);
    expect(named.filter((name) => !existsSync(path.join(root, name)))).toEqual([]);
  });
});

interface Node {
  readonly type: string;
  readonly entries?: Readonly<Record<string, Node>>;
  readonly wrapped?: Node;
  readonly default?: string | number | boolean | object;
  readonly pipe?: readonly Node[];
  readonly item?: Node;
  readonly options?: readonly (Node | string | number)[];
  readonly literal?: string;
  readonly requirement?: unknown;
}

interface Setting {
  readonly path: string;
  /** Absent: it has none. `required` is told apart from it. */
  readonly default: Node['default'];
  readonly required: boolean;
  /** The numbers and words that bound it. */
  readonly limits: readonly string[];
}

const LIMITS: readonly string[] = ['min_value', 'max_value', 'min_length', 'max_length'];

/** A pipe may begin with another one. */
const flat = (node: Node): readonly Node[] =>
  node.pipe === undefined ? [node] : node.pipe.flatMap((part) => (part === node ? [part] : flat(part)));

/** Every setting that is no group, from the schema itself. The three devices' lines are one: `devices.*.line`. */
function settingsOf(node: Node, at: string, given: Node['default'], required: boolean): readonly Setting[] {
  if (node.wrapped) return settingsOf(node.wrapped, at, node.default, false);
  const parts = flat(node);
  const group = parts.find((part) => part.entries !== undefined);
  if (group?.entries) {
    return Object.entries(group.entries).flatMap(([key, inner]) =>
      settingsOf(inner, at === '' ? key : `${at}.${key}`, undefined, true),
    );
  }
  const [first = node] = parts;
  if (first.item) return settingsOf(first.item, `${at}[]`, undefined, true);
  if (first.type === 'variant') {
    const line = at.replace(/^devices\.\w+\./, 'devices.*.');
    return (first.options ?? []).flatMap((option) =>
      typeof option === 'object' ? settingsOf(option, line, undefined, true) : [],
    );
  }
  const choices = (first.options ?? []).filter((option) => typeof option !== 'object').map(String);
  const literal = first.literal === undefined ? [] : [first.literal];
  const bounds = parts
    .filter((part) => LIMITS.includes(part.type) && part.requirement !== 1)
    .map((part) => String(part.requirement));
  const lengths = parts.flatMap((part) =>
    part.requirement instanceof RegExp ? all(part.requirement.source, /\{(\d+),(\d+)\}/g) : [],
  );
  return [{ path: at, default: given, required, limits: [...literal, ...choices, ...bounds, ...lengths] }];
}

describe('the table of settings in docs/technician.md', () => {
  const rows = new Map(
    textOf('docs/technician.md')
      .split('\n')
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .flatMap(([, name = '', values = '', standard = '']) => {
        const setting = /^`([\w.*[\]]+)`$/.exec(name)?.[1];
        return setting === undefined ? [] : [[setting, { values, standard }] as const];
      }),
  );
  const settings = settingsOf(configSchema as unknown as Node, '', undefined, true);

  it('is compared with the whole schema', () => {
    expect(settings.length).toBeGreaterThan(40);
    expect(settings.map((setting) => setting.path)).toContain('devices.*.line.baudRate');
  });

  it.each(settings)('has $path with its bounds and its default', (setting) => {
    const row = rows.get(setting.path);
    expect(row).toBeDefined();
    const words = new Set((row?.values ?? '').replaceAll('`', '').split(/[^\w.:-]+/));
    expect(setting.limits.filter((limit) => !words.has(limit))).toEqual([]);
    const expected = setting.required
      ? 'required'
      : setting.default === undefined
        ? ''
        : `\`${JSON.stringify(setting.default).replaceAll('"', '')}\``;
    if (expected !== '') expect(row?.standard).toBe(expected);
  });

  it('has no setting that the schema lacks', () => {
    const known = settings.map((setting) => setting.path);
    const named = [...rows.keys()].filter((name) =>
      /^(terminal|host|devices|browser|workbench|data|delays)\./.test(name),
    );
    expect(named.filter((name) => !known.some((one) => one.startsWith(name)))).toEqual([]);
  });
});

it('docs/technician.md has a row for every fault that is tested', () => {
  const faults = readdirSync(path.join(root, 'test/faults')).flatMap((name) =>
    name.endsWith('.test.ts') ? [name.replace('.test.ts', '')] : [],
  );
  const text = textOf('docs/technician.md');
  expect(faults.filter((fault) => !text.includes(`\`${fault}\``))).toEqual([]);
});

it('docs/example-config.json is a whole configuration without a mistake', () => {
  const read = parseConfig(JSON.parse(textOf('docs/example-config.json')));
  expect(read).toMatchObject({ ok: true });
  if (!read.ok) return;
  const { devices, host } = read.config;
  expect(host.endpoints.length).toBeGreaterThan(0);
  for (const device of [devices.cardReader, devices.pinPad, devices.receiptPrinter]) expect(device.line).toBeDefined();
});
