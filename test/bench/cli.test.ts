/** The benchmarks' interface: what scripts outside the project read. Never how fast anything is. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { kioskJavaScript } from './startup.ts';
import { percentile } from './statistics.ts';

const script = path.resolve(import.meta.dirname, 'cli.ts');
const DEADLINE_MS = 50_000;

function bench(
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly out: string; readonly errors: string }> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
  let out = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  return new Promise((resolve) => {
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, out, errors });
    });
  });
}

interface Printed {
  readonly bench: string;
  readonly machine: Readonly<Record<string, unknown>>;
  readonly results: readonly {
    readonly metric: string;
    readonly value: number;
    readonly unit: string;
    readonly peer?: string;
    readonly peerValue?: number;
    readonly ratio?: number;
  }[];
}

async function measured(...args: readonly string[]): Promise<Printed> {
  const { code, out, errors } = await bench(...args, '--json');
  expect({ code, errors: code === 0 ? '' : errors }).toEqual({ code: 0, errors: '' });
  const printed = JSON.parse(out) as Printed;
  expect(Object.keys(printed)).toEqual(['bench', 'machine', 'results']);
  for (const row of printed.results) {
    expect(row.metric).toMatch(/^[a-z0-9]+(\.[A-Za-z0-9]+)+$/);
    expect(Number.isFinite(row.value)).toBe(true);
    expect(row.unit).not.toBe('');
    expect(row.peer === undefined).toBe(row.ratio === undefined);
  }
  return printed;
}

const metrics = (printed: Printed): string[] => printed.results.map(({ metric }) => metric);

describe('npm run bench', { concurrent: true, timeout: DEADLINE_MS + 5_000 }, () => {
  it('inquiry', async () => {
    const printed = await measured('inquiry', '--count', '2');
    expect(printed.bench).toBe('inquiry');
    expect(metrics(printed)).toEqual(expect.arrayContaining(['inquiry.own.p50', 'inquiry.own.p99']));
    expect(printed.results.every(({ unit }) => unit === 'ms')).toBe(true);
  });

  it('startup', async () => {
    const printed = await measured('startup', '--count', '1');
    expect(metrics(printed)).toEqual(expect.arrayContaining(['startup.core', 'startup.inService', 'renderer.js.gzip']));
    expect(printed.results.find(({ metric }) => metric === 'startup.core')).toMatchObject({
      peer: 'bare node',
      unit: 'ms',
    });
    expect(printed.machine).toMatchObject({ node: process.version });
  });

  it('iso8583, with both peers on every row', async () => {
    const printed = await measured('iso8583');
    expect([...new Set(metrics(printed))]).toEqual(['iso8583.pack', 'iso8583.unpack', 'iso8583.unpackAndRead']);
    expect(new Set(printed.results.map(({ peer }) => peer))).toEqual(new Set(['iso_8583', 'iso8583']));
  });

  it.each([[[]], [['nothing']], [['inquiry', 'startup']], [['inquiry', '--count', '0']], [['inquiry', '--fast']]])(
    '%j is wrong use',
    async (args) => {
      const { code, out, errors } = await bench(...args);
      expect({ code, out }).toEqual({ code: 64, out: '' });
      expect(errors.trimEnd().split('\n')).toHaveLength(1);
    },
  );

  it('--help names them all', async () => {
    const { code, out } = await bench('--help');
    expect(code).toBe(0);
    for (const name of ['iso8583', 'inquiry', 'startup']) expect(out).toContain(`  ${name} `);
  });
});

describe('statistics', () => {
  it.each([
    [[5], 99, 5],
    [[1, 2], 50, 1],
    [[3, 1, 2], 50, 2],
    [Array.from({ length: 100 }, (_, at) => at + 1), 99, 99],
    [Array.from({ length: 300 }, (_, at) => 300 - at), 99, 297],
    [[1, 2, 3], 100, 3],
  ])('%j, %d%%: %d', (values, percent, expected) => {
    expect(percentile(values, percent)).toBe(expected);
  });
});

it('the size of the page counts its scripts and what they import, once each, and nothing else', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'anjungan-test-'));
  try {
    const files: Readonly<Record<string, string>> = {
      'index.html':
        '<script type="module" src="./a.js"></script><link rel="modulepreload" href="./b.js"><link rel="stylesheet" href="./c.css">',
      'a.js': 'import{x as e}from"./b.js";import"./d.js";e()',
      'b.js': 'export const x=()=>import(`./e.js`)',
      'd.js': 'import{x}from"./b.js";x()',
      'e.js': 'globalThis.e=1',
      'workbench.js': 'globalThis.w=1',
    };
    for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
    const measuredSize = kioskJavaScript(folder);
    expect([...measuredSize.files].sort()).toEqual(['a.js', 'b.js', 'd.js', 'e.js']);
    const expected = ['a.js', 'b.js', 'd.js', 'e.js'].reduce(
      (sum, name) => sum + gzipSync(files[name] ?? '', { level: 9 }).length,
      0,
    );
    expect(measuredSize.bytes).toBe(expected);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
