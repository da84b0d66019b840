/** `npm test`: format, lint, types, then every test; one summary at the end. `-- FILTER...` runs only matching test files. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { findElectronBinary } from '../main/electron/binary.mjs';
import { build } from '../main/launch/build.ts';
import { obtainChromium } from '../main/launch/chromium.ts';

const root = path.resolve(import.meta.dirname, '..');
const bin = path.join(root, 'node_modules', '.bin');
const filters = process.argv.slice(2);
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** A child with our output; `env` adds to the environment. */
function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): boolean {
  const done = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  return done.status === 0;
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numFailedTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

const CHECKS = [
  { name: 'format', command: 'oxfmt', args: ['--check'] },
  { name: 'lint', command: 'oxlint', args: ['--type-aware', '--deny-warnings'] },
  { name: 'types', command: 'tsc', args: ['--noEmit'] },
] as const;

const begun = Date.now();
let passed = 0;
const failed: string[] = [];
const skipped: string[] = [];

const chromium = await obtainChromium();
if ('reason' in chromium) say(`No end-to-end tests: ${chromium.reason}.`);
const electron = findElectronBinary(root);
if ('reason' in electron) say(`No tests inside Electron: ${electron.reason}.`);

try {
  await build(say);
  passed += 1;
} catch (error) {
  say(String(error));
  failed.push('build');
}

if (filters.length === 0) {
  for (const check of CHECKS) {
    say(`\n--- ${check.name}`);
    if (run(path.join(bin, check.command), check.args)) passed += 1;
    else failed.push(check.name);
  }
}

/** One run of the test runner; what it left behind, and whether it was content. */
function runTests(wanted: readonly string[]): { readonly well: boolean; readonly report: VitestReport } {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'anjungan-report-'));
  try {
    const file = path.join(folder, 'report.json');
    const well = run(
      process.execPath,
      [
        path.join(root, 'node_modules/vitest/vitest.mjs'),
        'run',
        '--reporter=dot',
        '--reporter=json',
        `--outputFile.json=${file}`,
        ...wanted,
      ],
      'path' in chromium ? { ANJUNGAN_CHROMIUM: chromium.path } : {},
    );
    return { well, report: JSON.parse(readFileSync(file, 'utf8')) as VitestReport };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const nameOf = (suite: VitestReport['testResults'][number]): string => path.relative(root, suite.name);
const failuresOf = (report: VitestReport): string[] =>
  report.testResults.flatMap((suite) => [
    ...(suite.status === 'failed' && suite.assertionResults.length === 0 ? [`${nameOf(suite)} (did not load)`] : []),
    ...suite.assertionResults
      .filter((test) => test.status === 'failed')
      .map((test) => `${nameOf(suite)}: ${test.fullName}`),
  ]);

/** Files that may be given a second chance: more of them is no accident of a busy machine. */
const SECOND_CHANCES = 3;

say('\n--- tests');
const onlyAtFirst: string[] = [];
try {
  const first = runTests(filters);
  const failures = failuresOf(first.report);
  const files = [...new Set(first.report.testResults.filter((suite) => suite.status === 'failed').map(nameOf))];
  let remaining = failures;
  if (files.length > 0 && files.length <= SECOND_CHANCES) {
    say(`\n--- once more, by themselves: ${files.join(', ')}`);
    remaining = failuresOf(runTests(files).report);
    onlyAtFirst.push(...failures.filter((name) => !remaining.includes(name)));
  }
  failed.push(...remaining);
  passed += first.report.numPassedTests + onlyAtFirst.length;
  for (const suite of first.report.testResults) {
    for (const test of suite.assertionResults) {
      if (test.status === 'pending' || test.status === 'skipped' || test.status === 'todo') {
        skipped.push(`${nameOf(suite)}: ${test.fullName}`);
      }
    }
  }
  // A runner that fails with every test passed has met an error outside them.
  if (!first.well && failures.length === 0) failed.push('the test runner (see above)');
} catch (error) {
  failed.push(`the test runner left no report (${(error as Error).message})`);
}

say('');
for (const name of skipped) say(`skipped  ${name}`);
for (const name of onlyAtFirst) say(`UNSTEADY ${name} (failed in the whole run, passed by itself)`);
for (const name of failed) say(`FAILED   ${name}`);
say(`\n${Math.round((Date.now() - begun) / 1000)} s`);
say(`${passed} passed, ${failed.length} failed, ${skipped.length} skipped`);
process.exit(failed.length === 0 ? 0 : 1);
