/**
 * Finds Electron's binary, or fetches it. Plain JavaScript for Node 20, because the launcher runs before anything is
 * installed. Never imports electron: since version 42 that import itself starts a download, without a deadline.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** Lines of the install script kept to find its reason in. */
const keptLines = 200;
const reasonLength = 200;

/**
 * Where the electron package of the project at `root` keeps its executable. Honours ELECTRON_OVERRIDE_DIST_PATH, a folder
 * with another copy. Only looks; nothing is started.
 *
 * @param {string} root
 * @returns {{ path: string } | { reason: string }}
 */
export function findElectronBinary(root) {
  const folder = packageFolder(root);
  if (folder === undefined) return { reason: 'the package electron is not installed' };
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  const inside = readPathFile(folder);
  if (inside === undefined && !override)
    return { reason: 'the package electron is there, its binary has not been fetched' };
  const executable = path.join(override || path.join(folder, 'dist'), inside ?? executableName());
  if (existsSync(executable)) return { path: executable };
  return {
    reason: override ? `ELECTRON_OVERRIDE_DIST_PATH has no ${path.basename(executable)}` : `${executable} is missing`,
  };
}

/**
 * Runs the package's own install script (it checks the download against the checksums in the package), and ends it after
 * `timeoutMs`. Never rejects: when it does not work out, the reason is one line.
 *
 * @param {string} root
 * @param {{ timeoutMs: number, onLine: (line: string) => void }} options
 * @returns {Promise<{ path: string } | { reason: string }>}
 */
export async function installElectronBinary(root, { timeoutMs, onLine }) {
  const folder = packageFolder(root);
  if (folder === undefined) return { reason: 'the package electron is not installed' };
  const run = await runScript(path.join(folder, 'install.js'), nodeFor(root), timeoutMs, onLine);
  if (run.reason !== undefined) return { reason: run.reason };
  return findElectronBinary(root);
}

/** @param {string} root */
function packageFolder(root) {
  try {
    const manifest = createRequire(path.join(root, 'package.json')).resolve('electron/package.json');
    return path.dirname(manifest);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** @param {string} folder */
function readPathFile(folder) {
  const file = path.join(folder, 'path.txt');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

/** What the package's own install script would write into path.txt. */
function executableName() {
  if (process.platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron';
  return process.platform === 'win32' ? 'electron.exe' : 'electron';
}

/** The project's own Node 24 where it is installed: the script needs Node 22, the launcher may run on 20.
 *
 * @param {string} root
 */
function nodeFor(root) {
  const own = path.join(root, 'node_modules/.bin/node');
  return process.platform !== 'win32' && existsSync(own) ? own : process.execPath;
}

/**
 * @param {string} script
 * @param {string} node
 * @param {number} timeoutMs
 * @param {(line: string) => void} onLine
 * @returns {Promise<{ reason?: string }>}
 */
function runScript(script, node, timeoutMs, onLine) {
  return new Promise((resolve) => {
    /** @type {string[]} */
    const lines = [];
    const child = spawn(node, [script], { stdio: ['ignore', 'pipe', 'pipe'] });
    const deadline = setTimeout(() => {
      child.kill('SIGKILL');
      resolve({ reason: `Electron's binary was not fetched within ${Math.round(timeoutMs / 1000)} s` });
    }, timeoutMs);
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        if (lines.length < keptLines) lines.push(line);
        onLine(line);
      });
    }
    child.on('error', (error) => {
      clearTimeout(deadline);
      resolve({ reason: `the install script did not start: ${error.message}` });
    });
    // 'close', not 'exit': by then every line has been read.
    child.on('close', (code) => {
      clearTimeout(deadline);
      resolve(code === 0 ? {} : { reason: reasonIn(lines, code) });
    });
  });
}

/**
 * The first line that says what went wrong, without the stack below it.
 *
 * @param {readonly string[]} lines
 * @param {number | null} code
 */
function reasonIn(lines, code) {
  const telling =
    lines.find((line) => /\b(\w*Error|E[A-Z]{4,}|ENOTFOUND)\b/.test(line)) ?? lines.find((line) => line.trim() !== '');
  const said = telling?.trim().slice(0, reasonLength);
  return `Electron's binary was not fetched: ${said ?? `the install script ended with ${code}`}`;
}
