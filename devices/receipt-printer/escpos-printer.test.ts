import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { listenTcp, openPty, type Attachable, type LineEnd } from '../simulator/line-end.ts';
import { paperText, ticketText } from '../simulator/paper-text.ts';
import {
  createReceiptPrinterSimulator,
  type ReceiptPrinterSimulator,
  type ReceiptPrinterSimulatorOptions,
} from '../simulator/receipt-printer.ts';
import type { Clock } from '../clock.ts';
import { createTestClock, type TestClock } from '../test-clock.ts';
import { ptyRoundTrip } from '../test-pty.ts';
import { openPipe } from '../transport/open.ts';
import type { OpenPipe, Pipe } from '../transport/pipe.ts';
import type { PrinterFault, Receipt, ReceiptLine } from './contract.ts';
import { createEscPosPrinter, type EscPosPrinter, type EscPosPrinterOptions } from './escpos-printer.ts';
import { receiptText } from './layout.ts';

const COLUMNS = 32;
const numbered = (name: string, count: number): Receipt => ({
  lines: [
    { kind: 'text', text: name, align: 'center', large: true },
    ...Array.from({ length: count }, (_, n): ReceiptLine => ({
      kind: 'pair',
      label: `${name} baris`,
      value: String(n + 1),
    })),
    { kind: 'qr', text: `https://example.invalid/${name}` },
  ],
});
const FIRST = numbered('SATU', 30);
const SECOND = numbered('DUA', 30);
const never = new AbortController().signal;

interface Rig {
  readonly clock: TestClock;
  readonly sim: ReceiptPrinterSimulator;
  readonly end: LineEnd;
  readonly printer: EscPosPrinter;
  /** Called before each write and with each arriving byte; answers whether it passes. */
  readonly tap: { write?: () => Promise<void>; byte?: () => boolean };
  readonly print: (receipt: Receipt, signal?: AbortSignal) => ReturnType<EscPosPrinter['print']>;
  readonly ready: () => Promise<void>;
  readonly fault: (fault: PrinterFault) => Promise<void>;
  /** Texts of what hangs out, oldest first; takes it. */
  readonly tickets: () => readonly string[];
  /** Calls back once, when so many lines are on the uncut paper. */
  readonly atLine: (line: number, run: () => void) => void;
}

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Bytes that one side has sent and the other has not got yet, and calls of the operating system that have not come back. */
function createTraffic() {
  let calls = 0;
  let joined = false;
  let toPrinter = 0;
  let toTerminal = 0;
  return {
    connected(now: boolean): void {
      joined = now;
      toPrinter = toTerminal = 0;
    },
    sent: (bytes: Uint8Array) => (toPrinter += bytes.length),
    arrived: (bytes: Uint8Array) => (toPrinter = Math.max(0, toPrinter - bytes.length)),
    answered: (bytes: Uint8Array) => (toTerminal += bytes.length),
    heard: (bytes: Uint8Array) => (toTerminal = Math.max(0, toTerminal - bytes.length)),
    async during<T>(call: Promise<T>): Promise<T> {
      calls += 1;
      return call.finally(() => (calls -= 1));
    },
    underWay: () => calls > 0 || (joined && (toPrinter > 0 || toTerminal > 0)),
  };
}
type Traffic = ReturnType<typeof createTraffic>;

/** A pipe with a tap on it, to do something at a given byte of the conversation. */
function tapped(open: OpenPipe, tap: Rig['tap'], traffic: Traffic): OpenPipe {
  return async () => {
    const opened = await traffic.during(open());
    if (!opened.ok) return opened;
    traffic.connected(true);
    const pipe: Pipe = {
      ...opened.value,
      async write(bytes, deadlineMs) {
        await tap.write?.();
        traffic.sent(bytes);
        return traffic.during(opened.value.write(bytes, deadlineMs));
      },
      onData(listener) {
        opened.value.onData((bytes) => {
          traffic.heard(bytes);
          const passed = bytes.filter(() => tap.byte?.() ?? true);
          if (passed.length > 0) listener(passed);
        });
      },
    };
    return { ok: true, value: pipe };
  };
}

function counted(sim: Attachable, traffic: Traffic): Attachable {
  return {
    receive(bytes) {
      traffic.arrived(bytes);
      sim.receive(bytes);
    },
    attach(send) {
      traffic.connected(send !== undefined);
      const count = (bytes: Uint8Array): void => {
        traffic.answered(bytes);
        send?.(bytes);
      };
      sim.attach(send ? count : undefined);
    },
  };
}

