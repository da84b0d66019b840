/** The main story: card, PIN, balance on the screen, card back, then the receipt; and the personas whose result differs. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startRig, type Rig } from '../rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(async () => {
  rig.expectClean();
  await rig.close();
});

/** Waits for a ticket to hang out, and takes it. */
async function takePaper(): Promise<string> {
  await rig.until(() => rig.printer.state().tickets.length > 0);
  const text = rig.printer.verbs.tear();
  if (text === undefined) throw new Error('no paper');
  return text;
}

describe('a member asks for the balance', () => {
  it('sees it, takes the card, takes the receipt, and leaves nothing behind', async () => {
    const result = await rig.toResult('normal');
    expect(result.membership.jht?.balance).toBe(4_567_890_000);
    expect(result.membership.kpj).toMatch(/^\d{4}•{5}\d{2}$/);
    expect(result.revealed).toBe(false);

    rig.touch({ kind: 'continue' });
    expect((await rig.screen('receipt-choice')).receipt).toBe('ready');
    rig.touch({ kind: 'receipt', choice: 'paper' });
    await rig.screen('something-else');
    rig.touch({ kind: 'finish' });
    expect((await rig.screen('take-card')).receiptFollows).toBe(true);

    // Not a line of paper before the card is taken.
    await rig.until(() => rig.reader.state().place === 'takeout');
    await rig.clock.advance(2_000);
    expect(rig.printer.state().tickets).toHaveLength(0);
    expect(rig.printer.state().current).toHaveLength(0);

    await rig.takeCard();
    await rig.screen('take-receipt');
    const paper = await takePaper();
    expect(paper).toContain('Rp45.678.900');
    expect(paper).toContain('CEK SALDO JHT');
    expect(paper).toMatch(/Kartu\s+\*{6}\d{4}/);
    expect(paper).toContain('CONTOH');
    await rig.screen('goodbye');
    await rig.screen('idle');
    expect(rig.story()).toEqual([
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
  });

  it('shows number and name in full only while pressed', async () => {
    const masked = await rig.toResult('normal');
    rig.touch({ kind: 'reveal' });
    const shown = rig.view().screen;
    if (shown.kind !== 'result') throw new Error(shown.kind);
    expect(shown.membership.kpj).toMatch(/^\d{11}$/);
    expect(shown.membership.name).not.toContain('•');
    rig.touch({ kind: 'conceal' });
    expect(rig.view().screen).toEqual(masked);
    rig.touch({ kind: 'finish' });
    await rig.takeCard();
    await rig.screen('idle');
  });

  it('has the receipt as a QR code, with the same masked text as on paper', async () => {
    await rig.toResult('normal');
    rig.touch({ kind: 'continue' });
    rig.touch({ kind: 'receipt', choice: 'qr' });
    const qr = await rig.screen('receipt-qr');
    expect(qr.text).toContain('Rp45.678.900');
    expect(qr.text).toContain('******');
    expect(qr.text).not.toMatch(/\d{11,}(?!\d*\b)/);
    rig.touch({ kind: 'continue' });
    rig.touch({ kind: 'finish' });
    await rig.takeCard();
    await rig.screen('idle');
    expect(rig.printer.state().tickets).toHaveLength(0);
  });

  it('chooses among several memberships, looks at another, and prints the one last shown', async () => {
    await rig.toMenu('multi');
    rig.touch({ kind: 'check-balance' });
    const choice = await rig.screen('choose-membership');
    expect(choice.memberships).toHaveLength(3);
    rig.touch({ kind: 'choose-membership', index: 7 });
    expect(rig.view().screen.kind).toBe('choose-membership');
    rig.touch({ kind: 'choose-membership', index: 0 });
    const first = await rig.screen('result');
    rig.touch({ kind: 'choose-another' });
    rig.touch({ kind: 'choose-membership', index: 1 });
    const second = await rig.screen('result');
    expect(second.membership.employer).not.toBe(first.membership.employer);
    rig.touch({ kind: 'continue' });
    rig.touch({ kind: 'receipt', choice: 'paper' });
    rig.touch({ kind: 'finish' });
    await rig.takeCard();
    expect(await takePaper()).toContain(second.membership.employer.slice(0, 20));
    await rig.screen('idle');
  });

  it('is told kindly of an inactive membership, with its balance', async () => {
    const result = await rig.toResult('inactive');
    expect(result.membership.status).not.toBe('active');
    expect(result.membership.jht?.balance).toBeGreaterThan(0);
    rig.touch({ kind: 'finish' });
    await rig.takeCard();
    await rig.screen('idle');
  });

  it('is never shown zero when not in the JHT program', async () => {
    const result = await rig.toResult('no-jht');
    expect(result.membership.jht).toBeUndefined();
    expect(result.membership.programs).toEqual(['JKK', 'JKM']);
    rig.touch({ kind: 'continue' });
    rig.touch({ kind: 'receipt', choice: 'paper' });
    rig.touch({ kind: 'finish' });
    await rig.takeCard();
    const paper = await takePaper();
    expect(paper).toContain('TIDAK MENGIKUTI PROGRAM JHT');
    expect(paper).not.toContain('Rp');
    await rig.screen('idle');
  });

  it('asks for another service with the card still inside, without a second PIN', async () => {
    await rig.toResult('normal');
    rig.touch({ kind: 'continue' });
    rig.touch({ kind: 'receipt', choice: 'none' });
    rig.touch({ kind: 'another-service' });
    await rig.screen('menu');
    rig.touch({ kind: 'check-balance' });
    await rig.screen('result');
    expect(rig.story().filter((event) => event === 'pin-entered')).toHaveLength(1);
    rig.touch({ kind: 'finish' });
    await rig.takeCard();
    await rig.screen('idle');
  });

  it('does everything with the keys of the PIN pad', async () => {
    await rig.toMenu('normal');
    for (const kind of ['result', 'receipt-choice', 'something-else', 'take-card'] as const) {
      // The pad listens for plain keys again a moment after the PIN.
      await rig.clock.advance(500);
      rig.press('enter');
      await rig.screen(kind);
    }
    await rig.takeCard();
    await rig.screen('take-receipt');
    await takePaper();
    await rig.screen('idle');
  });

  it('sees the other language on every screen after one touch, and the next customer the first again', async () => {
    rig.touch({ kind: 'language', language: 'en' });
    expect(rig.view().language).toBe('en');
    await rig.toResult('normal');
    expect(rig.view().language).toBe('en');
    rig.touch({ kind: 'continue' });
    rig.touch({ kind: 'receipt', choice: 'paper' });
    rig.touch({ kind: 'finish' });
    await rig.takeCard();
    expect(await takePaper()).toContain('JHT BALANCE INQUIRY');
    await rig.screen('idle');
    expect(rig.view().language).toBe('id');
  });

  it('drops a touch that was meant for the screen before', async () => {
    await rig.toMenu('normal');
    const { step } = rig.view();
    rig.touch({ kind: 'check-balance' });
    await rig.screen('result');
    rig.core().terminal.act({ step, action: { kind: 'cancel' } });
    expect(rig.view().screen.kind).toBe('result');
    rig.touch({ kind: 'finish' });
    await rig.takeCard();
    await rig.screen('idle');
  });
});
