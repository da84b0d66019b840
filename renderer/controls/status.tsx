/** Active, inactive or claimed: word and shape first, colour besides. */
import type { MembershipStatus } from '../../main/contract.ts';
import type { Strings } from '../strings/catalogue.ts';
import { Icon } from './icon.tsx';
import type { IconName } from './icon.tsx';

const ICON: Readonly<Record<MembershipStatus, IconName>> = { active: 'check', inactive: 'pause', claimed: 'wallet' };

export function Status({ status, t }: { readonly status: MembershipStatus; readonly t: Strings }) {
  return (
    <span class={`status status--${status}`}>
      <Icon name={ICON[status]} />
      {t.statuses[status]}
    </span>
  );
}
