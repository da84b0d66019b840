/** The end: nothing of the customer is left here. */
import { Emblem } from '../controls/art.tsx';
import { Page } from '../controls/page.tsx';
import type { ScreenProps } from '../controls/page.tsx';

export function Goodbye({ view, words, act }: ScreenProps<'goodbye'>) {
  return <Page view={view} words={words} act={act} art={<Emblem icon="check" />} />;
}
