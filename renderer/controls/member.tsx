/** Who the membership is of: name and number masked until pressed, employer, kind, last contribution. */
import type { Action, MembershipView } from '../../main/contract.ts';
import { facts } from '../membership.ts';
import type { Fact } from '../membership.ts';
import type { Strings } from '../strings/catalogue.ts';
import { Hold } from './hold.tsx';
import { Icon } from './icon.tsx';
import { Status } from './status.tsx';

export interface MemberProps {
  readonly membership: MembershipView;
  readonly revealed: boolean;
  readonly t: Strings;
  readonly act: (action: Action) => void;
}

export function Member({ membership, revealed, t, act }: MemberProps) {
  const all = facts(membership, t);
  const row = (fact: Fact) => (
    <div key={fact.key} class={`fact fact--${fact.key}`}>
      <dt>
        {fact.label}
        <span class="unseen">: </span>
      </dt>
      <dd>{fact.key === 'status' ? <Status status={membership.status} t={t} /> : fact.value}</dd>
    </div>
  );
  return (
    <div class="member">
      <div class="member__who">
        <dl>{all.filter(({ masked }) => masked).map(row)}</dl>
        <Hold revealed={revealed} act={act}>
          <Icon name="eye" />
          <span>{revealed ? t.result.shown : t.result.show}</span>
        </Hold>
      </div>
      <dl class="member__facts">{all.filter(({ masked }) => !masked).map(row)}</dl>
    </div>
  );
}
