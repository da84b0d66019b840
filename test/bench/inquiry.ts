/**
 * The terminal's own share of an inquiry: from the byte of the PIN pad's Enter key to the View with the result, less the
 * time between a request's last byte and its whole reply. Every session is a whole one (card in, PIN, balance, card back),
 * through simulator processes on ptys as fast as the machine, and all of them count, the first too.
 *
 * In between lie the PIN block and two MACs of two commands each on the pad's line, the customer's touch (made at once),
 * journal commits and the codec.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { personas } from '../../protocol/host/personas.ts';
import { parseConfig, SIMULATED_TERMINAL } from '../../main/config.ts';
import { openRig, visit } from '../../main/inquiry/visit.ts';
import { DEFAULT_TRANSPORT } from '../../main/workbench/bench.ts';
import type { BenchResult } from './iso8583.ts';
import { hundredths, percentile } from './statistics.ts';

const SESSIONS = 300;
const SESSION_MS = 20_000;
/** PIN block, two commands for the request's MAC, two for the reply's: each waits for another process to be given a turn. */
const ROUND_TRIPS = 5;

/** Milliseconds for so many messages to another process and back: what this machine takes for them without a terminal. */
async function roundTrips(echo: ChildProcess): Promise<number> {
  const begun = performance.now();
  for (let count = 0; count < ROUND_TRIPS; count += 1) {
    await new Promise((resolve) => {
      echo.once('message', resolve);
      echo.send(count);
    });
  }
  return performance.now() - begun;
}

export async function benchInquiry(options: {
  readonly count?: number;
  readonly say: (line: string) => void;
}): Promise<BenchResult[]> {
  const sessions = options.count ?? SESSIONS;
  const persona = personas.find(({ id }) => id === 'normal');
  const parsed = parseConfig(SIMULATED_TERMINAL);
  if (persona === undefined || !parsed.ok) throw new Error('the simulated terminal is not as it was');
  // Mechanics and farewell are the customer's time, not the terminal's: they are cut short.
  const rig = await openRig({ config: parsed.config, transport: DEFAULT_TRANSPORT, pace: 0, delays: { goodbye: 1 } });
  if (!rig.ok) throw new Error(rig.error.detail);
  const echo = spawn(process.execPath, ['-e', 'process.on("message", (message) => process.send(message))'], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const own: number[] = [];
  const bare: number[] = [];
  const host: number[] = [];
  const whole: number[] = [];
  try {
    for (let count = 0; count < sessions; count += 1) {
      const done = await visit(rig.value, {
        persona,
        pin: '123456',
        flaw: 'none',
        language: 'id',
        receipt: 'none',
        deadlineMs: SESSION_MS,
      });
      if (!done.ok) throw new Error(`session ${count + 1} stayed on the screen ${done.error.screen}`);
      const { outcome, timings } = done.value;
      if (outcome !== 'balance' || timings.ownMs === undefined)
        throw new Error(`session ${count + 1} came to ${outcome}`);
      own.push(timings.ownMs);
      bare.push(await roundTrips(echo));
      host.push(timings.hostMs);
      whole.push(timings.pinEnterToResultMs ?? Number.NaN);
      if ((count + 1) % 100 === 0) options.say(`${count + 1} sessions`);
    }
  } finally {
    echo.kill();
    await rig.value.close();
  }
  const row = (metric: string, values: readonly number[], percent: number, note?: string): BenchResult => ({
    metric,
    value: hundredths(percentile(values, percent)),
    unit: 'ms',
    ...(note === undefined ? {} : { note }),
  });
  /** On a busy machine both wait for their turns: the peer tells how much of it is that. */
  const rowWithPeer = (metric: string, percent: number, note: string): BenchResult => {
    const value = percentile(own, percent);
    const peerValue = percentile(bare, percent);
    return {
      metric,
      value: hundredths(value),
      unit: 'ms',
      peer: `${ROUND_TRIPS} bare round trips`,
      peerValue: hundredths(peerValue),
      ratio: hundredths(value / peerValue),
      note,
    };
  };
  return [
    rowWithPeer('inquiry.own.p50', 50, `${sessions} sessions`),
    rowWithPeer('inquiry.own.p99', 99, 'at most 50 ms is wanted'),
    row('inquiry.own.max', own, 100),
    row('inquiry.host.p50', host, 50, "the host simulator's share, not counted above"),
    row('inquiry.host.p99', host, 99),
    row('inquiry.whole.p99', whole, 99, 'PIN Enter to result, host included'),
  ];
}
