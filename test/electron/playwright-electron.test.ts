/**
 * A whole start in a real Electron, wherever its binary is installed: window, page, core and the line between them. Where
 * it cannot run, the name of the skipped test says why.
 *
 * Electron is started without its own sandbox, as Playwright does by default: in containers it could not start with it.
 * Never give `executablePath`: Playwright then leaves out the script that makes Electron wait for it. Another copy is named
 * by ELECTRON_OVERRIDE_DIST_PATH.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findElectronBinary } from '../../main/electron/binary.mjs';
import { type Display, noDisplayReason, openDisplay } from './display.ts';
import { writeLonelyConfig } from './lonely-config.ts';

const root = path.resolve(import.meta.dirname, '../..');
const startMs = 30_000;

/**
 * The hook for a simulated terminal: whoever runs the tests starts the device and host simulators, writes a configuration
 * that names their addresses, and gives its path here; the kiosk then comes into service. Without it the terminal starts
 * with its devices absent, and honestly says that it is out of service.
 */
const simulatedConfig = process.env['ANJUNGAN_ELECTRON_TEST_CONFIG'];

function skipReason(): string | undefined {
  const binary = findElectronBinary(root);
  if ('reason' in binary) return binary.reason;
  const unbuilt = ['electron/main.cjs', 'core.js', 'renderer/index.html'].find(
    (file) => !existsSync(path.join(root, 'dist', file)),
  );
  if (unbuilt !== undefined) return `dist/${unbuilt} has not been built`;
  return noDisplayReason();
}

const reason = skipReason();
const name = `the kiosk in a real Electron${reason === undefined ? '' : ` (skipped: ${reason})`}`;

describe.skipIf(reason !== undefined)(name, () => {
  let folder: string;
  let display: Display;
  let electron: ElectronApplication;
  let page: Page;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'anjungan-electron-'));
    display = await openDisplay();
    const config = simulatedConfig ?? writeLonelyConfig(folder);
    // A user-data folder of its own: the single-instance lock is in it.
    electron = await _electron.launch({
      args: [root, `--user-data-dir=${path.join(folder, 'user')}`, '--config', config],
      cwd: root,
      env: { ...definedEnv(), ...display.env },
      timeout: startMs,
    });
    page = await electron.firstWindow({ timeout: startMs });
  }, 2 * startMs);
  afterAll(async () => {
    // Closing asks the core to stop, which may take its whole grace.
    electron?.process().kill('SIGKILL');
    await display?.close();
    rmSync(folder, { recursive: true, force: true });
  }, startMs);

  it('shows the page of its own scheme, drawn by the core', async () => {
    expect(page.url()).toBe('anjungan://app/index.html');
    const screen = simulatedConfig === undefined ? 'out-of-service' : 'idle';
    await page.locator(`[data-screen="${screen}"]`).waitFor({ timeout: startMs });
  });

  it('gives the page the bridge, and neither Node nor Electron', async () => {
    const found = await page.evaluate(() => ({
      bridge: Object.keys((globalThis as unknown as { anjungan: object }).anjungan),
      node: ['require', 'process', 'module', 'Buffer'].filter((each) => each in globalThis),
    }));
    expect(found).toEqual({ bridge: ['send', 'subscribe'], node: [] });
  });

  it('lets the page neither fetch, nor open a window, nor leave', async () => {
    const answers = await page.evaluate(async () => ({
      fetched: await fetch('https://example.com/').then(
        () => true,
        () => false,
      ),
      opened: globalThis.open('https://example.com/') !== null,
    }));
    expect(answers).toEqual({ fetched: false, opened: false });
    await page.evaluate(() => {
      location.href = 'https://example.com/';
    });
    await page.evaluate(() => document.readyState);
    expect(page.url()).toBe('anjungan://app/index.html');
  });

  it('has one window, in kiosk mode', async () => {
    const windows = await electron.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows().map((each) => each.isKiosk()),
    );
    expect(windows).toEqual([true]);
  });
});

function definedEnv(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
