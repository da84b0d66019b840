import { it } from 'vitest';
import { neverABalance } from './never-a-balance.ts';

it('half a message never becomes a balance', () => neverABalance('truncated'));
