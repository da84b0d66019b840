import { describe, expect, it } from 'vitest';
import type { ScreenKind } from '../contract.ts';
import { answerFor, contextOf, personaOf, terminal } from './fixtures.ts';
import { sessionMachine } from './machine.ts';
import { balanceReceipt } from './receipt.ts';
import { pathOf, screenOf, viewOf } from './screen.ts';

interface Node {
  readonly states: Readonly<Record<string, Node>>;
}

/** Every state of the flow without states of its own, as its path. */
function leaves(node: Node, path: readonly string[] = []): (readonly string[])[] {
  const inner = Object.entries(node.states);
  return inner.length === 0 ? [path] : inner.flatMap(([name, state]) => leaves(state, [...path, name]));
}

const { flow } = sessionMachine.states;
if (flow === undefined) throw new Error('the machine has no flow');
const paths = leaves(flow);
const answer = answerFor('multi');
const pan = personaOf('multi').pan;
const [first] = answer.memberships;
if (first === undefined) throw new Error('the persona multi has no membership');
const receipt = balanceReceipt(terminal, 'id', pan, first, answer);
/** A context in which every state has what it shows. */
const full = contextOf({
  answer,
  card: { pan, track2: personaOf('multi').track2 },
  qr: receipt,
  papers: [{ what: 'receipt', receipt }],
  printFailure: { paper: { what: 'receipt', receipt }, fault: 'jam', printed: 'part' },
  retain: { why: 'host', reference: answer.rrn, slip: 'printed' },
  sorry: { cause: 'host-silent', reference: answer.rrn },
});

/** The compiler asks for the missing one when a kind is added. */
const KINDS: Readonly<Record<ScreenKind, true>> = {
  'out-of-service': true,
  idle: true,
  'card-entering': true,
  'card-unreadable': true,
  pin: true,
  'pin-wrong': true,
  menu: true,
  'asking-host': true,
  'choose-membership': true,
  result: true,
  'not-linked': true,
  'receipt-choice': true,
  'receipt-qr': true,
  'something-else': true,
  'take-card': true,
  'card-retained': true,
  printing: true,
  'take-receipt': true,
  'receipt-failed': true,
  goodbye: true,
  sorry: true,
};

describe('every state has its screen', () => {
  it('walks the whole machine', () => {
    expect(paths.length).toBeGreaterThan(30);
    expect(paths.map((path) => path.join('.'))).toContain('visit.asking.stillWorking');
  });

  it.each(paths.map((path) => [path.join('.'), path] as const))('%s', (_, path) => {
    const screen = screenOf(path, full);
    expect(Object.keys(KINDS)).toContain(screen.kind);
    // A screen is data: what a message could not carry is in none.
    expect(JSON.parse(JSON.stringify(screen))).toEqual(screen);
  });

  it('no kind of screen is left without a state', () => {
    const unreadable = contextOf({ ending: { screen: 'card-unreadable', problem: 'stripe' } });
    const met = new Set(
      paths.flatMap((path) => [
        screenOf(path, full).kind,
        ...(path[0] === 'returning' ? [screenOf(path, unreadable).kind] : []),
      ]),
    );
    expect([...met].sort()).toEqual(Object.keys(KINDS).sort());
  });

  it('a state that nobody drew is a defect, not an empty screen', () => {
    expect(() => screenOf(['visit', 'dancing'], full)).toThrow('no screen for the state visit.dancing');
    expect(() => screenOf([], full)).toThrow();
    expect(() => screenOf(['visit', 'result'], contextOf())).toThrow();
    expect(() => screenOf(['retaining', 'moving'], contextOf())).toThrow();
  });

  it('reads a path from nested states', () => {
    expect(pathOf({ visit: { asking: 'working' } })).toEqual(['visit', 'asking', 'working']);
    expect(pathOf('idle')).toEqual(['idle']);
    expect(pathOf(undefined)).toEqual([]);
  });
});

describe('what a screen shows of a person', () => {
  const everything = (revealed: boolean): string =>
    paths.map((path) => JSON.stringify(viewOf(path, { ...full, revealed, pinBlock: 'AB12CD34EF567890' }))).join('\n');

  it('is masked on every one of them, and whole on the result alone while it is revealed', () => {
    const kpjs = answer.memberships.map(({ kpj }) => kpj);
    const masked = everything(false);
    for (const secret of [
      ...kpjs,
      first.name,
      'Wicaksana',
      pan,
      pan.slice(0, 12),
      personaOf('multi').track2,
      'AB12CD34EF567890',
    ]) {
      expect(masked).not.toContain(secret);
    }
    expect(masked).toContain('2203•••••28');

    const revealed = everything(true)
      .split('\n')
      .filter((view) => view.includes(first.kpj) || view.includes(first.name));
    expect(revealed).toHaveLength(1);
    expect(revealed[0]).toContain('"kind":"result"');
    expect(everything(true)).not.toContain(pan);
  });

  it('says zero only where there is a balance of zero', () => {
    const none = screenOf(['visit', 'result'], contextOf({ answer: answerFor('no-jht') }));
    expect(none).toMatchObject({ kind: 'result', membership: { programs: ['JKK', 'JKM'] } });
    expect(none.kind === 'result' && none.membership).not.toHaveProperty('jht');
    const claimed = screenOf(['visit', 'result'], { ...full, chosen: 2 });
    expect(claimed).toMatchObject({ membership: { jht: { balance: 0 } } });
  });
});

describe('why the terminal is out of service', () => {
  const ready = contextOf({
    reader: { state: 'ready', media: 'none' },
    pad: { state: 'ready' },
    printer: { state: 'ready', paper: 'ok' },
    link: 'in-service',
  });
  it.each([
    ['host', { link: 'down' }],
    ['card-reader', { reader: { state: 'absent', why: 'x' } }],
    ['card-reader', { readerTrouble: true }],
    ['pin-pad', { pad: { state: 'absent', why: 'x' } }],
    ['tampered', { pad: { state: 'fault', fault: 'tampered', deviceCode: 'E2' } }],
    ['storage', { storageOk: false }],
    ['card-stuck', { cardStuck: true, readerTrouble: true }],
    ['fault', { defect: true, link: 'down' }],
    ['stopping', { stopping: true, defect: true }],
  ] as const)('%s', (reason, changes) => {
    expect(screenOf(['outOfService', 'waiting'], { ...ready, ...changes })).toMatchObject({
      kind: 'out-of-service',
      reason,
    });
  });

  it.each([
    [{ reader: { state: 'ready', media: 'inside' } }, true],
    [{ reader: { state: 'fault', fault: 'jam', media: 'takeout', deviceCode: '10' } }, true],
    [{ cardStuck: true }, true],
    [{ outcome: 'reader-lost' }, true],
    [{}, false],
  ] as const)('and whether somebody still waits for a card: %j', (changes, cardInside) => {
    expect(screenOf(['outOfService', 'waiting'], { ...ready, ...changes })).toMatchObject({ cardInside });
  });
});
