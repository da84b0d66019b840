/** Paper is on its way. */
import { PaperArt } from '../controls/art.tsx';
import { Page } from '../controls/page.tsx';
import type { ScreenProps } from '../controls/page.tsx';

export function Printing({ view, words, act }: ScreenProps<'printing'>) {
  return <Page view={view} words={words} act={act} art={<PaperArt motion="printing" />} />;
}
