/** The card could not be used: what to do with it, while it waits to be taken. */
import { CardArt, TurnArt } from '../controls/art.tsx';
import { Countdown } from '../controls/countdown.tsx';
import { Page } from '../controls/page.tsx';
import type { ScreenProps } from '../controls/page.tsx';
import { Urgency } from '../controls/urgency.tsx';

export function CardUnreadable({ screen, view, t, words, act }: ScreenProps<'card-unreadable'>) {
  // A card that was pulled out is already in its owner's hand.
  const outside = screen.problem === 'pulled-out';
  const picture = screen.problem === 'wrong-way' ? <TurnArt /> : <CardArt motion={outside ? 'insert' : 'take'} />;
  return (
    <Page
      view={view}
      words={words}
      act={act}
      art={<Urgency level={screen.urgency}>{picture}</Urgency>}
      aside={outside ? null : <Countdown left={screen.secondsLeft} of={screen.ofSeconds} unit={t.seconds} />}
    />
  );
}
