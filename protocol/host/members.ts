/**
 * The cards and memberships that the host knows, in SQLite. A card is found by a keyed hash of its number and its PIN is
 * kept as a keyed hash, as an issuer keeps a PIN verification value: neither a card number nor a PIN is in the file.
 */
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import type { Membership, MembershipStatus, Program, Segment } from '../profile/contract.ts';
import { fail, ok, type Result } from '../result.ts';
import { migrate, type Database, type SqlValue, type StorageError } from '../storage/sqlite.ts';
import { contributionHistory, type ContributionHistory } from './history.ts';
import { createLru } from './lru.ts';
import { PERSONA_PIN, personas, type CardStatus } from './personas.ts';
import { generateMember } from './population.ts';

/** Wrong PINs until the card is blocked for PIN entry. */
export const PIN_TRIES = 3;

/** A TEST key, known to everybody, that stands for the issuer's PIN verification key. */
const ISSUER_KEY = createSecretKey(Buffer.from('anjungan simulated issuer, for tests only'));

/** Cards and their memberships kept at hand. */
const CACHED = 20_000;

export interface Card {
  /** The host's own number for it. */
  readonly id: number;
  readonly status: CardStatus;
  /** Wrong PINs since the last right one; persisted. */
  readonly wrongPins: number;
  readonly answersAfter: number | 'never';
  /** YYMM, as it was issued; a card without it is taken at its word. */
  readonly expiry?: string;
}

export interface NewMember {
  readonly pan: string;
  /** YYMM */
  readonly expiry?: string;
  readonly pin: string;
  readonly card: CardStatus;
  readonly answersAfter: number | 'never';
  readonly memberships: readonly Membership[];
}

export interface Members {
  /** `wrongPins` is as this process last saw it; verifyPin reads what is stored. */
  card(pan: string): Result<Card | undefined, StorageError>;
  /**
   * Right: the count of wrong PINs starts anew. Wrong: it grows by one. Either is on disk before the answer. A card whose
   * tries are used up is not right with any PIN, and its count stays.
   */
  verifyPin(
    card: Card,
    pan: string,
    pin: string,
  ): Result<{ readonly right: boolean; readonly wrongPins: number }, StorageError>;
  /** Every card may be tried again: what a visit to the bank does. */
  resetPins(): Result<undefined, StorageError>;
  /** Newest first. */
  memberships(card: Card): Result<readonly Membership[], StorageError>;
  /** Of one of the card's memberships; undefined when it is not the card's, or not in JHT. */
  history(card: Card, kpj: string): Result<ContributionHistory | undefined, StorageError>;
  /** Adds those whose card is not there yet, in one transaction; the others stay as they are. */
  add(members: Iterable<NewMember>): Result<undefined, StorageError>;
  readonly count: () => Result<number, StorageError>;
}

const SCHEMA = [
  `CREATE TABLE card (
     id INTEGER PRIMARY KEY,
     token BLOB NOT NULL UNIQUE,
     pin BLOB NOT NULL,
     status TEXT NOT NULL CHECK (status IN ('open', 'blocked', 'stolen', 'lost')),
     wrong_pins INTEGER NOT NULL DEFAULT 0,
     answers_after INTEGER NOT NULL DEFAULT 0 -- milliseconds; -1: never
   ) STRICT;
   CREATE TABLE membership (
     card INTEGER NOT NULL REFERENCES card (id),
     place INTEGER NOT NULL, -- 0 is the newest
     kpj TEXT NOT NULL,
     name TEXT NOT NULL,
     employer TEXT NOT NULL,
     segment TEXT NOT NULL,
     status TEXT NOT NULL,
     programs TEXT NOT NULL,
     balance INTEGER, -- sen; null: not in JHT
     contributions INTEGER,
     development INTEGER,
     last_contribution TEXT, -- YYYYMM
     last_payment TEXT, -- YYYYMMDD
     PRIMARY KEY (card, place)
   ) STRICT, WITHOUT ROWID`,
  `ALTER TABLE card ADD COLUMN expiry TEXT`, // YYMM
];

interface CardRow {
  readonly id: number;
  readonly status: string;
  readonly wrong_pins: number;
  readonly answers_after: number;
  readonly expiry: string | null;
}

interface MembershipRow {
  readonly kpj: string;
  readonly name: string;
  readonly employer: string;
  readonly segment: string;
  readonly status: string;
  readonly programs: string;
  readonly balance: number | null;
  readonly contributions: number | null;
  readonly development: number | null;
  readonly last_contribution: string | null;
  readonly last_payment: string | null;
}

function keyed(purpose: string, ...parts: readonly string[]): Buffer {
  return createHmac('sha256', ISSUER_KEY)
    .update([purpose, ...parts].join('|'))
    .digest()
    .subarray(0, 16);
}

const toCard = (row: CardRow): Card => ({
  id: row.id,
  status: row.status as CardStatus,
  wrongPins: row.wrong_pins,
  answersAfter: row.answers_after < 0 ? 'never' : row.answers_after,
  ...(row.expiry === null ? {} : { expiry: row.expiry }),
});

const toMembership = (row: MembershipRow): Membership => ({
  kpj: row.kpj,
  name: row.name,
  employer: row.employer,
  segment: row.segment as Segment,
  status: row.status as MembershipStatus,
  programs: row.programs.split(',') as Program[],
  ...(row.balance === null ? {} : { balance: row.balance }),
  ...(row.contributions === null ? {} : { contributions: row.contributions }),
  ...(row.development === null ? {} : { development: row.development }),
  ...(row.last_contribution === null ? {} : { lastContribution: row.last_contribution }),
  ...(row.last_payment === null ? {} : { lastPayment: row.last_payment }),
});

