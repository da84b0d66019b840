import { afterAll, beforeAll, expect, it } from 'vitest';
import { DEFAULT_TRANSPORT } from '../../main/workbench/bench.ts';
import { buildCore, eventually, type BuiltCore } from '../processes.ts';
import { kioskOf, openPage, startTerminalProcesses, type Page, type TerminalProcesses } from '../terminal-processes.ts';

let core: BuiltCore;
beforeAll(async () => {
  core = await buildCore();
});
afterAll(() => {
  core.remove();
});

type Until = (terminal: TerminalProcesses, page: Page) => Promise<unknown>;

const toPin: Until = async (terminal, page) => {
  await terminal.insert('normal');
  await page.screen('pin');
  await eventually('the pad takes a PIN', () => terminal.pad().entering);
  await terminal.press('1', '2', '3');
};

const toResult: Until = async (terminal, page) => {
  await toPin(terminal, page);
  await terminal.press('4', '5', '6', 'enter');
  await page.screen('menu');
  page.touch({ kind: 'check-balance' });
  await page.screen('result');
};

const toTakeout: Until = async (terminal, page) => {
  await toPin(terminal, page);
  page.touch({ kind: 'cancel' });
  await eventually('the card is held out', () => terminal.reader().place === 'takeout');
};

it.each([
  ['while the customer types the PIN', toPin, 'inside'],
  ['while the balance is on the screen', toResult, 'inside'],
  ['while it holds the card out', toTakeout, 'takeout'],
] as const)(
  'kill -9 of the core %s: the next one gives the card back, and the page finds its way back',
  async (_, until, place) => {
    const terminal = await startTerminalProcesses(core.file, DEFAULT_TRANSPORT);
    let page: Page | undefined;
    try {
      const first = terminal.start();
      const kiosk = await kioskOf(first);
      page = await openPage(kiosk.origin, kiosk.token);
      await page.screen('idle');
      await until(terminal, page);
      expect(terminal.reader().place).toBe(place);
      await first.kill();
      const { lost } = page;
      await eventually('the page notices', lost);
      expect(terminal.reader().place).toBe(place);

      const second = terminal.start();
      await kioskOf(second);
      // The first page's own token is spent; the one for its return is good, once.
      await expect(openPage(kiosk.origin, kiosk.token)).rejects.toThrow('401');
      const resume = page.resumeToken();
      page = await openPage(kiosk.origin, resume);
      await expect(openPage(kiosk.origin, resume)).rejects.toThrow('401');

      expect((await page.screen('take-card')).why).toBe('fault');
      await terminal.takeCard();
      await page.screen('idle');
      expect(terminal.reader().place).toBe('none');

      const { rows, chain } = terminal.journal();
      expect(chain).toEqual({ intact: true, entries: rows.length });
      const events = rows.map((row) => row.event);
      expect(events.filter((event) => event === 'terminal-started')).toHaveLength(2);
      const afterRestart = events.slice(events.lastIndexOf('terminal-started'));
      expect(afterRestart).toEqual(expect.arrayContaining(['card-found', 'card-taken', 'in-service']));
      expect(rows.find((row) => row.event === 'card-found')?.fields['media']).toBe(place);
      expect(afterRestart).not.toContain('card-retained');
    } finally {
      page?.close();
      await terminal.close();
    }
  },
  60_000,
);
