/**
 * Builds the pages into dist/renderer: the kiosk (index.html) and the workbench. Everything is a file of our own, with no
 * inline script or style, so that a strict Content-Security-Policy holds. `--mode gallery` builds only the page that shows
 * every screen, into dist/gallery.
 */
import { resolve } from 'node:path';
import { defineConfig } from 'vite';

const page = (name: string): string => resolve(import.meta.dirname, 'renderer', name);

export default defineConfig(({ mode }) => ({
  root: 'renderer',
  // Relative addresses serve from http://127.0.0.1/ and from the root of a custom scheme alike.
  base: './',
  publicDir: false,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: mode === 'gallery' ? '../dist/gallery' : '../dist/renderer',
    emptyOutDir: true,
    target: 'chrome140',
    // font-src 'self' does not allow data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: mode === 'gallery' ? [page('gallery.html')] : [page('index.html'), page('workbench.html')],
    },
  },
}));
