/** The link in service: connection, sign-on, keys, echo, correlation, key changes, holds, closing. Faults: link.faults.test.ts. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createBench,
  identity,
  jht,
  persona,
  value,
  type TestBench,
  type TestTerminal,
} from '../host/test-terminal.ts';
import type { RunningHost } from '../host/host.ts';
import { buildNetworkRequest } from '../profile/network.ts';
import { createSimulatedClock, type SimulatedClock } from '../test-clock.ts';
import type { Exchange, LinkFailure } from './contract.ts';
import type { Result } from '../result.ts';

let clock: SimulatedClock;
let bench: TestBench;
let host: RunningHost;
const log: string[] = [];

beforeEach(async () => {
  clock = createSimulatedClock();
  bench = createBench(clock);
  host = await bench.host();
  log.length = 0;
  host.onLog((line) => log.push(line));
});
afterEach(async () => {
  const closed = bench.close();
  await clock.advance(2000);
  await closed;
});

async function inService(terminal: TestTerminal): Promise<void> {
  for (let tries = 0; tries < 50 && terminal.link.state().state !== 'in-service'; tries += 1) await clock.advance(1);
  expect(terminal.link.state()).toEqual({ state: 'in-service' });
}

const kinds = (terminal: TestTerminal): string[] => terminal.events.map(({ kind }) => kind);
const count = (terminal: TestTerminal, kind: string): number => kinds(terminal).filter((one) => one === kind).length;

function ask(terminal: TestTerminal, signal = new AbortController().signal): Promise<Result<Exchange, LinkFailure>> {
  return terminal.link.request(terminal.inquiry(persona('normal')), signal);
}

describe('coming into service', () => {
  it('connects, signs on, loads its keys, and only then accepts requests', async () => {
    const terminal = bench.terminal(host.port);
    const early = await terminal.link.request(buildNetworkRequest(jht, identity, 'echo'), new AbortController().signal);
    expect(early).toMatchObject({ ok: false, error: { code: 'not-in-service' } });
    await inService(terminal);
    expect(terminal.states.map(({ state }) => state)).toEqual([
      'connecting',
      'signing-on',
      'exchanging-keys',
      'in-service',
    ]);
    expect(kinds(terminal)).toEqual(['connected', 'sent', 'received', 'signed-on', 'sent', 'received', 'keys-loaded']);
    expect(terminal.pad.loads()).toBe(1);
    expect(log.filter((line) => line.startsWith('ANJ'))).toEqual(['ANJ00001 signOn 00', 'ANJ00001 keyExchange 00']);
  });

  it("fills 7, 11, 12, 13, 37 and 64, and measures the host's share", async () => {
    let elapsed = 0;
    const terminal = bench.terminal(host.port, { elapsed: () => (elapsed += 10) });
    await inService(terminal);
    const answered = value(await ask(terminal));
    const { reply, stan, rrn, hostMs } = answered;
    expect(stan).toMatch(/^\d{6}$/);
    expect(rrn).toBe(`632402${stan}`);
    expect(reply.get(11)).toBe(stan);
    expect(reply.get(37)).toBe(rrn);
    // 2026-11-20 02:05 GMT is 09:05 in Jakarta.
    expect(reply.get(7)).toMatch(/^11200205\d\d$/);
    expect(reply.get(12)).toMatch(/^0905\d\d$/);
    expect(reply.get(13)).toBe('1120');
    expect(reply.get(64)).toMatch(/^[0-9A-F]{16}$/);
    expect(hostMs).toBe(10);
  });

  it('describes what it sends and receives without a card number, PIN block or name', async () => {
    const terminal = bench.terminal(host.port);
    await inService(terminal);
    value(await ask(terminal));
    const text = terminal.events.map((event) => `${event.detail} ${event.describe?.() ?? ''}`).join('\n');
    const { pan, name, track2, memberships } = persona('normal');
    for (const secret of [pan, name, track2, memberships[0]?.kpj ?? pan]) expect(text).not.toContain(secret);
    expect(text).toContain('0210');
  });

  it('gives each of several requests at once its own answer, whatever their order', async () => {
    const terminal = bench.terminal(host.port);
    await inService(terminal);
    host.behave('out-of-order');
    const ids = ['normal', 'large', 'inactive', 'unlinked'] as const;
    const asked = ids.map((id) => terminal.link.request(terminal.inquiry(persona(id)), new AbortController().signal));
    await clock.settle();
    for (const [index, answered] of (await Promise.all(asked)).entries()) {
      const sent = terminal.events.filter(({ kind, mti }) => kind === 'sent' && mti === '0200')[index];
      expect(value(answered).stan).toBe(sent?.stan);
      expect(value(answered).reply.get(39)).toBe(ids[index] === 'unlinked' ? '25' : '00');
    }
    const numbers = (of: string, mti: string) =>
      terminal.events.filter((one) => one.kind === of && one.mti === mti).map(({ stan }) => stan);
    expect(numbers('received', '0210')).not.toEqual(numbers('sent', '0200'));
    expect(new Set(numbers('received', '0210'))).toEqual(new Set(numbers('sent', '0200')));
  });

  it('goes to the next address at once when one refuses, and begins again with the first after a wait', async () => {
    const second = await bench.host();
    await host.stop();
    const terminal = bench.terminal([host.port, second.port]);
    await inService(terminal);
    expect(kinds(terminal).slice(0, 2)).toEqual(['connect-failed', 'connected']);
    value(await host.start());
    second.dropConnections();
    await clock.settle();
    expect(terminal.link.state().state).toBe('down');
    await clock.advance(1000);
    await inService(terminal);
    expect(host.state().connections).toBe(1);
    expect(second.state().connections).toBe(0);
  });
});

describe('idle', () => {
  it('sends an echo after a minute without traffic, and not while there is some', async () => {
    const terminal = bench.terminal(host.port);
    await inService(terminal);
    await clock.advance(59_000);
    value(await ask(terminal));
    await clock.advance(59_000);
    expect(count(terminal, 'echo')).toBe(0);
    await clock.advance(1000);
    expect(count(terminal, 'echo')).toBe(1);
    await clock.advance(60_000);
    expect(count(terminal, 'echo')).toBe(2);
    expect(terminal.link.state().state).toBe('in-service');
  });
});

describe('session keys', () => {
  it('are changed every day, without going out of service', async () => {
    const terminal = bench.terminal(host.port, { keyChangeMs: 3_600_000 });
    await inService(terminal);
    await clock.advance(3_600_100);
    expect(terminal.pad.loads()).toBe(2);
    await clock.advance(3_600_100);
    expect(terminal.pad.loads()).toBe(3);
    expect(terminal.states.at(-1)).toEqual({ state: 'in-service' });
    expect(count(terminal, 'connected')).toBe(1);
    value(await ask(terminal));
  });

  it('are changed after so many PINs', async () => {
    const terminal = bench.terminal(host.port, { keyChangePins: 3 });
    await inService(terminal);
    for (const loads of [1, 1, 2, 2, 2, 3]) {
      value(await ask(terminal));
      await clock.settle();
      expect(terminal.pad.loads()).toBe(loads);
    }
  });

  it('are not changed while a request is under way; a request made during the change waits for it', async () => {
    const terminal = bench.terminal(host.port, { keyChangePins: 1 });
    await inService(terminal);
    host.delay(1000);
    const first = ask(terminal);
    await clock.advance(900);
    expect(terminal.pad.loads()).toBe(1);
    const order: string[] = [];
    terminal.link.onEvent(({ kind, mti }) => order.push(`${kind} ${mti ?? ''}`.trim()));
    // The change begins the moment the first is answered; the second is made in that same moment.
    const second = first.then((answered) => {
      value(answered);
      return terminal.link.request(buildNetworkRequest(jht, identity, 'echo'), new AbortController().signal);
    });
    await clock.advance(2000);
    value(await second);
    expect(order.indexOf('keys-loaded')).toBeLessThan(order.lastIndexOf('sent 0800'));
    expect(terminal.pad.loads()).toBe(2);
  });

  it('are not changed while they are held, and at once on release', async () => {
    const terminal = bench.terminal(host.port, { keyChangeMs: 1000 });
    await inService(terminal);
    const hold = terminal.link.hold();
    await hold.ready;
    await clock.advance(50_000);
    expect(terminal.pad.loads()).toBe(1);
    value(await ask(terminal));
    hold.release();
    hold.release();
    await clock.settle();
    expect(terminal.pad.loads()).toBe(2);
  });

  it('wait for the release after a reconnection too: no PIN block meets a key that it was not made under', async () => {
    const terminal = bench.terminal(host.port);
    await inService(terminal);
    const hold = terminal.link.hold();
    host.dropConnections();
    await clock.advance(1000);
    expect(terminal.link.state()).toEqual({ state: 'exchanging-keys' });
    expect(await ask(terminal)).toMatchObject({ ok: false, error: { code: 'not-in-service' } });
    hold.release();
    await inService(terminal);
    expect(terminal.pad.loads()).toBe(2);
  });

  it('a hold taken during a change is ready when the change is over', async () => {
    const terminal = bench.terminal(host.port, { keyChangeMs: 1000 });
    await inService(terminal);
    let ready = false;
    const stop = terminal.link.onEvent(({ kind, mti }) => {
      if (kind !== 'sent' || mti !== '0800') return;
      stop();
      void terminal.link.hold().ready.then(() => {
        ready = true;
        expect(terminal.pad.loads()).toBe(2);
      });
    });
    await clock.advance(1100);
    expect(ready).toBe(true);
  });
});

describe('closing', () => {
  it('signs off, fails what is pending, and settles within two seconds even when the host is silent', async () => {
    const terminal = bench.terminal(host.port);
    await inService(terminal);
    host.behave('never', 'everything');
    const pending = ask(terminal);
    await clock.settle();
    const closed = terminal.link.close();
    expect(terminal.link.close()).toBe(closed);
    expect(await pending).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    await clock.advance(2000);
    await closed;
    expect(log).toContain('ANJ00001 signOff 00 (never sent)');
    expect(terminal.link.state()).toEqual({ state: 'closed' });
    expect(await ask(terminal)).toMatchObject({ ok: false, error: { code: 'not-in-service' } });
    await clock.advance(120_000);
    expect(count(terminal, 'connected')).toBe(1);
  });

  it('stops trying when it never was connected', async () => {
    await host.stop();
    const terminal = bench.terminal(host.port);
    await clock.advance(100);
    await terminal.link.close();
    const failed = count(terminal, 'connect-failed');
    await clock.advance(300_000);
    expect(count(terminal, 'connect-failed')).toBe(failed);
  });
});
