/**
 * The whole terminal as `npm start` makes it, for tests in a browser: its processes, its two pages, and the hands that use
 * them: a finger on the kiosk's glass, a mouse on the workbench's hardware.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, Frame, Locator, Page } from 'playwright';
import { SIMULATED_TERMINAL } from '../../main/config.ts';
import type { CardFlaw, ScreenKind, View } from '../../main/contract.ts';
import type { PersonaId } from '../../protocol/host/personas.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** The screens may have to be built first. */
const START_MS = 60_000;
const STOP_MS = 15_000;
const SCREEN_MS = 12_000;

export interface TerminalProcess {
  readonly kioskUrl: string;
  readonly workbenchUrl: string;
  /** The launcher's process, which starts the core again when it ends. */
  readonly launcher: number;
  /** The core's process now; it changes when the core is started again. */
  core(): number;
  output(): string;
  stop(): Promise<void>;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

interface Running {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Every process below `pid`, nearest first (proc(5): the parent is the second field after the name in parentheses). */
function descendants(pid: number): readonly Running[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name): Running[] => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const parent = Number(
          stat
            .slice(stat.lastIndexOf(')') + 2)
            .split(' ')
            .at(1),
        );
        return [
          { pid: Number(name), parent, command: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ') },
        ];
      } catch {
        // It ended between the listing and the reading.
        return [];
      }
    });
  const found: Running[] = [];
  let level = [pid];
  while (level.length > 0) {
    const next = all.filter(({ parent }) => level.includes(parent));
    found.push(...next);
    level = next.map((process) => process.pid);
  }
  return found;
}

/** Starts it with everything simulated, on free ports and a data folder of its own. `delays` as in the configuration. */
export async function startTerminal(
  options: { readonly delays?: Readonly<Record<string, number>> } = {},
): Promise<TerminalProcess> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'anjungan-e2e-'));
  const config = path.join(folder, 'config.json');
  const [kiosk, workbench] = [await freePort(), await freePort()];
  writeFileSync(
    config,
    JSON.stringify({
      ...SIMULATED_TERMINAL,
      browser: { port: kiosk },
      workbench: { port: workbench },
      data: { folder: path.join(folder, 'data') },
      delays: options.delays ?? {},
    }),
  );
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      path.join(root, 'main/launch/start.ts'),
      '--screen',
      'none',
      '--config',
      config,
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  const pid = child.pid;
  if (pid === undefined) throw new Error('the launcher did not start');
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));

  const stop = async (): Promise<void> => {
    // Looked up while the launcher is there to name them.
    const all = descendants(pid);
    child.kill('SIGTERM');
    const late = new AbortController();
    await Promise.race([exited, pause(STOP_MS, undefined, { signal: late.signal })]);
    late.abort();
    for (const { pid: left, command } of all) {
      // A number may have been given to another process since.
      if (readOr(`/proc/${left}/cmdline`).replaceAll('\0', ' ') === command) process.kill(left, 'SIGKILL');
    }
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };

  const addresses = await new Promise<{ kioskUrl: string; workbenchUrl: string } | undefined>((resolve) => {
    const deadline = setTimeout(() => resolve(undefined), START_MS);
    const read = (text: string): void => {
      output += text;
      const kioskUrl = /^ {2}kiosk +(http\S+)$/m.exec(output)?.[1];
      const workbenchUrl = /^ {2}workbench +(http\S+)$/m.exec(output)?.[1];
      if (kioskUrl === undefined || workbenchUrl === undefined || !output.includes('No window is opened')) return;
      clearTimeout(deadline);
      resolve({ kioskUrl, workbenchUrl });
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    child.once('exit', () => {
      clearTimeout(deadline);
      resolve(undefined);
    });
  });
  if (addresses === undefined) {
    await stop();
    throw new Error(`the terminal did not start:\n${output}`);
  }
  const processOf = (part: string): number => {
    const found = descendants(pid).find(({ command }) => command.includes(part));
    if (found === undefined) throw new Error(`no process ${part}`);
    return found.pid;
  };
  return {
    ...addresses,
    launcher: pid,
    core: () => processOf(path.join('dist', 'core.js')),
    output: () => output,
    stop,
  };
}

