import { describe, expect, it } from 'vitest';
import { encodeOmronAnswer, encodeOmronCommand, omronControl } from '../../devices/card-reader/omron-frame.ts';
import { encodeFrame } from '../../devices/pin-pad/zt598-frame.ts';
import type { OpenPipe } from '../../devices/transport/pipe.ts';
import { createTestClock } from '../../devices/test-clock.ts';
import type { DeviceName } from '../devices.ts';
import { traceLines } from './trace.ts';

const TRACK = '9999360000000010=31125200000000001';
const PIN = '483916';
const latin = (text: string): Uint8Array => Buffer.from(text, 'latin1');

/** A pipe whose far end is the test. */
async function overhear(device: DeviceName) {
  const lines: string[] = [];
  const clock = createTestClock();
  let listener: (bytes: Uint8Array) => void = () => undefined;
  let lose: (error: { readonly code: 'lost'; readonly detail: string }) => void = () => undefined;
  const open: OpenPipe = () =>
    Promise.resolve({
      ok: true,
      value: {
        write: () => Promise.resolve({ ok: true, value: undefined }),
        onData(given) {
          listener = given;
        },
        onLost(given) {
          lose = given;
        },
        close: () => Promise.resolve(),
      },
    });
  const opened = await traceLines((line) => lines.push(line), clock)(device, open)();
  if (!opened.ok) throw new Error(opened.error.code);
  const heard: number[] = [];
  opened.value.onData((bytes) => heard.push(...bytes));
  opened.value.onLost(() => undefined);
  return {
    lines,
    clock,
    heard,
    to: (bytes: Uint8Array) => void opened.value.write(bytes, 1_000),
    from: (...chunks: readonly Uint8Array[]) => {
      for (const chunk of chunks) listener(chunk);
    },
    lost: () => {
      lose({ code: 'lost', detail: 'gone' });
    },
    close: () => opened.value.close(),
  };
}

const bytewise = (bytes: Uint8Array): Uint8Array[] => [...bytes].map((byte) => Uint8Array.of(byte));
const hexOf = (text: string): string => [...latin(text)].map((byte) => byte.toString(16)).join(' ');

/** Not even three characters of it in a row, as text or as hex. */
function expectNothingOf(secret: string, lines: readonly string[]): void {
  const trace = lines.join('\n');
  for (let at = 0; at + 3 <= secret.length; at += 1) {
    const piece = secret.slice(at, at + 3);
    if (!/^(.)\1*$/.test(piece)) expect(trace).not.toContain(piece);
    expect(trace).not.toContain(hexOf(piece));
  }
}

describe('the card reader', () => {
  const answer = encodeOmronAnswer({ kind: 'done', name: '62', position: '02', data: latin(TRACK) });

  it.each([1, 2, 3, 5, 8, 13, 21, 34])('shows nothing of a track that comes in reads of %i bytes', async (size) => {
    const { lines, heard, to, from } = await overhear('reader');
    to(encodeOmronCommand('62'));
    for (let at = 0; at < answer.length; at += size) from(answer.subarray(at, at + size));
    expect(lines).toEqual(['reader  ->  C62', `reader  <-  P62 02, ${TRACK.length} bytes of data`]);
    expect(Buffer.from(heard)).toEqual(Buffer.from(answer));
    expectNothingOf(TRACK, lines);
  });

  it('counts a track that no frame holds', async () => {
    const { lines, from } = await overhear('reader');
    from(latin(TRACK), ...bytewise(latin(TRACK)));
    expect(lines[0]).toBe(`reader  <-  noise, ${TRACK.length} bytes`);
    expectNothingOf(TRACK, lines);
  });

  it('counts a frame whose text is a track instead of an answer, and one that answers another command', async () => {
    const { lines, to, from } = await overhear('reader');
    to(encodeOmronCommand('62'));
    from(encodeOmronAnswer({ kind: 'done', name: '99', position: '99', data: latin(TRACK) }));
    from(encodeOmronCommand('99', latin(TRACK)));
    expect(lines.slice(1)).toEqual([
      `reader  <-  frame that is no answer, ${TRACK.length + 5} bytes`,
      `reader  <-  frame that is no answer, ${TRACK.length + 3} bytes`,
    ]);
  });

  it('forgets half a frame after a silence', async () => {
    const { lines, clock, to, from } = await overhear('reader');
    to(encodeOmronCommand('62'));
    from(answer.subarray(0, 20));
    await clock.advance(1_000);
    from(omronControl('ack'));
    expect(lines.slice(1)).toEqual(['reader  <-  ack', expect.stringMatching(/^reader {2}<- {2}noise, \d+ bytes$/)]);
    expectNothingOf(TRACK, lines);
  });
});

