/** The card waits in the mouth of the reader; the terminal asks for it more loudly as time goes. */
import { CardArt } from '../controls/art.tsx';
import { Countdown } from '../controls/countdown.tsx';
import { Page } from '../controls/page.tsx';
import type { ScreenProps } from '../controls/page.tsx';
import { Urgency } from '../controls/urgency.tsx';

export function TakeCard({ screen, view, t, words, act }: ScreenProps<'take-card'>) {
  return (
    <Page
      view={view}
      words={words}
      act={act}
      art={
        <Urgency level={screen.urgency}>
          <CardArt motion="take" />
        </Urgency>
      }
      aside={<Countdown left={screen.secondsLeft} of={screen.ofSeconds} unit={t.seconds} />}
    />
  );
}
