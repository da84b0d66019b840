/** The composition root: what the configuration says about the host's line reaches the link. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../protocol/clock.ts';
import { startHost, type RunningHost } from '../protocol/host/host.ts';
import type { LinkEvent } from '../protocol/link/contract.ts';
import {
  createTestAuthority,
  opensslMissing,
  type Issued,
  type TestAuthority,
} from '../protocol/link/test-authority.ts';
import { loadProfile } from '../protocol/profile/profile.ts';
import { parseConfig, SIMULATED_TERMINAL, type Config } from './config.ts';
import { startCore } from './core.ts';

const missing = opensslMissing();

describe.skipIf(missing !== undefined)(`host.tls${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let folder = '';
  let bank: TestAuthority;
  let terminal: Issued;
  let host: RunningHost;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'anjungan-core-'));
    bank = createTestAuthority(folder, 'bank');
    terminal = bank.issue('terminal');
    const profile = loadProfile('jht');
    if (!profile.ok) throw new Error('the profile jht does not load');
    const started = await startHost({ profile: profile.value, tls: bank.hostTls(bank.issue('host')) });
    if (!started.ok) throw new Error(started.error.code);
    host = started.value;
  });
  afterAll(async () => {
    await host.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Devices that are not there: the link does without them until it needs the pad. */
  function config(tls: object): Config {
    const line = { kind: 'tcp', host: '127.0.0.1', port: 1 };
    const parsed = parseConfig({
      ...SIMULATED_TERMINAL,
      host: { endpoints: [{ host: '127.0.0.1', port: host.port }], tls },
      devices: {
        cardReader: { line },
        pinPad: { line: { ...line, port: 2 } },
        receiptPrinter: { line: { ...line, port: 3 } },
      },
      data: { folder: join(folder, 'data') },
    });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.mistakes));
    return parsed.config;
  }

  it('signs on over TLS with the certificate that is named', async () => {
    const events: LinkEvent[] = [];
    const signedOn = Promise.withResolvers<undefined>();
    const core = startCore({
      config: config(bank.files(terminal)),
      clock: systemClock,
      log: () => undefined,
      onLinkEvent(event) {
        events.push(event);
        if (event.kind === 'signed-on') signedOn.resolve(undefined);
      },
    });
    if (!core.ok) throw new Error(core.error.detail);
    await signedOn.promise;
    await core.value.stop(0);
    expect(events[0]).toMatchObject({ kind: 'connected' });
  });

  it('a file that cannot be read stops the start, and says which', () => {
    const core = startCore({
      config: config({ ...bank.files(terminal), key: join(folder, 'nothing.key') }),
      clock: systemClock,
      log: () => undefined,
    });
    expect(core).toMatchObject({ ok: false, error: { code: 'incomplete' } });
    if (!core.ok) expect(core.error.detail).toMatch(/^host\.tls\.key: .*nothing\.key cannot be read \(ENOENT\)$/);
  });
});
