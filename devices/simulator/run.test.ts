/** The simulator process as a parent and as a person drive it, with the real driver at the other end. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createOmron3S4YR } from '../card-reader/omron-3s4yr.ts';
import { systemClock } from '../clock.ts';
import { openPipe } from '../transport/open.ts';
import type { LineAddress } from '../transport/pipe.ts';

const folder = mkdtempSync(join(tmpdir(), 'run-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const program = join(import.meta.dirname, 'run.ts');

const children: ChildProcess[] = [];
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

async function launch(...args: readonly string[]) {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  children.push(child);
  const messages: Record<string, unknown>[] = [];
  child.on('message', (message) => messages.push(message as Record<string, unknown>));
  const find = (key: string, value?: unknown): Record<string, unknown> | undefined =>
    messages.find((message) => key in message && (value === undefined || message[key] === value));
  await expect.poll(() => find('ready'), { timeout: 8000, interval: 5 }).toBeDefined();
  let id = 0;
  async function call(verb: string, ...values: readonly unknown[]): Promise<Record<string, unknown> | undefined> {
    id += 1;
    const mine = id;
    child.send({ id: mine, verb, args: values });
    await expect.poll(() => find('id', mine), { timeout: 4000, interval: 2 }).toBeDefined();
    return find('id', mine);
  }
  const state = (): unknown => messages.findLast((message) => 'state' in message)?.['state'];
  return { child, call, state, address: String(find('ready')?.['address']) };
}

function readerAt(address: LineAddress) {
  const reader = createOmron3S4YR({ open: openPipe(address), clock: systemClock, pollMs: 20 });
  closers.push(() => reader.close());
  return reader;
}

const card = { label: 'Sari', track2: '6013010000000017=30121010000012300000', flaw: 'none' };

describe('a simulator process', () => {
  it.each(['tcp', 'pty'] as const)('is driven by messages, and is a card reader on the line: %s', async (kind) => {
    const link = join(folder, 'reader');
    const process_ = await launch('card-reader', ...(kind === 'tcp' ? ['--tcp', '0'] : ['--pty', link]), '--pace', '0');
    const { call, state, address, child } = process_;
    const reader = readerAt(
      kind === 'tcp'
        ? { kind: 'tcp', host: '127.0.0.1', port: Number(new URL(address).port) }
        : { kind: 'serial', path: address, baudRate: 9600, dataBits: 8, parity: 'even', stopBits: 1 },
    );
    await expect.poll(() => reader.status(), { timeout: 4000, interval: 5 }).toEqual({ state: 'ready', media: 'none' });

    const accepted = reader.acceptCard(new AbortController().signal);
    await expect.poll(state, { interval: 5 }).toMatchObject({ accepting: true });
    expect(await call('insert', card)).toMatchObject({ ok: true, value: true });
    expect(await accepted).toMatchObject({ ok: true });
    expect(await reader.readTrack2()).toMatchObject({ ok: true, value: { ok: true, data: card.track2 } });
    expect(state()).toMatchObject({ place: 'inside', label: 'Sari', plugged: true });

    expect(await call('unplug')).toMatchObject({ ok: true });
    expect(state()).toMatchObject({ plugged: false });
    await expect.poll(() => reader.status().state, { timeout: 3000, interval: 5 }).toBe('absent');
    if (kind === 'pty') expect(existsSync(link)).toBe(false);
    await call('plug');
    await expect
      .poll(() => reader.status(), { timeout: 5000, interval: 5 })
      .toEqual({ state: 'ready', media: 'inside' });

    child.disconnect();
    await once(child, 'exit');
    expect(child.exitCode).toBe(0);
    if (kind === 'pty') expect(existsSync(link)).toBe(false);
  });

  it('says what is wrong with a request, never what was in it', async () => {
    const { call, child } = await launch('card-reader', '--tcp', '0', '--unplugged');
    expect(await call('fly')).toMatchObject({ ok: false, error: 'a card-reader has no verb "fly"' });
    expect(await call('constructor')).toMatchObject({ ok: false });
    const refused = await call('insert', { ...card, flaw: 'bent' });
    expect(refused).toMatchObject({ ok: false });
    expect(JSON.stringify(refused)).not.toContain('6013');
    expect(await call('take')).toMatchObject({ ok: true, value: false });
    expect(await call('state')).toMatchObject({ ok: true, value: { plugged: false, place: 'none' } });
    child.kill('SIGTERM');
    await once(child, 'exit');
    expect(child.exitCode).toBe(0);
  });

  it('runs the other devices too', async () => {
    const pad = await launch('pin-pad', '--tcp', '0', '--master-key', '0123456789ABCDEFFEDCBA9876543210');
    expect(await pad.call('refuseNext', 'E4')).toMatchObject({ ok: true });
    expect(await pad.call('refuseNext', 0xe4)).toMatchObject({ ok: true });
    expect(await pad.call('refuseNext', 999)).toMatchObject({ ok: false, error: 'usage: refuseNext STATUS-HEX' });
    expect(await pad.call('tamper')).toMatchObject({ ok: true });
    expect(pad.state()).toMatchObject({ tampered: true, plugged: true });
    const printer = await launch('receipt-printer', '--tcp', '0', '--columns', '32');
    expect(await printer.call('paperOut', 3)).toMatchObject({ ok: true });
    expect(await printer.call('openCover')).toMatchObject({ ok: true });
    expect(printer.state()).toMatchObject({ cover: 'open', columns: 32 });
    expect(await printer.call('paperOut', 'soon')).toMatchObject({ ok: false, error: 'usage: paperOut [AFTER-LINES]' });
  });

  it('obeys words typed by a person', async () => {
    const child = spawn(process.execPath, [program, 'card-reader', '--tcp', '0'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    children.push(child);
    let said = '';
    child.stdout.on('data', (bytes: Buffer) => {
      said += bytes.toString();
    });
    child.stdin.write(`help\ninsert Sari ${card.track2} wrong-way\ninsert Budi -\nquit\n`);
    await once(child, 'exit');
    expect(child.exitCode).toBe(0);
    expect(said).toContain('insert LABEL TRACK2|-');
    expect(said).toContain('"label":"Sari"');
    expect(said).toContain('not possible now');
    expect(said).not.toContain(card.track2);
  });

  it('lists every mistake on its command line, and ends with 2', async () => {
    const child = spawn(
      process.execPath,
      [program, 'toaster', '--tcp', '70000', '--master-key', 'AB', '--columns', '42.5'],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    children.push(child);
    let said = '';
    child.stderr.on('data', (bytes: Buffer) => {
      said += bytes.toString();
    });
    await once(child, 'close');
    expect(child.exitCode).toBe(2);
    for (const mistake of ['--tcp: a number', '--columns: a number', 'one device', '--master-key: 32 or 48'])
      expect(said).toContain(mistake);
  });

  it('leaves a file alone that stands where the link is to be, and ends', async () => {
    const file = join(folder, 'notes.txt');
    writeFileSync(file, 'precious');
    for (const path of [file, join(folder, 'missing', 'reader')]) {
      const child = spawn(process.execPath, [program, 'card-reader', '--pty', path], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      children.push(child);
      let said = '';
      child.stderr.on('data', (bytes: Buffer) => {
        said += bytes.toString();
      });
      await once(child, 'close');
      expect(child.exitCode).toBe(2);
      expect(said).toMatch(/is not a symbolic link|ENOENT/);
    }
    expect(readFileSync(file, 'utf8')).toBe('precious');
  });

  it('ends with an explanation when its port is taken', async () => {
    const first = await launch('card-reader', '--tcp', '0');
    const port = new URL(first.address).port;
    const child = spawn(process.execPath, [program, 'card-reader', '--tcp', port], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    children.push(child);
    let said = '';
    child.stderr.on('data', (bytes: Buffer) => {
      said += bytes.toString();
    });
    await once(child, 'close');
    expect(child.exitCode).toBe(2);
    expect(said).toContain('EADDRINUSE');
  });
});
