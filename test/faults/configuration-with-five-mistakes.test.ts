import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SIMULATED_TERMINAL } from '../../main/config.ts';
import { buildCore, run, temporaryFolder, writeConfig, type BuiltCore } from '../processes.ts';

let core: BuiltCore;
const { folder, remove } = temporaryFolder();
beforeAll(async () => {
  core = await buildCore();
});
afterAll(() => {
  core.remove();
  remove();
});

const EX_CONFIG = 78;
const data = path.join(folder, 'data');

/** An unknown setting, a wrong type, a value out of bounds, a missing setting, and two that contradict each other. */
function withFiveMistakes(): string {
  const { id: _, ...terminal } = SIMULATED_TERMINAL.terminal;
  return writeConfig(folder, {
    terminal: { ...terminal, colour: 'green' },
    host: { endpoints: [{ host: '127.0.0.1', port: 0 }], replyMs: '30 s' },
    data: { folder: data },
    delays: { progressShown: 5_000, stillWorking: 4_000 },
  });
}

const told = (file: string): readonly string[] => [
  `${file}: delays.progressShown must be shorter than delays.stillWorking`,
  `${file}: host.endpoints[0].port must be at least 1`,
  `${file}: host.replyMs must be a number`,
  `${file}: terminal.colour is not a setting`,
  `${file}: terminal.id is missing`,
];

it('the core names all five with path and rule, and starts nothing', async () => {
  const file = withFiveMistakes();
  const process = run(core.file, ['--config', file]);
  expect(await process.ended).toEqual({ code: EX_CONFIG, signal: null });
  expect(process.errors.slice(0, -1).toSorted()).toEqual(told(file));
  expect(process.errors.at(-1)).toBe(`${file}: 5 mistakes, nothing was started`);
  expect(process.out).toEqual([]);
  expect(existsSync(data)).toBe(false);
});

it('so does the launcher', async () => {
  const file = withFiveMistakes();
  const launcher = run(path.resolve(import.meta.dirname, '../../main/launch/start.ts'), [
    '--config',
    file,
    '--screen',
    'none',
  ]);
  expect(await launcher.ended).toEqual({ code: EX_CONFIG, signal: null });
  expect(launcher.errors.slice(0, -1).toSorted()).toEqual(told(file));
  expect(existsSync(data)).toBe(false);
});

it('a file that is not there', async () => {
  const file = path.join(folder, 'not-there.json');
  const process = run(core.file, ['--config', file]);
  expect(await process.ended).toEqual({ code: EX_CONFIG, signal: null });
  expect(process.errors[0]).toContain('cannot be read (ENOENT)');
});
