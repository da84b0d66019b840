/** DE54, additional amounts: the balance once more, as the standard wants it. */
import type { Message } from '../iso8583/message.ts';
import type { Membership } from './contract.ts';
import type { HostProfile } from './profile.ts';

/** DE54 (ISO 8583:1987 §4.3, additional amounts): account type 2, amount type 2, currency 3, C or D, n12. */
const AMOUNT = /^([0-9]{2})([0-9]{2})([0-9]{3})([CD])([0-9]{12})$/;
const AMOUNT_LENGTH = 20;
const AMOUNT_MAX = 10 ** 12 - 1;

/**
 * The balance that DE54 repeats must be the one in DE48: the chosen membership's, or the only one's; with several and none
 * chosen, that of one of them. The rule that is broken, or undefined.
 */
export function balanceMistake(
  profile: HostProfile,
  reply: Message,
  memberships: readonly Membership[],
  chosen: string | undefined,
): string | undefined {
  const text = reply.get(54);
  if (text === undefined) return undefined;
  if (text.length % AMOUNT_LENGTH !== 0) return `groups of ${AMOUNT_LENGTH}`;
  const about = chosen === undefined ? memberships : memberships.filter(({ kpj }) => kpj === chosen);
  for (let at = 0; at < text.length; at += AMOUNT_LENGTH) {
    const match = AMOUNT.exec(text.slice(at, at + AMOUNT_LENGTH));
    if (match === null) return 'account type 2, amount type 2, currency 3, C or D, 12 digits';
    const [, account, type, currency, sign, digits] = match;
    if (account !== profile.balance.accountType || type !== profile.balance.amountType) continue;
    if (currency !== profile.currency) return 'the currency of the profile';
    const amount = sign === 'D' ? -Number(digits) : Number(digits);
    // === and not Object.is: a debit of zero is zero.
    if (!about.some(({ balance }) => balance === amount)) return 'the balance of the membership';
  }
  return undefined;
}

/** Absent where there is no balance, and where it has more digits than DE54. */
export function writeBalance(profile: HostProfile, balance: number | undefined): string | undefined {
  if (balance === undefined || Math.abs(balance) > AMOUNT_MAX) return undefined;
  const { accountType, amountType } = profile.balance;
  const sign = balance < 0 ? 'D' : 'C';
  return `${accountType}${amountType}${profile.currency}${sign}${String(Math.abs(balance)).padStart(12, '0')}`;
}
