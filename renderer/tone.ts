/** Which colouring a screen has: green where all is well, calm where something did not work, louder for a card. Pure. */
import type { Screen, Urgency } from '../main/contract.ts';

type Tone = 'green' | 'calm' | 'warm' | 'alarm';

const BY_URGENCY: Readonly<Record<Urgency, Tone>> = { 0: 'green', 1: 'green', 2: 'warm', 3: 'alarm' };

export function toneOf(screen: Screen): Tone {
  switch (screen.kind) {
    case 'card-unreadable':
    case 'take-card':
      return BY_URGENCY[screen.urgency];
    case 'card-retained':
      return 'alarm';
    case 'sorry':
    case 'out-of-service':
    case 'not-linked':
    case 'receipt-failed':
    case 'pin-wrong':
      return 'calm';
    case 'result':
      return screen.membership.jht === undefined ? 'calm' : 'green';
    default:
      return 'green';
  }
}
