import http from 'node:http';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket, type ClientOptions } from 'ws';
import { createTestClock, type TestClock } from '../../devices/test-clock.ts';
import type { Asset } from './assets.ts';
import { serveLoopback, type Loopback, type LoopbackOptions } from './loopback.ts';

const asset = (body: string, type = 'text/html; charset=utf-8'): Asset => ({ body: Buffer.from(body), type });
const assets = new Map([
  ['/index.html', asset('<p>kiosk')],
  ['/workbench.html', asset('<p>workbench')],
  ['/assets/a.js', asset('0', 'text/javascript; charset=utf-8')],
]);

let clock: TestClock;
let served: Loopback;
let serverSockets: WebSocket[];
const clients: WebSocket[] = [];

async function serve(change: Partial<LoopbackOptions> = {}): Promise<Loopback> {
  const result = await serveLoopback({
    bind: '127.0.0.1',
    port: 0,
    assets,
    index: '/index.html',
    hidden: ['/workbench.html'],
    socketPath: '/ui',
    protocol: 'test.v1',
    admit: (token) => token === 'good',
    onSocket: (socket) => {
      serverSockets.push(socket);
      socket.on('message', (data) => {
        socket.send(data);
      });
    },
    clock,
    ...change,
  });
  if (!result.ok) throw new Error(result.error.detail);
  return result.value;
}

beforeEach(async () => {
  clock = createTestClock();
  serverSockets = [];
  served = await serve();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  await served.close();
});

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** Rule by rule. */
  readonly policy: readonly string[];
  readonly body: string;
}

/** As written: neither the path nor the Host is tidied up on the way, as `fetch` would. */
function ask(path: string, options: { readonly method?: string; readonly host?: string } = {}): Promise<Answer> {
  const { port, host } = new URL(served.origin);
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        host: '127.0.0.1',
        port,
        path,
        method: options.method ?? 'GET',
        headers: { host: options.host ?? host },
        agent: false,
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => (body += text));
        response.on('end', () => {
          const policy = String(response.headers['content-security-policy']).split('; ');
          resolve({ status: response.statusCode ?? 0, headers: response.headers, policy, body });
        });
      },
    );
    request.on('error', reject);
    request.end();
  });
}

interface Dialled {
  readonly path?: string;
  readonly protocols?: string[];
  readonly origin?: string | null;
  readonly host?: string;
  readonly autoPong?: boolean;
}

/** 101 when the socket is open, else the status of the refusal. */
function dial(how: Dialled = {}): Promise<{ readonly status: number; readonly socket: WebSocket }> {
  const { host } = new URL(served.origin);
  const options: ClientOptions = {
    headers: { host: how.host ?? host },
    ...(how.origin === null ? {} : { origin: how.origin ?? served.origin }),
    ...(how.autoPong === undefined ? {} : { autoPong: how.autoPong }),
  };
  const socket = new WebSocket(`ws://${host}${how.path ?? '/ui'}`, how.protocols ?? ['test.v1', 'token.good'], options);
  clients.push(socket);
  socket.on('error', () => undefined);
  return new Promise((resolve) => {
    socket.once('open', () => {
      resolve({ status: 101, socket });
    });
    socket.once('unexpected-response', (_, response) => {
      resolve({ status: response.statusCode ?? 0, socket });
      response.resume();
    });
  });
}

async function closed(socket: WebSocket): Promise<number> {
  if (socket.readyState === WebSocket.CLOSED) throw new Error('closed before anybody looked');
  return new Promise((resolve) => socket.once('close', resolve));
}

