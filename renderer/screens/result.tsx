/** The balance, the largest thing on its screen; or, for a member without JHT, what the membership does cover. */
import { Amount } from '../controls/amount.tsx';
import { Choices } from '../controls/choices.tsx';
import { useFit } from '../controls/fit.ts';
import { Icon } from '../controls/icon.tsx';
import { Member } from '../controls/member.tsx';
import { Title } from '../controls/page.tsx';
import type { ScreenProps } from '../controls/page.tsx';
import { formatMoney } from '../format.ts';
import { asOfLine, howToJoin, statusNote } from '../membership.ts';
import type { Strings } from '../strings/catalogue.ts';

interface PartProps {
  readonly kind: 'contributions' | 'development';
  readonly label: string;
  readonly sen: number;
}

function Part({ kind, label, sen }: PartProps) {
  return (
    <div class={`part part--${kind}`}>
      <dt>
        {label}
        <span class="unseen">: </span>
      </dt>
      <dd>{formatMoney(sen)}</dd>
    </div>
  );
}

type Jht = NonNullable<ScreenProps<'result'>['screen']['membership']['jht']>;

function Split({ jht, t }: { readonly jht: Jht; readonly t: Strings }) {
  const { contributions, development } = jht;
  if (contributions === undefined && development === undefined) return null;
  const drawn = contributions !== undefined && development !== undefined && contributions > 0 && development > 0;
  return (
    <div class="split">
      {drawn ? (
        <svg class="split__bar" viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true">
          <rect width="100" height="2" class="split__contributions" />
          <rect
            x={(100 * contributions) / (contributions + development)}
            width={(100 * development) / (contributions + development)}
            height="2"
            class="split__development"
          />
        </svg>
      ) : null}
      <dl class="split__parts">
        {contributions === undefined ? null : (
          <Part kind="contributions" label={t.result.contributions} sen={contributions} />
        )}
        {development === undefined ? null : <Part kind="development" label={t.result.development} sen={development} />}
      </dl>
    </div>
  );
}

function Programs({ screen, t }: Pick<ScreenProps<'result'>, 'screen' | 't'>) {
  const { membership } = screen;
  if (membership.programs.length === 0) return null;
  return (
    <>
      <p class="lead">{t.noJht.line}</p>
      <ul class="programs">
        {membership.programs.map((program) => (
          <li key={program}>
            <Icon name="shield" />
            <div>
              <strong>{t.programs[program].name}</strong>
              <span>{t.programs[program].meaning}</span>
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}

export function Result({ screen, view, t, words, act }: ScreenProps<'result'>) {
  const ref = useFit();
  const { membership } = screen;
  const { jht } = membership;
  const note = statusNote(membership, t);
  const buttons = words.choices.filter(({ action }) => action.kind !== 'reveal' && action.kind !== 'conceal');
  return (
    <div ref={ref} class={`page page--result${jht === undefined ? ' page--no-jht' : ''}`}>
      <div class="stage stage--words">
        <Title step={view.step}>{words.title}</Title>
        {jht === undefined ? (
          <Programs screen={screen} t={t} />
        ) : (
          <>
            <Amount sen={jht.balance} />
            <p class="as-of">
              {asOfLine(screen.asOf, t)}
              {view.terminal.simulated ? <span class="sample">{t.frame.sampleLong}</span> : null}
            </p>
            <Split jht={jht} t={t} />
          </>
        )}
      </div>
      <div class="sheet">
        {note === undefined ? null : (
          <p class="notice">
            <Icon name="pause" />
            {note}
          </p>
        )}
        {jht === undefined ? (
          <p class="notice notice--calm">
            <Icon name="info" />
            {howToJoin(membership, t)}
          </p>
        ) : null}
        <Member membership={membership} revealed={screen.revealed} t={t} act={act} />
        <Choices choices={buttons} act={act} />
      </div>
    </div>
  );
}
