/** Several memberships: each a large button with what tells it from the others. */
import { Choices } from '../controls/choices.tsx';
import { useFit } from '../controls/fit.ts';
import { Icon } from '../controls/icon.tsx';
import { Lines, Title } from '../controls/page.tsx';
import type { ScreenProps } from '../controls/page.tsx';
import { Status } from '../controls/status.tsx';
import { formatMonth } from '../format.ts';

export function ChooseMembership({ screen, view, t, words, act }: ScreenProps<'choose-membership'>) {
  const ref = useFit();
  const { memberships } = screen;
  const ways = words.choices.filter(({ action }) => action.kind !== 'choose-membership');
  return (
    <div ref={ref} class={`page page--list${memberships.length > 5 ? ' page--crowded' : ''}`}>
      <div class="stage stage--words">
        <Title step={view.step}>{words.title}</Title>
        <Lines lines={words.lines} />
      </div>
      <div class="sheet">
        <ul class="memberships">
          {memberships.map((membership) => {
            const month =
              membership.lastContribution === undefined
                ? undefined
                : formatMonth(membership.lastContribution, t.months);
            return (
              <li key={membership.index}>
                <button
                  type="button"
                  class="membership"
                  onClick={() => act({ kind: 'choose-membership', index: membership.index })}
                >
                  <span class="membership__employer">{membership.employer}</span>
                  <span class="membership__kpj">{membership.kpj}</span>
                  <span class="membership__state">
                    <Status status={membership.status} t={t} />
                    {membership.inJht ? null : <span class="status status--none">{t.choose.noJht}</span>}
                  </span>
                  {month === undefined ? null : <span class="membership__last">{t.choose.last(month)}</span>}
                  <span class="membership__go">
                    <Icon name="arrow" />
                  </span>
                </button>
              </li>
            );
          })}
        </ul>
        <Choices choices={ways} act={act} />
      </div>
    </div>
  );
}
