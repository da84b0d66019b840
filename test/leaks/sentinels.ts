/** Values that occur nowhere else, and a member whose card, PIN and data they are. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { addPersonas, openMembers, type NewMember } from '../../protocol/host/members.ts';
import { TEST_MASTER_KEY } from '../../protocol/host/host.ts';
import type { Membership } from '../../protocol/profile/contract.ts';
import { openDatabase } from '../../protocol/storage/sqlite.ts';
import { binary, pin, text, type Haystack, type Sentinel } from './scan.ts';

/** In the simulation's range, and Luhn-valid. */
export const PAN = '9999365718293641';
export const TRACK2 = `${PAN}=31125206072839415`;
export const PIN = '483916';
export const WRONG_PIN = '927405';
export const KPJ = '73918264055';
export const NAME = 'Zulaikha Sentinelia Wirapraja';
/** Sixteen digits that a host has no business sending. */
export const NIK = '3174856390271846';
/** A second card, whose host record is broken: a NIK where the programs should stand. */
export const NIK_PAN = '9999361346709827';
export const NIK_TRACK2 = `${NIK_PAN}=31125208590631427`;

const membership: Membership = {
  kpj: KPJ,
  name: NAME,
  employer: 'PT Contoh Sejahtera Bersama',
  segment: 'PU',
  status: 'active',
  programs: ['JHT', 'JKK', 'JKM'],
  balance: 4_567_890_000,
  contributions: 4_000_000_000,
  development: 567_890_000,
  lastContribution: '202610',
  lastPayment: '20261112',
};

const members: readonly NewMember[] = [
  { pan: PAN, pin: PIN, card: 'open', answersAfter: 0, memberships: [membership] },
  {
    pan: NIK_PAN,
    pin: PIN,
    card: 'open',
    answersAfter: 0,
    memberships: [{ ...membership, kpj: '73918264066', programs: ['JHT', NIK] as unknown as Membership['programs'] }],
  },
];

/** A members' database with the personas and these two. */
export function writeMembers(file: string): void {
  const database = openDatabase(file);
  if (!database.ok) throw new Error(database.error.detail);
  const opened = openMembers(database.value);
  const added = opened.ok ? addPersonas(opened.value) : opened;
  const more = opened.ok && added.ok ? opened.value.add(members) : added;
  database.value.close();
  if (!more.ok) throw new Error(more.error.detail);
}

/** What must be nowhere at all. */
export const SECRETS: readonly Sentinel[] = [
  text('card number', PAN, 8),
  text('track 2', TRACK2, 9),
  text('card number of the broken record', NIK_PAN, 8),
  text('track 2 of the broken record', NIK_TRACK2, 9),
  text('NIK', NIK, 8),
  pin(PIN),
  { ...pin(WRONG_PIN), name: 'wrong PIN' },
  binary('PIN block in the clear', Buffer.from(`06${PIN}FFFFFFFF`, 'hex')),
  binary('master key', Buffer.from(TEST_MASTER_KEY, 'hex')),
];

/** What may be shown while the customer asks for it, and written nowhere. */
export const PERSONAL: readonly Sentinel[] = [
  text('KPJ', KPJ, 7),
  ...NAME.split(' ').map((word) => text(`name (${word.length} letters)`, word)),
];

/** Every file below a folder. */
export function filesIn(folder: string): Haystack[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return { name: path.relative(folder, file), bytes: readFileSync(file) };
    });
}

export function linesNamed(name: string, lines: readonly string[]): Haystack {
  return { name, bytes: Buffer.from(lines.join('\n'), 'utf8') };
}