/** On a busy machine bytes may be late; a deadline on the peer's answer waits for those that are under way. */
function patient(clock: Clock, traffic: Traffic): Clock {
  interface Handle {
    inner: unknown;
  }
  const arm = (handle: Handle, run: () => void, ms: number, left: number): void => {
    const due = (): void => (left > 0 && traffic.underWay() ? arm(handle, run, 0, left - 1) : run());
    handle.inner = clock.setTimeout(due, ms, 'peer');
  };
  return {
    now: () => clock.now(),
    setTimeout(run, ms, waitingForPeer) {
      const handle: Handle = { inner: undefined };
      if (waitingForPeer === 'peer') arm(handle, run, ms, 2000);
      else handle.inner = clock.setTimeout(run, ms);
      return handle;
    },
    clearTimeout(timer) {
      clock.clearTimeout((timer as Handle | undefined)?.inner);
    },
  };
}

async function rig(
  kind: 'pty' | 'tcp',
  simulated: Partial<ReceiptPrinterSimulatorOptions> = {},
  driven: Partial<EscPosPrinterOptions> & { readonly unplugged?: boolean } = {},
): Promise<Rig> {
  const clock = createTestClock({ patienceMs: 4, roundTrip: ptyRoundTrip });
  const traffic = createTraffic();
  const sim = createReceiptPrinterSimulator({ clock, columns: COLUMNS, ...simulated });
  const folder = mkdtempSync(join(tmpdir(), 'printer-'));
  const link = join(folder, 'line');
  const device = counted(sim, traffic);
  const end = kind === 'tcp' ? await listenTcp(device, { port: 0 }) : await openPty(device, { link });
  const port = Number(new URL(kind === 'tcp' ? end.address : 'tcp://x:1').port);
  const address =
    kind === 'tcp'
      ? ({ kind, host: '127.0.0.1', port } as const)
      : ({ kind: 'serial', path: link, baudRate: 115_200, dataBits: 8, parity: 'none', stopBits: 1 } as const);
  if (driven.unplugged === true) await end.unplug();
  const tap: Rig['tap'] = {};
  const printer = createEscPosPrinter({
    open: tapped(openPipe(address), tap, traffic),
    clock: patient(clock, traffic),
    columns: COLUMNS,
    ...driven,
  });
  cleanups.push(
    () => rmSync(folder, { recursive: true, force: true }),
    () => end.close(),
    () => clock.settle(printer.close()),
  );
  return {
    clock,
    sim,
    end,
    printer,
    tap,
    print: (receipt, signal = never) => clock.settle(printer.print(receipt, signal)),
    async ready() {
      await clock.until(() => printer.status().state === 'ready');
      // The first thing that a printer which is well does is to cut off what may be left of an earlier run.
      await clock.advance(500);
    },
    fault: (fault) =>
      clock.until(() => {
        const status = printer.status();
        return status.state === 'fault' && status.fault === fault;
      }),
    tickets() {
      const texts = sim.state().tickets.map((ticket) => ticketText(ticket, COLUMNS));
      sim.verbs.tear();
      return texts;
    },
    atLine(line, run) {
      const stop = sim.onChange(() => {
        if (sim.state().current.length < line) return;
        stop();
        run();
      });
    },
  };
}

/** After a print that broke off: the printer comes back by itself, and the next receipt holds nothing of the last one. */
async function expectNextIsClean({ clock, sim, ready, print, tickets }: Rig): Promise<void> {
  await ready();
  await clock.until(() => sim.state().current.length === 0);
  const stubs = tickets();
  for (const stub of stubs) expect(stub).not.toContain('DUA');
  expect(await print(SECOND)).toEqual({ ok: true, value: undefined });
  expect(tickets()).toEqual([receiptText(SECOND, COLUMNS)]);
  expect(sim.state().current).toEqual([]);
}

