import { it } from 'vitest';
import { neverABalance } from './never-a-balance.ts';

it('a connection closed in the middle of an answer never becomes a balance', () => neverABalance('close-mid-message'));
