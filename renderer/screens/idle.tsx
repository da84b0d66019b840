/** The invitation: which card, which way up, and the three steps that follow. */
import { CardArt, TurnArt } from '../controls/art.tsx';
import { Icon } from '../controls/icon.tsx';
import { Page } from '../controls/page.tsx';
import type { ScreenProps } from '../controls/page.tsx';

export function Idle({ screen, view, t, words, act }: ScreenProps<'idle'>) {
  const turn = screen.hint === 'turn-the-card';
  const [first = '', ...others] = words.lines;
  return (
    <Page view={view} words={words} act={act} art={turn ? <TurnArt /> : <CardArt motion="insert" />} lines={[first]}>
      {others.map((line) => (
        <p key={line} class="notice notice--calm">
          <Icon name={line === t.idle.noPaper ? 'printer' : 'card'} />
          {line}
        </p>
      ))}
      <ol class="steps">
        {t.idle.steps.map((step, at) => (
          <li key={step}>
            <span class="steps__number" aria-hidden="true">
              {at + 1}
            </span>
            {step}
          </li>
        ))}
      </ol>
    </Page>
  );
}
