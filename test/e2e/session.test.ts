/**
 * The whole terminal as a newcomer starts it, used as a customer would in a real Chromium: cards and keys on the workbench,
 * a finger on the kiosk's glass. Both pages are there all the time, and the kiosk a second time inside the workbench.
 * card-entering and printing are over sooner than they can be looked at: gallery.test.ts has those.
 */
import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from 'playwright';
import type { Browser, CDPSession } from 'playwright';
import { encode } from 'uqr';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Language, ScreenKind } from '../../main/contract.ts';
import { findChromium } from '../../main/launch/chromium.ts';
import { everythingIn, openKiosk, openWorkbench, startTerminal } from './terminal.ts';
import type { Kiosk, TerminalProcess, Workbench } from './terminal.ts';

const found = findChromium();
const MASKED_KPJ = '1903•••••17';
const SITI = {
  name: 'Siti Rahmawati Contoh',
  kpj: '19036000017',
  balance: 'Rp45.678.900',
  /** Nothing of this may be left when she is gone. */
  traces: ['Rahmawati', '19036000017', MASKED_KPJ, '45.678.900', '45678900', 'Sejahtera', 'S•••', '0010'],
};

const WORDS = {
  id: {
    check: 'Cek Saldo BPJS Ketenagakerjaan',
    hold: 'Tekan dan tahan untuk tampilkan',
    next: 'Lanjut',
    paper: 'Struk kertas',
    qr: 'Kode QR di layar',
    finish: 'Tidak, ambil kartu',
    another: 'Ya, layanan lain',
    taken: 'Sudah saya ambil',
    title: 'CEK SALDO JHT',
  },
  en: {
    check: 'Check BPJS Ketenagakerjaan balance',
    hold: 'Press and hold to show',
    next: 'Continue',
    paper: 'Paper receipt',
    qr: 'QR code on the screen',
    finish: 'No, take the card',
    another: 'Yes, another service',
    taken: 'I have taken it',
    title: 'JHT BALANCE INQUIRY',
  },
} as const satisfies Record<Language, unknown>;

let terminal: TerminalProcess;
let browser: Browser;
let kiosk: Kiosk;
let bench: Workbench;
let finger: CDPSession;
const looked = { id: new Set<string>(), en: new Set<string>() };

const name = `a session in a real browser${'reason' in found ? ` (skipped: ${found.reason})` : ''}`;

