/** TLS 1.3 with client certificates, over real sockets, with an authority made here: what is accepted, and what is said when not. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunningHost } from '../host/host.ts';
import { createBench, persona, value, type TestBench, type TestTerminal } from '../host/test-terminal.ts';
import { createSimulatedClock, type SimulatedClock } from '../test-clock.ts';
import { createTestAuthority, opensslMissing, type Issued, type TestAuthority } from './test-authority.ts';
import { loadTls, type TlsFiles } from './tls.ts';

const missing = opensslMissing();

describe.skipIf(missing !== undefined)(`TLS${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let folder = '';
  let bank: TestAuthority;
  let stranger: TestAuthority;
  let server: Issued;
  let expiredServer: Issued;
  let terminalCert: Issued;
  let expiredTerminal: Issued;
  let foreignTerminal: Issued;
  let clock: SimulatedClock;
  let bench: TestBench;
  let hostLog: string[];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'anjungan-tls-'));
    bank = createTestAuthority(folder, 'bank');
    stranger = createTestAuthority(folder, 'stranger');
    server = bank.issue('host');
    expiredServer = bank.issue('host-expired', -1);
    terminalCert = bank.issue('terminal');
    expiredTerminal = bank.issue('terminal-expired', -1);
    foreignTerminal = stranger.issue('terminal');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  beforeEach(() => {
    clock = createSimulatedClock();
    bench = createBench(clock);
    hostLog = [];
  });
  afterEach(async () => {
    const closed = bench.close();
    await clock.advance(2000);
    await closed;
  });

  async function tlsHost(issued: Issued = server, authority = bank): Promise<RunningHost> {
    const host = await bench.host({ tls: authority.hostTls(issued) });
    host.onLog((line) => hostLog.push(line));
    return host;
  }

  function terminal(port: number, files: TlsFiles, now = Date.now()): TestTerminal {
    return bench.terminal(port, { dial: value(loadTls(files, now)) });
  }

  async function until(check: () => boolean): Promise<void> {
    // The link begins within a millisecond of the clock; a process of its own takes real time.
    const limit = performance.now() + 10_000;
    for (let turn = 0; !check() && performance.now() < limit; turn += 1) await clock.advance(turn < 20 ? 1 : 0);
    expect(check()).toBe(true);
  }

  const failure = (of: TestTerminal): string =>
    of.events.find(({ kind }) => kind === 'connect-failed' || kind === 'lost')?.detail ?? '';

  it('a host and a terminal of one authority: an inquiry, over TLS 1.3', async () => {
    const host = await tlsHost();
    const dial = value(loadTls(bank.files(terminalCert), Date.now()));
    const sockets: TLSSocket[] = [];
    const one = bench.terminal(host.port, {
      dial(endpoint) {
        const socket = dial(endpoint);
        sockets.push(socket);
        return socket;
      },
    });
    await until(() => one.link.state().state === 'in-service');
    expect(sockets.map((socket) => [socket.getProtocol(), socket.authorized])).toEqual([['TLSv1.3', true]]);
    const asked = one.link.request(one.inquiry(persona('normal')), new AbortController().signal);
    await until(() => one.events.some(({ kind, mti }) => kind === 'received' && mti === '0210'));
    expect(value(await asked).reply.get(39)).toBe('00');
  });

  it('a host of an authority that was not named', async () => {
    const host = await tlsHost(stranger.issue('host'), stranger);
    const one = terminal(host.port, bank.files(terminalCert));
    await until(() => failure(one) !== '');
    expect(failure(one)).toContain("the host's certificate is not of the authority that was named");
    expect(one.states.some(({ state }) => state === 'signing-on')).toBe(false);
  });

  it("a host's certificate that has expired", async () => {
    const host = await tlsHost(expiredServer);
    const one = terminal(host.port, bank.files(terminalCert));
    await until(() => failure(one) !== '');
    expect(failure(one)).toContain("the host's certificate has expired (CERT_HAS_EXPIRED)");
  });

  it("a host's certificate for another name", async () => {
    const host = await tlsHost();
    const one = terminal(host.port, bank.files(terminalCert, { servername: 'switch.bank.example' }));
    await until(() => failure(one) !== '');
    expect(failure(one)).toContain("the host's certificate is for another name");
  });

  it.each([
    ['of another authority', () => foreignTerminal],
    ['that has expired', () => expiredTerminal],
  ])('a terminal with a certificate %s: the host hangs up, both say why, and nobody signs on', async (_, issued) => {
    const host = await tlsHost();
    // Compared with no time at all: a terminal that does not know that its certificate is out of date.
    const one = terminal(host.port, bank.files(issued()), Number.NaN);
    await until(() => failure(one) !== '');
    expect(failure(one)).toMatch(/certificate/);
    expect(hostLog.join('\n')).toMatch(/TLS refused/);
    expect(one.states.some(({ state }) => state === 'in-service')).toBe(false);
  });

  it('a host that speaks TLS 1.2 at most', async () => {
    const old = createServer({ ...bank.hostTls(server), maxVersion: 'TLSv1.2', requestCert: true });
    old.on('tlsClientError', (_, socket) => socket.destroy());
    old.listen(0, '127.0.0.1');
    await once(old, 'listening');
    const address = old.address();
    const one = terminal(typeof address === 'object' ? (address?.port ?? 0) : 0, bank.files(terminalCert));
    await until(() => failure(one) !== '');
    expect(failure(one)).toContain('the host does not speak TLS 1.3');
    old.close();
  });

  it('a host that speaks no TLS at all, and a terminal that speaks none to a host that does', async () => {
    const plain = await bench.host();
    const one = terminal(plain.port, bank.files(terminalCert));
    await until(() => failure(one) !== '' || plain.state().connections === 0);
    await clock.advance(10_000);
    await until(() => failure(one) !== '');
    const host = await tlsHost();
    const two = bench.terminal(host.port);
    await until(() => failure(two) !== '');
    expect(hostLog.join('\n')).toContain('TLS refused');
    for (const each of [one, two]) expect(each.states.some(({ state }) => state === 'in-service')).toBe(false);
  });

  describe('a host of another make (openssl s_server), which says why it hangs up', () => {
    let child: ChildProcess | undefined;
    afterEach(() => child?.kill('SIGKILL'));

    async function listening(): Promise<number> {
      const asking = ['-Verify', '1', '-verify_return_error', '-CAfile', bank.ca];
      const own = ['-cert', server.cert, '-key', server.key, '-tls1_3'];
      child = spawn('openssl', ['s_server', '-accept', '127.0.0.1:0', ...own, ...asking], {
        stdio: ['pipe', 'pipe', 'ignore'],
      });
      let said = '';
      for await (const bytes of child.stdout ?? []) {
        said += String(bytes);
        const port = /ACCEPT 127\.0\.0\.1:(\d+)/.exec(said)?.[1];
        if (port !== undefined) return Number(port);
      }
      throw new Error('s_server ended');
    }

    it.each([
      ['of another authority', () => foreignTerminal, 'the host does not know the authority of our certificate'],
      ['that has expired', () => expiredTerminal, 'our certificate has expired, says the host'],
    ])('a terminal with a certificate %s', async (_, issued, expected) => {
      const one = terminal(await listening(), bank.files(issued()), Number.NaN);
      await until(() => failure(one) !== '');
      expect(failure(one)).toContain(expected);
    });
  });

  describe('the host simulator as a process', () => {
    const script = new URL('../host/run.ts', import.meta.url).pathname;
    let child: ChildProcess | undefined;
    afterEach(() => child?.kill('SIGKILL'));

    it('speaks TLS with the files of its command line', async () => {
      const started = spawn(
        process.execPath,
        [script, '--port', '0', '--tls-cert', server.cert, '--tls-key', server.key, '--tls-ca', bank.ca],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      child = started;
      const port = await new Promise<number>((resolve) => {
        started.stdout.on('data', (bytes) => {
          const listening = /listening on 127\.0\.0\.1:(\d+)/.exec(String(bytes))?.[1];
          if (listening !== undefined) resolve(Number(listening));
        });
      });
      const one = terminal(port, bank.files(terminalCert));
      await until(() => one.link.state().state === 'in-service');
    });

    it('says which of them is missing or cannot be read', () => {
      const { status, stderr } = spawnSync(process.execPath, [
        script,
        '--tls-cert',
        server.cert,
        '--tls-ca',
        '/nowhere',
      ]);
      expect(status).toBe(2);
      expect(String(stderr)).toContain('--tls-key is missing');
      expect(String(stderr)).toContain('--tls-ca cannot be read (ENOENT)');
    });
  });

  describe('the files, before anything is dialled', () => {
    const text = (name: string, content: string): string => {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    };
    it.each<[string, (files: TlsFiles) => TlsFiles, object]>([
      ['a path to nothing', (files) => ({ ...files, ca: '/nowhere/ca.pem' }), { code: 'unreadable', file: 'ca' }],
      [
        'no certificate',
        (files) => ({ ...files, cert: text('empty.pem', 'x') }),
        { code: 'not-a-certificate', file: 'cert' },
      ],
      [
        'a certificate cut short',
        (files) => ({
          ...files,
          ca: text('cut.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'),
        }),
        { code: 'not-a-certificate', file: 'ca' },
      ],
      ['no key', (files) => ({ ...files, key: files.cert }), { code: 'not-a-key', file: 'key' }],
      ["another's key", (files) => ({ ...files, key: server.key }), { code: 'key-of-another', file: 'key' }],
      [
        'a certificate that has expired',
        (files) => ({ ...files, ...expiredTerminal }),
        { code: 'expired', file: 'cert' },
      ],
    ])('%s is a value that says so', (_, change, expected) => {
      const now = Date.now() + 60_000;
      const loaded = loadTls(change(bank.files(terminalCert)), now);
      expect(loaded).toMatchObject({ ok: false, error: expected });
      expect(JSON.stringify(loaded)).not.toContain('BEGIN');
    });

    it('a certificate that is not valid yet', () => {
      const loaded = loadTls(bank.files(terminalCert), Date.now() - 86_400_000);
      expect(loaded).toMatchObject({ ok: false, error: { code: 'not-yet-valid' } });
    });
  });
});
