/** `npm run inquiry` as whoever calls it from a script sees it: a process, its output and its exit code. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SIMULATED_TERMINAL } from '../main/config.ts';
import { personas } from '../protocol/host/personas.ts';

const script = path.resolve(import.meta.dirname, '../main/inquiry/cli.ts');
const DEADLINE_MS = 50_000;

let folder: string;
let config: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'anjungan-test-'));
  config = path.join(folder, 'quick.json');
  // Nobody has to be able to read the screens.
  const delays = { goodbye: 1_000, takeReceipt: 2_000, pinWrongNotice: 1_000, cardRetained: 5_000 };
  writeFileSync(config, JSON.stringify({ ...SIMULATED_TERMINAL, delays }));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly errors: string;
}

/** Each session is six processes: so many at a time. */
const AT_A_TIME = 3;
let running = 0;
const waiting: (() => void)[] = [];

async function inquiry(...args: readonly string[]): Promise<Ended> {
  if (running >= AT_A_TIME) await new Promise<void>((resolve) => waiting.push(resolve));
  running += 1;
  try {
    return await runInquiry(args);
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}

/** The command with these arguments, in a temporary folder of its own, which it must leave empty. */
function runInquiry(args: readonly string[]): Promise<Ended> {
  const temporary = mkdtempSync(path.join(folder, 'tmp-'));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: temporary, TEMP: temporary },
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
  let out = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  return new Promise((resolve) => {
    child.once('close', (code) => {
      clearTimeout(timer);
      expect(readdirSync(temporary)).toEqual([]);
      resolve({ code, out, errors });
    });
  });
}

interface Printed {
  readonly outcome: string;
  readonly responseCode: string | null;
  readonly screens: readonly { readonly kind: string; readonly title: string; readonly lines: readonly string[] }[];
  readonly receipt: string | null;
  readonly journal: readonly { readonly event: string; readonly fields: Readonly<Record<string, string>> }[];
  readonly timings: Readonly<Record<string, number>>;
}

async function session(
  ...args: readonly string[]
): Promise<Printed & { readonly code: number | null; readonly raw: string }> {
  const { code, out, errors } = await inquiry('--config', config, '--json', ...args);
  expect(errors).toBe('');
  return { code, raw: out, ...(JSON.parse(out) as Printed) };
}

const kindsOf = (printed: Printed): string[] => printed.screens.map(({ kind }) => kind);
const right = ['--pin', '123456'];

describe('a session for machines', { concurrent: true, timeout: 3 * DEADLINE_MS }, () => {
  it('of the normal persona: every key and no other, the screens in order, the receipt, the journal, the times', async () => {
    const printed = await session('--card', 'normal', ...right);
    const { code, outcome, responseCode, receipt, journal, timings } = printed;
    expect(Object.keys(JSON.parse(printed.raw) as object)).toEqual([
      'outcome',
      'responseCode',
      'screens',
      'receipt',
      'journal',
      'timings',
    ]);
    expect({ code, outcome, responseCode }).toEqual({ code: 0, outcome: 'balance', responseCode: '00' });
    const kinds = kindsOf(printed);
    expect(kinds.filter((kind) => kind !== 'asking-host')).toEqual([
      'idle',
      'card-entering',
      'pin',
      'menu',
      'result',
      'receipt-choice',
      'something-else',
      'take-card',
      'printing',
      'take-receipt',
      'goodbye',
      'idle',
    ]);
    expect(receipt).toContain('Rp45.678.900');
    expect(receipt).toMatch(/Kartu +\*{6}0010\n/);
    expect(journal.map(({ event }) => event)).toEqual([
      'session-started',
      'card-read',
      'pin-entered',
      'inquiry-answered',
      'membership-shown',
      'receipt-chosen',
      'card-ejected',
      'card-taken',
      'print-done',
      'session-ended',
    ]);
    const { wholeMs, hostMs, pinEnterToResultMs, ownMs } = timings;
    expect(Object.keys(timings).sort()).toEqual(['hostMs', 'ownMs', 'pinEnterToResultMs', 'wholeMs']);
    expect(wholeMs).toBeGreaterThan(pinEnterToResultMs ?? Infinity);
    expect(ownMs).toBeCloseTo((pinEnterToResultMs ?? 0) - (hostMs ?? 0), 6);
  });

  it('with several memberships shows the choice, and the one that was chosen', async () => {
    const printed = await session('--card', 'multi', ...right, '--receipt', 'none');
    expect(printed).toMatchObject({ code: 0, outcome: 'several', receipt: null });
    const kinds = kindsOf(printed);
    expect(kinds.indexOf('choose-membership')).toBeLessThan(kinds.indexOf('result'));
  });

  it('outside the JHT program has no amount anywhere', async () => {
    const printed = await session('--card', 'no-jht', ...right);
    expect(printed).toMatchObject({ code: 0, outcome: 'not-in-jht', responseCode: '00' });
    expect(printed.raw).not.toMatch(/Rp\s?\d/);
  });

  it('with an expired card says so', async () => {
    expect(await session('--card', 'expired', ...right)).toMatchObject({
      code: 0,
      outcome: 'card-expired',
      responseCode: '54',
      receipt: null,
    });
  });

  it('with a stolen card ends without it, and with a slip', async () => {
    const printed = await session('--card', 'stolen', ...right);
    expect(printed).toMatchObject({ code: 0, outcome: 'retained', responseCode: '43' });
    expect(kindsOf(printed)).toContain('card-retained');
    expect(kindsOf(printed)).not.toContain('take-card');
    expect(printed.receipt).toContain('KARTU ANDA DITAHAN');
    const retained = printed.journal.find(({ event }) => event === 'card-retained');
    // The number on the slip finds the entry.
    expect(retained?.fields['reference']).toMatch(/^[0-9A-Z]{8,12}$/);
    expect(printed.receipt).toContain(retained?.fields['reference'] ?? 'no reference');
  });

  it('with a wrong PIN, typed again and again, ends with 1', async () => {
    const printed = await session('--card', 'normal', '--pin', '654321');
    expect(printed).toMatchObject({ code: 1, outcome: 'pin-tries', receipt: null });
    expect(kindsOf(printed).filter((kind) => kind === 'pin-wrong')).toHaveLength(2);
    expect(printed.raw).not.toContain('654321');
  });

  it('in English', async () => {
    const printed = await session('--card', 'normal', ...right, '--language', 'en');
    expect(printed.receipt).toContain('JHT BALANCE INQUIRY');
    expect(printed.screens.find(({ kind }) => kind === 'take-card')?.title).toMatch(/card/i);
    expect(printed.receipt).not.toContain('SALDO');
  });

  it('with the receipt as a QR code prints nothing', async () => {
    const printed = await session('--card', 'normal', ...right, '--receipt', 'qr');
    expect(printed).toMatchObject({ code: 0, outcome: 'balance', receipt: null });
    expect(kindsOf(printed)).toContain('receipt-qr');
    expect(kindsOf(printed)).not.toContain('printing');
  });

  it('with the card the wrong way round ends at the mouth, which is not what the persona is for', async () => {
    const printed = await session('--card', 'normal', ...right, '--flaw', 'wrong-way');
    expect(printed).toMatchObject({ code: 1, outcome: 'refused-at-mouth', responseCode: null });
    expect(kindsOf(printed)).toEqual(['idle']);
  });

  it('over TCP instead of ptys is the same', async () => {
    const printed = await session('--card', 'normal', ...right, '--transport', 'tcp');
    expect(printed).toMatchObject({ code: 0, outcome: 'balance', responseCode: '00' });
  });

  it('with another answer from the host ends as that says', async () => {
    expect(await session('--card', 'normal', ...right, '--answer', '91')).toMatchObject({
      code: 1,
      outcome: 'host-unavailable',
      responseCode: '91',
    });
  });
});

