/**
 * The way into every command: installs what is missing, then runs the command on the pinned Node. Runs on Node 20 itself
 * and imports nothing that has to be installed.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../..');
const windows = process.platform === 'win32';
const NEEDED_MAJOR = 24;

/** Every command's entry. */
const COMMANDS = {
  start: 'main/launch/start.ts',
  build: 'main/launch/build.ts',
  test: 'test/run.ts',
  inquiry: 'main/inquiry/cli.ts',
  host: 'protocol/host/run.ts',
  bench: 'test/bench/cli.ts',
  iso: 'protocol/iso8583/cli.ts',
};

/** @param {string} line @returns {never} */
function giveUp(line) {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}

/** Installs the locked dependencies when they are not there or not these. */
function installDependencies() {
  const lock = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
  const stamp = path.join(root, 'node_modules', '.anjungan-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  process.stderr.write('Installing dependencies (npm ci) ...\n');
  const npm = process.env['npm_execpath'];
  const [command, prefix] = npm ? [process.execPath, [npm]] : [windows ? 'npm.cmd' : 'npm', []];
  // Only the summary: the notices about engines and scripts are settled in package.json.
  const done = spawnSync(command, [...prefix, 'ci', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: windows && !npm,
  });
  if (done.status !== 0)
    giveUp('The dependencies could not be installed: npm ci failed (see above). Is the npm registry reachable?');
  writeFileSync(stamp, lock);
}

/** @param {string} node */
function majorOf(node) {
  const asked = spawnSync(node, ['--version'], { encoding: 'utf8' });
  return asked.status === 0 ? Number(/^v(\d+)\./.exec(asked.stdout)?.[1] ?? 0) : 0;
}

/** The Node that package.json pins for this platform, else the one running if it is new enough. */
function pinnedNode() {
  const pinned = path.join(root, 'node_modules', '.bin', windows ? 'node.exe' : 'node');
  if (existsSync(pinned) && majorOf(pinned) >= NEEDED_MAJOR) return pinned;
  if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) return process.execPath;
  return giveUp(
    `No Node ${NEEDED_MAJOR} comes for ${process.platform}-${process.arch}: install Node ${NEEDED_MAJOR} or newer and try again.`,
  );
}

const [command, ...args] = process.argv.slice(2);
const entry = command === undefined ? undefined : COMMANDS[/** @type {keyof typeof COMMANDS} */ (command)];
if (entry === undefined) giveUp(`usage: npm run <${Object.keys(COMMANDS).join('|')}> [-- options]`);
if (Number(process.versions.node.split('.')[0]) < 20)
  giveUp(`Node 20 or newer is needed to start; this is ${process.version}.`);

installDependencies();
const node = pinnedNode();
const bin = path.join(root, 'node_modules', '.bin');
const child = spawn(node, ['--disable-warning=ExperimentalWarning', path.join(root, entry), ...args], {
  stdio: 'inherit',
  env: { ...process.env, PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}` },
});
// A terminal's Ctrl+C reaches the child by itself; other signals are passed on.
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP'])
  process.on(signal, () => child.kill(/** @type {NodeJS.Signals} */ (signal)));
child.on('error', (error) => giveUp(`${node} could not be started: ${error.message}`));
child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128 + (signal === 'SIGTERM' ? 15 : 2))));
