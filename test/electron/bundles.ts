/** Builds the shell's bundles as they ship into a temporary folder, beside a small renderer with things it must not serve. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'rolldown';
import { electronBundles } from '../../rolldown.config.ts';

export interface BuiltShell {
  /** In the place of dist/. */
  readonly folder: string;
  readonly main: string;
  readonly preload: string;
  removeRenderer(): void;
  remove(): void;
}

/** By path under dist/. */
const filesBeside: Readonly<Record<string, string>> = {
  'renderer/index.html': '<!doctype html><div id="root"></div><script type="module" src="./assets/index.js"></script>',
  'renderer/assets/index.js': 'export const page = "kiosk";',
  'renderer/assets/index.css': 'body { margin: 0 }',
  // Must stay outside.
  'renderer/workbench.html': '<!doctype html>workbench',
  'renderer/assets/workbench-1a2b.js': 'export const page = "workbench";',
  'renderer/assets/index.js.map': '{}',
  'core.js': 'export const core = "secret";',
};

export async function buildShell(): Promise<BuiltShell> {
  const folder = mkdtempSync(path.join(tmpdir(), 'anjungan-shell-'));
  for (const [name, content] of Object.entries(filesBeside)) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  for (const bundle of electronBundles(folder)) await build(bundle);
  return {
    folder,
    main: path.join(folder, 'electron/main.cjs'),
    preload: path.join(folder, 'electron/preload.cjs'),
    removeRenderer() {
      rmSync(path.join(folder, 'renderer/index.html'));
    },
    remove() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
