/** Finds a Chromium, and for the tests gets one: an installed one, else Debian's package, else Playwright's. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

export type Found = { readonly path: string } | { readonly reason: string };

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge'];
const FIXED = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

export function findChromium(): Found {
  const named = process.env['ANJUNGAN_CHROMIUM'];
  if (named !== undefined)
    return existsSync(named) ? { path: named } : { reason: `ANJUNGAN_CHROMIUM names ${named}, which is not there` };
  for (const folder of (process.env['PATH'] ?? '').split(path.delimiter)) {
    for (const name of NAMES) {
      const file = path.join(folder, name);
      // A snap's stub does not run in a container and knows no temporary profile.
      if (existsSync(file) && !isSnapStub(file)) return { path: file };
    }
  }
  for (const file of FIXED) if (existsSync(file)) return { path: file };
  return { reason: 'no Chromium is installed' };
}

function isSnapStub(file: string): boolean {
  const head = readFileSync(file).subarray(0, 4_096).toString('latin1');
  return head.startsWith('#!') && head.includes('snap');
}

async function playwrightChromium(): Promise<Found> {
  const { chromium } = await import('playwright');
  const file = chromium.executablePath();
  return file !== '' && existsSync(file) ? { path: file } : { reason: 'Playwright has no Chromium here' };
}

function run(command: string, args: readonly string[]): boolean {
  return (
    spawnSync(command, args, { stdio: ['ignore', 2, 2], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
      .status === 0
  );
}

function isDebian(): boolean {
  return (
    existsSync('/etc/os-release') &&
    /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8')) &&
    existsSync('/usr/bin/apt-get')
  );
}

/** Installs where it may; every step is said on standard error. */
export async function obtainChromium(): Promise<Found> {
  const found = findChromium();
  if ('path' in found) return found;
  const fromPlaywright = await playwrightChromium();
  if ('path' in fromPlaywright) return fromPlaywright;
  if (process.getuid?.() === 0 && isDebian()) {
    process.stderr.write('Installing Chromium (apt-get install chromium) ...\n');
    if (
      run('apt-get', ['update', '-qq']) &&
      run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-liberation'])
    ) {
      const installed = findChromium();
      if ('path' in installed) return installed;
    }
  }
  process.stderr.write('Installing Chromium (playwright install chromium) ...\n');
  const cli = path.resolve(import.meta.dirname, '../../node_modules/playwright/cli.js');
  if (run(process.execPath, [cli, 'install', 'chromium'])) {
    const downloaded = await playwrightChromium();
    if ('path' in downloaded) return downloaded;
  }
  return { reason: 'no Chromium is installed, and neither the system nor Playwright could install one' };
}
