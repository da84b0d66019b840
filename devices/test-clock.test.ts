import { describe, expect, it } from 'vitest';
import { createTestClock } from './test-clock.ts';

describe('the simulated clock', () => {
  it('fires what is due, in order of time, and no more', async () => {
    const clock = createTestClock({ start: 0 });
    const fired: [string, number][] = [];
    const note = (name: string) => () => void fired.push([name, clock.now()]);
    clock.setTimeout(note('late'), 300);
    clock.setTimeout(note('early'), 100);
    const cleared = clock.setTimeout(note('never'), 150);
    clock.clearTimeout(cleared);
    clock.setTimeout(() => clock.setTimeout(note('chained'), 50), 120);
    await clock.advance(200);
    expect(fired).toEqual([
      ['early', 100],
      ['chained', 170],
    ]);
    expect(clock.now()).toBe(200);
    expect(clock.pending).toBe(1);
    await clock.advance(100);
    expect(fired.at(-1)).toEqual(['late', 300]);
  });

  it('lets something real happen before a deadline on a peer fires', async () => {
    const clock = createTestClock();
    const answer = new Promise<string>((resolve) => {
      const deadline = clock.setTimeout(() => resolve('too late'), 1000, 'peer');
      setTimeout(() => {
        clock.clearTimeout(deadline);
        resolve('answered');
      }, 20);
    });
    await clock.advance(60_000);
    expect(await answer).toBe('answered');
  });

  it('fires a deadline on a peer that really is silent', async () => {
    const clock = createTestClock({ start: 0, patienceMs: 10 });
    const answer = new Promise<number>((resolve) => clock.setTimeout(() => resolve(clock.now()), 1000, 'peer'));
    expect(await clock.settle(answer)).toBe(1000);
  });

  it('lets a simulated peer take its simulated time before the deadline', async () => {
    const clock = createTestClock({ start: 0 });
    const answer = new Promise<string>((resolve) => {
      const deadline = clock.setTimeout(() => resolve('too late'), 1000, 'peer');
      setTimeout(() => {
        clock.setTimeout(() => {
          clock.clearTimeout(deadline);
          resolve(`answered at ${String(clock.now())}`);
        }, 400);
      }, 5);
    });
    expect(await clock.settle(answer)).toBe('answered at 400');
  });

  it('gives up on what does not become true', async () => {
    const clock = createTestClock({ patienceMs: 1 });
    const tick = (): void => void clock.setTimeout(tick, 100);
    tick();
    await expect(clock.until(() => false, 500)).rejects.toThrow('not so after 500 ms');
  });
});
