/** The bank knows no membership for this card: explained, nothing is lost. */
import { Emblem } from '../controls/art.tsx';
import { Page } from '../controls/page.tsx';
import type { ScreenProps } from '../controls/page.tsx';

export function NotLinked({ view, words, act }: ScreenProps<'not-linked'>) {
  return <Page view={view} words={words} act={act} art={<Emblem icon="unlinked" />} />;
}
