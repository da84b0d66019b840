/**
 * From the start of the core's process to "ready" (it serves the kiosk page and has its first View), and on to the idle
 * screen; against a bare Node process that listens on a port, started in turn with it. And what the kiosk page loads.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { WebSocket } from 'ws';
import { parseConfig, SIMULATED_TERMINAL } from '../../main/config.ts';
import type { View } from '../../main/contract.ts';
import { build } from '../../main/launch/build.ts';
import { DEFAULT_TRANSPORT, startBench } from '../../main/workbench/bench.ts';
import type { BenchResult } from './iso8583.ts';
import { hundredths, percentile } from './statistics.ts';

const STARTS = 15;
const START_MS = 30_000;
const END_MS = 5_000;
const dist = path.resolve(import.meta.dirname, '../../dist');
const NODE = ['--disable-warning=ExperimentalWarning'];

/** The least that a Node process does which serves something. */
const BARE = `require('node:http').createServer().listen(0, '127.0.0.1', () => process.send({ type: 'ready' }))`;

interface Started {
  readonly child: ChildProcess;
  readonly readyMs: number;
  readonly origin: string;
}

function start(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Started> {
  const begun = performance.now();
  const child = spawn(process.execPath, [...NODE, ...args], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, ...env },
  });
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = `${complaint}${text}`.slice(-500);
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error('not ready in time'));
    }, START_MS);
    child.once('message', (message: { readonly origin?: string }) => {
      clearTimeout(timer);
      resolve({ child, readyMs: performance.now() - begun, origin: message.origin ?? '' });
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`ended with ${code ?? 'a signal'} before it was ready: ${complaint.trim()}`));
    });
  });
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}

/** Milliseconds until the page has its first View, and until one shows the idle screen, from now on. */
function watch(origin: string, token: string): Promise<{ readonly firstViewMs: number; readonly idleMs: number }> {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${origin.replace(/^http/, 'ws')}/ui`, ['anjungan.v1', `token.${token}`], { origin });
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      socket.terminate();
      act();
    };
    const timer = setTimeout(() => {
      settle(() => {
        reject(new Error('the terminal did not come into service'));
      });
    }, START_MS);
    let firstViewMs: number | undefined;
    socket.on('error', (error) => {
      settle(() => {
        reject(error);
      });
    });
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString('utf8')) as { readonly type: string; readonly view?: View };
      if (message.view === undefined) return;
      const now = performance.now() - begun;
      firstViewMs ??= now;
      if (message.view.screen.kind !== 'idle') return;
      const first = firstViewMs;
      settle(() => {
        resolve({ firstViewMs: first, idleMs: now });
      });
    });
  });
}

/** The JavaScript that the kiosk page loads, with the chunks it imports, each as a server would compress it. */
export function kioskJavaScript(folder: string): { readonly bytes: number; readonly files: readonly string[] } {
  const html = readFileSync(path.join(folder, 'index.html'), 'utf8');
  const files = new Set([...html.matchAll(/(?:src|href)="\.\/([^"]+\.js)"/g)].map((match) => match[1] ?? ''));
  // A set that grows while it is walked: what is imported is walked, too.
  for (const file of files) {
    const code = readFileSync(path.join(folder, file), 'utf8');
    for (const match of code.matchAll(/(?:from|import)\s*\(?\s*["'`](\.{1,2}\/[^"'`]+\.js)["'`]/g)) {
      files.add(path.posix.join(path.posix.dirname(file), match[1] ?? ''));
    }
  }
  if (files.size === 0) throw new Error('index.html loads no JavaScript');
  const bytes = [...files].reduce(
    (sum, file) => sum + gzipSync(readFileSync(path.join(folder, file)), { level: 9 }).length,
    0,
  );
  return { bytes, files: [...files] };
}

export async function benchStartup(options: {
  readonly count?: number;
  readonly say: (line: string) => void;
}): Promise<BenchResult[]> {
  const starts = options.count ?? STARTS;
  await build(options.say);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'anjungan-bench-'));
  const core: number[] = [];
  const bare: number[] = [];
  const firstView: number[] = [];
  const inService: number[] = [];
  try {
    const parsed = parseConfig({ ...SIMULATED_TERMINAL, browser: { port: 0 }, data: { folder } });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.mistakes));
    const bench = await startBench({
      config: parsed.config,
      folder: path.join(folder, 'bench'),
      transport: DEFAULT_TRANSPORT,
    });
    if (!bench.ok) throw new Error(bench.error.detail);
    try {
      const config = path.join(folder, 'config.json');
      writeFileSync(config, JSON.stringify(bench.value.config));
      // The first of each reads the files from the disk and is not counted.
      for (let count = 0; count <= starts; count += 1) {
        const node = await start(['-e', BARE], {});
        await end(node.child);
        const token = `bench${count}`;
        const terminal = await start(
          [path.join(dist, 'core.js'), '--config', config, '--renderer', path.join(dist, 'renderer')],
          {
            ANJUNGAN_UI_TOKENS: token,
          },
        );
        try {
          const seen = await watch(terminal.origin, token);
          if (count === 0) continue;
          bare.push(node.readyMs);
          core.push(terminal.readyMs);
          firstView.push(terminal.readyMs + seen.firstViewMs);
          inService.push(terminal.readyMs + seen.idleMs);
        } finally {
          await end(terminal.child);
        }
      }
    } finally {
      await bench.value.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const value = hundredths(percentile(core, 50));
  const peerValue = hundredths(percentile(bare, 50));
  const script = kioskJavaScript(path.join(dist, 'renderer'));
  return [
    {
      metric: 'startup.core',
      value,
      unit: 'ms',
      peer: 'bare node',
      peerValue,
      ratio: hundredths(value / peerValue),
      note: `median of ${starts}; at most 500 ms is wanted`,
    },
    { metric: 'startup.core.max', value: hundredths(percentile(core, 100)), unit: 'ms' },
    {
      metric: 'startup.firstView',
      value: hundredths(percentile(firstView, 50)),
      unit: 'ms',
      note: 'a page has its first View',
    },
    {
      metric: 'startup.inService',
      value: hundredths(percentile(inService, 50)),
      unit: 'ms',
      note: "idle screen; the simulated reader's reset takes 300 ms of it",
    },
    {
      metric: 'renderer.js.gzip',
      value: script.bytes,
      unit: 'bytes',
      note: `${script.files.join(', ')}; at most 40000 is wanted`,
    },
  ];
}