describe('files', () => {
  it('are served from the closed set, the index at the root', async () => {
    expect(await ask('/')).toMatchObject({
      status: 200,
      body: '<p>kiosk',
      headers: { 'content-type': 'text/html; charset=utf-8' },
    });
    expect(await ask('/index.html?v=1')).toMatchObject({ status: 200, body: '<p>kiosk' });
    expect(await ask('/assets/a.js')).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/javascript; charset=utf-8' },
    });
  });

  it.each([
    '/workbench.html',
    '/workbench.html?x',
    '/assets',
    '/assets/',
    '/../package.json',
    '/assets/../../package.json',
    '/assets/../index.html',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/..%2f..%2fetc/passwd',
    '/assets\\a.js',
    '//etc/passwd',
    '/index.html/',
    '/index.html%00',
    '/ui',
    '/__proto__',
    '/constructor',
    'http://127.0.0.1/index.html',
    '*',
  ])('%s is not here', async (path) => {
    const answer = await ask(path);
    expect(answer.status).toBe(404);
    expect(answer.body).toBe('Not here.\n');
    expect(answer.policy).toContain("default-src 'none'");
  });

  it('are read only', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']) {
      expect((await ask('/', { method })).status, method).toBe(405);
    }
    const head = await ask('/', { method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, body: '', headers: { 'content-length': '8' } });
  });

  it('say what the page may do: nothing but what is its own', async () => {
    const { headers, policy } = await ask('/');
    const socket = served.origin.replace('http', 'ws');
    expect(policy).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "font-src 'self'",
      `connect-src 'self' ${socket}`,
      "frame-src 'none'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "object-src 'none'",
    ]);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  it('may be framed, and frame, only where that was told', async () => {
    await served.close();
    served = await serve({
      frameAncestors: () => ['http://127.0.0.1:8701'],
      frames: ['http://127.0.0.1:8700'],
    });
    const { policy } = await ask('/');
    expect(policy).toContain('frame-ancestors http://127.0.0.1:8701');
    expect(policy).toContain('frame-src http://127.0.0.1:8700');
  });
});

describe('the Host', () => {
  const wrong = (): readonly string[] => {
    const { port } = new URL(served.origin);
    return [
      `localhost:${port}`,
      `127.0.0.1:${Number(port) + 1}`,
      '127.0.0.1',
      `127.0.0.2:${port}`,
      `[::1]:${port}`,
      `127.0.0.1:${port}.evil.example`,
      'evil.example',
    ];
  };

  it('is exactly the one that is served', async () => {
    for (const host of wrong()) {
      const answer = await ask('/', { host });
      expect([host, answer.status]).toEqual([host, 421]);
      expect(answer.body).not.toContain('kiosk');
      expect([host, (await dial({ host })).status]).toEqual([host, 403]);
    }
    expect(serverSockets).toHaveLength(0);
  });
});