describe('a session for people', { concurrent: true, timeout: 3 * DEADLINE_MS }, () => {
  it('is the screens, the receipt, and how it ended', async () => {
    const { code, out, errors } = await inquiry('--config', config, '--card', 'inactive', ...right);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(out).toContain('SALDO JHT');
    expect(out.trimEnd().split('\n').at(-1)).toBe('Outcome: balance (DE39 00), as expected of "inactive": yes');
  });

  it('with --trace shows messages and frames on standard error, masked, and each poll once', async () => {
    const { code, out, errors } = await inquiry('--config', config, '--card', 'normal', ...right, '--trace', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ outcome: 'balance' });
    expect(errors).toMatch(/host {4}-> 0200 financial request/);
    expect(errors).toMatch(/35 {2}Track 2 data +hidden \(\d+\)/);
    expect(errors).toMatch(/52 {2}PIN data +hidden \(16\)/);
    expect(errors).toMatch(/reader {2}<- {2}P62 02, \d+ bytes of data/);
    expect(errors).toMatch(/pad {5}-> {2}PIN block, \d+ bytes/);
    expect(errors).toMatch(/pad {5}<- {2}key mask/);
    expect(errors).toMatch(/reader {2}\(\d+ more polls?\)/);
    const persona = personas.find(({ id }) => id === 'normal');
    for (const secret of [persona?.pan, persona?.track2, persona?.name, persona?.memberships[0]?.kpj, '123456']) {
      expect(errors).not.toContain(secret);
    }
  });
});

describe(
  'wrong use ends with 64, one line that says what, and nothing started',
  { concurrent: true, timeout: 3 * DEADLINE_MS },
  () => {
    it.each([
      ['nothing', [], '--card'],
      ['no such persona', ['--card', 'nobody', '--pin', '123456'], '--card must be one of normal,'],
      ['no PIN', ['--card', 'normal'], '--pin'],
      ['a PIN of letters', ['--card', 'normal', '--pin', 'secret'], '--pin'],
      ['a PIN of thirteen digits', ['--card', 'normal', '--pin', '1234567890123'], '--pin'],
      ['no such language', ['--card', 'normal', ...right, '--language', 'fr'], '--language must be one of id, en'],
      ['no such receipt', ['--card', 'normal', ...right, '--receipt', 'fax'], '--receipt must be one of'],
      ['no such flaw', ['--card', 'normal', ...right, '--flaw', 'eaten'], '--flaw must be one of'],
      ['no such transport', ['--card', 'normal', ...right, '--transport', 'pigeon'], '--transport must be one of'],
      ['no response code', ['--card', 'normal', ...right, '--answer', 'fifty'], '--answer'],
      ['an unknown option', ['--card', 'normal', ...right, '--verbose'], '--verbose'],
      [
        'a configuration that is not there',
        ['--card', 'normal', ...right, '--config', '/nowhere.json'],
        '/nowhere.json',
      ],
    ])('%s', async (_, args, said) => {
      const { code, out, errors } = await inquiry(...args);
      expect({ code, out }).toEqual({ code: 64, out: '' });
      expect(errors).toContain(said);
      expect(errors.trimEnd().split('\n').length).toBeLessThanOrEqual(3);
    });

    it('--help is no wrong use', async () => {
      const { code, out } = await inquiry('--help');
      expect(code).toBe(0);
      for (const { id } of personas) expect(out).toContain(id);
    });
  },
);
