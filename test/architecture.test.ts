/** The import directions are lint rules. Here each of them is broken once, to see that the linter says so. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from './processes.ts';

const root = path.resolve(import.meta.dirname, '..');
const { folder, remove } = temporaryFolder();
afterAll(remove);

type Case = readonly [file: string, source: string, message: RegExp];

const from = (specifier: string): string => `import { x } from '${specifier}';\nx();\n`;
const RESTRICTED = 'eslint(no-restricted-imports)';

const FORBIDDEN: readonly Case[] = [
  ['renderer/core.tsx', from('../main/core.ts'), /renderer imports only main\/contract/],
  ['renderer/screens/core.tsx', from('../../main/session/screen.ts'), /renderer imports only main\/contract/],
  [
    'renderer/core-type.ts',
    "import type { X } from '../main/terminal.ts';\nexport type Y = X;\n",
    /only main\/contract/,
  ],
  ['renderer/driver.ts', from('../devices/card-reader/contract.ts'), /renderer imports only main\/contract/],
  ['renderer/codec.ts', from('../protocol/iso8583/message.ts'), /renderer imports only main\/contract/],
  ['renderer/node.ts', from('node:fs'), /runs in a browser/],
  ['renderer/electron.ts', from('electron'), /main\/electron/],
  ['renderer/machine.ts', from('xstate'), /runs in the core/],
  ['devices/core.ts', from('../main/core.ts'), /devices imports neither/],
  ['devices/pin-pad/core.ts', from('../../main/config.ts'), /devices imports neither/],
  ['devices/pin-pad/pin-block.ts', from('../../protocol/security/pin-block.ts'), /devices imports neither/],
  [
    'devices/contract-type.ts',
    "import type { X } from '../protocol/result.ts';\nexport type Y = X;\n",
    /devices imports neither/,
  ],
  ['devices/again.ts', "export { x } from '../protocol/result.ts';\n", /devices imports neither/],
  ['devices/everything.ts', "export * from '../protocol/result.ts';\n", /devices imports neither/],
  [
    'devices/later.ts',
    "export const later = (): Promise<unknown> => import('../main/core.ts');\n",
    /devices imports neither/,
  ],
  ['devices/effect.ts', "import '../main/core.ts';\n", /devices imports neither/],
  ['devices/screen.ts', from('../renderer/format.ts'), /devices imports neither/],
  ['devices/electron.ts', from('electron/main'), /main\/electron/],
  ['devices/card-reader/serial.ts', from('serialport'), /devices\/transport\/serial/],
  ['devices/transport/tcp.ts', from('serialport'), /devices\/transport\/serial/],
  ['devices/database.ts', from('node:sqlite'), /protocol\/storage\/sqlite/],
  ['devices/card-reader/chip.ts', from('pcsc-mini'), /devices\/transport\/pcsc/],
  // Who may import one thing may not therefore import all.
  ['devices/transport/serial.ts', from('../../main/core.ts'), /devices imports neither/],
  ['protocol/reader.ts', from('../devices/card-reader/contract.ts'), /protocol imports neither/],
  ['protocol/link/core.ts', from('../../main/core.ts'), /protocol imports neither/],
  ['protocol/screen.ts', from('../renderer/format.ts'), /protocol imports neither/],
  ['protocol/link/database.ts', from('node:sqlite'), /protocol\/storage\/sqlite/],
  ['protocol/serial.ts', from('serialport'), /devices\/transport\/serial/],
  ['protocol/storage/sqlite.ts', from('../../main/core.ts'), /protocol imports neither/],
  ['main/electron.ts', from('electron'), /main\/electron/],
  ['main/session/window.ts', from('electron/main'), /main\/electron/],
  ['main/launch/bridge.ts', from('electron/renderer'), /main\/electron/],
  ['main/screen.ts', from('../renderer/outline.ts'), /Only main\/inquiry/],
  ['main/browser/screen.ts', from('../../renderer/app.tsx'), /Only main\/inquiry/],
  ['main/electron/screen.ts', from('../../renderer/app.tsx'), /Only main\/inquiry/],
  ['main/electron/serial.ts', from('serialport'), /devices\/transport\/serial/],
  ['main/serial.ts', from('serialport'), /devices\/transport\/serial/],
  ['main/journal/database.ts', from('node:sqlite'), /protocol\/storage\/sqlite/],
  ['main/inquiry/database.ts', from('node:sqlite'), /protocol\/storage\/sqlite/],
  ['test/database.ts', from('node:sqlite'), /protocol\/storage\/sqlite/],
];

const ALLOWED: readonly (readonly [file: string, source: string])[] = [
  ['renderer/contract.tsx', from('../main/contract.ts')],
  ['renderer/screens/contract.tsx', from('../../main/contract.ts')],
  ['renderer/own.tsx', from('./screens/idle.tsx')],
  ['renderer/library.tsx', from('preact')],
  ['devices/emv/own.ts', from('../transport/line.ts')],
  ['devices/transport/serial.ts', from('serialport')],
  ['devices/transport/pcsc.ts', from('pcsc-mini')],
  ['protocol/storage/sqlite.ts', from('node:sqlite')],
  ['protocol/host/own.ts', from('../profile/profile.ts')],
  ['main/core.ts', from('../devices/card-reader/contract.ts') + from('../protocol/link/link.ts').replaceAll('x', 'y')],
  ['main/session/own.ts', from('xstate')],
  ['main/inquiry/cli.ts', from('../../renderer/outline.ts')],
  ['main/electron/main.ts', from('electron/main')],
  ['main/electron/preload.ts', from('electron')],
  ['test/whole.ts', from('../main/core.ts') + from('../renderer/format.ts').replaceAll('x', 'y')],
  ['vite.config.ts', 'export default {};\n'],
];

interface Diagnostic {
  readonly message: string;
  readonly code: string;
  readonly help?: string;
  readonly filename: string;
}

/** Lints these files alone, by the project's rules. Each set in a folder of its own: some files stand in both. */
function lint(
  name: string,
  files: readonly (readonly [file: string, source: string, ...unknown[]])[],
): readonly Diagnostic[] {
  const cwd = path.join(folder, name);
  mkdirSync(cwd, { recursive: true });
  const {
    $schema: _,
    options,
    ...config
  } = JSON.parse(readFileSync(path.join(root, '.oxlintrc.json'), 'utf8')) as {
    readonly $schema: string;
    readonly options: object;
  };
  // Types would need the whole project, and no rule about imports does.
  writeFileSync(
    path.join(cwd, '.oxlintrc.json'),
    JSON.stringify({ ...config, options: { ...options, typeAware: false } }),
  );
  for (const [file, source] of files) {
    mkdirSync(path.dirname(path.join(cwd, file)), { recursive: true });
    writeFileSync(path.join(cwd, file), source);
  }
  const bin = path.join(root, 'node_modules', 'oxlint', 'bin', 'oxlint');
  const done = spawnSync(process.execPath, [bin, '--format=json', '.'], { cwd, encoding: 'utf8', timeout: 30_000 });
  const { diagnostics, number_of_files: count } = JSON.parse(done.stdout) as {
    readonly diagnostics: readonly Diagnostic[];
    readonly number_of_files: number;
  };
  expect(count).toBe(files.length);
  return diagnostics;
}

