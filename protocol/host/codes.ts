/**
 * DE39 by what the host has to say. The profile's table decides: of its codes for a meaning, the one that hosts usually
 * give for this reason where the table has it so, else the table's own; the number alone means nothing.
 */
import type { Meaning } from '../profile/contract.ts';
import type { HostProfile } from '../profile/profile.ts';
import { createMessage } from '../iso8583/message.ts';

export type Reason =
  | 'approved'
  | 'notSignedOn'
  | 'invalidTransaction'
  | 'format'
  | 'duplicate'
  | 'security'
  | 'malfunction'
  | 'unknownCard'
  | 'blocked'
  | 'lost'
  | 'stolen'
  | 'expired'
  | 'pinWrong'
  | 'pinTries'
  | 'notLinked';

interface Row {
  readonly meaning: Meaning;
  /** Good enough where the usual code means it. */
  readonly or?: Meaning;
  /** ISO 8583:1987 table of DE39, or what switches in Indonesia give. */
  readonly usual: string;
}

const REASONS: Readonly<Record<Reason, Row>> = {
  approved: { meaning: 'approved', usual: '00' },
  notSignedOn: { meaning: 'host-unavailable', or: 'system-error', usual: '58' }, // transaction not permitted to terminal
  invalidTransaction: { meaning: 'system-error', usual: '12' },
  format: { meaning: 'system-error', usual: '30' },
  duplicate: { meaning: 'host-unavailable', or: 'system-error', usual: '94' },
  security: { meaning: 'system-error', usual: '63' },
  malfunction: { meaning: 'system-error', usual: '96' },
  unknownCard: { meaning: 'card-refused', usual: '14' },
  blocked: { meaning: 'card-refused', usual: '62' },
  lost: { meaning: 'retain', usual: '41' },
  stolen: { meaning: 'retain', usual: '43' },
  expired: { meaning: 'card-expired', usual: '54' },
  pinWrong: { meaning: 'pin-wrong', usual: '55' },
  pinTries: { meaning: 'pin-tries', usual: '75' },
  notLinked: { meaning: 'not-linked', usual: '25' },
};

/** What comes nearest, in a profile that has no code for a meaning. */
const NEAREST: Readonly<Record<Meaning, readonly Meaning[]>> = {
  approved: [],
  'pin-wrong': ['card-refused'],
  'pin-tries': ['pin-tries-retain', 'card-refused'],
  'pin-tries-retain': ['pin-tries', 'card-refused'],
  'card-expired': ['card-refused'],
  retain: ['card-refused'],
  'card-refused': [],
  'not-linked': ['card-refused'],
  'host-unavailable': [],
  'system-error': [],
};
const AT_LAST: readonly Meaning[] = ['system-error', 'host-unavailable'];

const LETTERS_AND_DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('');

/** Every code that DE39 of some profile may have: two letters or digits, or up to four digits. */
function* candidates(): Generator<string> {
  for (const first of LETTERS_AND_DIGITS) for (const second of LETTERS_AND_DIGITS) yield first + second;
  for (const width of [3, 4]) {
    for (let number = 0; number < 10 ** width; number += 1) yield String(number).padStart(width, '0');
  }
}

/** Whether a message of this profile can carry it. */
export function isResponseCode(profile: HostProfile, code: string): boolean {
  return profile.codec.pack(createMessage('0210', { 39: code })).ok;
}

export function createCodes(profile: HostProfile): Readonly<Record<Reason, string>> {
  const byMeaning = new Map<Meaning, string>();
  let unknown: string | undefined;
  for (const code of candidates()) {
    const { meaning, known } = profile.meaning(code);
    if (known) {
      if (!byMeaning.has(meaning)) byMeaning.set(meaning, code);
    } else if (unknown === undefined && isResponseCode(profile, code)) unknown = code;
  }

  function codeOf({ meaning, or, usual }: Row): string {
    // In a profile whose codes are longer, the same number with zeros in front.
    for (const code of [usual, usual.padStart(3, '0'), usual.padStart(4, '0')]) {
      const { meaning: here } = profile.meaning(code);
      if ((here === meaning || here === or) && isResponseCode(profile, code)) return code;
    }
    for (const one of [meaning, ...NEAREST[meaning], ...AT_LAST]) {
      const code = byMeaning.get(one);
      if (code !== undefined) return code;
    }
    // A code that the profile does not have means that the host is unavailable.
    if (unknown === undefined) throw new Error(`profile ${profile.name} has no code for a refusal`);
    return unknown;
  }

  return Object.fromEntries(Object.entries(REASONS).map(([reason, row]) => [reason, codeOf(row)])) as Record<
    Reason,
    string
  >;
}
