/** Finding and fetching Electron's binary, with invented packages in a temporary folder: nothing is downloaded. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findElectronBinary, installElectronBinary } from '../../main/electron/binary.mjs';

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'anjungan-binary-'));
  put('package.json', '{}');
  vi.stubEnv('ELECTRON_OVERRIDE_DIST_PATH', undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

function put(name: string, content: string): string {
  const file = path.join(root, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

function putPackage(): void {
  put('node_modules/electron/package.json', '{"name":"electron","main":"index.js"}');
  // As the real one: whoever requires it starts a download.
  put('node_modules/electron/index.js', 'throw new Error("required")');
}

describe('findElectronBinary', () => {
  it('says when the package is not installed', () => {
    expect(findElectronBinary(root)).toEqual({ reason: 'the package electron is not installed' });
  });

  it('says when the binary was never fetched', () => {
    putPackage();
    expect(findElectronBinary(root)).toEqual({ reason: expect.stringContaining('has not been fetched') as string });
  });

  it('says when path.txt names a file that is gone', () => {
    putPackage();
    put('node_modules/electron/path.txt', 'electron');
    expect(findElectronBinary(root)).toEqual({ reason: expect.stringContaining('is missing') as string });
  });

  it('finds the binary that path.txt names', () => {
    putPackage();
    put('node_modules/electron/path.txt', 'electron');
    const binary = put('node_modules/electron/dist/electron', '');
    expect(findElectronBinary(root)).toEqual({ path: binary });
  });

  it('finds the copy that ELECTRON_OVERRIDE_DIST_PATH names, without a path.txt', () => {
    putPackage();
    const binary = put('elsewhere/electron', '');
    vi.stubEnv('ELECTRON_OVERRIDE_DIST_PATH', path.dirname(binary));
    expect(findElectronBinary(root)).toEqual({ path: binary });
  });

  it('says when that copy is not there', () => {
    putPackage();
    vi.stubEnv('ELECTRON_OVERRIDE_DIST_PATH', path.join(root, 'nowhere'));
    expect(findElectronBinary(root)).toEqual({ reason: 'ELECTRON_OVERRIDE_DIST_PATH has no electron' });
  });
});

describe('installElectronBinary', () => {
  const run = async (timeoutMs = 10_000) => {
    const lines: string[] = [];
    const result = await installElectronBinary(root, { timeoutMs, onLine: (line) => lines.push(line) });
    return { result, lines };
  };

  it("runs the package's own script, passes its lines on, and finds what it fetched", async () => {
    putPackage();
    put(
      'node_modules/electron/install.js',
      `const { mkdirSync, writeFileSync } = require('node:fs');
       console.log('fetching');
       mkdirSync(__dirname + '/dist');
       writeFileSync(__dirname + '/dist/electron', '');
       writeFileSync(__dirname + '/path.txt', 'electron');`,
    );
    expect(await run()).toEqual({
      result: { path: path.join(root, 'node_modules/electron/dist/electron') },
      lines: ['fetching'],
    });
  });

  it('says in one line why the script failed', async () => {
    putPackage();
    put(
      'node_modules/electron/install.js',
      `console.error('Downloading');
       console.error(Object.assign(new Error('getaddrinfo ENOTFOUND downloads.example'), { name: 'RequestError' }).stack);
       process.exit(1);`,
    );
    const { result } = await run();
    expect(result).toEqual({
      reason: "Electron's binary was not fetched: RequestError: getaddrinfo ENOTFOUND downloads.example",
    });
  });

  it('says so when the script ends well and fetches nothing', async () => {
    putPackage();
    put('node_modules/electron/install.js', '');
    expect((await run()).result).toEqual({ reason: expect.stringContaining('has not been fetched') as string });
  });

  it('ends a script that does not', async () => {
    putPackage();
    put('node_modules/electron/install.js', 'setInterval(() => {}, 1000)');
    expect((await run(300)).result).toEqual({ reason: expect.stringContaining('was not fetched within') as string });
  });

  it('says when there is no package to install from', async () => {
    expect((await run()).result).toEqual({ reason: 'the package electron is not installed' });
  });
});
