/** The paper is ready to be taken. */
import { PaperArt } from '../controls/art.tsx';
import { Page } from '../controls/page.tsx';
import type { ScreenProps } from '../controls/page.tsx';

export function TakeReceipt({ view, words, act }: ScreenProps<'take-receipt'>) {
  return <Page view={view} words={words} act={act} art={<PaperArt motion="take" />} />;
}
