/**
 * The workbench page in a real browser: every control sends exactly the verb it stands for, every state of the hardware is
 * drawn, the kiosk's frame is never loaded twice, and axe finds nothing. The server here stands in for the real one, for
 * this page alone: it feeds views and keeps what is sent.
 */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from 'playwright';
import type { Browser, Page } from 'playwright';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { PaperLine, PaperState, WorkbenchVerb, WorkbenchView } from '../../main/contract.ts';

const TOKEN = 'bench-token_1.~';
const DEBIAN_CHROMIUM = '/usr/bin/chromium';
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'";

function text(
  words: string,
  style: Partial<{ align: 'left' | 'center' | 'right'; bold: boolean; size: number; inverse: boolean }> = {},
): PaperLine {
  const size = style.size ?? 1;
  return {
    kind: 'text',
    align: style.align ?? 'left',
    runs: [
      {
        text: words,
        bold: style.bold === true,
        underline: false,
        inverse: style.inverse === true,
        width: size,
        height: size,
      },
    ],
  };
}

const BEHAVIOURS = [
  'late',
  'never',
  'twice',
  'out-of-order',
  'garbled',
  'truncated',
  'bad-mac',
  'close-mid-message',
  'trickle',
  'normal',
] as const;

const RECEIPT: readonly PaperLine[] = [
  text('BANK CONTOH', { align: 'center', bold: true }),
  text('Mal Pelayanan Publik Melati', { align: 'center' }),
  text('CEK SALDO JHT', { align: 'center', bold: true, size: 2 }),
  text('KARTU                 ******1234'),
  text('SALDO             Rp12.345.678', { bold: true }),
  { kind: 'qr', align: 'center', module: 5, text: 'CEK SALDO JHT ******1234' },
];

const VIEW: WorkbenchView = {
  kioskUrl: '/kiosk.html',
  personas: [
    {
      id: 'normal',
      name: 'Ratna Melati',
      note: { id: 'Satu kepesertaan aktif', en: 'One active membership' },
      card: '******1234',
    },
    { id: 'multi', name: 'Bagas Wirawan', note: { id: 'Tiga nomor KPJ', en: 'Three memberships' }, card: '******5678' },
    { id: 'stolen', name: 'Sekar Ayu', note: { id: 'Kartu curian', en: 'Stolen card' }, card: '******9012' },
  ],
  pin: '123456',
  reader: { plugged: true, place: 'none', accepting: true, jammed: false, retained: 0 },
  pad: { plugged: true, entering: false, digits: 0, tampered: false, keys: [{ name: 'PIN', checkValue: '08D7B4' }] },
  paper: { plugged: true, columns: 32, paper: 'ok', cover: 'closed', jammed: false, tickets: [], current: [] },
  host: { running: true, connections: 1, delayMs: 0, behaviour: 'normal' },
  log: [{ at: 0, source: 'reader', text: 'permit' }],
};

let folder: string;
let server: Server;
let sockets: WebSocketServer;
let browser: Browser;
let origin: string;
let page: Page;
let peer: WebSocket | undefined;
let sent: unknown[] = [];
let offered: string[][] = [];
let kioskLoads = 0;
let complaints: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'anjungan-bench-'));
  await build({
    configFile: false,
    logLevel: 'error',
    root: 'renderer',
    base: './',
    publicDir: false,
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'chrome140',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: ['renderer/workbench.html'] },
    },
  });
  server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    response.setHeader('content-security-policy', CSP);
    if (path === '/kiosk.html') {
      kioskLoads += 1;
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end('<!doctype html><html lang="id"><title>Layar</title><h1>Masukkan kartu Anda</h1></html>');
      return;
    }
    readFile(join(folder, normalize(path))).then(
      (bytes) => {
        response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream');
        response.end(bytes);
      },
      () => {
        response.statusCode = 404;
        response.end();
      },
    );
  });
  sockets = new WebSocketServer({
    server,
    path: '/workbench',
    handleProtocols: (protocols) => {
      offered.push([...protocols]);
      return protocols.has(`token.${TOKEN}`) ? 'anjungan.workbench.v1' : false;
    },
  });
  sockets.on('connection', (socket) => {
    peer = socket;
    socket.on('message', (data: Buffer) => sent.push(JSON.parse(data.toString('utf8'))));
    show(VIEW);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  origin = `http://127.0.0.1:${address.port}`;
  browser = await chromium.launch({
    args: ['--no-sandbox'],
    ...(existsSync(DEBIAN_CHROMIUM) ? { executablePath: DEBIAN_CHROMIUM } : {}),
  });
}, 90_000);

