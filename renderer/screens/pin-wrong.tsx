/** The PIN did not match; whether to try again is the customer's choice. */
import { Emblem } from '../controls/art.tsx';
import { Page } from '../controls/page.tsx';
import type { ScreenProps } from '../controls/page.tsx';

export function PinWrong({ view, words, act, screen }: ScreenProps<'pin-wrong'>) {
  return <Page view={view} words={words} act={act} art={<Emblem icon={screen.lastTry ? 'alert' : 'lock'} />} />;
}
