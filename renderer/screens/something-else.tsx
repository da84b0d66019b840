/** Go on or finish. */
import { Emblem } from '../controls/art.tsx';
import { Page } from '../controls/page.tsx';
import type { ScreenProps } from '../controls/page.tsx';

export function SomethingElse({ view, words, act }: ScreenProps<'something-else'>) {
  return <Page view={view} words={words} act={act} art={<Emblem icon="list" />} />;
}
