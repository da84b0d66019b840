/**
 * Takes the pictures of docs/images from a real session: `node test/e2e/pictures.ts [FOLDER]`. Not a test; run it when the
 * screens have changed. The kiosk is drawn at its real size and taken at half of it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { constants, deflateSync } from 'node:zlib';
import { chromium } from 'playwright';
import type { Browser, Page } from 'playwright';
import { findChromium } from '../../main/launch/chromium.ts';
import { openKiosk, openWorkbench, startTerminal } from './terminal.ts';

const folder = path.resolve(process.argv[2] ?? path.join(import.meta.dirname, '../../docs/images'));
const KIOSK = { width: 540, height: 960 };
const WORKBENCH = { width: 1400, height: 1000 };
/** Large enough that neighbouring colours of an edge stay apart, small enough for a palette. */
const MOST_COLOURS = 256;

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** RGBA, row by row. */
  readonly data: Uint8Array;
}

const CRC = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

function chunk(type: string, body: Uint8Array): Buffer {
  const content = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  let crc = -1;
  for (const byte of content) crc = (CRC[(crc ^ byte) & 255] ?? 0) ^ (crc >>> 8);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(body.length, 0);
  ends.writeInt32BE(~crc, 4);
  return Buffer.concat([ends.subarray(0, 4), content, ends.subarray(4)]);
}

/** The colours that stand for all others: the boxes of colours are halved where they are widest (median cut). */
function palette(counts: ReadonlyMap<number, number>): number[][] {
  const channel = (colour: number, at: number): number => (colour >> (16 - 8 * at)) & 255;
  let boxes = [[...counts.keys()]];
  const spread = (box: readonly number[]): { readonly at: number; readonly weight: number } => {
    const widths = [0, 1, 2].map((at) => {
      const values = box.map((colour) => channel(colour, at));
      return Math.max(...values) - Math.min(...values);
    });
    const at = widths.indexOf(Math.max(...widths));
    const pixels = box.reduce((sum, colour) => sum + (counts.get(colour) ?? 0), 0);
    return { at, weight: box.length < 2 ? 0 : (widths[at] ?? 0) * Math.sqrt(pixels) };
  };
  while (boxes.length < MOST_COLOURS) {
    const widest = boxes.map((box) => ({ box, ...spread(box) })).toSorted((a, b) => b.weight - a.weight)[0];
    if (widest === undefined || widest.weight === 0) break;
    const sorted = widest.box.toSorted((a, b) => channel(a, widest.at) - channel(b, widest.at));
    const half = sorted.length >> 1;
    boxes = [...boxes.filter((box) => box !== widest.box), sorted.slice(0, half), sorted.slice(half)];
  }
  return boxes.map((box) => {
    const pixels = box.reduce((sum, colour) => sum + (counts.get(colour) ?? 0), 0);
    return [0, 1, 2].map((at) =>
      Math.round(box.reduce((sum, colour) => sum + channel(colour, at) * (counts.get(colour) ?? 0), 0) / pixels),
    );
  });
}

/** A PNG of at most 256 colours (ISO/IEC 15948, colour type 3): a third of what the browser writes. */
function smallPng({ width, height, data }: Pixels): Buffer {
  const colourAt = (pixel: number): number =>
    ((data[4 * pixel] ?? 0) << 16) | ((data[4 * pixel + 1] ?? 0) << 8) | (data[4 * pixel + 2] ?? 0);
  const counts = new Map<number, number>();
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    counts.set(colourAt(pixel), (counts.get(colourAt(pixel)) ?? 0) + 1);
  }
  const colours = palette(counts);
  const nearest = new Map<number, number>();
  for (const colour of counts.keys()) {
    const [red, green, blue] = [colour >> 16, (colour >> 8) & 255, colour & 255];
    const far = colours.map(([r = 0, g = 0, b = 0]) => (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2);
    nearest.set(colour, far.indexOf(Math.min(...far)));
  }
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      rows[y * (width + 1) + 1 + x] = nearest.get(colourAt(y * width + x)) ?? 0;
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(colours.flat())),
    chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9, strategy: constants.Z_DEFAULT_STRATEGY })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The browser decodes and scales the screenshot: it is there anyway. */
async function pixelsOf(browser: Browser, png: Buffer, size: typeof KIOSK): Promise<Pixels> {
  const page = await browser.newPage();
  const data = await page.evaluate(
    async ({ url, width, height }) => {
      const image = await createImageBitmap(await (await fetch(url)).blob(), {
        resizeWidth: width,
        resizeHeight: height,
        resizeQuality: 'high',
      });
      const canvas = new OffscreenCanvas(width, height).getContext('2d');
      canvas?.drawImage(image, 0, 0);
      const { data: bytes } = canvas?.getImageData(0, 0, width, height) ?? { data: new Uint8ClampedArray() };
      let text = '';
      for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
      return btoa(text);
    },
    { url: `data:image/png;base64,${png.toString('base64')}`, ...size },
  );
  await page.close();
  return { ...size, data: Buffer.from(data, 'base64') };
}

const found = findChromium();
if ('reason' in found) {
  process.stderr.write(`No pictures: ${found.reason}\n`);
  process.exit(1);
}
mkdirSync(folder, { recursive: true });
const terminal = await startTerminal({ delays: { takeReceipt: 60_000 } });
const browser = await chromium.launch({ executablePath: found.path, args: ['--no-sandbox'] });
try {
  const kiosk = await openKiosk(browser, terminal.kioskUrl);
  const bench = await openWorkbench(browser, terminal.workbenchUrl, WORKBENCH);
  const take = async (name: string, page: Page, size: typeof KIOSK): Promise<void> => {
    await page.evaluate(() => document.fonts.ready);
    const png = smallPng(await pixelsOf(browser, await page.screenshot(), size));
    writeFileSync(path.join(folder, `${name}.png`), png);
    process.stdout.write(`${name}.png ${Math.ceil(png.length / 1000)} kB\n`);
  };

  await kiosk.screen('idle');
  await take('kiosk-idle', kiosk.page, KIOSK);
  await bench.insert('normal');
  await kiosk.screen('pin');
  await bench.pin('1234', 'none');
  await kiosk.page.getByText('4 angka sudah diketik').waitFor();
  await take('kiosk-pin', kiosk.page, KIOSK);
  await bench.pin('56');
  await kiosk.tap('Cek Saldo BPJS Ketenagakerjaan');
  await kiosk.screen('result');
  await take('kiosk-result', kiosk.page, KIOSK);
  await kiosk.tap('Lanjut');
  await kiosk.screen('receipt-choice');
  await take('kiosk-receipt', kiosk.page, KIOSK);
  await kiosk.tap('Struk kertas');
  await kiosk.tap('Tidak, ambil kartu');
  await kiosk.screen('take-card');
  await take('kiosk-take-card', kiosk.page, KIOSK);
  await bench.take();
  await kiosk.screen('take-receipt');
  await bench.page.locator('.paper[data-cut="partial"], .paper[data-cut="full"]').waitFor();
  await bench.kiosk().locator('[data-screen="take-receipt"]').waitFor();
  await take('workbench', bench.page, WORKBENCH);
  await bench.tear();
  await kiosk.tap('Sudah saya ambil');
  await kiosk.screen('idle');
} finally {
  await browser.close();
  await terminal.stop();
}
