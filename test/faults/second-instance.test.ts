import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildCore, eventually, type BuiltCore } from '../processes.ts';
import { kioskOf, openPage, startTerminalProcesses, type Page } from '../terminal-processes.ts';

let core: BuiltCore;
beforeAll(async () => {
  core = await buildCore();
});
afterAll(() => {
  core.remove();
});

const EX_UNAVAILABLE = 69;

it('a second core on the same data says so and leaves; the first goes on, with its devices and its journal', async () => {
  const terminal = await startTerminalProcesses(core.file, 'tcp');
  let page: Page | undefined;
  try {
    const first = terminal.start();
    const kiosk = await kioskOf(first);
    page = await openPage(kiosk.origin, kiosk.token);
    await page.screen('idle');
    await eventually('the reader accepts a card', () => terminal.reader().accepting);

    const second = terminal.start();
    expect(await second.ended).toEqual({ code: EX_UNAVAILABLE, signal: null });
    expect(second.errors).toEqual([`core: another terminal runs on ${terminal.config.data.folder}`]);
    expect(second.out).toEqual([]);

    expect(first.child.exitCode).toBeNull();
    expect(page.lost()).toBe(false);
    await terminal.insert('normal');
    await page.screen('pin');
    page.touch({ kind: 'cancel' });
    await terminal.takeCard();
    await page.screen('idle');
    const { rows, chain } = terminal.journal();
    expect(rows.filter((row) => row.event === 'terminal-started')).toHaveLength(1);
    expect(chain).toMatchObject({ intact: true });

    // Nobody has to clean up after the first, however it ended.
    await first.kill();
    const third = terminal.start();
    expect((await kioskOf(third)).origin).toBe(kiosk.origin);
  } finally {
    page?.close();
    await terminal.close();
  }
}, 60_000);
