/** Whoever holds the keys may break its word and reject: that becomes a failure like any other, never an unhandled rejection. */
import { fail, type Result } from '../result.ts';

/** Calls `work`; what it throws or rejects with is `{ code: 'threw' }`, without the words, which may hold anything. */
export async function guarded<T>(
  work: () => Promise<Result<T, { readonly code: string }>>,
): Promise<Result<T, { readonly code: string }>> {
  try {
    return await work();
  } catch {
    return fail({ code: 'threw' });
  }
}
