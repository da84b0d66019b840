import { describe, expect, it } from 'vitest';
import { createTestClock } from '../test-clock.ts';
import { paperText } from './paper-text.ts';
import { createReceiptPrinterSimulator, type ReceiptPrinterSimulatorOptions } from './receipt-printer.ts';

const CLEAR = [0x10, 0x14, 0x08, 0x01, 0x03, 0x14, 0x01, 0x06, 0x02, 0x08];

function rig(options: Partial<ReceiptPrinterSimulatorOptions> = {}) {
  const clock = createTestClock();
  const sim = createReceiptPrinterSimulator({ clock, columns: 32, ...options });
  const heard: number[] = [];
  sim.attach((bytes) => heard.push(...bytes));
  const send = (...parts: readonly (string | readonly number[])[]): void => {
    for (const part of parts)
      sim.receive(typeof part === 'string' ? Buffer.from(part, 'latin1') : Uint8Array.from(part));
  };
  return {
    clock,
    sim,
    send,
    /** What the terminal has heard since the last time. */
    heard: () => heard.splice(0),
    status: (): readonly number[] => {
      heard.splice(0);
      for (const n of [1, 2, 3, 4]) send([0x10, 0x04, n]);
      return heard.splice(0);
    },
    paper: () => paperText(sim.state().current, 32),
  };
}

