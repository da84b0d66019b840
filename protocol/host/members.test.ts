/** What the host keeps of cards and members, and the invented people it begins with. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Result } from '../result.ts';
import { openDatabase, type Database } from '../storage/sqlite.ts';
import { addPersonas, addPopulation, openMembers, PIN_TRIES, type Members } from './members.ts';
import { PERSONA_PIN, personas, SIMULATED_BIN } from './personas.ts';
import { generateMember } from './population.ts';

let folder = '';
let database: Database;
let members: Members;

function value<T, E>(result: Result<T, E>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

function open(): void {
  database = value(openDatabase(join(folder, 'host.db')));
  members = value(openMembers(database));
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anjungan-members-'));
  open();
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

function isLuhn(pan: string): boolean {
  let sum = 0;
  for (const [index, digit] of pan.split('').toReversed().entries()) {
    const weighted = index % 2 === 1 ? Number(digit) * 2 : Number(digit);
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}

describe('personas', () => {
  it('are the fourteen, with cards that read like cards', () => {
    expect(personas.map((persona) => persona.id)).toEqual([
      'normal',
      'multi',
      'inactive',
      'no-jht',
      'unlinked',
      'large',
      'long-name',
      'expired',
      'blocked',
      'stolen',
      'slow',
      'silent',
      'stripe-only',
      'chip',
    ]);
    for (const persona of personas) {
      expect(persona.pan).toMatch(/^\d{16}$/);
      expect(persona.pan.startsWith(SIMULATED_BIN)).toBe(true);
      expect(isLuhn(persona.pan)).toBe(true);
      expect(persona.track2).toMatch(/^\d{16}=\d{17}$/);
      expect(persona.track1).toMatch(/^B\d{16}\^[A-Z/ ]{2,26}\^\d{17}$/);
      expect(persona.track2.slice(17, 21) > '2912').toBe(persona.id !== 'expired');
      expect(persona.track2.slice(21, 24)).toBe(persona.serviceCode);
      expect(persona.serviceCode === '201').toBe(persona.id === 'chip');
    }
    expect(new Set(personas.map((persona) => persona.pan)).size).toBe(personas.length);
  });

  it('have balances that add up, eleven-digit numbers of their own, and no zero where there is no JHT', () => {
    const all = personas.flatMap((persona) => persona.memberships);
    expect(new Set(all.map((membership) => membership.kpj)).size).toBe(all.length);
    for (const membership of all) {
      expect(membership.kpj).toMatch(/^\d{11}$/);
      expect(membership.programs.includes('JHT')).toBe(membership.balance !== undefined);
      if (membership.balance !== undefined)
        expect((membership.contributions ?? 0) + (membership.development ?? 0)).toBe(membership.balance);
    }
  });
});

describe('members', () => {
  beforeEach(() => {
    value(addPersonas(members));
  });

  it('come back as they were put in', () => {
    for (const persona of personas) {
      const card = value(members.card(persona.pan));
      if (card === undefined) throw new Error(`${persona.id} has no card`);
      expect(card).toMatchObject({ status: persona.card, wrongPins: 0, answersAfter: persona.answersAfter });
      expect(value(members.memberships(card))).toEqual(persona.memberships);
    }
    expect(value(members.card('9999369999999999'))).toBeUndefined();
  });

  it('count wrong PINs across a restart, and forget them at a right one', () => {
    const pan = personas[0]?.pan ?? '';
    const card = () => {
      const found = value(members.card(pan));
      if (found === undefined) throw new Error('no card');
      return found;
    };
    expect(value(members.verifyPin(card(), pan, '111111'))).toEqual({ right: false, wrongPins: 1 });
    expect(value(members.verifyPin(card(), pan, '111112'))).toEqual({ right: false, wrongPins: 2 });
    database.close();
    open();
    value(addPersonas(members));
    expect(card().wrongPins).toBe(2);
    expect(value(members.verifyPin(card(), pan, PERSONA_PIN))).toEqual({ right: true, wrongPins: 0 });
    expect(card().wrongPins).toBe(0);
    for (let index = 0; index < PIN_TRIES; index += 1) value(members.verifyPin(card(), pan, '000000'));
    expect(card().wrongPins).toBe(PIN_TRIES);
    value(members.resetPins());
    expect(card().wrongPins).toBe(0);
  });

  it('are blocked for one host when another on the same file has counted', () => {
    const pan = personas[0]?.pan ?? '';
    const other = value(openDatabase(join(folder, 'host.db')));
    try {
      const second = value(openMembers(other));
      const card = value(members.card(pan));
      if (card === undefined) throw new Error('no card');
      for (let index = 0; index < PIN_TRIES; index += 1) value(second.verifyPin(card, pan, '000000'));
      // This one has seen the card before, with no wrong PIN.
      expect(value(members.verifyPin(card, pan, PERSONA_PIN))).toEqual({ right: false, wrongPins: PIN_TRIES });
      expect(value(members.card(pan))?.wrongPins).toBe(PIN_TRIES);
    } finally {
      other.close();
    }
  });

  it('are found by an index, cards and memberships', () => {
    const plan = (sql: string): string =>
      value(database.prepare<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(null))
        .map(({ detail }) => detail)
        .join();
    expect(plan('SELECT id FROM card WHERE token = ?')).toMatch(/^SEARCH card USING .*INDEX/);
    expect(plan('SELECT pin FROM card WHERE id = ?')).toMatch(/^SEARCH card USING INTEGER PRIMARY KEY/);
    expect(plan('SELECT * FROM membership WHERE card = ? ORDER BY place')).toBe(
      'SEARCH membership USING PRIMARY KEY (card=?)',
    );
  });

  it('leave neither a card number nor a PIN in the file', () => {
    value(database.exec('PRAGMA wal_checkpoint(TRUNCATE)'));
    const bytes = readFileSync(join(folder, 'host.db')).toString('latin1');
    expect(bytes).toContain(personas[0]?.memberships[0]?.kpj);
    for (const persona of personas) expect(bytes).not.toContain(persona.pan);
    expect(bytes).not.toContain(PERSONA_PIN);
  });
});

describe('the population', () => {
  it('is the same for the same seed, whatever the order, and another for another', () => {
    expect(generateMember(42, 7)).toEqual(generateMember(42, 7));
    expect(generateMember(42, 7)).not.toEqual(generateMember(43, 7));
    const kpjs = new Set<string>();
    let inactive = 0;
    let withoutJht = 0;
    let all = 0;
    for (let index = 0; index < 5000; index += 1) {
      for (const membership of generateMember(1, index).memberships) {
        expect(membership.kpj).toMatch(/^\d{11}$/);
        kpjs.add(membership.kpj);
        all += 1;
        if (membership.status !== 'active') inactive += 1;
        if (membership.balance === undefined) withoutJht += 1;
        else expect(membership.balance).toBe((membership.contributions ?? 0) + (membership.development ?? 0));
      }
    }
    expect(kpjs.size).toBe(all);
    expect(inactive / all).toBeGreaterThan(0.25);
    expect(inactive / all).toBeLessThan(0.5);
    expect(withoutJht / all).toBeGreaterThan(0.1);
  });

  it('is loaded once, however often it is asked for', () => {
    value(addPopulation(members, 500, 9));
    value(addPopulation(members, 600, 9));
    expect(value(members.count())).toBe(600);
    const generated = generateMember(9, 599);
    const card = value(members.card(generated.pan));
    if (card === undefined) throw new Error('no card');
    expect(value(members.memberships(card))).toEqual(generated.memberships);
    expect(value(members.verifyPin(card, generated.pan, PERSONA_PIN)).right).toBe(true);
  });
});
