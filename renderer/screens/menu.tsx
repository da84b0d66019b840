/** What the terminal can do for this customer. */
import { Emblem } from '../controls/art.tsx';
import { Page } from '../controls/page.tsx';
import type { ScreenProps } from '../controls/page.tsx';

export function Menu({ view, words, act }: ScreenProps<'menu'>) {
  return <Page view={view} words={words} act={act} art={<Emblem icon="wallet" />} />;
}