describe('the PIN pad', () => {
  it('never says which digit was pressed, inside PIN entry or outside', async () => {
    const { lines, from } = await overhear('pad');
    from(latin(PIN), ...bytewise(latin(PIN)), latin('\r'));
    expect(new Set(lines)).toEqual(new Set(['pad     <-  key digit', 'pad     <-  key enter']));
    expectNothingOf(PIN, lines);
  });

  it('shows nothing of a PIN block, in whatever pieces it comes', async () => {
    const block = '9F8E7D6C5B4A3921';
    const { lines, to, from } = await overhear('pad');
    to(encodeFrame(latin('740 999360000001')));
    const frame = encodeFrame(latin(`\x600206${block}`));
    from(frame.subarray(0, 9), ...bytewise(frame.subarray(9)));
    expect(lines).toEqual(['pad     ->  PIN block, 16 bytes', 'pad     <-  answer 60, 20 bytes of data']);
    expectNothingOf(block, lines);
  });

  it('shows of keys under the master key and of MAC data the command and the length', async () => {
    const { lines, to } = await overhear('pad');
    to(encodeFrame(latin(`2014032${'AB12CD34'.repeat(4)}`)));
    to(encodeFrame(latin(`848A0200${TRACK}`)));
    to(latin(TRACK));
    expect(lines).toEqual([
      'pad     ->  load key under key, 39 bytes',
      `pad     ->  MAC, ${8 + TRACK.length} bytes`,
      `pad     ->  ${TRACK.length} bytes`,
    ]);
  });

  it('tells only the number of polls that are as the one before', async () => {
    const { lines, to, from, close } = await overhear('pad');
    const ask = encodeFrame(latin('3'));
    const alive = encodeFrame(latin(`\x60${'i'.repeat(146)}`));
    for (let n = 0; n < 13; n += 1) {
      to(ask);
      from(alive.subarray(0, 50), alive.subarray(50));
    }
    expect(lines).toEqual(['pad     ->  information 3, 1 bytes', 'pad     <-  answer 60, 146 bytes of data']);
    from(latin('\r'));
    expect(lines.slice(2)).toEqual(['pad     (12 more polls)', 'pad     <-  key enter']);
    to(ask);
    from(encodeFrame(latin('\xe4')));
    expect(lines.slice(4)).toEqual(['pad     ->  information 3, 1 bytes', 'pad     <-  answer e4']);
    to(ask);
    from(encodeFrame(latin('\xe4')));
    await close();
    expect(lines.slice(6)).toEqual(['pad     (1 more poll)']);
  });
});

describe('the printer', () => {
  it('counts what is printed, and names status', async () => {
    const { lines, to, from, lost } = await overhear('printer');
    for (let n = 0; n < 2; n += 1) {
      for (const which of [1, 2, 3, 4]) {
        to(Uint8Array.of(0x10, 0x04, which));
        from(Uint8Array.of(0x12));
      }
    }
    to(latin('Nama  S*** R******** C*****'));
    from(latin('Siti'));
    lost();
    expect(lines.slice(8, 9)).toEqual(['printer (1 more poll)']);
    expect(lines.slice(9)).toEqual([
      'printer ->  to print, 27 bytes',
      expect.stringMatching(/noise, \d bytes?$/),
      'printer --  lost',
    ]);
    expectNothingOf('Siti', lines);
  });
});
