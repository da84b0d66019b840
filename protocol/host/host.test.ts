/** The host simulator against a real link: every persona, and everything a host verifies. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withElements, type Message } from '../iso8583/message.ts';
import { readInquiryReply } from '../profile/inquiry.ts';
import type { InquiryReply } from '../profile/contract.ts';
import { createSimulatedClock, type SimulatedClock } from '../test-clock.ts';
import { startHost, type RunningHost } from './host.ts';
import { personas, type Outcome } from './personas.ts';
import { createBench, jht, persona, value, type TestBench, type TestTerminal } from './test-terminal.ts';

let clock: SimulatedClock;
let bench: TestBench;
let host: RunningHost;
let terminal: TestTerminal;
const log: string[] = [];

beforeEach(async () => {
  clock = createSimulatedClock();
  bench = createBench(clock);
  host = await bench.host();
  log.length = 0;
  host.onLog((line) => log.push(line));
  terminal = bench.terminal(host.port);
  await inService();
});
afterEach(async () => {
  const closed = bench.close();
  await clock.advance(2000);
  await closed;
});

async function inService(): Promise<void> {
  for (let tries = 0; tries < 50 && terminal.link.state().state !== 'in-service'; tries += 1) await clock.advance(1);
  expect(terminal.link.state()).toEqual({ state: 'in-service' });
}

async function ask(message: Message, ms = 0) {
  const asked = terminal.link.request(message, new AbortController().signal);
  await clock.advance(ms);
  return asked;
}

async function reply(message: Message, ms = 0, kpj?: string): Promise<InquiryReply> {
  const answered = value(await ask(message, ms));
  return value(readInquiryReply(jht, answered.reply, kpj === undefined ? undefined : { kpj }));
}

describe('every persona gets its answer', () => {
  const CODE: Readonly<Record<Outcome, string>> = {
    balance: '00',
    several: '00',
    'not-in-jht': '00',
    'not-linked': '25',
    'card-expired': '54',
    'card-refused': '62',
    retained: '43',
    'host-silent': '',
  };

  it.each(personas.filter(({ expected }) => expected !== 'host-silent').map((one) => [one.id, one] as const))(
    '%s',
    async (_, one) => {
      const wait = one.answersAfter === 'never' ? 0 : one.answersAfter;
      const answer = await reply(terminal.inquiry(one), wait);
      expect(answer.responseCode).toBe(CODE[one.expected]);
      if (answer.responseCode !== '00') return;
      expect(answer.memberships).toEqual(one.memberships);
      expect(answer.asOf).toBe('20261119');
      expect(answer.memberships.length > 1).toBe(one.expected === 'several');
      expect(answer.memberships.every(({ balance }) => balance === undefined)).toBe(one.expected === 'not-in-jht');
    },
  );

  it('silent: never, and the request ends by its deadline', async () => {
    const answered = await ask(terminal.inquiry(persona('silent')), 30_000);
    expect(answered).toMatchObject({ ok: false, error: { code: 'no-answer' } });
    expect(terminal.link.state().state).toBe('in-service');
  });

  it('slow: not before its twelve seconds', async () => {
    let settled = false;
    const asked = terminal.link
      .request(terminal.inquiry(persona('slow')), new AbortController().signal)
      .finally(() => (settled = true));
    await clock.advance(11_900);
    expect(settled).toBe(false);
    await clock.advance(100);
    expect((await asked).ok).toBe(true);
  });

  it("one of several, when a KPJ is chosen; none that is not the card holder's", async () => {
    const multi = persona('multi');
    const chosen = multi.memberships[1];
    if (chosen === undefined) throw new Error('multi has three');
    expect((await reply(terminal.inquiry(multi, { kpj: chosen.kpj }), 0, chosen.kpj)).memberships).toEqual([chosen]);
    const other = persona('normal').memberships[0]?.kpj ?? '';
    expect((await reply(terminal.inquiry(multi, { kpj: other }))).responseCode).toBe('25');
  });
});

describe('what a host verifies', () => {
  it('the PIN: 55, 55, 75, and then 75 even for the right one, until the bank resets it', async () => {
    const normal = persona('normal');
    const codes: string[] = [];
    for (const pin of ['111111', '222222', '333333', '123456'])
      codes.push((await reply(terminal.inquiry(normal, { pin }))).responseCode);
    expect(codes).toEqual(['55', '55', '75', '75']);
    value(host.resetPins());
    expect((await reply(terminal.inquiry(normal))).responseCode).toBe('00');
  });

  it('a right PIN forgives the wrong ones before it', async () => {
    const codes: string[] = [];
    for (const pin of ['111111', '222222', '123456', '111111', '222222']) {
      codes.push((await reply(terminal.inquiry(persona('normal'), { pin }))).responseCode);
    }
    expect(codes).toEqual(['55', '55', '00', '55', '55']);
  });

  it('a PIN block under another key is a fault of the keys, not a wrong PIN', async () => {
    const normal = persona('normal');
    for (let index = 0; index < 4; index += 1) {
      const other = ['0123456789ABCDEF', '1111111111111111', 'FEDCBA9876543210', 'A5A5A5A5A5A5A5A5'][index] ?? '';
      expect((await reply(terminal.inquiry(normal, { pinBlock: other }))).responseCode).toBe('63');
    }
    expect((await reply(terminal.inquiry(normal))).responseCode).toBe('00');
  });

  it('the MAC: 63 for a wrong one', async () => {
    const message = withElements(terminal.inquiry(persona('normal')), { 64: '0123456789ABCDEF' });
    expect((await reply(message)).responseCode).toBe('63');
    expect(log.filter((line) => line.includes('MAC wrong'))).toHaveLength(1);
  });

  it('the STAN: the same request twice is carried out once and answered alike, another under its STAN is refused', async () => {
    const normal = persona('normal');
    const numbers = { 11: '000077', 37: '632402000077' };
    const wrong = withElements(terminal.inquiry(normal, { pin: '111111' }), numbers);
    expect((await reply(wrong)).responseCode).toBe('55');
    for (let index = 0; index < 4; index += 1) expect((await reply(wrong)).responseCode).toBe('55');
    const repeat = { mti: '0201', elements: wrong.elements, get: wrong.get.bind(wrong), has: wrong.has.bind(wrong) };
    expect((await reply(repeat)).responseCode).toBe('55');
    expect((await reply(withElements(terminal.inquiry(normal), numbers))).responseCode).toBe('94');
    expect((await reply(terminal.inquiry(normal))).responseCode).toBe('00');
  });

  it('the card number, and the shape of what is asked', async () => {
    const normal = terminal.inquiry(persona('normal'));
    expect(
      (await reply(terminal.inquiry({ ...persona('normal'), track2: '9999369999999996=31125200000000001' })))
        .responseCode,
    ).toBe('14');
    const { track2 } = persona('expired');
    const prolonged = withElements(terminal.inquiry(persona('expired')), { 35: track2.replace('=2406', '=3406') });
    expect((await reply(prolonged)).responseCode).toBe('14');
    expect((await reply(withElements(normal, { 3: '300000' }))).responseCode).toBe('12');
    expect((await reply(withElements(normal, { 22: '999' }))).responseCode).toBe('30');
    expect((await reply(withElements(normal, { 52: undefined }))).responseCode).toBe('30');
    expect((await reply(withElements(normal, { 48: 'PI006JHTBALLG002xx' }))).responseCode).toBe('30');
  });

  it('sign-on before business', async () => {
    const asked = withElements(terminal.inquiry(persona('normal')), { 41: 'OTHER001' });
    const answered = await ask(asked);
    // The terminal that never signed on has no key, and its answer no MAC.
    expect(answered).toMatchObject({ ok: false, error: { code: 'mac-wrong' } });
    expect(log.at(-1)).toContain('58 not signed on');
  });

  it('says nothing of a card, a PIN or a member in its log', async () => {
    for (const one of personas)
      await ask(terminal.inquiry(one), one.answersAfter === 'never' ? 30_000 : one.answersAfter);
    const text = log.join('\n');
    for (const one of personas) {
      expect(text).not.toContain(one.pan);
      expect(text).not.toContain(one.name);
      for (const { kpj } of one.memberships) expect(text).not.toContain(kpj);
    }
    expect(text).toContain('******');
    expect(text).not.toContain('123456 ');
  });
});

describe('what it does when it is told', () => {
  it('answers with any code, and as the member is again', async () => {
    host.answer('91');
    expect(host.state().responseCode).toBe('91');
    expect(await reply(terminal.inquiry(persona('normal')))).toMatchObject({
      responseCode: '91',
      meaning: 'host-unavailable',
      known: true,
    });
    host.answer('X9');
    expect(await reply(terminal.inquiry(persona('normal')))).toMatchObject({ responseCode: 'X9', known: false });
    host.answer(undefined);
    expect((await reply(terminal.inquiry(persona('normal')))).responseCode).toBe('00');
  });

  it('waits before it answers', async () => {
    host.delay(5000);
    let settled = false;
    const asked = terminal.link
      .request(terminal.inquiry(persona('normal')), new AbortController().signal)
      .finally(() => (settled = true));
    await clock.advance(4900);
    expect(settled).toBe(false);
    await clock.advance(100);
    expect((await asked).ok).toBe(true);
  });

  it('goes down and comes back on the same port, and says so', async () => {
    const states: boolean[] = [];
    host.onState(({ running }) => states.push(running));
    const { port } = host;
    await host.stop();
    await clock.settle();
    expect(terminal.link.state().state).toBe('down');
    expect(host.state()).toMatchObject({ running: false, connections: 0 });
    value(await host.start());
    expect(host.port).toBe(port);
    await clock.advance(1000);
    await inService();
    expect(host.state()).toMatchObject({ running: true, connections: 1 });
    expect(states).toContain(false);
    expect(states.at(-1)).toBe(true);
  });

  it('refuses to start on a port in use, with a bad master key, or without its database', async () => {
    expect(await startHost({ profile: jht, port: host.port })).toMatchObject({
      ok: false,
      error: { code: 'port-in-use' },
    });
    expect(await startHost({ profile: jht, masterKey: '12' })).toMatchObject({
      ok: false,
      error: { code: 'bad-master-key' },
    });
    expect(await startHost({ profile: jht, database: '/nowhere/at/all.db' })).toMatchObject({
      ok: false,
      error: { code: 'unwritable' },
    });
  });

  it('lets only the terminals it knows sign on', async () => {
    const strict = await bench.host({ terminals: ['SOMEBODY'] });
    const stranger = bench.terminal(strict.port);
    await clock.advance(20);
    expect(stranger.events.map(({ kind }) => kind)).toContain('sign-on-refused');
    expect(stranger.states.some(({ state }) => state === 'in-service')).toBe(false);
  });
});
