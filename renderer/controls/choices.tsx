/** The buttons of a screen: icon and word, the likeliest first and strongest. */
import type { Action } from '../../main/contract.ts';
import type { Choice } from '../outline.ts';
import { Icon } from './icon.tsx';
import type { IconName } from './icon.tsx';

type Tone = 'primary' | 'secondary' | 'quiet';

const ICON_OF: Readonly<Record<Action['kind'], IconName>> = {
  language: 'language',
  'check-balance': 'wallet',
  'choose-membership': 'card',
  'choose-another': 'list',
  reveal: 'eye',
  conceal: 'eye',
  continue: 'arrow',
  receipt: 'printer',
  'another-service': 'list',
  finish: 'check',
  retry: 'retry',
  'queue-ticket': 'ticket',
  cancel: 'close',
  'still-here': 'check',
};

const RECEIPT_ICON: Readonly<Record<'paper' | 'qr' | 'none', IconName>> = { paper: 'printer', qr: 'qr', none: 'close' };

function iconOf(action: Action): IconName {
  return action.kind === 'receipt' ? RECEIPT_ICON[action.choice] : ICON_OF[action.kind];
}

function isWayOut(action: Action): boolean {
  return (
    action.kind === 'cancel' || action.kind === 'finish' || (action.kind === 'receipt' && action.choice === 'none')
  );
}

function toneOf(choices: readonly Choice[], at: number): Tone {
  const action = choices[at]?.action;
  if (action === undefined) return 'secondary';
  if (action.kind === 'cancel') return 'quiet';
  if (at === 0) return 'primary';
  return isWayOut(action) ? 'quiet' : 'secondary';
}

export interface ChoicesProps {
  readonly choices: readonly Choice[];
  readonly act: (action: Action) => void;
}

export function Choices({ choices, act }: ChoicesProps) {
  if (choices.length === 0) return null;
  return (
    <div class="choices">
      {choices.map(({ label, action }, at) => (
        <button key={label} type="button" class={`choice choice--${toneOf(choices, at)}`} onClick={() => act(action)}>
          <span class="choice__badge">
            <Icon name={iconOf(action)} />
          </span>
          <span>{label}</span>
          {isWayOut(action) || action.kind === 'continue' || action.kind === 'still-here' ? null : (
            <span class="choice__go">
              <Icon name="arrow" />
            </span>
          )}
        </button>
      ))}
    </div>
  );
}
