/**
 * For tests on ptys: one byte there and back through a pty of its own. The kernel carries a pty's bytes in threads of its own,
 * in order of arrival, which on a busy machine come late; when this byte is back, those sent before it have arrived.
 */
import { write, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { openPtyPair } from './simulator/line-end.ts';

let pair: { readonly slave: number; readonly waiting: (() => void)[] } | undefined;

function open(): NonNullable<typeof pair> {
  const { master: fd, slave } = openPtyPair();
  const waiting: (() => void)[] = [];
  const near = new ReadStream(slave);
  near.setRawMode(true);
  near.on('data', (bytes: Buffer) => {
    for (const back of waiting.splice(0, bytes.length)) back();
  });
  const far = new ReadStream(fd);
  far.on('data', (bytes: Buffer) => writeSync(fd, bytes));
  // Kept for as long as the test process lives, and not keeping it alive.
  near.unref();
  far.unref();
  return { slave, waiting };
}

export function ptyRoundTrip(): Promise<void> {
  const { slave, waiting } = (pair ??= open());
  return new Promise((resolve, reject) => {
    waiting.push(resolve);
    // Through the pool of threads, as a serial port writes.
    write(slave, Uint8Array.of(0x55), (error) => {
      if (error) reject(error);
    });
  });
}