afterAll(async () => {
  await browser?.close();
  for (const socket of sockets?.clients ?? []) socket.terminate();
  sockets?.close();
  server?.closeAllConnections();
  server?.close();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  sent = [];
  offered = [];
  kioskLoads = 0;
  complaints = [];
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  page = await context.newPage();
  page.setDefaultTimeout(5_000);
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(`${origin}/workbench.html#token=${TOKEN}`);
  await page.locator('.bench').waitFor();
});

afterEach(async () => {
  await page.context().close();
  // Also catches whatever the Content-Security-Policy refused.
  expect(complaints).toEqual([]);
});

function show(view: WorkbenchView): void {
  peer?.send(JSON.stringify({ type: 'workbench', view }));
}

/** The verb that the page sent next, in full. */
async function verb(count = 1): Promise<WorkbenchVerb[]> {
  await expect.poll(() => sent.length, { timeout: 5_000 }).toBeGreaterThanOrEqual(count);
  const messages = sent;
  sent = [];
  return messages.map((message) => {
    expect(Object.keys(message as object).toSorted()).toEqual(['type', 'verb']);
    const { type, verb: said } = message as { type: string; verb: WorkbenchVerb };
    expect(type).toBe('verb');
    return said;
  });
}

async function pressed(hook: string): Promise<WorkbenchVerb[]> {
  await page.locator(`[data-verb="${hook}"]`).click();
  return verb();
}

function status(device: string): Promise<string> {
  return page.locator(`[data-status="${device}"]`).innerText();
}

describe('the line', () => {
  it('takes the token out of the address, offers it as a subprotocol, and keeps it for a reload of the tab', async () => {
    expect(offered).toEqual([['anjungan.workbench.v1', `token.${TOKEN}`]]);
    expect(page.url()).toBe(`${origin}/workbench.html`);
    await page.reload();
    await page.locator('.bench').waitFor();
    expect(offered).toHaveLength(2);
  });

  it('says when the line is lost, sends nothing meanwhile, and connects again by itself', async () => {
    await page.locator('[data-line="open"]').first().waitFor();
    const lost = page.locator('.line-state[data-line="lost"]').waitFor();
    peer?.terminate();
    await lost;
    await page.locator('.line-state[data-line="open"]').waitFor();
    expect(sent).toEqual([]);
    expect(await pressed('reader:jam')).toEqual([{ device: 'reader', verb: 'jam' }]);
  });

  it('says so when the address carries no token', async () => {
    const bare = await browser.newPage();
    await bare.goto(`${origin}/workbench.html`);
    await expect.poll(() => bare.locator('main').innerText()).toContain('token');
    await bare.close();
  });

  it('shows a refusal in words, and the hand can put it away', async () => {
    await pressed('reader:pull-out');
    peer?.send(
      JSON.stringify({ type: 'refused', verb: { device: 'reader', verb: 'pull-out' }, reason: 'the line is broken' }),
    );
    await expect.poll(() => page.locator('.toast').innerText()).toContain('the line is broken');
    expect(await page.locator('.toast').innerText()).toContain('Tarik paksa');
    await page.locator('.toast button').click();
    await expect.poll(() => page.locator('.toast').count()).toBe(0);
    peer?.send(JSON.stringify({ type: 'refused', verb: 'take', reason: 'no card to take' }));
    await expect
      .poll(() => page.locator('.toast').innerText())
      .toBe('Tidak bisa: Ambil kartu\nTidak ada kartu yang bisa diambil.');
  });

  it('loads the kiosk once, whatever changes around it, and scales it to fit', async () => {
    const frame = page.frameLocator('iframe');
    await expect.poll(() => frame.locator('h1').innerText()).toBe('Masukkan kartu Anda');
    for (const digits of [1, 2, 3]) show({ ...VIEW, pad: { ...VIEW.pad, entering: true, digits } });
    await expect.poll(() => status('pad')).toContain('3');
    await page.getByRole('button', { name: 'EN, English' }).click();
    await expect.poll(() => page.locator('html').getAttribute('lang')).toBe('en');
    expect(kioskLoads).toBe(1);
    const box = await page.locator('iframe').boundingBox();
    const glass = await page.locator('.kiosk-glass').boundingBox();
    expect(box?.width).toBeCloseTo(glass?.width ?? 0, 0);
    expect(box?.height).toBeCloseTo(glass?.height ?? 0, -1);
  });

  it('frames nothing but web addresses, and says where the screen is when it is elsewhere', async () => {
    show({ ...VIEW, kioskUrl: 'javascript:alert(1)' });
    await page.locator('.kiosk-elsewhere').waitFor();
    expect(await page.locator('iframe').count()).toBe(0);
  });
});

