/** The line keeper over real bytes: a toy protocol of single upper-case letters (`(` to `)` is a frame), time simulated. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { fail, ok, type Result } from '../result.ts';
import { listenTcp, openPty, type Attachable, type LineEnd } from '../simulator/line-end.ts';
import { createTestClock } from '../test-clock.ts';
import { ptyRoundTrip } from '../test-pty.ts';
import { createLine, type Decoder, type LineError, type LineOptions, type LineState } from './line.ts';
import { openPipe } from './open.ts';
import type { LineAddress, OpenPipe } from './pipe.ts';

const folder = mkdtempSync(join(tmpdir(), 'line-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function letters(): Decoder<string> {
  let frame: string | undefined;
  let discarded = 0;
  return {
    push(bytes) {
      const tokens: string[] = [];
      for (const character of Buffer.from(bytes).toString('latin1').split('')) {
        if (character === '(') frame = '';
        else if (frame !== undefined && character === ')') {
          tokens.push(frame);
          frame = undefined;
        } else if (frame !== undefined) frame += character;
        else if (/[A-Z]/.test(character)) tokens.push(character);
        else discarded += 1;
      }
      return tokens;
    },
    expire() {
      discarded += (frame?.length ?? 0) + 1;
      frame = undefined;
      return ['BROKEN'];
    },
    get midFrame() {
      return frame !== undefined;
    },
    get discarded() {
      return discarded;
    },
  };
}

const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const is =
  <T extends string>(wanted: T) =>
  (token: string): token is T =>
    token === wanted;
const any = (token: string): token is string => token.length > 0;

/** A device that answers each byte by its table. */
function device(answers: Readonly<Record<string, string>> = { a: 'A', b: 'B', c: 'C' }) {
  let send: ((bytes: Uint8Array) => void) | undefined;
  const heard: string[] = [];
  const simulator: Attachable = {
    receive(bytes) {
      for (const character of Buffer.from(bytes).toString('latin1').split('')) {
        heard.push(character);
        const answer = answers[character];
        if (answer !== undefined) send?.(ascii(answer));
      }
    },
    attach: (to) => {
      send = to;
    },
  };
  return { simulator, heard, say: (text: string) => send?.(ascii(text)) };
}

let links = 0;
async function overTcp(simulator: Attachable): Promise<{ end: LineEnd; address: LineAddress }> {
  const end = await listenTcp(simulator, { port: 0 });
  return { end, address: { kind: 'tcp', host: '127.0.0.1', port: Number(new URL(end.address).port) } };
}
async function overPty(simulator: Attachable): Promise<{ end: LineEnd; address: LineAddress }> {
  links += 1;
  const path = join(folder, `line${String(links)}`);
  const end = await openPty(simulator, { link: path });
  return { end, address: { kind: 'serial', path, baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 } };
}

function lineOn(open: OpenPipe, options: Partial<LineOptions<string>> = {}) {
  const clock = createTestClock({ roundTrip: ptyRoundTrip });
  const unsolicited: string[] = [];
  const states: LineState['state'][] = [];
  const line = createLine<string>({
    open,
    clock,
    decoder: letters,
    onUnsolicited: (token) => unsolicited.push(token),
    interByteMs: 500,
    ...options,
  });
  line.onState((state) => states.push(state.state));
  cleanups.push(() => line.close());
  const up = (): Promise<void> => clock.until(() => line.state().state === 'up', 5000);
  /** Sends one letter, waits for one answer. */
  const ask = (letter: string, signal?: AbortSignal, deadlineMs = 1000): Promise<Result<string, LineError>> =>
    line.exchange<string, LineError>(async (wire) => {
      const sent = await wire.send(ascii(letter));
      return sent.ok ? wire.next(deadlineMs, any) : sent;
    }, signal);
  return { clock, line, unsolicited, states, up, ask };
}

