import { expect, it } from 'vitest';
import { withRig } from './with-rig.ts';

it('the roll ends in the middle of a receipt: told, never printed again by itself, QR offered', () =>
  withRig({}, async (rig) => {
    await rig.toResult('normal');
    rig.touch({ kind: 'continue' });
    rig.touch({ kind: 'receipt', choice: 'paper' });
    rig.touch({ kind: 'finish' });
    await rig.until(() => rig.reader.state().place === 'takeout');
    rig.printer.verbs.paperOut(6);
    await rig.takeCard();
    const failed = await rig.screen('receipt-failed');
    expect(failed).toMatchObject({ fault: 'paper-out', printed: 'part', qr: true });
    rig.touch({ kind: 'receipt', choice: 'qr' });
    expect((await rig.screen('receipt-qr')).text).toContain('Rp45.678.900');
    rig.touch({ kind: 'continue' });
    await rig.screen('idle');
    expect(rig.story()).toContain('print-failed');
    while (rig.printer.verbs.tear() !== undefined);
    rig.printer.verbs.loadPaper();
    await rig.until(() => {
      const { screen } = rig.view();
      return screen.kind === 'idle' && screen.receipt === 'ready';
    });
    await rig.clock.advance(30_000);
    while (rig.printer.state().tickets.length > 0) expect(rig.printer.verbs.tear() ?? '').not.toContain('Rp45.678.900');
  }));