describe('the card reader', () => {
  const flaws = ['none', 'wrong-way', 'unreadable', 'bad-lrc', 'bad-luhn', 'no-stripe'] as const;

  it('puts in the chosen persona with each flaw', async () => {
    await page.locator('[data-persona="multi"]').click();
    for (const flaw of flaws) {
      await page.locator(`input[name="flaw"][value="${flaw}"]`).check({ force: true });
      expect(await page.locator('.slot-card .card').getAttribute('data-flaw')).toBe(flaw);
      expect(await pressed('reader:insert')).toEqual([{ device: 'reader', verb: 'insert', persona: 'multi', flaw }]);
    }
  });

  it('puts in a card by a click on it in the hand, by a double click in the tray, and by dragging it to the slot', async () => {
    expect(await pressed('reader:insert:card')).toEqual([
      { device: 'reader', verb: 'insert', persona: 'normal', flaw: 'none' },
    ]);
    await page.locator('[data-persona="stolen"]').dblclick();
    expect(await verb()).toEqual([{ device: 'reader', verb: 'insert', persona: 'stolen', flaw: 'none' }]);
    await page.locator('[data-persona="multi"]').dragTo(page.locator('.slot'));
    expect(await verb()).toEqual([{ device: 'reader', verb: 'insert', persona: 'multi', flaw: 'none' }]);
  });

  it('draws the card where it is, and lets it be taken where a hand can reach it', async () => {
    const card = page.locator('.slot-card');
    for (const [place, reachable] of [
      ['mouth', true],
      ['inside', false],
      ['stuck', false],
      ['takeout', true],
    ] as const) {
      show({ ...VIEW, reader: { ...VIEW.reader, place, label: 'Bagas Wirawan', accepting: false } });
      await expect.poll(() => card.getAttribute('data-place')).toBe(place);
      expect(await card.isEnabled()).toBe(reachable);
      expect(await card.innerText()).toContain('******5678');
    }
    expect(await pressed('reader:take:card')).toEqual([{ device: 'reader', verb: 'take' }]);
    expect(await pressed('reader:take')).toEqual([{ device: 'reader', verb: 'take' }]);
  });

  it('pulls out, jams, clears the jam, empties the bin, and pulls the plug', async () => {
    expect(await pressed('reader:pull-out')).toEqual([{ device: 'reader', verb: 'pull-out' }]);
    expect(await pressed('reader:jam')).toEqual([{ device: 'reader', verb: 'jam' }]);
    expect(await pressed('reader:unplug')).toEqual([{ device: 'reader', verb: 'unplug' }]);
    show({ ...VIEW, reader: { plugged: true, place: 'retained', accepting: false, jammed: true, retained: 3 } });
    expect(await pressed('reader:clear-jam')).toEqual([{ device: 'reader', verb: 'clear-jam' }]);
    expect(await page.locator('[data-count="retained"]').innerText()).toBe('3');
    expect(await pressed('reader:empty-bin')).toEqual([{ device: 'reader', verb: 'empty-bin' }]);
    show({ ...VIEW, reader: { ...VIEW.reader, plugged: false, accepting: false } });
    expect(await pressed('reader:plug')).toEqual([{ device: 'reader', verb: 'plug' }]);
    expect(await status('reader')).toBe('Kabel tercabut');
  });
});

