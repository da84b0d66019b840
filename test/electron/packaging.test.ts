/**
 * Packs the terminal with electron-builder.yml, offline: the real tool, the real production packages, the real shell
 * bundles, and a few bytes in Electron's place whose fuses can be set and read. The Debian package itself is not made here
 * (its tool is a download), nor is anything packed ever started.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildShell } from './bundles.ts';

const root = path.resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

/** electron-builder's own copies of the tools that read what it wrote. */
const builder = createRequire(createRequire(import.meta.url).resolve('app-builder-lib'));
const asar = builder('@electron/asar') as {
  listPackage(archive: string): string[];
  extractAll(archive: string, to: string): void;
};
const fuses = builder('@electron/fuses') as {
  getCurrentFuseWire(binary: string): Promise<Readonly<Record<string, unknown>>>;
  FuseV1Options: Readonly<Record<string, number>>;
};

let work: string;
let packed: string;
let archive: string;
/** The archive, taken out again, with what lies unpacked beside it. */
let app: string;

/** The production packages, as the lock file has them. */
function copyProductionPackages(to: string): void {
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, { dev?: boolean; optional?: boolean; devOptional?: boolean }>>;
  };
  for (const [folder, about] of Object.entries(lock.packages)) {
    if (folder === '' || about.dev || about.optional || about.devOptional) continue;
    cpSync(path.join(root, folder), path.join(to, folder), { recursive: true });
  }
}

/** What electron-builder copies and changes of an Electron: names, languages, and a fuse wire with every fuse the other way. */
function writeElectronStandIn(to: string): void {
  // The sentinel and the layout of the wire (version, length, one character for each fuse) are those of @electron/fuses.
  const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
  const wire = '10110011';
  mkdirSync(path.join(to, 'locales'), { recursive: true });
  mkdirSync(path.join(to, 'resources'));
  writeFileSync(path.join(to, 'electron'), `${sentinel}\u0001${String.fromCharCode(wire.length)}${wire}`);
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'version', 'chrome-sandbox'])
    writeFileSync(path.join(to, name), '');
  for (const language of ['en-US', 'id', 'de', 'ja']) writeFileSync(path.join(to, `locales/${language}.pak`), '');
}

async function pack(): Promise<void> {
  work = mkdtempSync(path.join(tmpdir(), 'anjungan-package-'));
  const project = path.join(work, 'project');
  mkdirSync(project);
  for (const file of ['package.json', 'package-lock.json', 'electron-builder.yml'])
    cpSync(path.join(root, file), path.join(project, file));
  copyProductionPackages(project);
  const shell = await buildShell();
  cpSync(shell.folder, path.join(project, 'dist'), { recursive: true });
  shell.remove();
  // What lies about in a project and must not go along.
  for (const name of ['.env', 'main/core.ts', 'test/persona.json', '.data/journal.db', 'dist/gallery/index.html']) {
    mkdirSync(path.dirname(path.join(project, name)), { recursive: true });
    writeFileSync(path.join(project, name), 'not for a terminal');
  }
  const electronDist = path.join(work, 'electron');
  writeElectronStandIn(electronDist);
  await run(
    process.execPath,
    [
      path.join(root, 'node_modules/electron-builder/cli.js'),
      '--linux',
      'dir',
      '--x64',
      `-c.electronDist=${electronDist}`,
    ],
    { cwd: project, timeout: 100_000 },
  );
  packed = path.join(project, 'release/linux-unpacked');
  archive = path.join(packed, 'resources/app.asar');
  app = path.join(work, 'app');
  asar.extractAll(archive, app);
}

beforeAll(pack, 120_000);
afterAll(() => {
  rmSync(work, { recursive: true, force: true });
});

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}

describe('the package', () => {
  it('holds the bundles and the kiosk page: no workbench, no source map, nothing else of the project', () => {
    expect(readdirSync(app).sort()).toEqual(['dist', 'node_modules', 'package.json']);
    expect(filesIn(path.join(app, 'dist'))).toEqual([
      'core.js',
      'electron/main.cjs',
      'electron/preload.cjs',
      'renderer/assets/index.css',
      'renderer/assets/index.js',
      'renderer/index.html',
    ]);
  });

  it('starts the shell, and takes the core for an ES module', () => {
    const manifest = JSON.parse(readFileSync(path.join(app, 'package.json'), 'utf8')) as Record<string, unknown>;
    expect(manifest).toMatchObject({ main: 'dist/electron/main.cjs', type: 'module' });
    expect(manifest).toHaveProperty('homepage');
    expect(manifest).not.toHaveProperty('devDependencies');
  });

  it('holds of the packages only serialport with what it needs', () => {
    expect(readdirSync(path.join(app, 'node_modules')).sort()).toEqual([
      '@serialport',
      'debug',
      'ms',
      'node-gyp-build',
      'serialport',
    ]);
  });

  it('holds one native binary, for this platform, outside the archive', () => {
    const native = asar.listPackage(archive).filter((name) => name.endsWith('.node'));
    expect(native).toEqual([
      '/node_modules/@serialport/bindings-cpp/prebuilds/linux-x64/@serialport+bindings-cpp.glibc.node',
    ]);
    expect(filesIn(`${archive}.unpacked`).filter((name) => name.endsWith('.node'))).toEqual(
      native.map((name) => name.slice(1)),
    );
  });

  it.runIf(process.platform === 'linux' && process.arch === 'x64')(
    'lets serialport load its binary from there',
    async () => {
      const script =
        "const { SerialPort } = require('serialport'); SerialPort.list().then(() => console.log('listed'))";
      const { stdout } = await run(process.execPath, ['-e', script], { cwd: app, env: {}, timeout: 10_000 });
      expect(stdout.trim()).toBe('listed');
    },
  );

  it('has the name, and the languages of Chromium, that the terminal needs', () => {
    expect(readdirSync(packed)).toContain('anjungan');
    expect(readdirSync(path.join(packed, 'locales')).sort()).toEqual(['en-US.pak', 'id.pak']);
  });

  it.each([
    ['RunAsNode', 'off'],
    ['EnableNodeOptionsEnvironmentVariable', 'off'],
    ['EnableNodeCliInspectArguments', 'off'],
    ['OnlyLoadAppFromAsar', 'on'],
    ['EnableEmbeddedAsarIntegrityValidation', 'on'],
    ['EnableCookieEncryption', 'off'],
    ['LoadBrowserProcessSpecificV8Snapshot', 'off'],
    ['GrantFileProtocolExtraPrivileges', 'off'],
  ])('has the fuse %s %s', async (name, state) => {
    const wire = await fuses.getCurrentFuseWire(path.join(packed, 'anjungan'));
    const fuse = wire[String(fuses.FuseV1Options[name])];
    expect(fuse).toBe((state === 'on' ? '1' : '0').charCodeAt(0));
  });

  it('is built for the Electron that the shell is checked against', () => {
    const version = (
      JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { devDependencies: { electron: string } }
    ).devDependencies.electron;
    expect(readFileSync(path.join(root, 'electron-builder.yml'), 'utf8')).toContain(`electronVersion: ${version}\n`);
  });
});