function membershipValues(card: number, place: number, of: Membership): SqlValue[] {
  return [
    card,
    place,
    of.kpj,
    of.name,
    of.employer,
    of.segment,
    of.status,
    of.programs.join(','),
    of.balance ?? null,
    of.contributions ?? null,
    of.development ?? null,
    of.lastContribution ?? null,
    of.lastPayment ?? null,
  ];
}

/** Makes the tables when they are not there. `locked`, `unwritable` ... as the storage says. */
export function openMembers(database: Database): Result<Members, StorageError> {
  const migrated = migrate(database, SCHEMA);
  if (!migrated.ok) return migrated;
  const selectCard = database.prepare<CardRow>(
    'SELECT id, status, wrong_pins, answers_after, expiry FROM card WHERE token = ?',
  );
  const selectPin = database.prepare<{ pin: Uint8Array; wrong_pins: number }>(
    'SELECT pin, wrong_pins FROM card WHERE id = ?',
  );
  const updateWrong = database.prepare('UPDATE card SET wrong_pins = ? WHERE id = ?');
  const selectMemberships = database.prepare<MembershipRow>('SELECT * FROM membership WHERE card = ? ORDER BY place');
  const insertCard = database.prepare(
    'INSERT OR IGNORE INTO card (token, pin, status, answers_after, expiry) VALUES (?, ?, ?, ?, ?)',
  );
  const insertMembership = database.prepare('INSERT INTO membership VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const countCards = database.prepare<{ n: number }>('SELECT count(*) AS n FROM card');

  function addOne(member: NewMember): Result<undefined, StorageError> {
    const after = member.answersAfter === 'never' ? -1 : member.answersAfter;
    const [token, pin] = [keyed('pan', member.pan), keyed('pin', member.pan, member.pin)];
    const card = insertCard.run(token, pin, member.card, after, member.expiry ?? null);
    if (!card.ok) return card;
    if (card.value.changes === 0) return ok();
    for (const [place, membership] of member.memberships.entries()) {
      const added = insertMembership.run(...membershipValues(card.value.lastInsertRowid, place, membership));
      if (!added.ok) return added;
    }
    return ok();
  }

  // What does not change while the host runs, or changes through here. PINs are not among it.
  const cards = createLru<string, Card>(CACHED);
  const linked = createLru<number, readonly Membership[]>(CACHED);

  const members: Members = {
    card(pan) {
      const known = cards.get(pan);
      if (known !== undefined) return ok(known);
      const row = selectCard.get(keyed('pan', pan));
      if (!row.ok) return row;
      if (row.value === undefined) return ok(undefined);
      const card = toCard(row.value);
      cards.set(pan, card);
      return ok(card);
    },

    verifyPin(card, pan, pin) {
      const given = keyed('pin', pan, pin);
      const verify = (): ReturnType<Members['verifyPin']> => {
        const stored = selectPin.get(card.id);
        if (!stored.ok) return stored;
        if (stored.value === undefined) return fail<StorageError>({ code: 'unknown', detail: 'no such card' });
        const { pin: rightPin, wrong_pins: wrongPins } = stored.value;
        return ok({ right: timingSafeEqual(rightPin, given) && wrongPins < PIN_TRIES, wrongPins });
      };
      const first = verify();
      // The usual case changes nothing; whatever changes the count is read again, with nobody in between.
      if (!first.ok || (first.value.right && first.value.wrongPins === 0)) return first;
      cards.delete(pan);
      return database.transaction(() => {
        const again = verify();
        if (!again.ok || again.value.wrongPins >= PIN_TRIES) return again;
        const { right } = again.value;
        const wrongPins = right ? 0 : again.value.wrongPins + 1;
        const written = updateWrong.run(wrongPins, card.id);
        return written.ok ? ok({ right, wrongPins }) : written;
      });
    },

    resetPins() {
      cards.clear();
      return database.exec('UPDATE card SET wrong_pins = 0 WHERE wrong_pins <> 0');
    },

    memberships(card) {
      const known = linked.get(card.id);
      if (known !== undefined) return ok(known);
      const rows = selectMemberships.all(card.id);
      if (!rows.ok) return rows;
      const memberships = rows.value.map(toMembership);
      linked.set(card.id, memberships);
      return ok(memberships);
    },

    history(card, kpj) {
      const found = members.memberships(card);
      if (!found.ok) return found;
      const one = found.value.find((membership) => membership.kpj === kpj);
      return ok(one === undefined ? undefined : contributionHistory(one));
    },

    add(more) {
      return database.transaction(() => {
        for (const member of more) {
          const added = addOne(member);
          if (!added.ok) return added;
        }
        return ok();
      });
    },

    count() {
      const row = countCards.get();
      return row.ok ? ok(row.value?.n ?? 0) : row;
    },
  };
  return ok(members);
}

export function addPersonas(members: Members): Result<undefined, StorageError> {
  return members.add(
    personas.map(({ pan, track2, card, answersAfter, memberships }) => ({
      pan,
      expiry: track2.slice(pan.length + 1, pan.length + 5),
      pin: PERSONA_PIN,
      card,
      answersAfter,
      memberships,
    })),
  );
}

const BATCH = 20_000;

/** `count` more members, always the same for the same `seed`; their PIN is the personas'. */
export function addPopulation(members: Members, count: number, seed: number): Result<undefined, StorageError> {
  function* batch(from: number, to: number): Generator<NewMember> {
    for (let index = from; index < to; index += 1) yield generateMember(seed, index);
  }
  for (let from = 0; from < count; from += BATCH) {
    const added = members.add(batch(from, Math.min(from + BATCH, count)));
    if (!added.ok) return added;
  }
  return ok();
}