describe('the PIN pad', () => {
  it('has every key, by pointer', async () => {
    for (const key of ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0', 'enter', 'cancel', 'clear']) {
      expect(await pressed(`pad:press:${key}`)).toEqual([{ device: 'pad', verb: 'press', key }]);
    }
  });

  it('hears the keyboard while it has the focus, and only then', async () => {
    await page.keyboard.press('7');
    await page.locator('.pad-keys').focus();
    for (const key of ['1', '0', 'Enter', 'Escape', 'Backspace', 'q']) await page.keyboard.press(key);
    const keys = (await verb(5)).map((said) => (said.device === 'pad' && said.verb === 'press' ? said.key : said.verb));
    expect(keys).toEqual(['1', '0', 'enter', 'cancel', 'clear']);
  });

  it('presses Enter once when a drawn key has the focus', async () => {
    expect(await pressed('pad:press:5')).toHaveLength(1);
    await page.keyboard.press('Enter');
    await page.keyboard.press('3');
    expect(await verb(2)).toEqual([
      { device: 'pad', verb: 'press', key: 'enter' },
      { device: 'pad', verb: 'press', key: '3' },
    ]);
  });

  it('shows a count and never a digit, the keys by their check values, tamper and repair, and its plug', async () => {
    show({ ...VIEW, pad: { ...VIEW.pad, entering: true, digits: 4 } });
    await expect.poll(() => page.locator('.pad-dots [data-on="true"]').count()).toBe(4);
    expect(await page.locator('.pad-display').innerText()).toBe('PIN');
    expect(await page.locator('.tags').innerText()).toContain('08D7B4');
    expect(await pressed('pad:tamper')).toEqual([{ device: 'pad', verb: 'tamper' }]);
    show({ ...VIEW, pad: { ...VIEW.pad, tampered: true, keys: [] } });
    expect(await pressed('pad:repair')).toEqual([{ device: 'pad', verb: 'repair' }]);
    expect(await status('pad')).toBe('Dibongkar');
    expect(await pressed('pad:unplug')).toEqual([{ device: 'pad', verb: 'unplug' }]);
    show({ ...VIEW, pad: { ...VIEW.pad, plugged: false } });
    expect(await pressed('pad:plug')).toEqual([{ device: 'pad', verb: 'plug' }]);
  });
});

