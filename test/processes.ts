/** Real processes for the faults that only a real process has: started, listened to, ended by their handle. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { build } from 'rolldown';
import { coreBundle } from '../rolldown.config.ts';

const root = path.resolve(import.meta.dirname, '..');

export interface BuiltCore {
  readonly file: string;
  readonly remove: () => void;
}

/** The core's bundle as it ships, in a folder of its own: test files that run at the same time do not build over each other. */
export async function buildCore(): Promise<BuiltCore> {
  const dist = path.join(root, 'dist');
  mkdirSync(dist, { recursive: true });
  // Below the project, where its dependencies are found.
  const folder = mkdtempSync(path.join(dist, 'test-'));
  for (const bundle of coreBundle(folder)) await build({ ...bundle, logLevel: 'warn' });
  mkdirSync(path.join(folder, 'renderer'));
  writeFileSync(path.join(folder, 'renderer', 'index.html'), '<!doctype html><title>kiosk</title>');
  return { file: path.join(folder, 'core.js'), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export interface Running {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly out: readonly string[];
  readonly errors: readonly string[];
  /** The first line of standard output that matches; rejects when the process ends or the deadline passes before one does. */
  line(pattern: RegExp, deadlineMs?: number): Promise<string>;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** `kill -9`; settles when it is gone. */
  kill(): Promise<void>;
}

/** Polls for what no event tells; rejects with `what` when it is not so in time. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadlineMs = 30_000,
): Promise<void> {
  const limit = Date.now() + deadlineMs;
  while (!(await condition())) {
    if (Date.now() > limit) throw new Error(`not so after ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Runs a script with this Node. Its lines are collected. */
export function run(script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const collect = (stream: Readable): string[] => {
    const lines: string[] = [];
    let rest = '';
    stream.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts);
    });
    stream.on('end', () => {
      if (rest !== '') lines.push(rest);
    });
    return lines;
  };
  const out = collect(child.stdout);
  const errors = collect(child.stderr);
  let over = false;
  const ended: Running['ended'] = new Promise((resolve) => {
    // `close` and not `exit`: the last lines are then there.
    child.once('close', (code, signal) => {
      over = true;
      resolve({ code, signal });
    });
  });
  return {
    child,
    out,
    errors,
    ended,
    async line(pattern, deadlineMs) {
      const found = (): string | undefined => out.find((text) => pattern.test(text));
      await eventually(
        `${path.basename(script)} says ${String(pattern)}`,
        () => over || found() !== undefined,
        deadlineMs,
      );
      const text = found();
      if (text === undefined) throw new Error(`${path.basename(script)} ended without a word: ${errors.join(' / ')}`);
      return text;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** A port of 127.0.0.1 that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => {
        resolve(port);
      });
    });
  });
}

/** A folder for one test, and a way to be rid of it. */
export function temporaryFolder(): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'anjungan-test-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export function writeConfig(folder: string, config: unknown, name = 'terminal.json'): string {
  const file = path.join(folder, name);
  writeFileSync(file, JSON.stringify(config));
  return file;
}
