/** Something did not work: what, what to do, when to try again, whom to call and with which number. */
import type { SorryCause } from '../../main/contract.ts';
import { Emblem } from '../controls/art.tsx';
import { Icon } from '../controls/icon.tsx';
import type { IconName } from '../controls/icon.tsx';
import { Page } from '../controls/page.tsx';
import type { ScreenProps } from '../controls/page.tsx';
import { Reference } from '../controls/reference.tsx';

const ICON: Readonly<Record<SorryCause, IconName>> = {
  'host-unavailable': 'unplugged',
  'host-silent': 'clock',
  'system-error': 'wrench',
  'card-expired': 'calendar',
  'card-refused': 'card',
  'pin-tries': 'lock',
  device: 'wrench',
  'cancelled-by-host-loss': 'unplugged',
};

export function Sorry({ screen, view, t, words, act }: ScreenProps<'sorry'>) {
  const { lines } = t.sorry.causes[screen.cause];
  return (
    <Page view={view} words={words} act={act} art={<Emblem icon={ICON[screen.cause]} />} lines={lines}>
      <p class="notice notice--calm">
        <Icon name="shield" />
        {t.sorry.safe}
      </p>
      <div class="help">
        <Reference label={t.sorry.reference} value={screen.reference} />
        <p>{t.sorry.call(view.terminal.callCentre)}</p>
      </div>
    </Page>
  );
}