describe('the printer', () => {
  function paper(change: Partial<PaperState>): WorkbenchView {
    return { ...VIEW, paper: { ...VIEW.paper, ...change } };
  }

  it('lets the paper grow line by line and draws it to scale', async () => {
    show(paper({ current: RECEIPT.slice(0, 2) }));
    await expect.poll(() => page.locator('.paper .line').count()).toBe(2);
    expect(await status('printer')).toBe('Mencetak');
    show(paper({ current: RECEIPT }));
    await expect.poll(() => page.locator('.paper .line').count()).toBe(6);
    await page.locator('.paper').evaluate((node) => node.setAttribute('data-same', 'yes'));
    show(paper({ tickets: [{ lines: RECEIPT, cut: 'partial' }] }));
    await expect.poll(() => page.locator('.paper').getAttribute('data-cut')).toBe('partial');
    // The same paper, now cut; not drawn anew.
    expect(await page.locator('.paper').getAttribute('data-same')).toBe('yes');
    const [plain, twice, whole] = await Promise.all([
      page.locator('.line text', { hasText: 'BANK CONTOH' }).boundingBox(),
      page.locator('.line text', { hasText: 'CEK SALDO JHT' }).boundingBox(),
      page.locator('.paper-print').boundingBox(),
    ]);
    const cell = (whole?.width ?? 0) / 32;
    expect(plain?.width).toBeCloseTo(11 * cell, 0);
    expect(twice?.width).toBeCloseTo(13 * 2 * cell, 0);
    expect(await page.locator('.line g[role="img"] path').count()).toBe(1);
  });

  it('is torn off by a click on the paper or on the button', async () => {
    show(paper({ tickets: [{ lines: RECEIPT, cut: 'full' }] }));
    await page.locator('.paper').click();
    expect(await verb()).toEqual([{ device: 'printer', verb: 'tear' }]);
    expect(await pressed('printer:tear')).toEqual([{ device: 'printer', verb: 'tear' }]);
    show(VIEW);
    await expect.poll(() => page.locator('.paper').count()).toBe(0);
  });

  it('runs low, runs out and is loaded; cover, jam and plug', async () => {
    expect(await pressed('printer:paper-low')).toEqual([{ device: 'printer', verb: 'paper-low' }]);
    expect(await pressed('printer:paper-out')).toEqual([{ device: 'printer', verb: 'paper-out' }]);
    expect(await pressed('printer:load-paper')).toEqual([{ device: 'printer', verb: 'load-paper' }]);
    expect(await pressed('printer:open-cover')).toEqual([{ device: 'printer', verb: 'open-cover' }]);
    expect(await pressed('printer:jam')).toEqual([{ device: 'printer', verb: 'jam' }]);
    expect(await pressed('printer:unplug')).toEqual([{ device: 'printer', verb: 'unplug' }]);
    show(paper({ cover: 'open', jammed: true, paper: 'out' }));
    expect(await pressed('printer:close-cover')).toEqual([{ device: 'printer', verb: 'close-cover' }]);
    expect(await pressed('printer:clear-jam')).toEqual([{ device: 'printer', verb: 'clear-jam' }]);
    expect(await page.locator('[data-verb="printer:paper-out"]').getAttribute('aria-pressed')).toBe('true');
    show(paper({ plugged: false }));
    expect(await pressed('printer:plug')).toEqual([{ device: 'printer', verb: 'plug' }]);
  });
});

describe('the host', () => {
  it('is stopped and started, and shows its connections', async () => {
    expect(await page.locator('[data-count="connections"]').innerText()).toBe('1 sambungan');
    expect(await pressed('host:stop')).toEqual([{ device: 'host', verb: 'stop' }]);
    show({ ...VIEW, host: { ...VIEW.host, running: false, connections: 0 } });
    expect(await pressed('host:start')).toEqual([{ device: 'host', verb: 'start' }]);
    expect(await status('host')).toBe('Berhenti');
  });

  it('is slowed by the slider, once per move', async () => {
    await page.locator('[data-verb="host:delay"]').fill('12.5');
    expect(await verb()).toEqual([{ device: 'host', verb: 'delay', ms: 12_500 }]);
    show({ ...VIEW, host: { ...VIEW.host, delayMs: 40_000 } });
    await expect.poll(() => page.locator('.field output').innerText()).toBe('40,0 dtk');
  });

  it('behaves in each way', async () => {
    for (const behaviour of BEHAVIOURS) {
      await page.locator('[data-verb="host:behave"]').selectOption(behaviour);
      expect(await verb()).toEqual([{ device: 'host', verb: 'behave', behaviour }]);
      show({ ...VIEW, host: { ...VIEW.host, behaviour } });
    }
  });

  it('answers with a code of the list, any other code, or as the member is', async () => {
    const list = page.locator('[data-verb="host:answer"]');
    await list.selectOption('55');
    expect(await verb()).toEqual([{ device: 'host', verb: 'answer', responseCode: '55' }]);
    await list.selectOption('other');
    await page.locator('input.code').fill('Z');
    await page.locator('[data-verb="host:answer:use"]').click();
    await page.locator('.field-error').waitFor();
    await page.locator('input.code').fill('z9');
    await page.keyboard.press('Enter');
    expect(await verb()).toEqual([{ device: 'host', verb: 'answer', responseCode: 'Z9' }]);
    show({ ...VIEW, host: { ...VIEW.host, responseCode: 'Z9' } });
    await expect
      .poll(() => list.evaluate((node) => (node as HTMLSelectElement).selectedOptions[0]?.text))
      .toContain('Z9');
    await list.selectOption('');
    expect(await verb()).toEqual([{ device: 'host', verb: 'answer' }]);
  });
});

