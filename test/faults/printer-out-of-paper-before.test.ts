import { expect, it } from 'vitest';
import { withRig } from './with-rig.ts';

it('without paper the terminal serves on, says so beforehand, and offers the QR code', () =>
  withRig({}, async (rig) => {
    rig.printer.verbs.paperOut();
    await rig.until(() => {
      const { screen } = rig.view();
      return screen.kind === 'idle' && screen.receipt === 'unavailable';
    });
    await rig.toResult('normal');
    rig.touch({ kind: 'continue' });
    expect((await rig.screen('receipt-choice')).receipt).toBe('unavailable');
    rig.touch({ kind: 'receipt', choice: 'paper' });
    expect(rig.view().screen.kind).toBe('receipt-choice');
    rig.touch({ kind: 'receipt', choice: 'qr' });
    await rig.screen('receipt-qr');
    rig.touch({ kind: 'continue' });
    rig.touch({ kind: 'finish' });
    await rig.takeCard();
    await rig.screen('idle');
  }));

it('low paper still prints', () =>
  withRig({}, async (rig) => {
    rig.printer.verbs.paperLow();
    await rig.until(() => {
      const { screen } = rig.view();
      return screen.kind === 'idle' && screen.receipt === 'low';
    });
    await rig.toResult('normal');
    rig.touch({ kind: 'continue' });
    rig.touch({ kind: 'receipt', choice: 'paper' });
    rig.touch({ kind: 'finish' });
    await rig.takeCard();
    await rig.screen('take-receipt');
    rig.printer.verbs.tear();
    await rig.screen('idle');
  }));