function readOr(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

declare global {
  interface Window {
    /** What the browser's policy forbade, collected by the page itself. */
    forbidden: string[];
  }
}

/** Everything a page said that it should not say: errors, warnings, refused resources. */
async function listen(page: Page, complaints: string[]): Promise<void> {
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  await page.addInitScript(() => {
    window.forbidden = [];
    addEventListener('securitypolicyviolation', (event) => {
      window.forbidden.push(`${event.violatedDirective} ${event.blockedURI}`);
    });
  });
}

export interface Kiosk {
  readonly page: Page;
  readonly complaints: string[];
  /** Every View the core sent to this page, newest last. */
  readonly views: View[];
  /** Waits until this screen is drawn. */
  screen(kind: ScreenKind | 'unconnected', limitMs?: number): Promise<void>;
  kind(): Promise<string>;
  button(name: string | RegExp): Locator;
  tap(name: string | RegExp): Promise<void>;
}

/** All that a page keeps: what is drawn, and the browser's stores. */
export function everythingIn(page: Page | Frame): Promise<string> {
  return page.evaluate(() =>
    [
      document.documentElement.outerHTML,
      JSON.stringify(Object.entries(localStorage)),
      JSON.stringify(Object.entries(sessionStorage)),
      JSON.stringify(history.state),
      document.cookie,
      location.href,
    ].join('\n'),
  );
}

export async function openKiosk(
  browser: Browser,
  url: string,
  options: { readonly width?: number; readonly height?: number; readonly scale?: number } = {},
): Promise<Kiosk> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1080, height: options.height ?? 1920 },
    deviceScaleFactor: options.scale ?? 1,
    hasTouch: true,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(SCREEN_MS);
  const complaints: string[] = [];
  const views: View[] = [];
  await listen(page, complaints);
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => {
      const message = JSON.parse(String(payload)) as { readonly type: string; readonly view?: View };
      if (message.view !== undefined) views.push(message.view);
    });
  });
  await page.goto(url);
  const button = (name: string | RegExp): Locator => page.getByRole('button', { name });
  return {
    page,
    complaints,
    views,
    screen: async (kind, limitMs = SCREEN_MS) => {
      try {
        await page.locator(`[data-screen="${kind}"]`).waitFor({ timeout: limitMs });
      } catch {
        const shown = await page.locator('[data-screen]').getAttribute('data-screen');
        throw new Error(`waited for the screen ${kind}, the kiosk shows ${shown ?? 'nothing'}`);
      }
    },
    kind: async () => (await page.locator('[data-screen]').getAttribute('data-screen')) ?? '',
    button,
    tap: async (name) => {
      await button(name).waitFor();
      // A new screen takes no touch at first.
      await page.locator('html[data-touch="ready"]').waitFor();
      await button(name).tap();
    },
  };
}

export interface Workbench {
  readonly page: Page;
  readonly complaints: string[];
  /** The kiosk as the workbench shows it: a second page of the same terminal. */
  kiosk(): Frame;
  /** Presses a control by its `data-verb`. */
  verb(name: string): Promise<void>;
  /** Chooses a card, waits for the reader's entry light, and puts it in. */
  insert(persona: PersonaId, flaw?: CardFlaw): Promise<void>;
  /** Waits until the pad takes a PIN, and types it key by key. */
  pin(digits?: string, last?: 'enter' | 'cancel' | 'none'): Promise<void>;
  /** Waits until the reader holds the card out, and takes it. */
  take(): Promise<void>;
  /** Waits until paper hangs out, reads it, and tears it off. */
  tear(): Promise<string>;
}

export async function openWorkbench(
  browser: Browser,
  url: string,
  options: { readonly width?: number; readonly height?: number; readonly scale?: number } = {},
): Promise<Workbench> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1400, height: options.height ?? 1000 },
    deviceScaleFactor: options.scale ?? 1,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(SCREEN_MS);
  const complaints: string[] = [];
  await listen(page, complaints);
  await page.goto(url);
  await page.locator('.slot').waitFor();
  const verb = (name: string): Promise<void> => page.locator(`[data-verb="${name}"]`).click();
  return {
    page,
    complaints,
    kiosk: () => {
      const frame = page.frames().find((each) => each !== page.mainFrame());
      if (frame === undefined) throw new Error('the workbench shows no kiosk');
      return frame;
    },
    verb,
    async insert(persona, flaw = 'none') {
      // The cards in the tray lie over one another: the upper edge is what shows of each.
      await page.locator(`[data-persona="${persona}"]`).click({ position: { x: 40, y: 12 } });
      await page.locator('.chip', { has: page.locator(`input[value="${flaw}"]`) }).click();
      await page.locator('.slot-lips[data-light="accept"]').waitFor();
      await verb('reader:insert');
    },
    async pin(digits = '123456', last = 'enter') {
      await page.locator('.pad-keys[data-entering="true"]').waitFor();
      for (const digit of digits) await verb(`pad:press:${digit}`);
      if (last !== 'none') await verb(`pad:press:${last}`);
    },
    async take() {
      await page.locator('.slot[data-place="takeout"]').waitFor();
      await verb('reader:take');
    },
    async tear() {
      const sheet = page.locator('.paper[data-cut="full"], .paper[data-cut="partial"]');
      await sheet.first().waitFor();
      const lines = await sheet.first().locator('.line').allTextContents();
      await verb('printer:tear');
      await sheet.first().waitFor({ state: 'detached' });
      return lines.join('\n');
    },
  };
}
