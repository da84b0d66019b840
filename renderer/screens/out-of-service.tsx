/** Not in service, honestly: why, what to do instead, and whom to call about a card inside. */
import type { OutOfServiceReason } from '../../main/contract.ts';
import { Emblem } from '../controls/art.tsx';
import { Icon } from '../controls/icon.tsx';
import type { IconName } from '../controls/icon.tsx';
import { Page } from '../controls/page.tsx';
import type { ScreenProps } from '../controls/page.tsx';

const ICON: Readonly<Record<OutOfServiceReason, IconName>> = {
  starting: 'clock',
  host: 'unplugged',
  'card-reader': 'card',
  'pin-pad': 'wrench',
  tampered: 'stopped',
  'card-stuck': 'card',
  storage: 'wrench',
  stopping: 'pause',
  fault: 'wrench',
};

export function OutOfService({ screen, view, t, words, act }: ScreenProps<'out-of-service'>) {
  const { callCentre } = view.terminal;
  const card = t.outOfServiceCard(callCentre);
  return (
    <Page
      view={view}
      words={words}
      act={act}
      art={<Emblem icon={ICON[screen.reason]} busy={screen.reason === 'starting' || screen.reason === 'host'} />}
      lines={words.lines.filter((line) => line !== card)}
    >
      {screen.cardInside ? (
        <p class="notice">
          <Icon name="card" />
          {card}
        </p>
      ) : null}
    </Page>
  );
}
