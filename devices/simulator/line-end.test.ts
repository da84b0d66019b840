import { mkdtempSync, readdirSync, readlinkSync, rmSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openPipe } from '../transport/open.ts';
import type { LineAddress, Pipe, PipeError } from '../transport/pipe.ts';
import { listenTcp, openPty, type Attachable, type LineEnd, type LineEndOptions } from './line-end.ts';

/** The far end as a test sees it: what arrived, and a way to answer. */
function farEnd() {
  const got: number[] = [];
  let send: ((bytes: Uint8Array) => void) | undefined;
  const simulator: Attachable = {
    receive: (bytes) => {
      got.push(...bytes);
    },
    attach: (to) => {
      send = to;
    },
  };
  return { simulator, got, attached: () => send !== undefined, send: (bytes: Uint8Array) => send?.(bytes) };
}

interface Medium {
  readonly name: string;
  open(simulator: Attachable, options?: LineEndOptions): Promise<{ end: LineEnd; address: LineAddress }>;
}

const folder = mkdtempSync(join(tmpdir(), 'line-end-'));
let links = 0;
const media: readonly Medium[] = [
  {
    name: 'pty',
    async open(simulator, options = {}) {
      links += 1;
      const link = join(folder, `device${String(links)}`);
      const end = await openPty(simulator, { ...options, link });
      return {
        end,
        address: { kind: 'serial', path: link, baudRate: 9600, dataBits: 8, parity: 'even', stopBits: 1 },
      };
    },
  },
  {
    name: 'tcp',
    async open(simulator, options = {}) {
      const end = await listenTcp(simulator, { ...options, port: 0 });
      return { end, address: { kind: 'tcp', host: '127.0.0.1', port: Number(new URL(end.address).port) } };
    },
  },
];

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
process.on('exit', () => {
  rmSync(folder, { recursive: true, force: true });
});

async function mustOpen(address: LineAddress): Promise<Pipe> {
  const opened = await openPipe(address)();
  if (!opened.ok) throw new Error(`${opened.error.code}: ${opened.error.detail}`);
  cleanups.push(() => opened.value.close());
  return opened.value;
}

async function until(condition: () => boolean): Promise<void> {
  await expect.poll(condition, { interval: 2, timeout: 4000 }).toBe(true);
}

const allBytes = Uint8Array.from({ length: 256 }, (_, value) => value);

describe.each(media)('a line over $name', (medium) => {
  async function start(options?: LineEndOptions) {
    const far = farEnd();
    const { end, address } = await medium.open(far.simulator, options);
    cleanups.push(() => end.close());
    return { far, end, address };
  }

  it('carries every byte value unchanged both ways', async () => {
    const { far, address } = await start();
    const pipe = await mustOpen(address);
    const got: number[] = [];
    pipe.onData((bytes) => {
      got.push(...bytes);
    });
    await until(far.attached);
    far.send(allBytes);
    expect((await pipe.write(allBytes, 1000)).ok).toBe(true);
    await until(() => got.length >= 256 && far.got.length >= 256);
    expect(got).toEqual([...allBytes]);
    expect(far.got).toEqual([...allBytes]);
  });

  it('tells the terminal of the loss, refuses it while unplugged, and takes it back at the same address', async () => {
    const { end, address } = await start();
    const pipe = await mustOpen(address);
    const losses: PipeError[] = [];
    pipe.onData(() => undefined);
    pipe.onLost((error) => {
      losses.push(error);
    });
    await end.unplug();
    await end.unplug();
    expect(end.plugged).toBe(false);
    await until(() => losses.length > 0);
    expect(losses.map((loss) => loss.code)).toEqual(['lost']);
    const written = await pipe.write(Uint8Array.of(1), 200);
    expect(written.ok).toBe(false);
    await pipe.close();
    await pipe.close();

    const refused = await openPipe(address)();
    expect(refused).toMatchObject({ ok: false, error: { code: medium.name === 'tcp' ? 'refused' : 'not-found' } });

    await end.plug();
    await end.plug();
    await mustOpen(address);
    expect(losses).toHaveLength(1);
  });

  it('does not report a loss when the terminal closes it', async () => {
    const { address } = await start();
    const pipe = await mustOpen(address);
    let losses = 0;
    pipe.onLost(() => {
      losses += 1;
    });
    await pipe.close();
    await pipe.close();
    expect(await pipe.write(Uint8Array.of(1), 200)).toMatchObject({ ok: false, error: { code: 'closed' } });
    expect(losses).toBe(0);
    await mustOpen(address);
  });

  it('slows bytes down to the line speed', async () => {
    // 96 characters of 11 bits at 9600 bits/s take 110 ms.
    const { far, address } = await start({ throttle: 9600 });
    const pipe = await mustOpen(address);
    const got: number[] = [];
    pipe.onData((bytes) => {
      got.push(...bytes);
    });
    await until(far.attached);
    const begun = performance.now();
    far.send(allBytes.subarray(0, 96));
    await until(() => got.length >= 96);
    expect(got).toEqual([...allBytes.subarray(0, 96)]);
    expect(performance.now() - begun).toBeGreaterThan(95);
  });
});

describe('a pty line', () => {
  it('echoes nothing before a driver has opened it, and holds what a slow reader has not taken', async () => {
    const far = farEnd();
    const link = join(folder, 'early');
    const end = await openPty(far.simulator, { link });
    cleanups.push(() => end.close());
    far.send(Uint8Array.of(0x02, 0x0d, 0x0a, 0x03, 0x11, 0x13));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(far.got).toEqual([]);
  });

  it('is busy for a second opener', async () => {
    const far = farEnd();
    const link = join(folder, 'busy');
    const end = await openPty(far.simulator, { link });
    cleanups.push(() => end.close());
    const address: LineAddress = {
      kind: 'serial',
      path: link,
      baudRate: 9600,
      dataBits: 8,
      parity: 'none',
      stopBits: 1,
    };
    await mustOpen(address);
    expect(await openPipe(address)()).toMatchObject({ ok: false, error: { code: 'busy' } });
  });

  it('leaves neither a descriptor nor a link behind', async () => {
    const far = farEnd();
    const link = join(folder, 'tidy');
    const end = await openPty(far.simulator, { link });
    const terminals = (): string[] =>
      readdirSync('/proc/self/fd')
        .map((fd) => {
          try {
            return readlinkSync(`/proc/self/fd/${fd}`);
          } catch {
            return '';
          }
        })
        .filter((name) => /ptmx|pts/.test(name));
    const before = terminals().length;
    for (let n = 0; n < 3; n += 1) {
      await end.unplug();
      await end.plug();
    }
    expect(terminals().length).toBe(before);
    await end.close();
    expect(existsSync(link)).toBe(false);
  });
});
