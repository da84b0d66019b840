/**
 * Sentinel values go through sessions and faults on a whole terminal (simulated clock, real bytes); then everything that
 * it wrote, logged, sent or printed is searched for them. `scan.test.ts` shows that the search finds what is there.
 */
import path from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SimulatedPadKey } from '../../devices/simulator/contract.ts';
import type { CardFlaw, View } from '../../main/contract.ts';
import { traceLines, traceMessages } from '../../main/inquiry/trace.ts';
import { encryptPinBlock0, encodePinBlock0 } from '../../protocol/security/pin-block.ts';
import { withOddParity } from '../../protocol/security/keys.ts';
import { startRig, type Rig } from '../rig.ts';
import { binary, leaks, type Haystack, type Sentinel } from './scan.ts';
import {
  filesIn,
  KPJ,
  linesNamed,
  NAME,
  NIK_PAN,
  NIK_TRACK2,
  PAN,
  PERSONAL,
  PIN,
  SECRETS,
  TRACK2,
  writeMembers,
  WRONG_PIN,
} from './sentinels.ts';

/** The PIN as keys. */
const KEYS = PIN.split('') as SimulatedPadKey[];

/** Each session key that the host issues, in order: told by this, so that it can be looked for. */
const issued: Uint8Array[] = [];
function random(bytes: number): Uint8Array {
  const key = Uint8Array.from(
    { length: bytes },
    (_, at) => (37 * (at + 1) + 101 * (issued.length + 1) + 11 * at * at) & 0xff,
  );
  issued.push(withOddParity(key));
  return key;
}

let rig: Rig;
let temporary: string;
let folder: string;
const trace: string[] = [];
const hostLog: string[] = [];
const printed: string[] = [];
const filesWhileRunning: Haystack[] = [];

function tear(): void {
  for (let text = rig.printer.verbs.tear(); text !== undefined; text = rig.printer.verbs.tear()) printed.push(text);
}

function insert(track2: string, flaw: Exclude<CardFlaw, 'bad-luhn'> = 'none'): void {
  expect(rig.reader.verbs.insert({ label: 'sentinel', track2, flaw })).toBe(true);
}

async function ready(): Promise<void> {
  await rig.screen('idle', 900_000);
  await rig.until(() => rig.reader.state().accepting);
}

/** With the card in, to the menu. */
async function toMenu(track2 = TRACK2, pinTyped = PIN): Promise<void> {
  await ready();
  insert(track2);
  await rig.screen('pin');
  await rig.enterPin(pinTyped);
  await rig.screen('menu');
}

async function toResult(): Promise<void> {
  await toMenu();
  rig.touch({ kind: 'check-balance' });
  await rig.screen('result');
}

/** What any customer does to come to an end: takes the card, the paper, and touches what ends a screen. */
async function leave(): Promise<void> {
  await rig.until(() => {
    const { screen } = rig.view();
    const { place, plugged } = rig.reader.state();
    if (plugged && (place === 'takeout' || (place === 'mouth' && screen.kind === 'idle' && screen.hint !== undefined)))
      rig.reader.verbs.take();
    tear();
    if (
      [
        'sorry',
        'receipt-failed',
        'card-retained',
        'not-linked',
        'take-receipt',
        'receipt-qr',
        'something-else',
      ].includes(screen.kind)
    ) {
      rig.touch({ kind: 'finish' });
    }
    if (['result', 'receipt-choice', 'menu', 'choose-membership', 'pin'].includes(screen.kind))
      rig.touch({ kind: 'cancel' });
    return screen.kind === 'idle' && ['none', 'retained'].includes(rig.reader.state().place);
  }, 900_000);
  rig.reader.verbs.emptyBin();
}

