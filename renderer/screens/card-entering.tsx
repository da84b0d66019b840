/** The card is on its way in. */
import { CardArt } from '../controls/art.tsx';
import { Page } from '../controls/page.tsx';
import type { ScreenProps } from '../controls/page.tsx';

export function CardEntering({ view, words, act }: ScreenProps<'card-entering'>) {
  return <Page view={view} words={words} act={act} art={<CardArt motion="reading" />} />;
}
