/** The simulated reader by itself, byte by byte: what it answers in which state, and what its verbs allow. */
import { describe, expect, it } from 'vitest';
import {
  createOmronDecoder,
  decodeOmronAnswer,
  encodeOmronCommand,
  omronControl,
  type OmronToken,
} from '../card-reader/omron-frame.ts';
import { createTestClock } from '../test-clock.ts';
import { createCardReaderSimulator } from './card-reader.ts';
import type { SimulatedCard } from './contract.ts';

const card: SimulatedCard = { label: 'Sari', track2: '6013010000000017=3012101', flaw: 'none' };

function setUp() {
  const clock = createTestClock();
  const simulator = createCardReaderSimulator({ clock });
  const decoder = createOmronDecoder();
  const heard: OmronToken[] = [];
  simulator.attach((bytes) => heard.push(...decoder.push(bytes)));
  const enq = omronControl('enq');
  /** The whole exchange; `P..` or `N..` as text. */
  async function ask(name: string): Promise<string> {
    heard.length = 0;
    simulator.receive(encodeOmronCommand(name));
    expect(heard).toEqual([{ kind: 'ack' }]);
    simulator.receive(enq);
    await clock.advance(600);
    const answer = heard[1];
    if (answer?.kind !== 'frame') return 'nothing';
    expect(decodeOmronAnswer(answer.text)?.name).toBe(name);
    return Buffer.from(answer.text).toString('latin1');
  }
  return { clock, simulator, verbs: simulator.verbs, heard, ask, enq };
}

describe('the simulated OMRON 3S4YR', () => {
  it('wants a reset first, and knows which commands there are', async () => {
    const { ask } = setUp();
    expect(await ask('10')).toBe('N1018');
    expect(await ask(':2')).toBe('N:218');
    expect(await ask('02')).toBe('P0200');
    expect(await ask('10')).toBe('P1000');
    expect(await ask('1Z')).toBe('N1Z01');
    expect(await ask('ZZ')).toBe('NZZ00');
  });

  it('refuses in the wrong state: no card, or one inside already', async () => {
    const { ask, verbs, clock } = setUp();
    await ask('02');
    for (const name of ['30', '31', '40', '41', '62']) expect(await ask(name)).toBe(`N${name}02`);
    await ask(':2');
    verbs.insert(card);
    await clock.advance(500);
    expect(await ask(':2')).toBe('N:202');
    expect(await ask('62')).toBe(`P6202${card.track2 ?? ''}`);
    expect(await ask('61')).toBe('N6144');
    expect(await ask('30')).toBe('P3001');
    expect(await ask('62')).toBe('N6202');
    expect(await ask('40')).toBe('P4002');
    expect(await ask('31')).toBe('P3100');
    expect(await ask('Q0')).toBe('PQ000001');
  });

  it.each([
    ['00', 'takeout', '01'],
    ['01', 'retained', '00'],
    ['02', 'inside', '02'],
  ])('resets in three ways: %s', async (name, place, position) => {
    const { ask, verbs, clock, simulator } = setUp();
    await ask('02');
    await ask(':0');
    verbs.insert({ ...card, flaw: 'wrong-way' });
    await clock.advance(500);
    expect(simulator.state().place).toBe('inside');
    expect(await ask(name)).toBe(`P${name}${position}`);
    expect(simulator.state().place).toBe(place);
  });

  it('keeps a card at the mouth that it may not let in, and shows it on the sensor', async () => {
    const { ask, verbs, clock, simulator } = setUp();
    await ask('02');
    verbs.insert(card);
    await clock.advance(1000);
    expect(simulator.state()).toMatchObject({ place: 'mouth', accepting: false });
    expect(await ask('11')).toBe('P1100100');
    await ask(':2');
    await clock.advance(500);
    expect(simulator.state()).toMatchObject({ place: 'inside', accepting: false });
    expect(await ask('11')).toBe('P1102001');
  });

  it('does what the physical world allows, and says when it does not', async () => {
    const { ask, verbs, clock, simulator } = setUp();
    let changes = 0;
    const stop = simulator.onChange(() => {
      changes += 1;
    });
    expect([verbs.take(), verbs.pullOut()]).toEqual([false, false]);
    expect([verbs.insert(card), verbs.insert(card), verbs.take()]).toEqual([true, false, true]);
    await ask('02');
    await ask(':2');
    verbs.insert(card);
    await clock.advance(500);
    expect([verbs.insert(card), verbs.take(), verbs.pullOut()]).toEqual([false, false, true]);
    expect(await ask('30')).toBe('N3014');
    expect(await ask('30')).toBe('N3002');
    const before = changes;
    expect(before).toBeGreaterThan(4);
    stop();
    verbs.emptyBin();
    expect(changes).toBe(before);
  });

  it('lets the customer take the card back while it is drawn in', async () => {
    const { ask, verbs, clock, simulator } = setUp();
    await ask('02');
    await ask(':2');
    verbs.insert(card);
    await clock.advance(100);
    expect(verbs.take()).toBe(true);
    await clock.advance(1000);
    expect(simulator.state()).toMatchObject({ place: 'none', accepting: true });
  });

  it('sticks in a jam until that is cleared and a reset given', async () => {
    const { ask, verbs, clock, simulator } = setUp();
    await ask('02');
    await ask(':2');
    verbs.jam();
    verbs.insert(card);
    await clock.advance(500);
    expect(simulator.state()).toMatchObject({ place: 'stuck', jammed: true });
    expect(await ask('30')).toBe('N3010');
    expect(await ask('00')).toBe('N0010');
    expect(verbs.take()).toBe(false);
    verbs.clearJam();
    expect(await ask('30')).toBe('N3018');
    expect(await ask('00')).toBe('P0001');
    expect(verbs.take()).toBe(true);
  });

  it('answers the same again to a second ENQ, NAK to a damaged command, and gives up on EOT', async () => {
    const { ask, simulator, heard, enq, verbs, clock } = setUp();
    await ask('02');
    simulator.receive(enq);
    expect(heard).toHaveLength(3);
    expect(heard[2]).toEqual(heard[1]);

    heard.length = 0;
    const frame = encodeOmronCommand('10');
    simulator.receive(frame.map((byte, at) => (at === 4 ? byte ^ 1 : byte)));
    expect(heard).toEqual([{ kind: 'nak' }]);
    simulator.receive(enq);
    expect(heard).toHaveLength(1);

    await ask(':2');
    verbs.insert(card);
    await clock.advance(500);
    heard.length = 0;
    simulator.receive(encodeOmronCommand('31'));
    simulator.receive(enq);
    simulator.receive(omronControl('eot'));
    await clock.advance(2000);
    expect(heard).toEqual([{ kind: 'ack' }, { kind: 'eot' }]);
    expect(simulator.state()).toMatchObject({ place: 'inside', retained: 0 });
  });
});