const STORIES: Readonly<Record<string, () => Promise<void>>> = {
  async 'balance, number and name shown and hidden again, receipt on paper'() {
    await toResult();
    rig.touch({ kind: 'reveal' });
    rig.touch({ kind: 'conceal' });
    rig.touch({ kind: 'continue' });
    rig.touch({ kind: 'receipt', choice: 'paper' });
    rig.touch({ kind: 'finish' });
    await rig.takeCard();
    await rig.screen('take-receipt');
  },
  async 'receipt as a QR code, and out by the time limit while the number is shown'() {
    await toResult();
    rig.touch({ kind: 'continue' });
    rig.touch({ kind: 'receipt', choice: 'qr' });
    await rig.screen('receipt-qr');
    rig.touch({ kind: 'continue' });
    rig.touch({ kind: 'another-service' });
    rig.touch({ kind: 'check-balance' });
    await rig.screen('result');
    rig.touch({ kind: 'reveal' });
    await rig.screen('take-card', 200_000);
  },
  async 'a wrong PIN, then the right one'() {
    await toMenu(TRACK2, WRONG_PIN);
    rig.touch({ kind: 'check-balance' });
    await rig.screen('pin-wrong');
    await rig.screen('pin');
    await rig.enterPin(PIN);
    await rig.screen('result');
  },
  async 'a PIN that is typed where none is asked for'() {
    await toMenu();
    await rig.clock.advance(5_000);
    rig.press(...KEYS);
    await rig.clock.advance(100);
  },
  async 'a PIN that is begun and cancelled'() {
    await ready();
    insert(TRACK2);
    await rig.until(() => rig.pad.state().entering);
    rig.press(...KEYS.slice(0, 5), 'cancel');
    await rig.screen('take-card');
  },
  async 'a record of the host that holds a NIK where no number belongs'() {
    await toMenu(NIK_TRACK2);
    rig.touch({ kind: 'check-balance' });
    expect((await rig.screen('sorry')).cause).toBe('system-error');
  },
  async 'a card that the bank wants back'() {
    await toMenu();
    rig.host.answer('43');
    rig.touch({ kind: 'check-balance' });
    await rig.screen('card-retained');
    rig.host.answer(undefined);
  },
  async 'a card that nobody takes'() {
    await toMenu();
    rig.touch({ kind: 'cancel' });
    await rig.screen('card-retained', 200_000);
  },
  async 'a card whose check digit is wrong'() {
    await ready();
    insert(TRACK2.replace(PAN, `${PAN.slice(0, -1)}9`));
    await rig.screen('card-unreadable');
  },
  ...Object.fromEntries(
    (['unreadable', 'bad-lrc', 'wrong-way', 'no-stripe'] as const).map((flaw) => [
      `a card that is ${flaw}`,
      async () => {
        await ready();
        insert(TRACK2, flaw);
        await rig.clock.advance(3_000);
      },
    ]),
  ),
  ...Object.fromEntries(
    (['garbled', 'truncated', 'bad-mac', 'close-mid-message', 'late', 'never', 'twice', 'trickle'] as const).map(
      (behaviour) => [
        `a host that is ${behaviour}`,
        async () => {
          await toMenu();
          rig.host.behave(behaviour);
          rig.touch({ kind: 'check-balance' });
          await rig.until(() => ['sorry', 'result'].includes(rig.view().screen.kind), 200_000);
          rig.host.behave('normal');
        },
      ],
    ),
  ),
  async 'a printer that runs out of paper in the middle'() {
    await toResult();
    rig.touch({ kind: 'continue' });
    rig.touch({ kind: 'receipt', choice: 'paper' });
    rig.touch({ kind: 'finish' });
    rig.printer.verbs.paperOut(5);
    await rig.takeCard();
    await rig.screen('receipt-failed');
    rig.touch({ kind: 'receipt', choice: 'qr' });
    await rig.screen('receipt-qr');
    rig.touch({ kind: 'continue' });
    rig.printer.verbs.loadPaper();
  },
  ...Object.fromEntries(
    (['reader', 'pad', 'printer'] as const).flatMap((device) =>
      (['PIN', 'result'] as const).map((when) => [
        `the ${device} unplugged at the ${when}`,
        async () => {
          if (when === 'result') await toResult();
          else {
            await ready();
            insert(TRACK2);
            await rig.until(() => rig.pad.state().entering);
            rig.press(...KEYS);
          }
          await rig.lines[device].unplug();
          await rig.clock.advance(4_000);
          await rig.lines[device].plug();
        },
      ]),
    ),
  ),
  async 'a pad that is tampered with during the PIN'() {
    await ready();
    insert(TRACK2);
    await rig.until(() => rig.pad.state().entering);
    rig.press(...KEYS);
    rig.pad.verbs.tamper();
    await rig.clock.advance(4_000);
    rig.pad.verbs.repair();
  },
  async 'a core that dies with the result on the screen'() {
    await toResult();
    rig.touch({ kind: 'reveal' });
    filesWhileRunning.push(...filesIn(folder));
    await rig.crashAndRestart();
    await rig.screen('take-card');
  },
};