describe('receipt printer simulator', () => {
  it('answers DLE EOT with the fixed bits and what its sensors see', () => {
    const { sim, status } = rig();
    expect(status()).toEqual([0x12, 0x12, 0x12, 0x12]);
    sim.verbs.paperLow();
    expect(status()).toEqual([0x12, 0x12, 0x12, 0x1e]);
    sim.verbs.paperOut();
    expect(status()).toEqual([0x1a, 0x32, 0x12, 0x7e]);
    sim.verbs.loadPaper();
    sim.verbs.openCover();
    expect(status()).toEqual([0x1a, 0x16, 0x12, 0x12]);
    sim.verbs.closeCover();
    sim.verbs.overheat(true);
    expect(status()).toEqual([0x1a, 0x52, 0x52, 0x12]);
  });

  it('finds real-time requests in any grouping, inside other data, and answers none that it does not know', () => {
    const { send, heard, paper } = rig();
    send('A', [0x10], [0x04], [0x01], 'B', [0x10, 0x04, 0x14], [0x10, 0x04], [0x04], '\n');
    expect(heard()).toEqual([0x12, 0x12]);
    expect(paper()).toBe('AB');
  });

  it('stops when the roll ends, goes on with what it had when a new one is in', () => {
    const { sim, send, paper, status } = rig();
    sim.verbs.paperOut(2);
    send('a\nb\nc\nd\n');
    expect(paper()).toBe('a\nb');
    expect(sim.state().paper).toBe('out');
    expect(status()).toHaveLength(4);
    sim.verbs.loadPaper();
    expect(paper()).toBe('a\nb\nc\nd');
  });

  it('prints nothing while the cover is open', () => {
    const { sim, send, paper } = rig();
    sim.verbs.openCover();
    send('a\n');
    expect(paper()).toBe('');
    sim.verbs.closeCover();
    expect(paper()).toBe('a');
  });

  it('does GS r in its turn, and not at all when it has stopped', async () => {
    const { clock, sim, send, heard } = rig({ msPerLine: 20 });
    send('a\nb\n\x1dr\x01', [0x10, 0x04, 0x01]);
    expect(heard()).toEqual([0x12]);
    await clock.advance(40);
    expect(heard()).toEqual([0x00]);
    sim.verbs.paperOut();
    send('\x1dr\x01');
    expect(heard()).toEqual([]);
    sim.verbs.loadPaper();
    expect(heard()).toEqual([0x00]);
  });

  it('loses what does not fit in its buffer', () => {
    const { sim, send, paper } = rig({ bufferBytes: 4 });
    sim.verbs.openCover();
    send('abcdefgh\n');
    sim.verbs.closeCover();
    send('\n');
    expect(paper()).toBe('abcd');
    expect(sim.overflowed).toBe(5);
  });

  it('clears its buffers when told, even off-line, and says so', () => {
    const { sim, send, heard, paper } = rig();
    sim.verbs.paperOut(1);
    send('a\nb\nc', CLEAR);
    expect(heard()).toEqual([0x37, 0x25, 0x00]);
    sim.verbs.loadPaper();
    send('d\n');
    expect(paper()).toBe('a\nd');
  });

  it('does not clear when the model cannot', () => {
    const { sim, send, heard, paper } = rig({ clearsBuffers: false });
    sim.verbs.paperOut(1);
    send('a\nb\n', CLEAR);
    expect(heard()).toEqual([]);
    sim.verbs.loadPaper();
    expect(paper()).toBe('a\nb');
  });

  it('a jam shows at the next cut; DLE ENQ 1 cuts again, once it is cleared', () => {
    const { sim, send, status } = rig();
    sim.verbs.jam();
    expect(status()).toEqual([0x12, 0x12, 0x12, 0x12]);
    send('a\n\x1dV\x42\x00', 'b\n');
    expect(status()).toEqual([0x1a, 0x52, 0x1a, 0x12]);
    send([0x10, 0x05, 0x01]);
    expect(status()).toEqual([0x1a, 0x52, 0x1a, 0x12]);
    sim.verbs.clearJam();
    send([0x10, 0x05, 0x01]);
    expect(status()).toEqual([0x12, 0x12, 0x12, 0x12]);
    expect(sim.verbs.tear()).toBe('a');
    expect(paperText(sim.state().current, 32)).toBe('b');
  });

  it('DLE ENQ 2 forgets the rest, and does nothing without an error', () => {
    const { sim, send, paper } = rig();
    send('a', [0x10, 0x05, 0x02], '\n');
    expect(paper()).toBe('a');
    sim.verbs.jam();
    send('\x1dV\x01', 'rest\n');
    sim.verbs.clearJam();
    send([0x10, 0x05, 0x02], 'b\n');
    expect(paper()).toBe('a\nb');
  });

  it('reports changes by itself when GS a asks for it', () => {
    const { sim, send, heard } = rig();
    send('\x1da\x0f');
    expect(heard()).toEqual([0x10, 0x00, 0x00, 0x00]);
    sim.verbs.paperLow();
    sim.verbs.paperLow();
    expect(heard()).toEqual([0x10, 0x00, 0x03, 0x00]);
    sim.verbs.openCover();
    expect(heard()).toEqual([0x38, 0x00, 0x03, 0x00]);
    sim.verbs.closeCover();
    expect(heard()).toEqual([0x10, 0x00, 0x03, 0x00]);
    send('\x1da\x00');
    sim.verbs.openCover();
    expect(heard()).toEqual([]);
  });

  it('names itself', () => {
    const { send, heard } = rig({ serial: 'ABC1' });
    send('\x1dI\x44');
    expect(Buffer.from(heard()).toString('latin1')).toBe('_ABC1\0');
  });

  it('gives what hangs out to whoever tears it off', () => {
    const { sim, send } = rig();
    expect(sim.verbs.tear()).toBeUndefined();
    send('a\n\x1dV\x42\x00', 'b\n\x1dV\x42\x00', '\x1dV\x42\x00');
    expect(sim.state().tickets).toHaveLength(2);
    expect(sim.verbs.tear()).toBe('a\nb');
    expect(sim.state().tickets).toEqual([]);
  });

  it('tells of every change, and is plugged while a line is attached', () => {
    const { sim, send } = rig();
    let changes = 0;
    const stop = sim.onChange(() => (changes += 1));
    send('a\n');
    sim.verbs.openCover();
    sim.attach(undefined);
    expect(changes).toBe(3);
    expect(sim.state().plugged).toBe(false);
    stop();
    sim.verbs.closeCover();
    expect(changes).toBe(3);
  });

  it('misbehaves when told: silent, one answer lost, noise', () => {
    const { sim, send, heard } = rig();
    sim.verbs.silence(true);
    send([0x10, 0x04, 0x01], 'a\n');
    sim.verbs.silence(false);
    expect(heard()).toEqual([]);
    expect(sim.state().current).toEqual([]);
    sim.verbs.dropNextAnswer();
    send([0x10, 0x04, 0x01], [0x10, 0x04, 0x01]);
    expect(heard()).toEqual([0x12]);
    sim.verbs.noise(Uint8Array.of(1, 2));
    expect(heard()).toEqual([1, 2]);
  });

  it('bounds what hangs out and what is not cut', () => {
    const { sim, send } = rig();
    for (let n = 0; n < 30; n += 1) send('a\n\x1dV\x01');
    expect(sim.state().tickets).toHaveLength(20);
    for (let n = 0; n < 600; n += 1) send('a\n');
    expect(sim.state().current).toHaveLength(500);
  });
});
