/** A pad whose answer is here before the operating system reports the command as written: nothing is asked twice. */
import { createCipheriv } from 'node:crypto';
import { expect, it } from 'vitest';
import { ok } from '../result.ts';
import { listenTcp } from '../simulator/line-end.ts';
import { createPinPadSimulator, testMasterKey } from '../simulator/pin-pad.ts';
import { createTestClock } from '../test-clock.ts';
import { openPipe } from '../transport/open.ts';
import type { OpenPipe } from '../transport/pipe.ts';
import { createZt598 } from './zt598.ts';

/** Reports each write as done only when something has come back. */
function slowToReport(open: OpenPipe): OpenPipe {
  return async () => {
    const opened = await open();
    if (!opened.ok) return opened;
    const pipe = opened.value;
    let answered: () => void = () => undefined;
    return ok({
      ...pipe,
      async write(bytes: Uint8Array, deadlineMs: number) {
        const back = new Promise<void>((resolve) => {
          answered = resolve;
        });
        const written = await pipe.write(bytes, deadlineMs);
        if (written.ok) await back;
        return written;
      },
      onData(listener: (bytes: Uint8Array) => void) {
        pipe.onData((bytes) => {
          listener(bytes);
          setImmediate(() => answered());
        });
      },
    });
  };
}

it('answers that overtake the report of the write are not lost, and Enter ends the entry at once', async () => {
  const clock = createTestClock();
  const simulator = createPinPadSimulator({ clock });
  const end = await listenTcp(simulator, { port: 0, clock });
  const port = Number(new URL(end.address).port);
  const pad = createZt598({ open: slowToReport(openPipe({ kind: 'tcp', host: '127.0.0.1', port })), clock });
  try {
    await clock.until(() => pad.status().state === 'ready');
    const cipher = createCipheriv('des-ede3-ecb', Buffer.concat([testMasterKey, testMasterKey.subarray(0, 8)]), null);
    cipher.setAutoPadding(false);
    const loaded = pad.loadKey('pin', cipher.update(testMasterKey), '08D7B4');
    expect(await clock.settle(loaded)).toMatchObject({ ok: true });

    const entered = pad.enterPin(6, new AbortController().signal);
    await clock.until(() => simulator.state().entering);
    const before = clock.now();
    for (const key of ['1', '2', '3', '4', '5', '6', 'enter'] as const) simulator.verbs.press(key);
    expect(await clock.settle(entered)).toEqual({ ok: true, value: { digits: 6 } });
    // Less than the wait for one lost answer.
    expect(clock.now() - before).toBeLessThan(800);
    expect(pad.statistics().errors['no-answer'] ?? 0).toBe(0);
  } finally {
    await clock.settle(pad.close());
    await end.close();
  }
});
