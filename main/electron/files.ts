/**
 * The kiosk page's files, read once into a closed map and answered from there. What is not in the map does not exist: no
 * path is ever joined to a folder, so no spelling of `..` can leave it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ownPath } from './address.ts';

export interface KioskFile {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

/** By path, `/index.html`. */
export type KioskFiles = ReadonlyMap<string, KioskFile>;

/** The renderer is some hundred kB. Far more means that this is the wrong folder. */
const totalLimit = 64 * 1024 * 1024;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ogg': 'audio/ogg',
  '.opus': 'audio/ogg',
};

/** As a header, because a page can be made to lose a <meta>. Everything is off that is not named. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "media-src 'self'",
  // The page speaks through its port only: no fetch, no WebSocket, no beacon.
  "connect-src 'none'",
  "worker-src 'none'",
  "frame-src 'none'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const headers = {
  'content-security-policy': contentSecurityPolicy,
  // A script is a script by its declared type only.
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  // The files are in memory already, and nothing of ours belongs on the disk.
  'cache-control': 'no-store',
} as const;

/**
 * The files under `root` (dist/renderer) that the kiosk page may have: its own document and what documents use. The
 * workbench stays outside (it steers simulated hardware), and so does every type the table above does not name.
 * Throws when there is no page: the shell cannot run without one.
 */
export function loadKioskFiles(root: string): KioskFiles {
  const files = new Map<string, KioskFile>();
  let total = 0;
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    const name = `/${path.relative(root, file).split(path.sep).join('/')}`;
    const type = types[path.extname(entry.name)];
    if (!entry.isFile() || type === undefined || !belongsToKiosk(name)) continue;
    const body = new Uint8Array(readFileSync(file));
    total += body.length;
    if (total > totalLimit) throw new Error(`more than ${String(totalLimit)} bytes of kiosk page in ${root}`);
    files.set(name, { body, type });
  }
  if (!files.has('/index.html')) throw new Error(`no kiosk page in ${root}: it has not been built`);
  return files;
}

function belongsToKiosk(name: string): boolean {
  const isDocument = name.endsWith('.html');
  return isDocument ? name === '/index.html' : !path.posix.basename(name).startsWith('workbench');
}

/** Answers one request of the page. Only GET, only our own address, only what is in the map. */
export function answer(files: KioskFiles, request: { readonly url: string; readonly method: string }): Response {
  const name = ownPath(request.url);
  if (name === undefined) return refusal(404);
  if (request.method !== 'GET') return refusal(405);
  const file = files.get(name);
  if (file === undefined) return refusal(404);
  return new Response(file.body, { headers: { ...headers, 'content-type': file.type } });
}

function refusal(status: 404 | 405): Response {
  return new Response(null, { status, headers: { ...headers, 'content-type': 'text/plain' } });
}