const value = (result: ReturnType<typeof encodePinBlock0>): Buffer => {
  if (!result.ok) throw new Error(result.error.code);
  return Buffer.from(result.value, 'hex');
};

/** The session keys, and every PIN block that could have gone to the host, as it went and in the clear. */
function keysAndBlocks(): Sentinel[] {
  const blocks = [PAN, NIK_PAN].flatMap((pan) => [PIN, WRONG_PIN].map((typed) => ({ pan, typed })));
  return [
    ...issued.map((key, nth) => binary(`session key ${nth}`, key)),
    ...blocks.map(({ pan, typed }) => binary('PIN block in the clear', value(encodePinBlock0(typed, pan)))),
    ...issued.flatMap((key, nth) =>
      blocks.map(({ pan, typed }) => binary(`PIN block under key ${nth}`, value(encryptPinBlock0(key, typed, pan)))),
    ),
  ];
}

const isView = (text: string): View => JSON.parse(text) as View;
const revealing = (text: string): boolean => {
  const { screen } = isView(text);
  return screen.kind === 'result' && screen.revealed;
};

beforeAll(async () => {
  temporary = mkdtempSync(path.join(os.tmpdir(), 'anjungan-test-'));
  // The host's own records are its business; only the terminal's folder is searched.
  folder = path.join(temporary, 'terminal');
  const members = path.join(temporary, 'members.db');
  writeMembers(members);
  const emit = (line: string): void => {
    trace.push(line);
  };
  // The trace's own sense of silence needs no clock of the rig's: nothing here is half a frame for long.
  rig = await startRig({
    folder,
    msPerLine: 10,
    host: { database: members, random },
    overhear: {
      tap: traceLines(emit, {
        now: () => performance.now(),
        setTimeout: () => undefined,
        clearTimeout: () => undefined,
      }),
      onLinkEvent: traceMessages(emit),
    },
  });
  rig.host.onLog((line) => hostLog.push(line));
}, 30_000);

afterAll(async () => {
  await rig.close();
  rmSync(temporary, { recursive: true, force: true });
});

describe('sentinels go through', () => {
  it.each(Object.keys(STORIES))('%s', async (name) => {
    await STORIES[name]?.();
    await leave();
  });
});

describe('and are found nowhere', () => {
  const everywhere = (): Haystack[] => [
    ...filesWhileRunning.map(({ name, bytes }) => ({ name: `${name} while it was running`, bytes })),
    ...filesIn(folder),
    linesNamed('the log', rig.logged),
    linesNamed('the trace', trace),
    linesNamed("the host's log", hostLog),
    linesNamed('the receipts', printed),
    linesNamed('what the simulators show', [
      JSON.stringify([rig.reader.state(), rig.pad.state(), rig.printer.state()]),
    ]),
  ];

  it('although they were there: the sessions came to what they were for', () => {
    const shown = rig.sent.filter(revealing).join('\n');
    expect(shown).toContain(KPJ);
    expect(shown).toContain(NAME);
    expect(issued.length).toBeGreaterThanOrEqual(2);
    expect(printed.join('\n')).toContain(`******${PAN.slice(-4)}`);
    expect(trace.join('\n')).toMatch(/52 {2}PIN data +hidden \(16\)/);
    expect(trace.join('\n')).toMatch(/P62 02, \d+ bytes of data/);
    expect(rig.journal().filter(({ event }) => event === 'inquiry-answered').length).toBeGreaterThan(8);
    expect(filesWhileRunning.map(({ name }) => name)).toContain('terminal.db-wal');
    expect(hostLog.join('\n')).toContain('wrong PIN 1');
  });

  it('in no file, no log, no trace and on no paper', () => {
    expect(leaks([...SECRETS, ...PERSONAL, ...keysAndBlocks()], everywhere())).toEqual([]);
  });

  it('in no View, but for number and name while the customer asks for them', () => {
    const all = [...new Set(rig.sent)];
    expect(leaks([...SECRETS, ...keysAndBlocks()], [linesNamed('the Views', all)])).toEqual([]);
    const masked = all.filter((text) => !revealing(text));
    expect(leaks(PERSONAL, [linesNamed('the Views', masked)])).toEqual([]);
  });

  it('in no View once the session is over', () => {
    const last = JSON.stringify(rig.view());
    expect(isView(last).screen.kind).toBe('idle');
    expect(leaks([...SECRETS, ...PERSONAL], [linesNamed('the last View', [last])])).toEqual([]);
    expect(last).not.toContain(PAN.slice(-4));
  });
});
