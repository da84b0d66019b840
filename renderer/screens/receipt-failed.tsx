/** The paper did not come, or not all of it: why, and what can be had instead. */
import { Emblem } from '../controls/art.tsx';
import { Page } from '../controls/page.tsx';
import type { ScreenProps } from '../controls/page.tsx';

export function ReceiptFailed({ view, words, act }: ScreenProps<'receipt-failed'>) {
  return <Page view={view} words={words} act={act} art={<Emblem icon="printer" />} />;
}
