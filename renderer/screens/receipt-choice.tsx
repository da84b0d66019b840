/** Paper, QR code or nothing. */
import { Emblem } from '../controls/art.tsx';
import { Page } from '../controls/page.tsx';
import type { ScreenProps } from '../controls/page.tsx';

export function ReceiptChoice({ view, words, act }: ScreenProps<'receipt-choice'>) {
  return <Page view={view} words={words} act={act} art={<Emblem icon="printer" />} />;
}
