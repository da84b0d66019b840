/** The driver against the simulated reader: real bytes over a pty and over TCP, the same cases on both; time simulated. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { SimulatedCard } from '../simulator/contract.ts';
import { createCardReaderSimulator, type CardReaderSimulatorOptions } from '../simulator/card-reader.ts';
import { listenTcp, openPty, type Attachable, type LineEnd } from '../simulator/line-end.ts';
import { createTestClock } from '../test-clock.ts';
import { ptyRoundTrip } from '../test-pty.ts';
import { openPipe } from '../transport/open.ts';
import type { LineAddress } from '../transport/pipe.ts';
import type { CardReaderStatus } from './contract.ts';
import { createOmron3S4YR } from './omron-3s4yr.ts';

const folder = mkdtempSync(join(tmpdir(), 'omron-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const track2 = '6013010000000017=30121010000012300000';
const card: SimulatedCard = { label: 'Sari', track2, flaw: 'none' };

interface Medium {
  readonly name: string;
  open(simulator: Attachable): Promise<{ end: LineEnd; address: LineAddress }>;
}

let links = 0;
const media: readonly Medium[] = [
  {
    name: 'a pty',
    async open(simulator) {
      links += 1;
      const path = join(folder, `reader${String(links)}`);
      const end = await openPty(simulator, { link: path });
      return { end, address: { kind: 'serial', path, baudRate: 9600, dataBits: 8, parity: 'even', stopBits: 1 } };
    },
  },
  {
    name: 'TCP',
    async open(simulator) {
      const end = await listenTcp(simulator, { port: 0 });
      return { end, address: { kind: 'tcp', host: '127.0.0.1', port: Number(new URL(end.address).port) } };
    },
  },
];

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const never = new AbortController().signal;

describe.each(media)('OMRON 3S4YR over $name', (medium) => {
  async function setUp(options: Partial<CardReaderSimulatorOptions> & { readonly absent?: boolean } = {}) {
    const clock = createTestClock({ roundTrip: ptyRoundTrip });
    const simulator = createCardReaderSimulator({ clock, ...options });
    const { end, address } = await medium.open(simulator);
    if (options.absent) await end.unplug();
    const trace: string[] = [];
    const reader = createOmron3S4YR({ open: openPipe(address), clock, trace: (line) => trace.push(line) });
    const statuses: CardReaderStatus[] = [];
    reader.onStatus((status) => statuses.push(status));
    cleanups.push(async () => {
      await reader.close();
      await end.close();
    });
    const ready = (): Promise<void> => clock.until(() => reader.status().state === 'ready');
    const { verbs } = simulator;
    return { clock, simulator, verbs, end, reader, statuses, trace, ready };
  }

  /** A reader that has taken the card in. */
  async function withCardInside(inserted = card, options: Partial<CardReaderSimulatorOptions> = {}) {
    const all = await setUp(options);
    await all.ready();
    const accepted = all.reader.acceptCard(never);
    await all.clock.until(() => all.simulator.state().accepting);
    expect(all.verbs.insert(inserted)).toBe(true);
    expect(await all.clock.settle(accepted)).toEqual({ ok: true, value: undefined });
    return all;
  }

  it('does a whole card cycle', async () => {
    const { clock, reader, verbs, simulator, ready, statuses } = await setUp();
    expect(reader.status()).toEqual({ state: 'unknown' });
    await ready();
    await clock.until(() => reader.information().firmware !== undefined);
    expect(reader.information()).toEqual({ firmware: '3S4YR SIMULATED 01.00', retainedCards: 0 });

    const accepted = reader.acceptCard(never);
    await clock.until(() => simulator.state().accepting);
    verbs.insert(card);
    expect((await clock.settle(accepted)).ok).toBe(true);
    expect(simulator.state()).toMatchObject({ place: 'inside', accepting: false });
    expect(reader.status()).toEqual({ state: 'ready', media: 'inside' });

    expect(await clock.settle(reader.readTrack2())).toEqual({ ok: true, value: { ok: true, data: track2 } });
    expect(await clock.settle(reader.eject())).toEqual({ ok: true, value: undefined });
    expect(reader.status()).toEqual({ state: 'ready', media: 'takeout' });

    const removed = reader.waitForRemoval(never);
    await clock.advance(3000);
    expect(verbs.take()).toBe(true);
    expect(await clock.settle(removed)).toEqual({ ok: true, value: undefined });
    expect(statuses.map((status) => (status.state === 'ready' ? status.media : status.state))).toEqual([
      'none',
      'inside',
      'takeout',
      'none',
    ]);
    expect(reader.statistics()).toMatchObject({ reconnects: 0, discardedBytes: 0, errors: {}, retries: {} });
  });

  it('finds a card left inside by a crash, holds it, and gives it back', async () => {
    const first = await withCardInside();
    await first.reader.close();
    first.verbs.reboot();
    const { clock, simulator } = first;
    const opened = await medium.open(simulator);
    const again = createOmron3S4YR({ open: openPipe(opened.address), clock });
    cleanups.push(async () => {
      await again.close();
      await opened.end.close();
    });
    await clock.until(() => again.status().state === 'ready');
    expect(again.status()).toEqual({ state: 'ready', media: 'inside' });
    expect(await clock.settle(again.reset('eject'))).toEqual({ ok: true, value: 'takeout' });
  });

  it('denies entry again when acceptance is aborted', async () => {
    const { clock, reader, simulator, verbs, ready } = await setUp();
    await ready();
    const abort = new AbortController();
    const accepted = reader.acceptCard(abort.signal);
    await clock.until(() => simulator.state().accepting);
    abort.abort();
    expect(await clock.settle(accepted)).toEqual({ ok: false, error: { code: 'cancelled' } });
    expect(simulator.state().accepting).toBe(false);
    verbs.insert(card);
    await clock.advance(2000);
    expect(simulator.state().place).toBe('mouth');
  });

  it.each(['wrong-way', 'no-stripe'] as const)('tells once of a card that is not let in: %s', async (flaw) => {
    const { clock, reader, simulator, verbs, ready } = await setUp();
    await ready();
    let refused = 0;
    reader.onRefusedAtMouth(() => {
      refused += 1;
    });
    const accepted = reader.acceptCard(never);
    await clock.until(() => simulator.state().accepting);
    verbs.insert({ ...card, flaw });
    await clock.advance(4000);
    expect(refused).toBe(1);
    expect(simulator.state().place).toBe('mouth');
    verbs.take();
    await clock.advance(1000);
    verbs.insert({ ...card, flaw });
    await clock.advance(2000);
    expect(refused).toBe(2);
    verbs.take();
    await clock.advance(1000);
    verbs.insert(card);
    expect((await clock.settle(accepted)).ok).toBe(true);
    expect(refused).toBe(2);
  });

  it.each([
    ['unreadable', 'start-sentinel'],
    ['bad-lrc', 'lrc'],
  ] as const)('names the problem of a stripe: %s', async (flaw, problem) => {
    const { clock, reader, trace } = await withCardInside({ ...card, flaw });
    expect(await clock.settle(reader.readTrack2())).toEqual({ ok: true, value: { ok: false, problem } });
    expect(trace.filter((line) => line === '> C62')).toHaveLength(2);
  });

  it('names a stripe with nothing on track 2', async () => {
    const { clock, reader } = await withCardInside({ label: 'blank', flaw: 'none' });
    expect(await clock.settle(reader.readTrack2())).toEqual({ ok: true, value: { ok: false, problem: 'blank' } });
  });

  it('checks the LRC itself where the reader hands it over', async () => {
    const good = await withCardInside(card, { trackForm: 'with-lrc' });
    expect(await good.clock.settle(good.reader.readTrack2())).toEqual({ ok: true, value: { ok: true, data: track2 } });
    const bad = await withCardInside({ ...card, flaw: 'bad-lrc' }, { trackForm: 'with-lrc' });
    expect(await bad.clock.settle(bad.reader.readTrack2())).toEqual({ ok: true, value: { ok: false, problem: 'lrc' } });
  });

  it('says that the card was pulled out, and then that there is none', async () => {
    const { clock, reader, verbs } = await withCardInside();
    const reading = reader.readTrack2();
    verbs.pullOut();
    expect(await clock.settle(reading)).toEqual({ ok: false, error: { code: 'pulled-out', deviceCode: '14' } });
    expect(await clock.settle(reader.readTrack2())).toEqual({
      ok: false,
      error: { code: 'no-card', deviceCode: '02' },
    });
    expect(await clock.settle(reader.findMedia())).toEqual({ ok: true, value: 'none' });
    expect(await clock.settle(reader.retain())).toEqual({ ok: false, error: { code: 'no-card' } });
  });

  it('is out of order while jammed, and well again by itself when the jam is cleared, the card still inside', async () => {
    const { clock, reader, verbs } = await withCardInside();
    verbs.jam();
    expect(await clock.settle(reader.eject())).toEqual({ ok: false, error: { code: 'jam', deviceCode: '10' } });
    expect(reader.status()).toMatchObject({ state: 'fault', fault: 'jam', deviceCode: '10' });
    await clock.advance(20_000);
    expect(reader.status().state).toBe('fault');
    verbs.clearJam();
    await clock.until(() => reader.status().state === 'ready', 7000);
    expect(reader.status()).toEqual({ state: 'ready', media: 'inside' });
    expect((await clock.settle(reader.eject())).ok).toBe(true);
  });

  it.each([
    ['11', 'shutter'],
    ['13', 'hardware'],
  ] as const)('recovers from a passing fault with one reset: %s', async (code, expected) => {
    const { clock, reader, verbs, trace } = await withCardInside();
    verbs.refuseNext('30', code);
    expect(await clock.settle(reader.eject())).toEqual({ ok: false, error: { code: expected, deviceCode: code } });
    expect(trace.filter((line) => line === '> C02')).toHaveLength(2);
    expect(reader.status()).toEqual({ state: 'ready', media: 'inside' });
    expect((await clock.settle(reader.eject())).ok).toBe(true);
  });

  it('initialises a reader that lost its power, and gives the command again', async () => {
    const { clock, reader, verbs } = await withCardInside();
    verbs.reboot();
    expect(await clock.settle(reader.readTrack2())).toMatchObject({ ok: true, value: { ok: true } });
  });

  it('opens the entry again when the reader lost its power while it waits for a card', async () => {
    const { clock, reader, simulator, verbs, ready } = await setUp();
    await ready();
    const accepted = reader.acceptCard(never);
    await clock.until(() => simulator.state().accepting);
    verbs.reboot();
    expect(simulator.state().accepting).toBe(false);
    await clock.until(() => simulator.state().accepting, 3000);
    verbs.insert(card);
    expect(await clock.settle(accepted)).toEqual({ ok: true, value: undefined });
    expect(simulator.state().accepting).toBe(false);
  });

  it('retains from inside and from the takeout position', async () => {
    const { clock, reader, verbs, simulator } = await withCardInside();
    expect((await clock.settle(reader.retain())).ok).toBe(true);
    expect(simulator.state()).toMatchObject({ place: 'retained', retained: 1 });
    expect(reader.status()).toEqual({ state: 'ready', media: 'none' });
    const accepted = reader.acceptCard(never);
    await clock.until(() => simulator.state().accepting);
    verbs.insert(card);
    await clock.settle(accepted);
    await clock.settle(reader.eject());
    expect((await clock.settle(reader.retain())).ok).toBe(true);
    expect(simulator.state().retained).toBe(2);
    expect(reader.information().retainedCards).toBe(2);
  });

  it('stops waiting for removal when aborted, and hears of a card taken in again', async () => {
    const { clock, reader } = await withCardInside();
    await clock.settle(reader.eject());
    const abort = new AbortController();
    const first = reader.waitForRemoval(abort.signal);
    await clock.advance(1000);
    abort.abort();
    expect(await clock.settle(first)).toEqual({ ok: false, error: { code: 'cancelled' } });
    expect(await clock.settle(reader.waitForRemoval(abort.signal))).toEqual({
      ok: false,
      error: { code: 'cancelled' },
    });
    const second = reader.waitForRemoval(never);
    await clock.advance(500);
    expect((await clock.settle(reader.retain())).ok).toBe(true);
    expect(await clock.settle(second)).toEqual({ ok: true, value: undefined });
  });

  describe('line faults', () => {
    it('sends a command again after NAK', async () => {
      const { clock, reader, verbs } = await withCardInside();
      verbs.nakNext();
      expect(await clock.settle(reader.readTrack2())).toMatchObject({ ok: true, value: { ok: true, data: track2 } });
      expect(reader.statistics().retries).toEqual({ nak: 1 });
    });

    it('sends a command again when its ACK was lost, and it runs once', async () => {
      const { clock, reader, verbs, simulator } = await withCardInside();
      verbs.dropNextAck();
      expect((await clock.settle(reader.retain())).ok).toBe(true);
      expect(simulator.state().retained).toBe(1);
      expect(reader.statistics().retries).toEqual({ 'no-ack': 1 });
    });

    it('asks again, never commands again, when the answer was lost', async () => {
      const { clock, reader, verbs, trace } = await withCardInside();
      verbs.dropNextAnswer();
      expect((await clock.settle(reader.eject())).ok).toBe(true);
      expect(trace.filter((line) => line === '> C30')).toHaveLength(1);
      expect(reader.statistics().retries).toEqual({ 'no-answer-to-enq': 1 });
    });

    it.each(['damageNextAnswer', 'halveNextAnswer'] as const)('asks again at once: %s', async (fault) => {
      const { clock, reader, verbs } = await withCardInside();
      verbs[fault]();
      const begun = clock.now();
      expect(await clock.settle(reader.readTrack2())).toMatchObject({ ok: true, value: { ok: true, data: track2 } });
      expect(clock.now() - begun).toBeLessThan(1600);
      expect(reader.statistics().retries).toEqual({ 'damaged-answer': 1 });
      expect(reader.statistics().discardedBytes).toBeGreaterThan(0);
    });

    it('skips noise and counts it', async () => {
      const { clock, reader, verbs } = await withCardInside();
      verbs.noise(40);
      expect(await clock.settle(reader.readTrack2())).toMatchObject({ ok: true, value: { ok: true, data: track2 } });
      expect(reader.statistics().discardedBytes).toBe(40);
    });

    it('puts together what arrives byte by byte', async () => {
      const { clock, reader, verbs } = await withCardInside();
      verbs.splitWrites();
      expect(await clock.settle(reader.readTrack2())).toMatchObject({ ok: true, value: { ok: true, data: track2 } });
    });

    it('notices silence on an open line within 3 s, and is back within 5 s', async () => {
      const { clock, reader, verbs } = await withCardInside();
      verbs.silence();
      await clock.until(() => reader.status().state === 'absent', 3000);
      await clock.advance(2500);
      expect(reader.status().state).toBe('absent');
      verbs.silence(false);
      await clock.until(() => reader.status().state === 'ready', 5000);
      expect(reader.status()).toEqual({ state: 'ready', media: 'inside' });
      expect(reader.statistics().reconnects).toBeGreaterThan(0);
    });
  });

  it('tells how many cards the reader itself has counted in its bin', async () => {
    const { clock, reader, verbs } = await withCardInside();
    expect((await clock.settle(reader.retain())).ok).toBe(true);
    expect(reader.information().retainedCards).toBe(1);
    verbs.emptyBin();
    const accepted = reader.acceptCard(never);
    await clock.advance(500);
    verbs.insert(card);
    await clock.settle(accepted);
    await clock.settle(reader.retain());
    expect(reader.information().retainedCards).toBe(1);
  });

  it('closes within two seconds, whatever it waits for', async () => {
    const { clock, reader, verbs, ready } = await setUp();
    await ready();
    await clock.until(() => reader.information().firmware !== undefined);
    verbs.silence();
    const accepted = reader.acceptCard(never);
    const begun = clock.now();
    await clock.settle(reader.close());
    expect(clock.now() - begun).toBeLessThanOrEqual(2000);
    expect(await clock.settle(accepted)).toEqual({ ok: false, error: { code: 'absent' } });
  });

  describe('the plug pulled', () => {
    it('waits for a reader that is absent at start', async () => {
      const { clock, reader, end } = await setUp({ absent: true });
      await clock.until(() => reader.status().state === 'absent');
      expect(await clock.settle(reader.acceptCard(never))).toEqual({ ok: false, error: { code: 'absent' } });
      await clock.advance(30_000);
      await end.plug();
      await clock.until(() => reader.status().state === 'ready', 5000);
    });

    it.each(['readTrack2', 'eject', 'retain', 'findMedia'] as const)(
      'during %s: absent, then back with the card where it is',
      async (name) => {
        const { clock, reader, end } = await withCardInside();
        const running: Promise<{ readonly ok: boolean }> = reader[name]();
        await end.unplug();
        expect(await clock.settle(running)).toMatchObject({ ok: false, error: { code: 'absent' } });
        await clock.until(() => reader.status().state === 'absent', 3000);
        await end.plug();
        await clock.until(() => reader.status().state === 'ready', 5000);
      },
    );

    it.each(['acceptCard', 'waitForRemoval'] as const)('during %s', async (name) => {
      const { clock, reader, end, ready, simulator } = name === 'acceptCard' ? await setUp() : await withCardInside();
      await ready();
      if (name === 'waitForRemoval') await clock.settle(reader.eject());
      const running = reader[name](never);
      await clock.until(() => name === 'waitForRemoval' || simulator.state().accepting);
      await clock.advance(600);
      await end.unplug();
      expect(await clock.settle(running, 3000)).toEqual({ ok: false, error: { code: 'absent' } });
      await end.plug();
      await ready();
      // The initial reset has closed the entry.
      expect(simulator.state().accepting).toBe(false);
    });

    it('closes the entry when the terminal shuts down', async () => {
      const { clock, reader, simulator, ready } = await setUp();
      await ready();
      const accepted = reader.acceptCard(never);
      await clock.until(() => simulator.state().accepting);
      await clock.settle(reader.close());
      await clock.settle(reader.close());
      expect(await clock.settle(accepted)).toEqual({ ok: false, error: { code: 'absent' } });
      expect(simulator.state().accepting).toBe(false);
      expect(await reader.eject()).toEqual({ ok: false, error: { code: 'absent' } });
    });
  });
});
