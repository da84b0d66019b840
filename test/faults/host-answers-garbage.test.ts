import { it } from 'vitest';
import { neverABalance } from './never-a-balance.ts';

it('an answer of garbage never becomes a balance', () => neverABalance('garbled'));
