import { expect, it } from 'vitest';
import { withRig } from './with-rig.ts';

it('a host that never answers: progress, "still working" with cancel, then the truth after 30 s', () =>
  withRig({}, async (rig) => {
    await rig.toMenu('normal');
    rig.host.behave('never');
    rig.touch({ kind: 'check-balance' });
    const stage = (): string => {
      const { screen } = rig.view();
      return screen.kind === 'asking-host' ? screen.stage : screen.kind;
    };
    expect(stage()).toBe('sent');
    await rig.clock.advance(1_100);
    expect(stage()).toBe('working');
    await rig.clock.advance(9_000);
    expect(stage()).toBe('still-working');
    await rig.clock.advance(21_000);
    expect((await rig.screen('sorry')).cause).toBe('host-silent');
    rig.touch({ kind: 'finish' });
    await rig.takeCard();
    rig.host.behave('normal');
    await rig.until(() => ['idle', 'out-of-service'].includes(rig.view().screen.kind));
    expect(rig.story()).toContain('inquiry-failed');
  }));

it('the customer need not wait for it', () =>
  withRig({}, async (rig) => {
    await rig.toMenu('normal');
    rig.host.behave('never');
    rig.touch({ kind: 'check-balance' });
    await rig.clock.advance(11_000);
    rig.touch({ kind: 'cancel' });
    expect((await rig.screen('take-card')).why).toBe('cancelled');
    await rig.takeCard();
    await rig.screen('idle');
  }));

it('a queue ticket can be had instead, once the card is taken', () =>
  withRig({}, async (rig) => {
    await rig.toMenu('normal');
    rig.host.answer('91');
    rig.touch({ kind: 'check-balance' });
    const sorry = await rig.screen('sorry');
    expect(sorry).toMatchObject({ cause: 'host-unavailable', ticket: true });
    rig.touch({ kind: 'queue-ticket' });
    await rig.takeCard();
    await rig.until(() => rig.printer.state().tickets.length === 1);
    expect(rig.printer.verbs.tear()).toMatch(/NOMOR ANTREAN[\s\S]*K ?0 ?0 ?1/);
    await rig.screen('idle');
    expect(rig.story()).toContain('ticket-issued');
  }));