describe('the log', () => {
  const many = Array.from({ length: 200 }, (_, at) => ({
    at: at * 1_000,
    source: at % 2 === 0 ? ('host' as const) : ('pad' as const),
    text: `pesan ${at}`,
  }));

  it('follows the newest line until somebody scrolls up, and filters by device', async () => {
    show({ ...VIEW, log: many });
    const pane = page.locator('.log-pane');
    const below = (): Promise<number> =>
      pane.evaluate((node) => node.scrollHeight - node.scrollTop - node.clientHeight);
    await expect.poll(() => page.locator('.log-line').count()).toBe(200);
    await expect.poll(below).toBeLessThan(4);
    // The page hears of a scroll with the next frame.
    await pane.evaluate(
      (node) =>
        new Promise<void>((heard) => {
          node.addEventListener('scroll', () => requestAnimationFrame(() => heard()), { once: true });
          node.scrollTo(0, 0);
        }),
    );
    await expect.poll(below).toBeGreaterThan(100);
    show({ ...VIEW, log: [...many.slice(1), { at: 900_000, source: 'host', text: 'terbaru' }] });
    await expect.poll(() => page.locator('.log-line', { hasText: 'terbaru' }).count()).toBe(1);
    expect(await pane.evaluate((node) => node.scrollTop)).toBe(0);
    await page.locator('.log-sources [data-source="pad"]').click();
    await expect.poll(() => page.locator('.log-line[data-source="pad"]').count()).toBe(0);
  });
});

describe('everybody can use it', () => {
  const STATES: readonly (readonly [string, WorkbenchView])[] = [
    ['at rest', VIEW],
    [
      'in the middle of a session',
      {
        ...VIEW,
        reader: { ...VIEW.reader, place: 'takeout', label: 'normal', accepting: false },
        pad: { ...VIEW.pad, entering: true, digits: 3 },
        paper: { ...VIEW.paper, tickets: [{ lines: RECEIPT, cut: 'partial' }], current: RECEIPT.slice(0, 3) },
        host: { running: true, connections: 2, delayMs: 3_000, behaviour: 'late', responseCode: 'X1' },
      },
    ],
    [
      'with everything broken',
      {
        ...VIEW,
        reader: { plugged: false, place: 'stuck', accepting: false, jammed: true, retained: 2 },
        pad: { plugged: false, entering: false, digits: 0, tampered: true, keys: [] },
        paper: { ...VIEW.paper, plugged: false, paper: 'out', cover: 'open', jammed: true },
        host: { running: false, connections: 0, delayMs: 40_000, behaviour: 'never' },
      },
    ],
  ];

  it.each(STATES)('axe finds nothing %s', async (_, view) => {
    show(view);
    await expect.poll(() => page.locator('.slot').getAttribute('data-place')).toBe(view.reader.place);
    for (const language of view === VIEW ? ['en', 'id'] : ['id']) {
      await page.locator(`.languages button[lang="${language}"]`).click();
      const found = await new AxeBuilder({ page }).exclude('iframe').analyze();
      expect(
        found.violations.map(
          (violation) => `${violation.id}: ${violation.nodes.map((node) => node.target.join(' ')).join(', ')}`,
        ),
      ).toEqual([]);
    }
  });

  it.each([
    [1440, 900],
    [1280, 720],
    [1024, 768],
    [390, 844],
  ])('nothing runs off the side at %i x %i', async (width, height) => {
    await page.setViewportSize({ width, height });
    expect(
      await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
    ).toBeLessThanOrEqual(0);
  });
});
