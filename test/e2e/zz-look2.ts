import { chromium } from 'playwright';
import { mkdirSync } from 'node:fs';
import { startTerminal, openKiosk, openWorkbench } from '/work/main/test/e2e/terminal.ts';
const out = '/tmp/shots2'; mkdirSync(out, { recursive: true });
const terminal = await startTerminal({ delays: { goodbye: 1000, touchScreen: 6000, touchScreenWarning: 8000, takeCard: 10000, takeCardCalm: 3000, pinWrongNotice: 4000 } });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  const k = await openKiosk(browser, terminal.kioskUrl);
  const w = await openWorkbench(browser, terminal.workbenchUrl);
  const shot = async (name: string) => {
    const base = `${out}/${name}`;
    await k.page.screenshot({ path: `${base}-p.png` });
    await k.page.setViewportSize({ width: 1024, height: 768 });
    await k.page.waitForTimeout(60);
    await k.page.screenshot({ path: `${base}-l.png` });
    await k.page.setViewportSize({ width: 1080, height: 1920 });
  };
  const bench = async (name: string) => w.page.screenshot({ path: `${out}/wb-${name}.png` });
  const end = async () => { await w.take(); await k.screen('idle', 20000); };
  await k.screen('idle');
  await w.insert('normal', 'wrong-way'); await k.page.getByText('Balik kartu').first().waitFor(); await shot('turn'); await bench('mouth'); await w.verb('reader:take');
  await w.insert('normal', 'unreadable'); await k.screen('card-unreadable'); await shot('unreadable'); await w.page.locator('.slot[data-place="takeout"]').waitFor(); await bench('takeout'); await end();
  await w.insert('unlinked'); await w.pin(); await k.tap(/Cek Saldo/); await k.screen('not-linked'); await shot('not-linked'); await k.page.locator('dialog').waitFor(); await shot('warning'); await k.page.touchscreen.tap(500, 900); await k.tap('Selesai, ambil'); await end();
  await w.insert('multi'); await w.pin(); await k.tap(/Cek Saldo/); await k.screen('choose-membership'); await shot('choose'); await k.tap(/CV Contoh/); await k.screen('result'); await shot('inactive'); await k.tap('Lihat kepesertaan lain'); await k.tap(/Koperasi/); await k.screen('result'); await shot('claimed'); await k.tap('Lanjut'); await k.tap('Struk kertas'); await k.tap('Tidak, ambil kartu'); await k.screen('take-card'); await w.verb('printer:paper-out'); await k.page.waitForTimeout(4500); await shot('take1'); await k.page.waitForTimeout(2500); await shot('take3'); await w.take(); await k.screen('receipt-failed'); await shot('receipt-failed'); await bench('paperout'); await k.tap(/^Selesai/); await k.screen('idle'); await shot('idle-nopaper'); await w.verb('printer:load-paper');
  await w.insert('no-jht'); await w.pin('111111'); await k.tap(/Cek Saldo/); await k.screen('pin-wrong'); await shot('pin-wrong'); await k.tap('Coba lagi'); await w.pin('111111'); await k.screen('pin-wrong'); await shot('pin-wrong2'); await k.tap('Coba lagi'); await w.pin(); await k.screen('result'); await shot('no-jht'); await k.tap('Lanjut'); await k.tap('Tidak perlu'); await k.tap('Tidak, ambil kartu'); await end();
  await w.insert('normal'); await k.screen('pin'); await w.verb('reader:pull-out'); await k.screen('card-unreadable'); await shot('pulled'); await k.screen('idle'); await w.insert('long-name'); await w.pin(); await k.tap(/Cek Saldo/); await k.screen('result'); await shot('long'); const box = await k.page.locator('.hold').boundingBox(); await k.page.mouse.move(box!.x + 20, box!.y + 20); await k.page.mouse.down(); await k.page.locator('.hold[aria-pressed=true]').waitFor(); await shot('long-revealed'); await k.page.mouse.up(); await w.verb('pad:press:cancel'); await end();
  await w.insert('expired'); await w.pin(); await k.tap(/Cek Saldo/); await k.screen('sorry'); await shot('sorry'); await k.tap('Ambil nomor antrean'); await end().catch(() => {}); console.log(await w.tear());
  await k.screen('idle', 20000); await w.insert('stolen'); await w.pin(); await k.tap(/Cek Saldo/); await k.screen('card-retained'); await k.page.waitForTimeout(600); await shot('retained'); await w.page.waitForTimeout(800); await bench('retained'); console.log(await w.tear()); await k.tap('Saya mengerti'); await k.screen('idle');
  await w.verb('host:stop'); await k.screen('out-of-service'); await shot('oos'); await bench('hoststop'); await w.verb('host:start'); await k.screen('idle', 20000);
  await w.verb('reader:unplug'); await k.screen('out-of-service'); await shot('oos-reader'); await bench('unplug'); await w.verb('reader:plug'); await k.screen('idle', 20000);
  await w.verb('pad:tamper'); await k.screen('out-of-service'); await shot('oos-tamper'); await bench('tamper'); await w.verb('pad:repair'); await k.screen('idle', 20000).catch(e => console.log(String(e)));
  await k.tap('English'); await w.insert('silent'); await w.pin('12', 'enter'); await k.page.waitForTimeout(500); await shot('tooshort'); 
  console.log(k.complaints, w.complaints);
} finally { console.log(terminal.output().slice(-1500)); await browser.close(); await terminal.stop(); }
