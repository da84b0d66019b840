/** Faults for some answers only: how they are written, how often they come, and what a terminal sees of them. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSimulatedClock, type SimulatedClock } from '../test-clock.ts';
import { isResponseCode } from './codes.ts';
import { control } from './control.ts';
import { createFaults, parseFaults, writeFaults, type Fault } from './faults.ts';
import type { RunningHost } from './host.ts';
import { createBench, jht, persona, value, type TestBench, type TestTerminal } from './test-terminal.ts';

const isCode = (code: string): boolean => isResponseCode(jht, code);
const parse = (text: string): readonly Fault[] => value(parseFaults(text, isCode));

describe('as they are written', () => {
  it.each([
    ['garbled', [{ what: 'garbled' }]],
    ['late:3', [{ what: 'late', times: 3 }]],
    ['twice:5%', [{ what: 'twice', share: 0.05 }]],
    [
      'never@normal,bad-mac:0.5%',
      [
        { what: 'never', persona: 'normal' },
        { what: 'bad-mac', share: 0.005 },
      ],
    ],
    ['answer=91@multi:2', [{ what: 'answer', code: '91', persona: 'multi', times: 2 }]],
    ['refuse:50%', [{ what: 'refuse', share: 0.5 }]],
  ] as const)('%s', (text, faults) => {
    expect(parse(text)).toEqual(faults);
    expect(writeFaults(parse(text))).toBe(text);
  });

  it('normal is none', () => {
    expect(parse('normal')).toEqual([]);
  });

  it.each([
    '',
    'sideways',
    'late:0',
    'late:0%',
    'late:101%',
    'late:x',
    'late=91',
    'answer',
    'answer=999',
    'never@nobody',
    'refuse@normal',
    'late,,never',
    Array.from({ length: 33 }, () => 'late').join(','),
  ])('%j is refused, and the rule told', (text) => {
    const parsed = parseFaults(text, isCode);
    expect(parsed).toMatchObject({ ok: false });
    if (!parsed.ok) expect(parsed.error.rule).not.toBe('');
  });
});

describe('how often they come', () => {
  it('a count is used up, and what comes after it takes over', () => {
    let used = 0;
    const faults = createFaults(1, () => (used += 1));
    faults.set(parse('late:2,answer=05:1'));
    const turns = Array.from({ length: 4 }, () => faults.turn(undefined));
    expect(turns).toEqual([
      { behaviour: 'late' },
      { behaviour: 'late' },
      { behaviour: 'normal', code: '05' },
      { behaviour: 'normal' },
    ]);
    expect(used).toBe(3);
    expect(faults.list).toEqual([]);
  });

  it('shares come about as often as they say, side by side, and again for the same seed', () => {
    const run = (seed: number): string[] => {
      const faults = createFaults(seed);
      faults.set(parse('garbled:5%,late:10%'));
      return Array.from({ length: 20_000 }, () => faults.turn(undefined).behaviour);
    };
    const turns = run(3);
    const share = (of: string): number => turns.filter((one) => one === of).length / turns.length;
    expect(share('garbled')).toBeGreaterThan(0.045);
    expect(share('garbled')).toBeLessThan(0.055);
    expect(share('late')).toBeGreaterThan(0.09);
    expect(share('late')).toBeLessThan(0.11);
    expect(run(3)).toEqual(turns);
    expect(run(4)).not.toEqual(turns);
  });

  it("one persona's leaves the others alone", () => {
    const faults = createFaults(1);
    faults.set(parse('never@normal'));
    expect(faults.turn('multi').behaviour).toBe('normal');
    expect(faults.turn(undefined).behaviour).toBe('normal');
    expect(faults.turn('normal').behaviour).toBe('never');
  });
});

describe('what a terminal sees', () => {
  let clock: SimulatedClock;
  let bench: TestBench;
  let host: RunningHost;
  let terminal: TestTerminal;

  beforeEach(async () => {
    clock = createSimulatedClock();
    bench = createBench(clock);
    host = await bench.host({ maxDelayed: 2 });
    terminal = bench.terminal(host.port);
    for (let tries = 0; tries < 50 && terminal.link.state().state !== 'in-service'; tries += 1) await clock.advance(1);
  });
  afterEach(async () => {
    const closed = bench.close();
    await clock.advance(2000);
    await closed;
  });

  async function comeBack(): Promise<void> {
    for (let tries = 0; tries < 40 && terminal.link.state().state === 'in-service'; tries += 1) await clock.settle();
    for (let tries = 0; tries < 40 && terminal.link.state().state !== 'in-service'; tries += 1)
      await clock.advance(1000);
    expect(terminal.link.state().state).toBe('in-service');
  }

  async function ask(who: Parameters<typeof persona>[0]): Promise<string> {
    const asked = terminal.link.request(terminal.inquiry(persona(who)), new AbortController().signal);
    await clock.settle();
    const settled = await Promise.race([asked, clock.settle().then(() => undefined)]);
    if (settled === undefined) return 'waiting';
    return settled.ok ? (settled.value.reply.get(39) ?? '') : settled.error.code;
  }

  it('over the control interface: the next two answers, then none; and the state says what is left', async () => {
    expect(await control(host, { id: 1, verb: 'behave', args: ['answer=91:2,bad-mac@multi'] })).toMatchObject({
      ok: true,
    });
    expect(host.state()).toMatchObject({ behaviour: 'normal', faults: 'answer=91:2,bad-mac@multi' });
    expect([await ask('normal'), await ask('normal'), await ask('normal')]).toEqual(['91', '91', '00']);
    expect(host.state().faults).toBe('bad-mac@multi');
    expect(await ask('multi')).toBe('mac-wrong');
    expect(await ask('normal')).toBe('00');
    expect(await control(host, { id: 2, verb: 'behave', args: ['sideways:3'] })).toMatchObject({ ok: false });
    expect(await control(host, { id: 3, verb: 'behave', args: ['normal'] })).toMatchObject({ ok: true });
    expect(host.state().faults).toBeUndefined();
    expect(await ask('multi')).toBe('00');
  });

  it('a connection that is refused is reset, so often as it is told', async () => {
    const log: string[] = [];
    host.onLog((line) => log.push(line));
    host.behave([{ what: 'refuse', times: 2 }]);
    host.dropConnections();
    await comeBack();
    expect(log.filter((line) => line.endsWith(' refused'))).toHaveLength(2);
    expect(host.state().faults).toBeUndefined();
  });

  it('no more answers wait than there is room for, and those of a terminal that has gone give theirs back', async () => {
    const log: string[] = [];
    host.onLog((line) => log.push(line));
    host.delay(10_000);
    expect([await ask('normal'), await ask('normal'), await ask('normal')]).toEqual(['waiting', 'waiting', 'waiting']);
    expect(log.filter((line) => line.includes('too many answers wait'))).toHaveLength(1);
    host.dropConnections();
    await comeBack();
    log.length = 0;
    expect([await ask('normal'), await ask('normal')]).toEqual(['waiting', 'waiting']);
    expect(log.filter((line) => line.includes('too many answers wait'))).toHaveLength(0);
  });
});
