import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createTestClock, type TestClock } from '../../devices/test-clock.ts';
import type { ActionMessage, View } from '../contract.ts';
import { createStorage, type Storage } from '../storage.ts';
import type { Terminal } from '../terminal.ts';
import { serveBrowser, type BrowserHost, type BrowserHostOptions } from './host.ts';

const view = (step: number): View => ({
  step,
  language: 'id',
  terminal: {
    id: 'ANJ00001',
    bank: 'Bank Contoh',
    place: 'Jakarta',
    zone: 'WIB',
    timeZone: 'Asia/Jakarta',
    simulated: true,
    callCentre: '175',
  },
  screen: { kind: 'menu' },
});

let clock: TestClock;
let folder: string;
let storage: Storage;
let host: BrowserHost;
let acted: ActionMessage[];
let listeners: Set<(view: View) => void>;
const pages: Page[] = [];

const terminal: Terminal = {
  view: () => view(1),
  onView(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  act: (message) => {
    acted.push(message);
  },
  stop: () => Promise.resolve(),
  onDefect: () => undefined,
};

async function serve(change: Partial<BrowserHostOptions> = {}): Promise<BrowserHost> {
  const served = await serveBrowser({
    terminal,
    assets: new Map([['/index.html', { body: Buffer.from('<p>'), type: 'text/html' }]]),
    bind: '127.0.0.1',
    port: 0,
    clock,
    storage: storage.open,
    tokens: ['from-the-launcher'],
    frameAncestors: [],
    ...change,
  });
  if (!served.ok) throw new Error(served.error.detail);
  return served.value;
}

beforeEach(async () => {
  clock = createTestClock();
  folder = mkdtempSync(path.join(os.tmpdir(), 'anjungan-host-'));
  storage = createStorage(folder);
  acted = [];
  listeners = new Set();
  host = await serve();
});
afterEach(async () => {
  for (const page of pages.splice(0)) page.socket.terminate();
  await host.close();
  storage.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Page {
  readonly socket: WebSocket;
  readonly opened: boolean;
  readonly messages: Readonly<Record<string, unknown>>[];
  message(type: string): Promise<Readonly<Record<string, unknown>>>;
  readonly closed: Promise<number>;
}

async function open(token: string): Promise<Page> {
  const socket = new WebSocket(`${host.origin.replace('http', 'ws')}/ui`, ['anjungan.v1', `token.${token}`], {
    origin: host.origin,
  });
  const messages: Readonly<Record<string, unknown>>[] = [];
  socket.on('message', (data: Buffer) =>
    messages.push(JSON.parse(data.toString('utf8')) as Readonly<Record<string, unknown>>),
  );
  socket.on('error', () => undefined);
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  const opened = await Promise.race([once(socket, 'open').then(() => true), closed.then(() => false)]);
  const page: Page = {
    socket,
    opened,
    messages,
    closed,
    message: (type) =>
      vi.waitFor(() => {
        const found = messages.find((message) => message['type'] === type);
        if (found === undefined) throw new Error(`no message ${type}`);
        return found;
      }),
  };
  pages.push(page);
  return page;
}

const tokenOf = (address: string): string => new URLSearchParams(new URL(address).hash.slice(1)).get('token') ?? '';
const action = (step: number): string => JSON.stringify({ type: 'action', step, action: { kind: 'finish' } });

describe('a page', () => {
  it('comes with the address it was given, gets the token for its return, then the View, and every View after', async () => {
    const page = await open(tokenOf(host.address()));
    await page.message('view');
    expect(page.messages.map(({ type }) => type)).toEqual(['resume', 'view']);
    expect(page.messages[1]).toEqual({ type: 'view', view: view(1) });
    for (const listener of listeners) listener(view(2));
    await vi.waitFor(() => expect(page.messages[2]).toEqual({ type: 'view', view: view(2) }));
  });

  it('comes back with the token for its return, and each is good once', async () => {
    const first = await open('from-the-launcher');
    const { token } = await first.message('resume');
    first.socket.close();
    await first.closed;
    expect((await open('from-the-launcher')).opened).toBe(false);
    const second = await open(String(token));
    expect(second.opened).toBe(true);
    expect((await second.message('resume'))['token']).not.toBe(token);
    expect((await open(String(token))).opened).toBe(false);
  });

  it('comes back after the core has started again on the same data', async () => {
    const first = await open(tokenOf(host.address()));
    const { token } = await first.message('resume');
    await host.close();
    storage.close();
    host = await serve({ tokens: [] });
    expect((await open('from-the-launcher')).opened).toBe(false);
    expect((await open(String(token))).opened).toBe(true);
  });

  it('acts', async () => {
    const page = await open('from-the-launcher');
    page.socket.send(action(1));
    page.socket.send(JSON.stringify({ step: 2, action: { kind: 'language', language: 'en', extra: 'dropped' } }));
    await vi.waitFor(() => expect(acted).toHaveLength(2));
    expect(acted).toEqual([
      { step: 1, action: { kind: 'finish' } },
      { step: 2, action: { kind: 'language', language: 'en' } },
    ]);
  });

  it('is forgotten when it leaves', async () => {
    const page = await open('from-the-launcher');
    await page.message('view');
    expect(listeners.size).toBe(1);
    page.socket.close();
    await vi.waitFor(() => expect(listeners.size).toBe(0));
  });

  it.each([
    ['no JSON', 'finish'],
    ['nothing', ''],
    ['no action', '{"type":"action","step":1,"action":{"kind":"eject-cash"}}'],
    ['an action without its step', '{"type":"action","action":{"kind":"finish"}}'],
    ['a list', '[1,2,3]'],
    ['null', 'null'],
    ['a long message', JSON.stringify({ step: 1, action: { kind: 'finish' }, pad: 'x'.repeat(5_000) })],
    ['bytes', Buffer.from(action(1))],
  ])('that sends %s is shut out, and nothing it sends after counts', async (_, data) => {
    const page = await open('from-the-launcher');
    page.socket.send(data);
    page.socket.send(action(1));
    expect([1008, 1006, 1009]).toContain(await page.closed);
    expect(acted).toEqual([]);
    await vi.waitFor(() => expect(listeners.size).toBe(0));
  });

  it('touches no more than forty times a second', async () => {
    const page = await open('from-the-launcher');
    for (let step = 1; step <= 40; step += 1) page.socket.send(action(step));
    await vi.waitFor(() => expect(acted).toHaveLength(40));
    await clock.advance(1_000);
    for (let step = 1; step <= 60; step += 1) page.socket.send(action(step));
    expect(await page.closed).toBe(1008);
    expect(acted).toHaveLength(80);
  });

  it('that does not read is dropped instead of kept in memory', async () => {
    const page = await open('from-the-launcher');
    await page.message('view');
    page.socket.pause();
    const big: View = { ...view(3), screen: { kind: 'receipt-qr', text: 'x'.repeat(400_000) } };
    for (let n = 0; n < 100 && listeners.size > 0; n += 1) {
      for (const listener of listeners) listener(big);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(listeners.size).toBe(0);
  });
});

describe('the port', () => {
  it('that is taken is a value', async () => {
    const served = await serveBrowser({
      terminal,
      assets: new Map(),
      bind: '127.0.0.1',
      port: Number(new URL(host.origin).port),
      clock,
      storage: storage.open,
      tokens: [],
      frameAncestors: [],
    });
    expect(served).toMatchObject({ ok: false, error: { code: 'port-in-use' } });
  });
});

describe('the page itself', () => {
  it('is framed by the workbench only where that was told', async () => {
    const policy = async (): Promise<string> =>
      (await fetch(`${host.origin}/`)).headers.get('content-security-policy') ?? '';
    expect(await policy()).toContain("frame-ancestors 'none'");
    await host.close();
    host = await serve({ frameAncestors: ['http://127.0.0.1:8701'] });
    expect(await policy()).toContain('frame-ancestors http://127.0.0.1:8701');
  });
});
