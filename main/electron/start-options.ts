/** How the shell was started: what it refuses, what it hands on to the core. */
import path from 'node:path';

/**
 * Chromium's switches that undo what the shell is for. An installed terminal refuses to start with any of them; a
 * developer's (not packaged) may use them. The inspector's own switches are off by fuse; these are Chromium's and have no fuse.
 */
const refusedWhenPackaged = [
  'no-sandbox',
  'disable-setuid-sandbox',
  'disable-namespace-sandbox',
  'disable-seccomp-filter-sandbox',
  'single-process',
  'in-process-gpu',
  // Anybody on the machine could read the page: balances and names.
  'remote-debugging-port',
  'remote-debugging-pipe',
  'remote-debugging-address',
  'disable-web-security',
  'disable-site-isolation-trials',
  'allow-running-insecure-content',
  'ignore-certificate-errors',
  'load-extension',
  'js-flags',
  'log-net-log',
] as const;

export function refusedSwitch(hasSwitch: (name: string) => boolean): string | undefined {
  return refusedWhenPackaged.find(hasSwitch);
}

/**
 * The core's arguments out of the shell's: only `--config PATH` (or `--config=PATH`), relative to the working directory, is
 * for the core. Everything else in `argv` is Chromium's.
 */
export function coreArguments(argv: readonly string[]): string[] {
  const given = configPath(argv);
  return ['--ui', 'port', ...(given === undefined ? [] : ['--config', path.resolve(given)])];
}

function configPath(argv: readonly string[]): string | undefined {
  const joined = argv.find((argument) => argument.startsWith('--config='));
  if (joined !== undefined) return joined.slice('--config='.length);
  const at = argv.indexOf('--config');
  return at === -1 ? undefined : argv[at + 1];
}
