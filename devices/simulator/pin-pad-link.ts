/**
 * The simulated PIN pad's end of its line format: commands out of bytes, answers into frames. Written apart from the driver's
 * codec on purpose: two machines that agree only because both keep to the format.
 */
import type { Clock } from '../clock.ts';

/** What the pad answers: a refusal, or data. */
export type Reply = { readonly status: number } | { readonly data: string };

const stx = 0x02;
const etx = 0x03;
const statusDone = 0x60;
const interByteMs = 500;

const xor = (bytes: Iterable<number>): number => {
  let sum = 0;
  for (const byte of bytes) sum ^= byte;
  return sum;
};

export function replyFrame(reply: Reply): Uint8Array {
  const text = 'data' in reply ? Buffer.from(`\0${reply.data}`, 'latin1') : Buffer.alloc(1);
  text[0] = 'data' in reply ? statusDone : reply.status;
  const summed = Buffer.concat([Buffer.from(String(text.length).padStart(3, '0')), text, Buffer.of(etx)]);
  return Buffer.concat([Buffer.of(stx), summed, Buffer.from(xor(summed).toString(16).toUpperCase().padStart(2, '0'))]);
}

/** `obey` gets a command's text, one character a byte; `refuse` the status for a frame that is none. */
export function createPadReceiver(clock: Clock, obey: (text: string) => void, refuse: (status: number) => void) {
  let partial: number[] = [];
  let lastByteAt = 0;

  function take(byte: number): void {
    if (partial.length === 0 && byte !== stx) return;
    partial.push(byte);
    if (partial.length < 5) return;
    const length = Number(String.fromCharCode(...partial.slice(1, 4)));
    if (!(length > 0)) {
      partial = [];
      refuse(0xe8);
      return;
    }
    if (partial.length < length + 7) return;
    const summed = partial.slice(1, length + 5);
    const check = String.fromCharCode(...partial.slice(length + 5));
    partial = [];
    if (Number.parseInt(check, 16) === xor(summed) && summed.at(-1) === etx)
      obey(String.fromCharCode(...summed.slice(3, -1)));
    else refuse(0xe9);
  }

  return {
    receive(bytes: Uint8Array): void {
      if (clock.now() - lastByteAt > interByteMs) partial = [];
      lastByteAt = clock.now();
      for (const byte of bytes) take(byte);
    },
    /** Half a command is forgotten: power off, or another terminal. */
    forget(): void {
      partial = [];
    },
  };
}