describe.each(['pty', 'tcp'] as const)('ESC/POS printer over %s', (kind) => {
  it('prints a receipt, cut, as it was laid out', async () => {
    const { ready, print, sim, printer } = await rig(kind);
    expect(printer.status()).toEqual({ state: 'unknown' });
    await ready();
    expect(printer.status()).toEqual({ state: 'ready', paper: 'ok' });
    expect(await print(FIRST)).toEqual({ ok: true, value: undefined });
    expect(sim.state().tickets.map((ticket) => ticket.cut)).toEqual(['partial']);
    expect(sim.verbs.tear()).toBe(receiptText(FIRST, COLUMNS));
    expect(sim.skipped).toBe(0);
  });

  it('prints two receipts asked for at once, one after the other', async () => {
    const { ready, clock, printer, tickets } = await rig(kind);
    await ready();
    const both = Promise.all([printer.print(FIRST, never), printer.print(SECOND, never)]);
    expect((await clock.settle(both)).map((result) => result.ok)).toEqual([true, true]);
    expect(tickets()).toEqual([receiptText(FIRST, COLUMNS), receiptText(SECOND, COLUMNS)]);
  });

  it('prints on a mechanism that takes its time, with a buffer of one piece', async () => {
    const { ready, print, sim, tickets } = await rig(kind, { msPerLine: 25, bufferBytes: 720 });
    await ready();
    const long = numbered('PANJANG', 150);
    expect((await print(long)).ok).toBe(true);
    expect(tickets()).toEqual([receiptText(long, COLUMNS)]);
    expect(sim.overflowed).toBe(0);
  });

  it('paper low: says so and prints', async () => {
    const { ready, print, sim, printer, clock, tickets } = await rig(kind);
    await ready();
    sim.verbs.paperLow();
    await clock.until(() => JSON.stringify(printer.status()) === '{"state":"ready","paper":"low"}');
    expect((await print(FIRST)).ok).toBe(true);
    expect(tickets()).toHaveLength(1);
  });

  it.each([
    ['paper-out', 'paperOut', 'loadPaper'],
    ['cover-open', 'openCover', 'closeCover'],
  ] as const)('%s before: refuses, prints nothing, is ready again by itself', async (fault, breaks, mends) => {
    const made = await rig(kind);
    await made.ready();
    made.sim.verbs[breaks]();
    // The status is not known yet: the print itself must find out.
    expect(await made.print(FIRST)).toEqual({ ok: false, error: { code: fault, printed: 'nothing' } });
    await made.fault(fault);
    made.sim.verbs[mends]();
    await made.ready();
    await made.clock.advance(5000);
    expect(made.sim.state().current).toEqual([]);
    expect(made.tickets()).toEqual([]);
  });

  it('paper out right after the cut: the receipt is good, the printer is out of paper', async () => {
    const { ready, print, sim, fault, tickets, tap } = await rig(kind);
    await ready();
    tap.byte = () => {
      // The first answer that comes after the cut.
      if (sim.state().tickets.length === 1 && sim.state().paper === 'ok') sim.verbs.paperOut();
      return true;
    };
    expect(await print(FIRST)).toMatchObject({ ok: true });
    await fault('paper-out');
    expect(tickets()).toEqual([receiptText(FIRST, COLUMNS)]);
  });

  it('paper out with the last line: the ticket cannot be cut, and is not good', async () => {
    const { ready, print, sim, fault, tickets } = await rig(kind);
    await ready();
    sim.verbs.paperOut(FIRST.lines.length);
    expect(await print(FIRST)).toEqual({ ok: false, error: { code: 'paper-out', printed: 'part' } });
    await fault('paper-out');
    expect(tickets()).toEqual([]);
  });

  describe.each([
    ['that can clear its buffer', true],
    ['that cannot', false],
  ] as const)('on a printer %s', (_, clearsBuffers) => {
    it('paper out during: part is printed, and the rest is on no later receipt', async () => {
      const made = await rig(kind, { clearsBuffers });
      await made.ready();
      made.sim.verbs.paperOut(5);
      expect(await made.print(FIRST)).toEqual({ ok: false, error: { code: 'paper-out', printed: 'part' } });
      expect(made.sim.state().current).toHaveLength(5);
      await made.fault('paper-out');
      made.sim.verbs.loadPaper();
      await made.ready();
      await made.clock.until(() => made.sim.state().tickets.length === 1);
      const [stub = ''] = made.sim.state().tickets.map((ticket) => ticketText(ticket, COLUMNS));
      expect(receiptText(FIRST, COLUMNS).startsWith(stub)).toBe(true);
      // Where it can be cleared, nothing more comes out at all.
      if (clearsBuffers) expect(stub.split('\n')).toHaveLength(5);
      await expectNextIsClean(made);
    });

    it('cover open during', async () => {
      const made = await rig(kind, { clearsBuffers });
      await made.ready();
      made.atLine(7, () => made.sim.verbs.openCover());
      expect(await made.print(FIRST)).toEqual({ ok: false, error: { code: 'cover-open', printed: 'part' } });
      made.sim.verbs.closeCover();
      await expectNextIsClean(made);
    });
  });

  it('cutter jam: all is on paper and not cut; comes back when the jam is cleared', async () => {
    const made = await rig(kind);
    await made.ready();
    made.sim.verbs.jam();
    expect(await made.print(FIRST)).toEqual({ ok: false, error: { code: 'cutter', printed: 'part' } });
    expect(paperText(made.sim.state().current, COLUMNS)).toBe(receiptText(FIRST, COLUMNS));
    expect(await made.print(SECOND)).toEqual({ ok: false, error: { code: 'cutter', printed: 'nothing' } });
    await made.clock.advance(25_000);
    expect(made.printer.status()).toEqual({ state: 'fault', fault: 'cutter' });
    made.sim.verbs.clearJam();
    await expectNextIsClean(made);
  });

  it('hot head: waits, and goes on when it has cooled down', async () => {
    const { ready, clock, printer, sim, fault, tickets, atLine } = await rig(kind, {}, { askAgainMs: 1000 });
    await ready();
    atLine(5, () => sim.verbs.overheat(true));
    const printing = printer.print(FIRST, never);
    await fault('overheated');
    await clock.advance(2500);
    sim.verbs.overheat(false);
    expect((await clock.settle(printing)).ok).toBe(true);
    expect(tickets()).toEqual([receiptText(FIRST, COLUMNS)]);
  });

  it('hot head that stays hot: fails at the deadline with that reason', async () => {
    const made = await rig(kind, {}, { printMs: 3000 });
    await made.ready();
    made.atLine(5, () => made.sim.verbs.overheat(true));
    expect(await made.print(FIRST)).toEqual({ ok: false, error: { code: 'overheated', printed: 'part' } });
    made.sim.verbs.overheat(false);
    await expectNextIsClean(made);
  });

  it('a printer too slow for the deadline is stopped', async () => {
    const made = await rig(kind, { msPerLine: 250 }, { printMs: 2000 });
    await made.ready();
    expect(await made.print(FIRST)).toEqual({ ok: false, error: { code: 'no-answer', printed: 'part' } });
    await made.clock.until(() => made.sim.state().tickets.length === 1);
    const [stub = ''] = made.tickets();
    expect(receiptText(FIRST, COLUMNS).startsWith(stub)).toBe(true);
    await made.clock.advance(20_000);
    expect(made.sim.state().current).toEqual([]);
  });

  it('absent at start, then there', async () => {
    const { clock, printer, end, print, ready } = await rig(kind, {}, { unplugged: true });
    await clock.until(() => printer.status().state === 'absent');
    expect(await print(FIRST)).toEqual({ ok: false, error: { code: 'absent', printed: 'nothing' } });
    await end.plug();
    await ready();
    expect((await print(FIRST)).ok).toBe(true);
  });

  it('unplugged when idle: noticed within 3 s, back within 5 s', async () => {
    const { clock, printer, end, ready } = await rig(kind);
    await ready();
    await end.unplug();
    const gone = clock.now();
    await clock.until(() => printer.status().state === 'absent');
    expect(clock.now() - gone).toBeLessThanOrEqual(3000);
    await clock.advance(20_000);
    await end.plug();
    const back = clock.now();
    await ready();
    expect(clock.now() - back).toBeLessThanOrEqual(5000);
  });

  it('falls silent when idle: noticed within 3 s, back when it answers again', async () => {
    const { clock, printer, sim, ready, print } = await rig(kind);
    await ready();
    sim.verbs.silence(true);
    const silent = clock.now();
    await clock.until(() => printer.status().state === 'absent');
    expect(clock.now() - silent).toBeLessThanOrEqual(3000);
    expect(await print(FIRST)).toMatchObject({ ok: false, error: { printed: 'nothing' } });
    sim.verbs.silence(false);
    await ready();
  });

  it('falls silent during a print', async () => {
    const made = await rig(kind);
    await made.ready();
    made.atLine(6, () => made.sim.verbs.silence(true));
    expect(await made.print(FIRST)).toEqual({ ok: false, error: { code: 'no-answer', printed: 'part' } });
    made.sim.verbs.silence(false);
    await expectNextIsClean(made);
  });

  it('unplugged at every stage of a print: settles, tells what is on paper, and the next receipt is clean', async () => {
    let stages = 0;
    for (let stage = 1; stages === 0; stage += 1) {
      const made = await rig(kind);
      await made.ready();
      let write = 0;
      made.tap.write = async () => {
        write += 1;
        if (write === stage) await made.end.unplug();
      };
      const result = await made.print(FIRST);
      delete made.tap.write;
      if (result.ok) stages = stage - 1;
      else {
        const onPaper = made.sim.state().current.length + made.sim.state().tickets.length > 0;
        expect(result.error.code).toBe('absent');
        if (onPaper) expect(result.error.printed).toBe('part');
        await made.end.plug();
        await expectNextIsClean(made);
      }
      await made.clock.settle(made.printer.close());
      await made.end.close();
    }
    // Looks before and after, initialisation, three pieces, each with its ordered request.
    expect(stages).toBeGreaterThanOrEqual(4 + 2 + 3 * 2 + 4);
  });

  it('any one answer lost during a print costs no receipt', async () => {
    const { ready, print, tap, tickets } = await rig(kind, {}, { askAgainMs: 1000 });
    await ready();
    const short = numbered('PENDEK', 3);
    let answers = Infinity;
    for (let lost = 1; lost <= answers; lost += 1) {
      let count = 0;
      tap.byte = () => (count += 1) !== lost;
      expect(await print(short)).toEqual({ ok: true, value: undefined });
      expect(tickets()).toEqual([receiptText(short, COLUMNS)]);
      delete tap.byte;
      if (count < lost) answers = 0;
    }
  });

  it('stray bytes that look like answers do not make an uncut ticket good', async () => {
    const made = await rig(kind);
    await made.ready();
    made.sim.verbs.jam();
    made.atLine(FIRST.lines.length, () => made.sim.verbs.noise(Uint8Array.of(0x00, 0x41, 0xff, 0x13)));
    expect(await made.print(FIRST)).toEqual({ ok: false, error: { code: 'cutter', printed: 'part' } });
  });

  it.each([true, false])(
    'a run that was killed in the middle leaves nothing on the next receipt',
    async (clearsBuffers) => {
      const made = await rig(kind, { clearsBuffers });
      // What the dead run had sent: a line on paper, one that is not finished, and a code that is not complete.
      made.sim.receive(Buffer.from('SATU lama\nSATU belum \x1d(k\x20\x001P0https://', 'latin1'));
      await made.ready();
      expect(await made.print(SECOND)).toEqual({ ok: true, value: undefined });
      const tickets = made.tickets();
      expect(tickets.at(-1)).toBe(receiptText(SECOND, COLUMNS));
      expect(tickets).toHaveLength(2);
      expect(made.sim.state().current).toEqual([]);
    },
  );

  it('aborted before: nothing happens', async () => {
    const { ready, print, sim } = await rig(kind);
    await ready();
    expect(await print(FIRST, AbortSignal.abort())).toEqual({
      ok: false,
      error: { code: 'cancelled', printed: 'nothing' },
    });
    expect(sim.state().current).toEqual([]);
  });

  it('aborted during: stops, and the next receipt is clean', async () => {
    const made = await rig(kind, { msPerLine: 10 });
    await made.ready();
    const abort = new AbortController();
    made.atLine(4, () => abort.abort());
    expect(await made.print(FIRST, abort.signal)).toEqual({ ok: false, error: { code: 'cancelled', printed: 'part' } });
    await expectNextIsClean(made);
  });

  it('understands a printer that a switch has set to automatic status', async () => {
    const { ready, clock, printer, fault, sim, print, tickets } = await rig(
      kind,
      { automaticStatus: 0x0f },
      { pollMs: 600_000 },
    );
    await ready();
    const before = clock.now();
    sim.verbs.openCover();
    await fault('cover-open');
    sim.verbs.closeCover();
    await clock.until(() => printer.status().state === 'ready');
    // It was told, not asked.
    expect(clock.now()).toBe(before);
    expect((await print(FIRST)).ok).toBe(true);
    expect(tickets()).toEqual([receiptText(FIRST, COLUMNS)]);
  });

  it('refuses a receipt that is too long, and prints nothing', async () => {
    const { ready, print, sim } = await rig(kind);
    await ready();
    expect(await print(numbered('PANJANG', 400))).toEqual({
      ok: false,
      error: { code: 'too-long', printed: 'nothing' },
    });
    expect(sim.state().current).toEqual([]);
  });

  it('closed during a print: everything settles, no timer is left', async () => {
    const { ready, clock, printer, sim, atLine, print } = await rig(kind);
    await ready();
    let closed: Promise<void> | undefined;
    atLine(5, () => {
      closed = printer.close();
    });
    expect(await print(FIRST)).toMatchObject({ ok: false, error: { code: 'absent', printed: 'part' } });
    await closed;
    await printer.close();
    sim.verbs.openCover();
    await clock.until(() => clock.pending === 0);
    expect(await print(FIRST)).toEqual({ ok: false, error: { code: 'absent', printed: 'nothing' } });
  });
});
