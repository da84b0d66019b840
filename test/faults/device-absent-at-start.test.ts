import { expect, it } from 'vitest';
import type { OutOfServiceReason } from '../../main/contract.ts';
import { withRig } from './with-rig.ts';

const REASONS: readonly (readonly ['reader' | 'pad', OutOfServiceReason])[] = [
  ['reader', 'card-reader'],
  ['pad', 'pin-pad'],
];

for (const [device, reason] of REASONS) {
  it(`a ${device} that is absent at start is named after a while, and service begins when it is plugged in`, () =>
    withRig({ cold: true, unplugged: [device] }, async (rig) => {
      expect((await rig.screen('out-of-service')).reason).toBe('starting');
      await rig.until(() => {
        const { screen } = rig.view();
        return screen.kind === 'out-of-service' && screen.reason === reason;
      });
      await rig.lines[device].plug();
      await rig.screen('idle', 300_000);
      const reasons = rig.journal().flatMap((row) => (row.event === 'out-of-service' ? [row.fields['reason']] : []));
      // The PIN pad brings its keys: until they are loaded, the host is what is missing.
      expect(reasons.slice(0, 2)).toEqual(['starting', reason]);
    }));
}

it('a printer that is absent at start does not keep the terminal out of service', () =>
  withRig({ unplugged: ['printer'] }, async (rig) => {
    expect(rig.view().screen).toMatchObject({ kind: 'idle', receipt: 'unavailable' });
    await rig.lines.printer.plug();
    await rig.until(() => {
      const { screen } = rig.view();
      return screen.kind === 'idle' && screen.receipt === 'ready';
    });
  }));
