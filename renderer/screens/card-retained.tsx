/** The card stays in the terminal: why, whom to call, with which number. */
import { CardArt } from '../controls/art.tsx';
import { Page } from '../controls/page.tsx';
import type { ScreenProps } from '../controls/page.tsx';
import { Reference } from '../controls/reference.tsx';

export function CardRetained({ screen, view, t, words, act }: ScreenProps<'card-retained'>) {
  return (
    <Page
      view={view}
      words={words}
      act={act}
      art={<CardArt motion="kept" />}
      lines={[t.retained.why[screen.why], t.retained.call]}
    >
      <Reference label={t.retained.reference} value={screen.reference} />
      <p class="lead" role="status">
        {t.retained.slip[screen.slip]}
      </p>
    </Page>
  );
}