describe.each([
  { name: 'TCP', over: overTcp },
  { name: 'a pty', over: overPty },
])('the line over $name', ({ over }) => {
  async function setUp(options: Partial<LineOptions<string>> = {}, answers?: Readonly<Record<string, string>>) {
    const far = device(answers);
    const { end, address } = await over(far.simulator);
    cleanups.push(() => end.close());
    const near = lineOn(openPipe(address), options);
    return { ...near, far, end };
  }

  it('exchanges, one at a time and in order', async () => {
    const { up, ask, clock, line, far } = await setUp();
    expect(line.state()).toEqual({ state: 'opening' });
    expect(await ask('a')).toMatchObject({ ok: false, error: { code: 'absent' } });
    await up();
    const results = await clock.settle(Promise.all([ask('a'), ask('b'), ask('c'), ask('a')]));
    expect(results).toEqual(['A', 'B', 'C', 'A'].map((value) => ({ ok: true, value })));
    expect(far.heard).toEqual(['a', 'b', 'c', 'a']);
    expect(line.statistics()).toEqual({ exchanges: 4, reconnects: 0, discardedBytes: 0, errors: {} });
  });

  it('keeps tokens that come in one read for the conversation that asks for them one by one', async () => {
    const { up, clock, line, unsolicited } = await setUp({}, { a: 'XA(FRAME)Y' });
    await up();
    const result = line.exchange<string, LineError>(async (wire) => {
      await wire.send(ascii('a'));
      const first = await wire.next(1000, is('A'));
      if (!first.ok) return first;
      await wire.pause(50);
      return wire.next(1000, is('FRAME'));
    });
    expect(await clock.settle(result)).toEqual({ ok: true, value: 'FRAME' });
    await clock.until(() => unsolicited.includes('Y'));
    expect(unsolicited).toEqual(['X', 'Y']);
  });

  it('hands over what nobody asked for', async () => {
    const { up, clock, far, unsolicited } = await setUp();
    await up();
    await clock.advance(10);
    far.say('K');
    await clock.until(() => unsolicited.length > 0);
    expect(unsolicited).toEqual(['K']);
  });

  it('answers no-answer after the deadline, and lives on', async () => {
    const { up, ask, clock, line } = await setUp();
    await up();
    const begun = clock.now();
    expect(await clock.settle(ask('z'))).toMatchObject({ ok: false, error: { code: 'no-answer' } });
    expect(clock.now() - begun).toBe(1000);
    expect(await clock.settle(ask('b'))).toEqual({ ok: true, value: 'B' });
    expect(line.statistics().errors).toEqual({ 'no-answer': 1 });
  });

  it('drops a half frame when the next byte does not come, and counts it', async () => {
    const { up, ask, clock, line } = await setUp({}, { a: '(HAL', b: 'B' });
    await up();
    expect(await clock.settle(ask('a'))).toEqual({ ok: true, value: 'BROKEN' });
    expect(line.statistics().discardedBytes).toBe(4);
    expect(await clock.settle(ask('b'))).toEqual({ ok: true, value: 'B' });
  });

  it('refuses more than the queue holds', async () => {
    const { up, ask, clock } = await setUp({ queueLimit: 2 });
    await up();
    const results = await clock.settle(Promise.all(['a', 'b', 'c', 'a'].map((letter) => ask(letter))));
    expect(results.slice(0, 3).every((result) => result.ok)).toBe(true);
    expect(results[3]).toMatchObject({ ok: false, error: { code: 'queue-full' } });
  });

  it('cancels what waits in the queue and what runs, and goes on with the next', async () => {
    const { up, ask, clock, line, far } = await setUp();
    await up();
    const [running, waiting] = [new AbortController(), new AbortController()];
    const first = ask('z', running.signal, 60_000);
    const second = ask('b', waiting.signal);
    const third = ask('c');
    waiting.abort();
    expect(await second).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    await clock.until(() => far.heard.includes('z'));
    running.abort();
    expect(await clock.settle(first)).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    expect(await clock.settle(third)).toEqual({ ok: true, value: 'C' });
    expect(far.heard).toEqual(['z', 'c']);
    expect(await ask('a', running.signal)).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    expect(line.statistics().exchanges).toBe(2);
  });

  it('fails everything at once when the line is lost, and opens it again', async () => {
    const { up, ask, clock, line, states, end } = await setUp();
    await up();
    const all = Promise.all([ask('z', undefined, 60_000), ask('a'), ask('b')]);
    await clock.advance(5);
    await end.unplug();
    for (const result of await clock.settle(all))
      expect(result).toMatchObject({ ok: false, error: { code: 'absent' } });
    expect(line.state().state).toBe('down');
    await clock.advance(20_000);
    await end.plug();
    await up();
    expect(await clock.settle(ask('c'))).toEqual({ ok: true, value: 'C' });
    expect(line.statistics()).toMatchObject({ reconnects: 1, errors: { lost: 1 } });
    expect(states.filter((state) => state === 'up')).toHaveLength(2);
  });

  it('opens a line that is absent at start as soon as it is there', async () => {
    const far = device();
    const { end, address } = await over(far.simulator);
    cleanups.push(() => end.close());
    await end.unplug();
    const { clock, line, up, ask } = lineOn(openPipe(address));
    await clock.until(() => line.state().state === 'down');
    expect(await ask('a')).toMatchObject({ ok: false, error: { code: 'absent' } });
    await clock.advance(60_000);
    await end.plug();
    const begun = clock.now();
    await up();
    expect(clock.now() - begun).toBeLessThanOrEqual(2000);
    expect(await clock.settle(ask('a'))).toEqual({ ok: true, value: 'A' });
  });

  it('opens anew when told that the device is silent', async () => {
    const { up, ask, clock, line } = await setUp();
    await up();
    line.reopen('silent');
    expect(line.state()).toEqual({ state: 'down', why: 'silent' });
    await up();
    expect(await clock.settle(ask('a'))).toEqual({ ok: true, value: 'A' });
  });

  it('closes for good', async () => {
    const { up, ask, clock, line } = await setUp();
    await up();
    const running = ask('z', undefined, 60_000);
    const closing = Promise.all([line.close(), line.close()]);
    expect(await clock.settle(running)).toMatchObject({ ok: false, error: { code: 'absent' } });
    await closing;
    expect(await ask('a')).toMatchObject({ ok: false, error: { code: 'absent', detail: 'closed' } });
    await clock.advance(10_000);
    expect(line.state().state).toBe('down');
    expect(clock.pending).toBe(0);
  });
});