describe('the socket', () => {
  it('opens for the right origin, subprotocol and token', async () => {
    const { status, socket } = await dial();
    expect(status).toBe(101);
    expect(socket.protocol).toBe('test.v1');
    socket.send('hello');
    const [data] = (await once(socket, 'message')) as [Buffer];
    expect(data.toString()).toBe('hello');
  });

  it('stays shut for every other origin', async () => {
    const { port } = new URL(served.origin);
    for (const origin of [
      null,
      'null',
      `http://localhost:${port}`,
      `https://127.0.0.1:${port}`,
      `http://127.0.0.1:${Number(port) + 1}`,
      'http://127.0.0.1',
      `${served.origin}/`,
      `${served.origin}.evil.example`,
      'https://evil.example',
    ]) {
      expect([origin, (await dial({ origin })).status]).toEqual([origin, 403]);
    }
    expect(serverSockets).toHaveLength(0);
  });

  it.each<[string, Dialled, number]>([
    ['another path', { path: '/' }, 404],
    ['a path that only begins the same', { path: '/ui?token=good' }, 404],
    ['no subprotocol', { protocols: [] }, 401],
    ['the token alone', { protocols: ['token.good'] }, 401],
    ['the subprotocol alone', { protocols: ['test.v1'] }, 401],
    ['another version', { protocols: ['test.v2', 'token.good'] }, 401],
    ['a wrong token', { protocols: ['test.v1', 'token.bad'] }, 401],
    ['an empty token', { protocols: ['test.v1', 'token.'] }, 401],
  ])('stays shut for %s', async (_, how, status) => {
    expect((await dial(how)).status).toBe(status);
    expect(serverSockets).toHaveLength(0);
  });

  it('is not opened by a handshake that stops half way, which ends by itself', async () => {
    const { port, host } = new URL(served.origin);
    const raw = connect(Number(port), '127.0.0.1');
    await once(raw, 'connect');
    // No Sec-WebSocket-Key.
    raw.write(
      `GET /ui HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${served.origin}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: test.v1, token.good\r\n\r\n',
    );
    let text = '';
    raw.setEncoding('utf8').on('data', (part: string) => (text += part));
    await once(raw, 'close');
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(serverSockets).toHaveLength(0);
  });

  it('closes on a message of more than 4096 bytes', async () => {
    const { socket } = await dial();
    socket.send('x'.repeat(4_096));
    await once(socket, 'message');
    socket.send('x'.repeat(4_097));
    expect([1006, 1009]).toContain(await closed(socket));
  });

  it('closes on bytes that are no frame of a page', async () => {
    const { port, host } = new URL(served.origin);
    const request = http.request({
      host: '127.0.0.1',
      port,
      path: '/ui',
      headers: {
        host,
        origin: served.origin,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': Buffer.alloc(16, 1).toString('base64'),
        'sec-websocket-protocol': 'test.v1, token.good',
      },
    });
    request.end();
    const [, raw] = (await once(request, 'upgrade')) as [unknown, Socket];
    const gone = once(raw, 'close');
    // Unmasked, which a page cannot send (RFC 6455 §5.1).
    raw.write(Buffer.from([0x81, 0x01, 0x41]));
    raw.resume();
    await gone;
    expect(serverSockets).toHaveLength(1);
    await vi.waitFor(() => expect(serverSockets[0]?.readyState).toBe(WebSocket.CLOSED));
  });

  it('opens eight times and not once more, until one has left', async () => {
    const open = await Promise.all(Array.from({ length: 8 }, () => dial()));
    expect(open.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 101));
    expect((await dial()).status).toBe(503);
    const server = serverSockets[0];
    if (server === undefined) throw new Error('not open');
    const gone = closed(server);
    open[0]?.socket.close();
    await gone;
    expect((await dial()).status).toBe(101);
  });
});

describe('a page that', () => {
  it('lives is left alone', async () => {
    const { socket } = await dial();
    for (let minute = 0; minute < 3; minute += 1) {
      const pinged = once(socket, 'ping');
      await clock.advance(10_000);
      await pinged;
      // Its answer comes after the pong.
      socket.send('here');
      await once(socket, 'message');
    }
    expect(socket.readyState).toBe(WebSocket.OPEN);
  });

  it('does not answer is dropped, and its timer with it', async () => {
    const { socket } = await dial({ autoPong: false });
    const pinged = once(socket, 'ping');
    await clock.advance(10_000);
    await pinged;
    const gone = closed(socket);
    expect(socket.readyState).toBe(WebSocket.OPEN);
    await clock.advance(10_000);
    expect(await gone).toBe(1006);
    await clock.advance(0);
    expect(clock.pending).toBe(0);
  });
});

describe('the port', () => {
  it('that is taken is a value, and the one who has it goes on', async () => {
    const port = Number(new URL(served.origin).port);
    const second = await serveLoopback({
      bind: '127.0.0.1',
      port,
      assets,
      index: '/index.html',
      hidden: [],
      socketPath: '/ui',
      protocol: 'test.v1',
      admit: () => true,
      onSocket: () => undefined,
      clock,
    });
    expect(second).toEqual({
      ok: false,
      error: { code: 'port-in-use', detail: `127.0.0.1:${port} (EADDRINUSE)` },
    });
    expect((await ask('/')).status).toBe(200);
  });

  it('is free again after close, which ends every connection and timer', async () => {
    const { socket } = await dial();
    const idle = connect(Number(new URL(served.origin).port), '127.0.0.1');
    await once(idle, 'connect');
    const gone = [closed(socket), once(idle, 'close')];
    const port = Number(new URL(served.origin).port);
    await served.close();
    await Promise.all(gone);
    await clock.advance(0);
    expect(clock.pending).toBe(0);
    served = await serve({ port });
    expect((await ask('/')).status).toBe(200);
  });

  it('of an address that this machine does not have is a value', async () => {
    // TEST-NET-3, RFC 5737.
    const result = await serveLoopback({
      bind: '203.0.113.1',
      port: 0,
      assets,
      index: '/index.html',
      hidden: [],
      socketPath: '/ui',
      protocol: 'test.v1',
      admit: () => true,
      onSocket: () => undefined,
      clock,
    });
    expect(result).toMatchObject({ ok: false, error: { code: 'unknown' } });
  });
});
