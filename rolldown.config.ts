/**
 * The bundles the Electron shell consists of, besides the renderer (which Vite builds):
 * dist/electron/main.cjs, dist/electron/preload.cjs and dist/core.js. `rolldown -c rolldown.config.ts` writes them.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { defineConfig, type InputOptions, type OutputOptions } from 'rolldown';

/** What both rolldown's command line and its `build()` take. */
export interface Bundle extends InputOptions {
  readonly output: OutputOptions;
}

const root = import.meta.dirname;
const coreEntry = path.join(root, 'main/core-process.ts');

/** What stays outside a bundle: what the runtime has, and packages that look for native binaries beside themselves. */
const external = [/^electron(\/|$)/, /^node:/, /^serialport$/, /^@serialport\//, /^@lydell\/node-pty/, /\.node$/];
/** Optional native helpers of ws, which it looks for and does without. */
const absent = ['bufferutil', 'utf-8-validate'];

/** CommonJS: Electron awaits no ES module before `ready`, and a sandboxed preload cannot be one. */
export function electronBundles(outDir: string): Bundle[] {
  return [
    {
      input: path.join(root, 'main/electron/main.ts'),
      platform: 'node',
      external,
      output: { file: path.join(outDir, 'electron/main.cjs'), format: 'cjs', codeSplitting: false },
    },
    {
      input: path.join(root, 'main/electron/preload.ts'),
      // Not 'node': the sandbox has no Node for helpers to lean on.
      platform: 'browser',
      external,
      output: { file: path.join(outDir, 'electron/preload.cjs'), format: 'cjs', codeSplitting: false, exports: 'none' },
    },
  ];
}

/** The core as one ES module for Node 24, in a utility process or in plain Node. */
export function coreBundle(outDir: string): Bundle[] {
  if (!existsSync(coreEntry)) return [];
  return [
    {
      input: coreEntry,
      platform: 'node',
      external: [...external, ...absent],
      output: { file: path.join(outDir, 'core.js'), format: 'esm', codeSplitting: false },
    },
  ];
}

export default defineConfig([...electronBundles(path.join(root, 'dist')), ...coreBundle(path.join(root, 'dist'))]);
