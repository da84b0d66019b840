/** The host is asked; after a while the customer is told that it takes long, and may leave. */
import { Emblem } from '../controls/art.tsx';
import { Page } from '../controls/page.tsx';
import type { ScreenProps } from '../controls/page.tsx';

export function AskingHost({ view, words, act }: ScreenProps<'asking-host'>) {
  return <Page view={view} words={words} act={act} art={<Emblem icon="bank" busy />} />;
}