describe('the line keeper', () => {
  it('waits longer and longer between attempts, and ever after as long as the last', async () => {
    const attempts: number[] = [];
    let now = (): number => createTestClock().now();
    const { clock } = lineOn(
      () => {
        attempts.push(now());
        return Promise.resolve(fail({ code: 'not-found', detail: 'none' }));
      },
      { reopenMs: [100, 300, 700] },
    );
    now = () => clock.now();
    await clock.advance(2600);
    expect(attempts.map((at, n) => at - (attempts[n - 1] ?? at))).toEqual([0, 100, 300, 700, 700, 700]);
  });

  it('gives up an opening that never settles, and closes what comes of it too late', async () => {
    let settle: (result: Awaited<ReturnType<OpenPipe>>) => void = () => undefined;
    let closed = 0;
    const { clock, line } = lineOn(() => new Promise((resolve) => (settle = resolve)));
    await clock.until(() => line.state().state === 'down', 10_000);
    expect(closed).toBe(0);
    settle(
      ok({
        write: () => Promise.resolve(ok()),
        onData: () => undefined,
        onLost: () => undefined,
        close: () => {
          closed += 1;
          return Promise.resolve();
        },
      }),
    );
    await clock.until(() => closed === 1, 10);
    expect(line.state().state).toBe('down');
  });

  it('drops a line whose write is not done in time', async () => {
    let written = 0;
    const { clock, ask, line, up } = lineOn(() =>
      Promise.resolve(
        ok({
          write: () => {
            written += 1;
            return new Promise<never>(() => undefined);
          },
          onData: () => undefined,
          onLost: () => undefined,
          close: () => Promise.resolve(),
        }),
      ),
    );
    await up();
    expect(await clock.settle(ask('a'))).toMatchObject({ ok: false, error: { code: 'absent' } });
    expect(written).toBe(1);
    expect(line.state().state).toBe('down');
  });

  it('goes on when a conversation does not come back from a lost line', async () => {
    const far = device();
    const { end, address } = await overTcp(far.simulator);
    cleanups.push(() => end.close());
    const { clock, line, up, ask } = lineOn(openPipe(address));
    await up();
    const abort = new AbortController();
    const stuck = line.exchange<never, LineError>(() => new Promise(() => undefined), abort.signal);
    const next = ask('a');
    abort.abort();
    expect(await clock.settle(stuck)).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    expect(await clock.settle(next)).toEqual({ ok: true, value: 'A' });
  });

  it('settles what is aborted at the very moment at which it gets the line', async () => {
    const far = device();
    const { end, address } = await overTcp(far.simulator);
    cleanups.push(() => end.close());
    const { clock, line, up, ask } = lineOn(openPipe(address));
    await up();
    for (let microtasks = 0; microtasks < 20; microtasks += 1) {
      const abort = new AbortController();
      const first = line.exchange<undefined, LineError>(async () => {
        void (async () => {
          for (let n = 0; n < microtasks; n += 1) await Promise.resolve();
          abort.abort();
        })();
        return Promise.resolve(ok());
      });
      const second = line.exchange<never, LineError>(() => new Promise(() => undefined), abort.signal);
      expect(await first).toEqual({ ok: true });
      expect(await clock.settle(second)).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    }
    expect(await clock.settle(ask('a'))).toEqual({ ok: true, value: 'A' });
  });

  it('rejects with what a conversation throws, and goes on', async () => {
    const far = device();
    const { end, address } = await overTcp(far.simulator);
    cleanups.push(() => end.close());
    const { clock, line, up, ask } = lineOn(openPipe(address));
    await up();
    await expect(line.exchange(() => Promise.reject(new Error('a defect')))).rejects.toThrow('a defect');
    expect(await clock.settle(ask('a'))).toEqual({ ok: true, value: 'A' });
  });
});
