/**
 * Every screen of the gallery in a real Chromium, at the three sizes and in both languages: the words of its outline are on
 * it, nothing is cut off or scrolls, targets are large enough, and axe finds nothing. Also what a finger does to a screen.
 */
import { existsSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from 'playwright';
import type { Browser, Page, WebSocketRoute } from 'playwright';
import { createServer } from 'vite';
import type { ViteDevServer } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { samples } from '../../renderer/samples.ts';

const SIZES = { portrait: [1080, 1920], 'old ATM': [1024, 768], van: [1920, 1080] } as const;
/** 12.7 mm on the usual panels: 21.5 inch portrait at 4.03 px/mm, 15 inch at 3.37, 21.5 inch landscape at 4.03. */
const SMALLEST_TARGET = { portrait: 51, 'old ATM': 43, van: 51 } as const;
type Size = keyof typeof SIZES;
/** The widest screen has the most room: one language is enough there. */
const LANGUAGES = { portrait: ['id', 'en'], 'old ATM': ['id', 'en'], van: ['en'] } as const;

let server: ViteDevServer;
let browser: Browser;
let address: string;

beforeAll(async () => {
  server = await createServer({
    configFile: 'vite.config.ts',
    logLevel: 'error',
    optimizeDeps: { noDiscovery: true },
    server: { host: '127.0.0.1', port: 0, strictPort: false, hmr: false, watch: null },
  });
  await server.listen();
  const bound = server.httpServer?.address();
  if (bound === null || bound === undefined || typeof bound === 'string') throw new Error('the gallery has no port');
  address = `http://127.0.0.1:${bound.port}/gallery.html`;
  const installed = '/usr/bin/chromium';
  browser = await chromium.launch({
    ...(existsSync(installed) ? { executablePath: installed } : {}),
    args: ['--no-sandbox'],
  });
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

async function open(size: Size): Promise<{ page: Page; complaints: string[] }> {
  const [width, height] = SIZES[size];
  const context = await browser.newContext({ viewport: { width, height }, hasTouch: true, reducedMotion: 'reduce' });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  await page.goto(address);
  await page.waitForFunction(() => document.documentElement.dataset['drawn'] !== undefined);
  await page.evaluate(() => document.fonts.load("700 20px 'Plus Jakarta Sans'"));
  return { page, complaints };
}

async function show(page: Page, name: string, language: 'id' | 'en' = 'id'): Promise<void> {
  await page.evaluate(
    (hash) =>
      new Promise<void>((resolve) => {
        const drawn = (): void => {
          if (document.documentElement.dataset['drawn'] === hash) resolve();
          else requestAnimationFrame(drawn);
        };
        location.hash = hash;
        drawn();
      }),
    `#${name}/${language}`,
  );
}

/** A new screen takes no touch at first. */
async function settled(page: Page): Promise<void> {
  await page.locator('html[data-touch="ready"]').waitFor();
}

/** Runs in the page: everything that is wrong with what is drawn, in words. */
function faults(smallestTarget: number): string[] {
  const found: string[] = [];
  const text = (element: Element | null): string => (element?.textContent ?? '').replace(/\s+/g, ' ');
  const all = text(document.getElementById('root'));
  const { outline } = window;
  if (outline === undefined) return ['nothing is shown'];
  for (const words of [outline.title, ...outline.lines]) {
    if (!all.includes(words.replace(/\s+/g, ' '))) found.push(`not on the screen: ${words}`);
  }
  const buttons = [...document.querySelectorAll('button')];
  for (const { label, action } of outline.choices) {
    const parts = action.kind === 'choose-membership' ? label.split(', ') : [label];
    if (!buttons.some((button) => parts.every((part) => text(button).includes(part))))
      found.push(`no button: ${label}`);
  }
  for (const button of buttons) {
    const { width, height } = button.getBoundingClientRect();
    if (width < smallestTarget || height < smallestTarget)
      found.push(`small button: ${text(button)} ${width}x${height}`);
  }
  if (document.querySelectorAll('h1').length !== 1) found.push('not exactly one h1');
  for (const element of document.querySelectorAll<HTMLElement>('#root *')) {
    // Pictures may reach out of their box; the stage of a picture cuts them off.
    if (element.closest('.art, .urgency__pulse, svg, .unseen') !== null) continue;
    const box = element.getBoundingClientRect();
    if (box.width === 0) continue;
    const name = `${element.tagName.toLowerCase()}.${element.className}`;
    if (box.left < -1 || box.top < -1 || box.right > innerWidth + 1 || box.bottom > innerHeight + 1) {
      found.push(`outside the screen: ${name}`);
    }
    const style = getComputedStyle(element);
    if (
      style.display === 'inline' ||
      element.matches('.stage:not(.stage--words), .urgency, main, .page, .emblem__disc')
    )
      continue;
    // A line of type may be taller than its line height; that much is not cut off.
    const tall = 0.35 * Number.parseFloat(style.fontSize);
    if (element.scrollWidth > element.clientWidth + 2) found.push(`too wide: ${name}`);
    if (element.scrollHeight > element.clientHeight + 2 + tall && !element.matches('.amount'))
      found.push(`too tall: ${name}`);
  }
  for (const box of document.querySelectorAll('.page > *')) {
    const outer = box.getBoundingClientRect();
    for (const child of box.children) {
      const inner = child.getBoundingClientRect();
      if (child.matches('.art, .urgency')) continue;
      if (inner.top < outer.top - 3 || inner.bottom > outer.bottom + 3)
        found.push(`leaves its box: ${child.className}`);
    }
  }
  return found;
}

describe.each(Object.keys(SIZES) as Size[])('every screen, %s', (size) => {
  it('has its words, cuts nothing off, and is heard as its language', async () => {
    const { page, complaints } = await open(size);
    const names = await page.evaluate(() => window.samples);
    const found: Record<string, string[]> = {};
    for (const name of names) {
      for (const language of LANGUAGES[size]) {
        await show(page, name, language);
        const here = await page.evaluate(faults, SMALLEST_TARGET[size]);
        const lang = await page.evaluate(() => document.documentElement.lang);
        if (lang !== language) here.push(`lang is ${lang}`);
        if (here.length > 0) found[`${name} ${language}`] = here;
      }
    }
    expect(found).toEqual({});
    expect(complaints).toEqual([]);
    await page.context().close();
  }, 120_000);
});

/** One sample of every kind, and every further one that has parts or colours of its own. */
const AXE = [
  'idle',
  'idle-turn',
  'card-entering',
  'card-invalid',
  'pin-4',
  'pin-short',
  'pin-wrong',
  'menu',
  'asking-still',
  'choose-3',
  'choose-9',
  'result',
  'result-inactive',
  'no-jht',
  'not-linked',
  'receipt-choice',
  'receipt-qr',
  'something-else',
  'take-card-finished',
  'take-card-timed-out',
  'take-card-late',
  'retained-not-taken',
  'printing-receipt',
  'take-receipt',
  'receipt-failed-jam',
  'goodbye',
  'sorry-host-silent',
  'out-card-stuck',
  'warning-result',
];

describe('axe (WCAG 2.2 AA)', () => {
  it('finds nothing on any screen', async () => {
    const { page } = await open('portrait');
    // Over a picture axe cannot tell contrast; the faint pattern of the stage is taken away for it.
    await page.addStyleTag({ content: '.kiosk { background-image: none !important }' });
    const found: Record<string, unknown> = {};
    for (const name of AXE) {
      await show(page, name);
      const { violations } = await new AxeBuilder({ page })
        .setLegacyMode()
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
        .analyze();
      if (violations.length > 0)
        found[name] = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
    }
    expect(found).toEqual({});
    await page.context().close();
  }, 120_000);
});

describe('a finger', () => {
  const actions = (page: Page): Promise<unknown> => page.evaluate(() => window.actions);

  it('on a choice sends it, with the step of the screen', async () => {
    const { page } = await open('portrait');
    await show(page, 'receipt-choice');
    await settled(page);
    await page.getByRole('button', { name: 'Kode QR di layar' }).tap();
    await page.getByRole('button', { name: 'English' }).tap();
    const [first, second] = await page.evaluate(() => window.actions);
    expect(first?.action).toEqual({ kind: 'receipt', choice: 'qr' });
    expect(second).toEqual({ step: first?.step, action: { kind: 'language', language: 'en' } });
    await page.context().close();
  });

  it('anywhere answers the warning, once, and does nothing else', async () => {
    const { page } = await open('portrait');
    await show(page, 'warning-result');
    await page.touchscreen.tap(500, 1650);
    expect(await actions(page)).toEqual([{ step: 900, action: { kind: 'still-here' } }]);
    await page.getByRole('button', { name: 'Saya masih di sini' }).tap();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    expect(await page.evaluate(() => window.actions.map(({ action }) => action.kind))).toEqual(
      Array(4).fill('still-here'),
    );
    await page.context().close();
  });

  it('shows name and number only while it presses', async () => {
    const { page } = await open('portrait');
    await show(page, 'result');
    const hold = page.locator('.hold');
    const box = await hold.boundingBox();
    if (box === null) throw new Error('no button to hold');
    await page.mouse.move(box.x + 20, box.y + 20);
    await page.mouse.down();
    // What a long press would bring up over the kiosk.
    const menu = await hold.evaluate((button) =>
      button.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true })),
    );
    expect(menu).toBe(false);
    await page.mouse.move(5, 5);
    expect(await page.evaluate(() => window.actions.map(({ action }) => action.kind))).toEqual(['reveal']);
    await page.mouse.up();
    await hold.focus();
    await page.keyboard.down('Space');
    await hold.evaluate((button: HTMLElement) => button.blur());
    expect(await page.evaluate(() => window.actions.map(({ action }) => action.kind))).toEqual([
      'reveal',
      'conceal',
      'reveal',
      'conceal',
    ]);
    await page.context().close();
  });

  it('that came down on another screen does nothing here', async () => {
    const { page } = await open('portrait');
    await show(page, 'menu');
    await page.mouse.move(540, 1650);
    await page.mouse.down();
    await show(page, 'something-else');
    await page.mouse.up();
    expect(await actions(page)).toEqual([]);
    await page.context().close();
  });

  it('that taps twice does not choose on the screen after', async () => {
    const { page } = await open('portrait');
    await show(page, 'receipt-choice');
    await settled(page);
    await page.getByRole('button', { name: 'Struk kertas' }).tap();
    expect(await actions(page)).toHaveLength(1);
    // In one go with the drawing: the time between does not depend on the machine.
    const pressed = await page.evaluate(
      () =>
        new Promise<string | null | undefined>((resolve) => {
          addEventListener('hashchange', () => {
            const button = document.querySelector('.choices button');
            button?.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }));
            button?.dispatchEvent(new MouseEvent('click', { bubbles: true, detail: 1 }));
            resolve(button?.textContent);
          });
          location.hash = '#something-else/id';
        }),
    );
    expect(pressed).toContain('Tidak, ambil kartu');
    expect(await actions(page)).toHaveLength(1);
    await settled(page);
    await page.getByRole('button', { name: 'Tidak, ambil kartu' }).tap();
    expect(await actions(page)).toHaveLength(2);
    await page.context().close();
  });
});

