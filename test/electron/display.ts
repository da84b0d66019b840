/** A display for a real Electron: the one there is, or an Xvfb of our own. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

export interface Display {
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const xvfb = '/usr/bin/Xvfb';
const startMs = 10_000;

/** Why there can be none, if so. Only looks. */
export function noDisplayReason(): string | undefined {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  if (process.platform !== 'linux' || DISPLAY || WAYLAND_DISPLAY || existsSync(xvfb)) return undefined;
  return 'there is no display, and no Xvfb to make one';
}

/** An Xvfb chooses its own number, so that several can run side by side. */
export async function openDisplay(): Promise<Display> {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  if (process.platform !== 'linux' || DISPLAY || WAYLAND_DISPLAY) return { env: {}, close: () => Promise.resolve() };
  const server = spawn(xvfb, ['-displayfd', '3', '-screen', '0', '1080x1920x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const closed = new Promise<void>((resolve) => {
    server.once('close', () => {
      resolve();
    });
  });
  const close = async (): Promise<void> => {
    server.kill('SIGTERM');
    await closed;
  };
  const number = await new Promise<string | undefined>((resolve) => {
    const deadline = setTimeout(resolve, startMs, undefined);
    const settle = (answer: string | undefined): void => {
      clearTimeout(deadline);
      resolve(answer);
    };
    server.once('error', () => {
      settle(undefined);
    });
    server.stdio[3]?.once('data', (text: Buffer) => {
      settle(text.toString('ascii').trim());
    });
  });
  if (number === undefined) {
    await close();
    throw new Error('Xvfb did not start');
  }
  return { env: { DISPLAY: `:${number}` }, close };
}
