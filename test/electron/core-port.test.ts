/**
 * The bundled core, as it ships, in the place the shell gives it: the same arguments, the same messages, a line to a page.
 * Its devices and its host are absent, so it is out of service, which is all that this test needs to hear.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { coreArguments } from '../../main/electron/start-options.ts';
import type { ShellToCore } from '../../main/electron/messages.ts';
import { coreBundle } from '../../rolldown.config.ts';
import { writeLonelyConfig } from './lonely-config.ts';

const root = path.resolve(import.meta.dirname, '../..');
let folder: string;
let core: Core;
let imports: string[] = [];

interface Core {
  readonly toMain: unknown[];
  readonly toPage: unknown[];
  readonly errors: () => string;
  shellSays(message: ShellToCore): void;
  pageSays(message: unknown): void;
  end(): Promise<void>;
}

function startCore(config: string): Core {
  const shim = path.join(import.meta.dirname, 'stand-in/utility-process.ts');
  const child: ChildProcess = fork(path.join(folder, 'core.js'), coreArguments(['electron', '.', '--config', config]), {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: ['--import', shim],
  });
  const toMain: unknown[] = [];
  const toPage: unknown[] = [];
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  child.on('message', (message: { toMain?: unknown; toPage?: unknown }) => {
    if (message.toMain !== undefined) toMain.push(message.toMain);
    if (message.toPage !== undefined) toPage.push(message.toPage);
  });
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => {
      resolve();
    });
  });
  const tell = (message: object): void => {
    if (!child.connected) throw new Error(`the core has left: ${errors}`);
    child.send(message);
  };
  return {
    toMain,
    toPage,
    errors: () => errors,
    shellSays(message) {
      tell({ toCore: message });
    },
    pageSays(message) {
      tell({ fromPage: message });
    },
    async end() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'anjungan-core-'));
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  for (const bundle of coreBundle(folder)) {
    const { output } = await build(bundle);
    imports = output.flatMap((chunk) => (chunk.type === 'chunk' ? [...chunk.imports, ...chunk.dynamicImports] : []));
  }
  core = startCore(writeLonelyConfig(folder));
});
afterAll(async () => {
  await core.end();
  rmSync(folder, { recursive: true, force: true });
});

const lastView = (): unknown => core.toPage.at(-1);

describe('the core behind the shell', () => {
  it('starts from its bundle', async () => {
    await expect
      .poll(() => ({ toMain: core.toMain, errors: core.errors() }), { timeout: 10_000 })
      .toEqual({ toMain: [{ type: 'ready' }], errors: '' });
  });

  it('needs no package but the one that is installed beside it', () => {
    expect(imports.filter((name) => !isBuiltin(name))).toEqual(['serialport']);
  });

  it('sends its View as soon as it has a line to a page, and again to the next page', async () => {
    expect(core.toPage).toEqual([]);
    core.shellSays({ type: 'ui-port' });
    await expect.poll(lastView).toMatchObject({
      type: 'view',
      view: {
        language: 'id',
        terminal: { id: 'TERM0001' },
        screen: { kind: 'out-of-service', cardInside: false },
      },
    });
    const before = core.toPage.length;
    core.shellSays({ type: 'ui-port' });
    await expect.poll(() => core.toPage.length).toBeGreaterThan(before);
  });

  it('survives a page that talks nonsense', async () => {
    for (const nonsense of [null, 'x', { type: 'action' }, { step: 0, action: { kind: 'open-safe' } }, []])
      core.pageSays(nonsense);
    const before = core.toPage.length;
    core.shellSays({ type: 'ui-port' });
    await expect.poll(() => core.toPage.length).toBeGreaterThan(before);
    expect(core.errors()).toBe('');
  });

  it('goes out of service to stop when the shell asks', async () => {
    core.shellSays({ type: 'stop' });
    await expect.poll(lastView).toMatchObject({ view: { screen: { kind: 'out-of-service', reason: 'stopping' } } });
  });
});
