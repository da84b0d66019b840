/** Builds what runs: the renderer (Vite), the core and the Electron shell (rolldown); only what is older than its sources. */
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { rolldown } from 'rolldown';
import { build as buildRenderer } from 'vite';
import { coreBundle, electronBundles } from '../../rolldown.config.ts';

const root = path.resolve(import.meta.dirname, '../..');
const dist = path.join(root, 'dist');

function newest(folder: string): number {
  let latest = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) latest = Math.max(latest, statSync(path.join(entry.parentPath, entry.name)).mtimeMs);
  }
  return latest;
}

function upToDate(stamp: string, sources: readonly string[]): boolean {
  if (!existsSync(stamp)) return false;
  const built = statSync(stamp).mtimeMs;
  return sources.every((source) => {
    const full = path.join(root, source);
    return (statSync(full).isDirectory() ? newest(full) : statSync(full).mtimeMs) < built;
  });
}

const PARTS = [
  {
    name: 'screens',
    sources: ['renderer', 'main/contract.ts', 'main/format.ts', 'vite.config.ts', 'package-lock.json'],
    run: async (): Promise<void> => {
      await buildRenderer({ configFile: path.join(root, 'vite.config.ts'), logLevel: 'warn' });
    },
  },
  {
    name: 'core and shell',
    sources: ['main', 'devices', 'protocol', 'rolldown.config.ts', 'package-lock.json'],
    run: async (): Promise<void> => {
      for (const { output, ...input } of [...electronBundles(dist), ...coreBundle(dist)]) {
        const bundle = await rolldown({ ...input, logLevel: 'warn' });
        await bundle.write(output);
        await bundle.close();
      }
    },
  },
] as const;

/** `say` gets one line for each part that is built. */
export async function build(say: (line: string) => void): Promise<void> {
  for (const part of PARTS) {
    const stamp = path.join(dist, `.${part.name.replaceAll(' ', '-')}`);
    if (upToDate(stamp, part.sources)) continue;
    say(`Building ${part.name} ...`);
    const begun = new Date();
    await part.run();
    mkdirSync(dist, { recursive: true });
    writeFileSync(stamp, begun.toISOString());
  }
}

if (import.meta.main) await build((line) => process.stderr.write(`${line}\n`));