describe('the line to the core', () => {
  it('takes the token out of the address, keeps the next one, and leaves no View on the screen when it is lost', async () => {
    const view = samples.find(({ name }) => name === 'result')?.view;
    const context = await browser.newContext({
      viewport: { width: 1080, height: 1920 },
      hasTouch: true,
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    const offered: string[][] = [];
    const received: unknown[] = [];
    const lines: WebSocketRoute[] = [];
    await page.routeWebSocket('**/ui', (line) => {
      lines.push(line);
      line.onMessage((message) => received.push(JSON.parse(String(message))));
      line.send(JSON.stringify({ type: 'resume', token: `next-${lines.length}` }));
      if (lines.length === 1) line.send(JSON.stringify({ type: 'view', view }));
    });
    // The route does not tell the subprotocols, so the page's own call is listened to.
    await page.exposeFunction('noteProtocols', (protocols: string[]) => offered.push(protocols));
    await page.addInitScript(() => {
      window.WebSocket = new Proxy(window.WebSocket, {
        construct(target, [url, protocols]: [string, string[]]) {
          // Vite's development client has a line of its own.
          if (url.endsWith('/ui'))
            (window as unknown as { noteProtocols: (list: string[]) => void }).noteProtocols(protocols);
          return new target(url, protocols);
        },
      });
    });
    await page.goto(address.replace('gallery.html', 'index.html#token=first'));
    await page.getByText('Rp48.275.631').waitFor();
    expect(new URL(page.url()).hash).toBe('');

    await settled(page);
    await page.getByRole('button', { name: 'Lanjut' }).tap();
    await expect.poll(() => received).toEqual([{ type: 'action', step: view?.step, action: { kind: 'continue' } }]);

    const [first] = lines;
    if (first === undefined) throw new Error('no line was opened');
    await first.close();
    await page.getByText('Sebentar…').waitFor();
    expect(await page.getByText('One moment…').count()).toBe(1);
    expect(await page.locator('body').textContent()).not.toContain('Rp48');
    await expect
      .poll(() => offered.slice(0, 2))
      .toEqual([
        ['anjungan.v1', 'token.first'],
        ['anjungan.v1', 'token.next-1'],
      ]);

    await expect.poll(() => lines.length).toBeGreaterThan(1);
    lines.at(-1)?.send(JSON.stringify({ type: 'view', view: { ...view, language: 'en' } }));
    await page.getByText('Old-age savings balance (JHT)').waitFor();
    // Something this page cannot draw must not leave the old screen up.
    lines.at(-1)?.send(JSON.stringify({ type: 'view', view: { ...view, screen: { kind: 'a-later-one' } } }));
    await page.getByText('Sebentar…').waitFor();
    await context.close();
  });
});