describe('an import in the wrong direction is an error', () => {
  let diagnostics: readonly Diagnostic[];
  beforeAll(() => {
    diagnostics = lint('forbidden', FORBIDDEN);
  });

  it.each(FORBIDDEN)('%s', (file, _, message) => {
    const found = diagnostics.filter((diagnostic) => diagnostic.filename === file);
    expect(found.map(({ code }) => code)).toEqual([RESTRICTED]);
    expect(`${found[0]?.message} ${found[0]?.help}`).toMatch(message);
  });
});

describe('an import in the right direction is none', () => {
  let diagnostics: readonly Diagnostic[];
  beforeAll(() => {
    diagnostics = lint('allowed', ALLOWED);
  });

  it.each(ALLOWED)('%s', (file) => {
    expect(diagnostics.filter((diagnostic) => diagnostic.filename === file)).toEqual([]);
  });
});

it('a default export is an error, except in a tool’s configuration', () => {
  const source = 'export default function f(): number {\n  return 1;\n}\n';
  const folders = ['main', 'renderer', 'devices', 'protocol', 'test'];
  const found = lint('default', [
    ...folders.map((at) => [`${at}/f.ts`, source] as const),
    ['vitest.config.ts', source],
  ]);
  expect(found.map(({ filename, code }) => `${filename} ${code}`).toSorted()).toEqual(
    folders.map((at) => `${at}/f.ts import(no-default-export)`).toSorted(),
  );
});

it('a ring of imports is an error', () => {
  const found = lint('ring', [
    ['main/a.ts', "import { b } from './b.ts';\nexport const a = (): number => b();\n"],
    ['main/b.ts', "import { a } from './a.ts';\nexport const b = (): number => a();\n"],
  ]);
  expect(found.map(({ code }) => code)).toContain('import(no-cycle)');
});
