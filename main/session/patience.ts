/**
 * "Still there?": every wait for the customer has a calm part, then a warning that counts down, then an end. One touch
 * or key extends it, as often as the customer likes. States say what they wait for by raising `wait`.
 */
import { record, session } from './setup.ts';

const calmAgain = session.assign({ warningLeft: undefined });

const startWarning = (kind: 'touchScreenWarning' | 'pinEntryWarning') =>
  session.assign(({ context }) => {
    const seconds = Math.ceil(context.delays[kind] / 1000);
    return { warningLeft: seconds, warningOf: seconds };
  });

/** The same pair of states for both kinds of wait; they differ in their delays only. */
const calm = (
  delay: 'touchScreen' | 'pinEntry',
  self: string,
  warned: string,
  warning: 'touchScreenWarning' | 'pinEntryWarning',
) =>
  session.createStateConfig({
    entry: calmAgain,
    after: {
      [delay]: { target: warned, actions: [startWarning(warning), record({ event: 'time-warning', fields: {} })] },
    },
    on: {
      key: { target: self, reenter: true },
      reveal: { target: self, reenter: true },
      conceal: { target: self, reenter: true },
      language: { target: self, reenter: true },
      'still-here': { target: self, reenter: true },
    },
  });

const warned = (calmState: string) =>
  session.createStateConfig({
    invoke: { src: 'ticker' },
    exit: calmAgain,
    on: {
      tick: [
        { guard: 'lastWarningSecond', target: 'off', actions: session.raise({ type: 'timed-out' }) },
        { actions: session.assign(({ context }) => ({ warningLeft: (context.warningLeft ?? 1) - 1 })) },
      ],
      key: calmState,
      reveal: calmState,
      conceal: calmState,
      language: calmState,
      'still-here': calmState,
    },
  });

const isFor =
  (what: 'touch' | 'pin') =>
  ({ event }: { readonly event: { readonly type: string; readonly for?: string } }) =>
    event.for === what;

export const patience = session.createStateConfig({
  initial: 'off',
  on: {
    wait: [
      { guard: isFor('touch'), target: '.touchCalm' },
      { guard: isFor('pin'), target: '.pinCalm' },
      { target: '.off' },
    ],
  },
  states: {
    off: { entry: calmAgain },
    touchCalm: calm('touchScreen', 'touchCalm', 'touchWarned', 'touchScreenWarning'),
    touchWarned: warned('touchCalm'),
    pinCalm: calm('pinEntry', 'pinCalm', 'pinWarned', 'pinEntryWarning'),
    pinWarned: warned('pinCalm'),
  },
});
