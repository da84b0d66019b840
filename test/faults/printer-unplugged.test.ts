import { expect, it } from 'vitest';
import { withRig } from './with-rig.ts';

it('a printer that is unplugged never stops a session: the receipt is offered as a QR code', () =>
  withRig({}, async (rig) => {
    await rig.toResult('normal');
    rig.touch({ kind: 'continue' });
    rig.touch({ kind: 'receipt', choice: 'paper' });
    rig.touch({ kind: 'finish' });
    await rig.until(() => rig.reader.state().place === 'takeout');
    await rig.lines.printer.unplug();
    await rig.takeCard();
    expect((await rig.screen('receipt-failed')).printed).toBe('nothing');
    rig.touch({ kind: 'finish' });
    await rig.screen('idle');
    await rig.lines.printer.plug();
    await rig.until(() => {
      const { screen } = rig.view();
      return screen.kind === 'idle' && screen.receipt === 'ready';
    });
  }));