describe.skipIf('reason' in found)(name, { timeout: 60_000 }, () => {
  beforeAll(async () => {
    if ('reason' in found) return;
    // Long enough to be looked at, short enough to be waited for.
    terminal = await startTerminal({
      delays: { goodbye: 2_000, takeReceipt: 60_000, pinWrongNotice: 30_000, progressShown: 200, stillWorking: 1_000 },
    });
    browser = await chromium.launch({ executablePath: found.path, args: ['--no-sandbox'] });
    kiosk = await openKiosk(browser, terminal.kioskUrl);
    bench = await openWorkbench(browser, terminal.workbenchUrl);
    finger = await kiosk.page.context().newCDPSession(kiosk.page);
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await terminal?.stop();
  }, 60_000);

  /** A test that failed must not be the reason that the next one does. */
  beforeEach(async () => {
    await kiosk.screen('idle', 15_000).catch(async () => {
      await bench.verb('pad:press:cancel');
      await bench.take().catch(() => undefined);
      await kiosk.screen('idle', 20_000);
    });
  }, 60_000);

  /** The screen that is shown, as axe, a ruler and a screen reader find it. */
  async function look(kind: ScreenKind, language: Language = 'id'): Promise<void> {
    await kiosk.screen(kind);
    await kiosk.page.locator(`html[lang="${language}"]`).waitFor();
    // Over a picture axe cannot tell contrast: the faint pattern behind the words is taken away.
    const page = await kiosk.page.evaluate(() => {
      document.querySelector<HTMLElement>('.kiosk')?.style.setProperty('background-image', 'none', 'important');
      const { scrollWidth, scrollHeight } = document.documentElement;
      return { scrolls: scrollWidth > innerWidth || scrollHeight > innerHeight };
    });
    const { violations } = await new AxeBuilder({ page: kiosk.page })
      .setLegacyMode()
      .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
      .analyze();
    expect({
      kind: await kiosk.kind(),
      ...page,
      violations: violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`),
    }).toEqual({ kind, scrolls: false, violations: [] });
    looked[language].add(kind);
  }

  async function leavesNothing(traces: readonly string[]): Promise<void> {
    await kiosk.screen('idle');
    await bench.kiosk().locator('[data-screen="idle"]').waitFor();
    for (const page of [kiosk.page, bench.kiosk()]) {
      const kept = await everythingIn(page);
      expect(traces.filter((trace) => kept.includes(trace))).toEqual([]);
    }
  }

  async function toMenu(persona: Parameters<Workbench['insert']>[0]): Promise<void> {
    await bench.insert(persona);
    await bench.pin();
    await kiosk.screen('menu');
  }

  async function toResult(persona: Parameters<Workbench['insert']>[0]): Promise<void> {
    await toMenu(persona);
    await kiosk.tap(WORDS.id.check);
    await kiosk.screen('result');
  }

  /** The receipt's text from the QR code on the screen: what is drawn is what that text is as a QR code. */
  async function scanned(): Promise<string> {
    await kiosk.screen('receipt-qr');
    const { screen } = kiosk.views.at(-1) ?? {};
    if (screen?.kind !== 'receipt-qr') throw new Error('the last View is no QR code');
    const drawn = (await kiosk.page.locator('svg.qr path').getAttribute('d')) ?? '';
    const expected = encode(screen.text, { ecc: 'L', border: 3 });
    const dark = expected.data.map((row) => row.map(() => false));
    for (const [, x, y, width] of drawn.matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) {
      for (let at = Number(x); at < Number(x) + Number(width); at += 1) dark[Number(y)]?.splice(at, 1, true);
    }
    expect(dark).toEqual(expected.data);
    return screen.text;
  }

  async function session(language: Language): Promise<void> {
    const words = WORDS[language];
    const { page } = kiosk;
    if (language === 'en') await kiosk.tap('English');
    await look('idle', language);

    await bench.insert('normal');
    await kiosk.screen('pin');
    await bench.pin('1234', 'none');
    await expect.poll(() => page.locator('.pin__dot--full').count()).toBe(4);
    await look('pin', language);
    await bench.pin('56');

    await look('menu', language);
    await bench.page.locator('[data-verb="host:delay"]').fill('4');
    await kiosk.tap(words.check);
    await kiosk.screen('asking-host');
    await page.locator('.choice--quiet').waitFor();
    await look('asking-host', language);
    await look('result', language);
    await bench.page.locator('[data-verb="host:delay"]').fill('0');

    const text = (): Promise<string> => page.locator('main').innerText();
    expect(await text()).toContain(SITI.balance);
    expect(await text()).toContain(MASKED_KPJ);
    expect(await text()).not.toContain(SITI.kpj);

    // Press and hold: longer than a long press, which must not open a menu nor let go.
    const box = await kiosk.button(words.hold).boundingBox();
    if (box === null) throw new Error('nothing to press');
    const point = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    await finger.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [point] });
    await page.getByText(SITI.kpj).waitFor();
    expect(await text()).toContain(SITI.name);
    await look('result', language);
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1_000)));
    expect(await text()).toContain(SITI.kpj);
    await finger.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await page.getByText(MASKED_KPJ).waitFor();
    expect(await text()).not.toContain(SITI.name);
    expect(await text()).not.toContain(SITI.kpj);

    await kiosk.tap(words.next);
    await look('receipt-choice', language);
    if (language === 'en') {
      await kiosk.tap(words.qr);
      await look('receipt-qr', language);
      await kiosk.tap(words.next);
      await kiosk.tap(words.another);
      await kiosk.tap(words.check);
      await kiosk.screen('result');
      await kiosk.tap(words.next);
    }
    await kiosk.tap(words.paper);
    await look('something-else', language);
    expect(await everythingIn(page)).not.toContain(SITI.balance);
    await kiosk.tap(words.finish);
    await look('take-card', language);
    // The card first: no paper before it is taken.
    expect(await bench.page.locator('.paper').count()).toBe(0);
    await bench.take();

    await look('take-receipt', language);
    const receipt = await bench.tear();
    expect(receipt).toContain(words.title);
    expect(receipt).toContain(SITI.balance);
    expect(receipt).toContain('1903*****17');
    expect(receipt).toContain('******0010');
    expect(receipt).not.toMatch(/Rahmawati|19036000017/);
    await kiosk.tap(words.taken);
    await look('goodbye', language);
    await leavesNothing(SITI.traces);
  }

  it('gives the balance in Indonesian', () => session('id'));

  it('gives the balance in English, also as a QR code, and is Indonesian again for the next', async () => {
    await session('en');
    expect(await kiosk.page.evaluate(() => document.documentElement.lang)).toBe('id');
  });

  it('lets a member of three choose, and look at another', async () => {
    await toMenu('multi');
    await kiosk.tap(WORDS.id.check);
    await look('choose-membership');
    expect(await kiosk.page.locator('.membership').count()).toBe(3);
    await kiosk.tap(/CV Contoh Maju Tekstil/);
    await look('result');
    expect(await kiosk.page.locator('main').innerText()).toContain('Rp31.905.775,50');
    await kiosk.tap('Lihat kepesertaan lain');
    await kiosk.tap(/PT Contoh Logistik/);
    await kiosk.page.getByText('Rp12.480.250').waitFor();
    await bench.verb('pad:press:cancel');
    await bench.take();
    await leavesNothing(['Wicaksana', '22036000028', '12.480.250', 'Logistik']);
  });

  it('tells a member without JHT what the membership covers, and never "Rp0"', async () => {
    await toResult('no-jht');
    await look('result');
    const text = await kiosk.page.locator('main').innerText();
    expect(text).toContain('Kepesertaan ini tidak mengikuti program JHT');
    expect(text).toContain('Jaminan Kecelakaan Kerja (JKK)');
    expect(text).not.toMatch(/Rp\d/);
    await bench.verb('pad:press:cancel');
    await bench.take();
    await leavesNothing(['Tabuni', '24036000041']);
  });

  it('explains a PIN that does not match, a card without membership, and hands out a queue number', async () => {
    await bench.insert('unlinked');
    await bench.pin('111111');
    await kiosk.screen('menu');
    await kiosk.tap(WORDS.id.check);
    await look('pin-wrong');
    await kiosk.tap('Coba lagi');
    await bench.pin();
    await look('not-linked');
    await kiosk.tap('Ambil nomor antrean');
    await kiosk.screen('take-card');
    await bench.take();
    await kiosk.screen('take-receipt');
    expect(await bench.tear()).toMatch(/NOMOR ANTREAN[^]*[A-Z]\d{3}/);
    await kiosk.tap(WORDS.id.taken);
    await kiosk.screen('goodbye');
  });

  it('explains an expired card and a stripe that cannot be read', async () => {
    await toMenu('expired');
    await kiosk.tap(WORDS.id.check);
    await look('sorry');
    await kiosk.tap('Selesai, ambil kartu');
    await bench.take();
    await kiosk.screen('idle');
    await bench.insert('normal', 'unreadable');
    await look('card-unreadable');
    expect(await kiosk.page.locator('main').innerText()).toContain('Kartu belum terbaca');
    await bench.take();
    await leavesNothing(SITI.traces);
  });

  it('keeps a card reported stolen, says so, and gives a slip with the same reference', async () => {
    const bin = bench.page.locator('[data-count="retained"]');
    expect(await bin.innerText()).toBe('0');
    await toMenu('stolen');
    await kiosk.tap(WORDS.id.check);
    await kiosk.screen('card-retained');
    await kiosk.page.getByText('Ambil juga kertas berisi nomor ini.').waitFor();
    await look('card-retained');
    await expect.poll(() => bin.innerText()).toBe('1');
    const reference = await kiosk.page.locator('.reference strong').innerText();
    expect(reference).toMatch(/^\d{12}$/);
    const slip = await bench.tear();
    expect(slip).toContain('KARTU ANDA DITAHAN');
    expect(slip).toContain(reference);
    await kiosk.tap('Saya mengerti');
    await leavesNothing(['Permana', reference]);
  });

  it('takes itself out of service while the host is away, and comes back by itself', async () => {
    await bench.verb('host:stop');
    await look('out-of-service');
    expect(await kiosk.page.locator('main').innerText()).toContain('Sambungan ke bank sedang terputus');
    await bench.page.locator('.slot-lips[data-light="dark"]').waitFor();
    await bench.verb('host:start');
    await kiosk.screen('idle', 20_000);
    await bench.page.locator('.slot-lips[data-light="accept"]').waitFor();
  });

  it('without paper offers a QR code, before and after the card, that holds the masked receipt', async () => {
    await toResult('normal');
    await kiosk.tap(WORDS.id.next);
    await kiosk.tap(WORDS.id.paper);
    await kiosk.tap(WORDS.id.another);
    await kiosk.tap(WORDS.id.check);
    await kiosk.screen('result');
    await kiosk.tap(WORDS.id.next);
    await kiosk.button(WORDS.id.paper).waitFor();
    await bench.verb('printer:paper-out');
    await kiosk.button(WORDS.id.paper).waitFor({ state: 'detached' });
    await look('receipt-choice');
    await kiosk.tap(WORDS.id.qr);
    const before = await scanned();
    await kiosk.tap(WORDS.id.next);
    await kiosk.tap(WORDS.id.finish);
    await bench.take();

    await look('receipt-failed');
    expect(await kiosk.page.locator('main').innerText()).toContain('Kertas struk habis.');
    await kiosk.tap(WORDS.id.qr);
    const after = await scanned();
    for (const text of [before, after]) {
      expect(text).toContain(SITI.balance);
      expect(text).toContain('1903*****17');
      expect(text).not.toMatch(/Rahmawati|19036000017|https?:/);
    }
    await kiosk.tap(WORDS.id.next);
    await kiosk.screen('idle');
    await kiosk.page.getByText('Struk kertas sedang tidak ada.').waitFor();
    await bench.verb('printer:load-paper');
    await kiosk.page.getByText('Struk kertas sedang tidak ada.').waitFor({ state: 'detached' });
    await leavesNothing(SITI.traces);
  });

  it('comes back to the same screen when the page is loaded again', async () => {
    await toResult('normal');
    const step = await kiosk.page.locator('.kiosk').getAttribute('data-step');
    await kiosk.page.reload();
    await kiosk.screen('result');
    expect(await kiosk.page.locator('.kiosk').getAttribute('data-step')).toBe(step);
    await kiosk.page.getByText(SITI.balance).waitFor();
    expect(new URL(kiosk.page.url()).hash).toBe('');
    await kiosk.tap(WORDS.id.next);
    await kiosk.screen('receipt-choice');
    await bench.verb('pad:press:cancel');
    await bench.take();
    await leavesNothing(SITI.traces);
  });

  it('said nothing wrong on either page so far', async () => {
    expect([...kiosk.complaints, ...bench.complaints]).toEqual([]);
    for (const page of [kiosk.page, bench.page, bench.kiosk()]) {
      expect(await page.evaluate(() => window.forbidden)).toEqual([]);
    }
  });

  it('gives the card back after the core was killed, with nothing personal on the screen in between', async () => {
    await toResult('normal');
    // Every screen from now on, with what was wrong about it.
    await kiosk.page.evaluate((traces) => {
      const shown: string[] = [];
      Object.assign(window, { shown });
      new MutationObserver(() => {
        const screen = document.querySelector<HTMLElement>('[data-screen]')?.dataset['screen'] ?? 'nothing';
        const kept = traces.filter((trace) => document.documentElement.outerHTML.includes(trace));
        const line = [screen, ...kept].join(' ');
        if (shown.at(-1) !== line) shown.push(line);
      }).observe(document.documentElement, { subtree: true, childList: true, attributes: true, characterData: true });
    }, SITI.traces);

    // The launcher is held, so that the core stays away for as long as it takes to look.
    process.kill(terminal.launcher, 'SIGSTOP');
    try {
      process.kill(terminal.core(), 'SIGKILL');
      await kiosk.page.getByText('Sebentar…').waitFor();
      await kiosk.page.getByText('One moment…').waitFor();
      const kept = await everythingIn(kiosk.page);
      expect(SITI.traces.filter((trace) => kept.includes(trace))).toEqual([]);
    } finally {
      process.kill(terminal.launcher, 'SIGCONT');
    }
    await kiosk.screen('take-card');
    const shown = await kiosk.page.evaluate(() => (window as unknown as { shown: string[] }).shown);
    expect(shown[0]).toBe('unconnected');
    expect(shown.filter((screen) => !['unconnected', 'out-of-service', 'take-card'].includes(screen))).toEqual([]);
    expect(await kiosk.page.locator('main').innerText()).toContain('Ada gangguan, jadi kartu Anda kami kembalikan.');
    await bench.take();
    await leavesNothing(SITI.traces);
    expect(terminal.output()).toContain('starting it again');
    // A line that was cut is reported by the browser itself; nothing else may be.
    const others = [...kiosk.complaints, ...bench.complaints].filter(
      (complaint) => !/^WebSocket connection to 'ws:.*(failed|closed)/.test(complaint),
    );
    expect(others).toEqual([]);
  });

  it('was looked at on every screen that stays', () => {
    const always = ['idle', 'pin', 'menu', 'asking-host', 'result', 'receipt-choice', 'something-else', 'take-card'];
    expect([...looked.en].sort()).toEqual([...always, 'receipt-qr', 'take-receipt', 'goodbye'].sort());
    expect([...looked.id].sort()).toEqual(
      [
        ...always,
        'take-receipt',
        'goodbye',
        'choose-membership',
        'pin-wrong',
        'not-linked',
        'sorry',
        'card-unreadable',
        'card-retained',
        'out-of-service',
        'receipt-failed',
      ].sort(),
    );
  });
});
