/** The table behind the personas: who they are, what their card says and what the host knows. Names and employers are invented. */
import type { Membership } from '../profile/contract.ts';
import type { CardStatus, Outcome, PersonaId } from './personas.ts';

/** 5: national card without chip, 2: the issuer decides online, 0: PIN required (ISO/IEC 7813 table 2). */
export const STRIPE = '520';
/** 2: international card with chip, 0: normal authorization, 1: no restrictions. */
const CHIP = '201';

/** Rupiah to sen. */
const rupiah = (amount: number): number => Math.round(amount * 100);

function jht(
  contributions: number,
  development: number,
): Pick<Membership, 'balance' | 'contributions' | 'development'> {
  return {
    contributions: rupiah(contributions),
    development: rupiah(development),
    balance: rupiah(contributions) + rupiah(development),
  };
}

const WORKER = ['JHT', 'JKK', 'JKM', 'JP'] as const;
const WORKER_JKP = ['JHT', 'JKK', 'JKM', 'JP', 'JKP'] as const;

/** What most of the table has in common: an open card that answers at once. */
export interface PersonaEntry {
  readonly id: PersonaId;
  readonly name: string;
  /** SURNAME/GIVEN, at most 26 characters (ISO/IEC 7813). */
  readonly embossed: string;
  readonly note: { readonly id: string; readonly en: string };
  readonly expected: Outcome;
  readonly expiry?: string;
  readonly serviceCode?: string;
  readonly card?: CardStatus;
  readonly answersAfter?: number | 'never';
  readonly memberships: readonly Membership[];
}

export const PERSONA_TABLE: readonly PersonaEntry[] = [
  {
    id: 'normal',
    name: 'Siti Rahmawati Contoh',
    embossed: 'CONTOH/SITI RAHMAWATI',
    note: { id: 'Satu kepesertaan aktif, saldo biasa', en: 'One active membership, an ordinary balance' },
    expected: 'balance',
    memberships: [
      {
        kpj: '19036000017',
        name: 'Siti Rahmawati Contoh',
        employer: 'PT Contoh Sejahtera Bersama',
        segment: 'PU',
        status: 'active',
        programs: WORKER_JKP,
        ...jht(37_412_500, 8_266_400),
        lastContribution: '202610',
        lastPayment: '20261112',
      },
    ],
  },
  {
    id: 'multi',
    name: 'Bagus Wicaksana Contoh',
    embossed: 'CONTOH/BAGUS WICAKSANA',
    note: { id: 'Tiga KPJ: pilih salah satu', en: 'Three memberships to choose from' },
    expected: 'several',
    memberships: [
      {
        kpj: '22036000028',
        name: 'Bagus Wicaksana Contoh',
        employer: 'PT Contoh Logistik Pelabuhan',
        segment: 'PU',
        status: 'active',
        programs: WORKER_JKP,
        ...jht(11_034_000, 1_446_250),
        lastContribution: '202610',
        lastPayment: '20261109',
      },
      {
        kpj: '17036000029',
        name: 'Bagus Wicaksana Contoh',
        employer: 'CV Contoh Maju Tekstil',
        segment: 'PU',
        status: 'inactive',
        programs: WORKER,
        ...jht(24_380_000, 7_525_775.5),
        lastContribution: '202112',
        lastPayment: '20220107',
      },
      {
        kpj: '12036000024',
        name: 'Bagus Wicaksana Contoh',
        employer: 'Koperasi Contoh Tani Makmur',
        segment: 'PU',
        status: 'claimed',
        programs: ['JHT', 'JKK', 'JKM'],
        ...jht(0, 0),
        lastContribution: '201608',
        lastPayment: '20160905',
      },
    ],
  },
  {
    id: 'inactive',
    name: 'Wulan Kartikasari Contoh',
    embossed: 'CONTOH/WULAN KARTIKASARI',
    note: { id: 'Tidak aktif sejak 2022, saldo tetap ada', en: 'Inactive since 2022; the balance is still there' },
    expected: 'balance',
    memberships: [
      {
        kpj: '15036000032',
        name: 'Wulan Kartikasari Contoh',
        employer: 'PT Contoh Garmen Lestari',
        segment: 'PU',
        status: 'inactive',
        programs: WORKER,
        ...jht(18_940_000, 5_207_311),
        lastContribution: '202203',
        lastPayment: '20220411',
      },
    ],
  },
  {
    id: 'no-jht',
    name: 'Markus Tabuni Contoh',
    embossed: 'CONTOH/MARKUS TABUNI',
    note: { id: 'Bukan penerima upah, hanya JKK dan JKM', en: 'Self-employed, in JKK and JKM only: no JHT' },
    expected: 'not-in-jht',
    memberships: [
      {
        kpj: '24036000041',
        name: 'Markus Tabuni Contoh',
        employer: 'Mandiri (nelayan)',
        segment: 'BPU',
        status: 'active',
        programs: ['JKK', 'JKM'],
        lastContribution: '202611',
        lastPayment: '20261103',
      },
    ],
  },
  {
    id: 'unlinked',
    name: 'Rina Puspadewi Contoh',
    embossed: 'CONTOH/RINA PUSPADEWI',
    note: { id: 'Kartu sah tanpa kepesertaan yang terhubung', en: 'A good card with no membership linked to it' },
    expected: 'not-linked',
    memberships: [],
  },
  {
    id: 'large',
    name: 'Hendrawan Sutedja Contoh',
    embossed: 'CONTOH/HENDRAWAN SUTEDJA',
    note: { id: 'Saldo ratusan juta rupiah', en: 'A balance of hundreds of millions of rupiah' },
    expected: 'balance',
    memberships: [
      {
        kpj: '98036000060',
        name: 'Hendrawan Sutedja Contoh',
        employer: 'PT Contoh Energi Nusantara',
        segment: 'PU',
        status: 'active',
        programs: WORKER_JKP,
        ...jht(342_910_000, 144_742_318.75),
        lastContribution: '202610',
        lastPayment: '20261110',
      },
    ],
  },
  {
    id: 'long-name',
    name: 'Raden Ajeng Kusumaningtyas Prameswari Hadikusumo Wulandari Contoh Panjangnama',
    embossed: 'CONTOH/RADEN AJENG KUSUMAN',
    note: { id: 'Nama dan perusahaan yang sangat panjang', en: 'A very long name and employer' },
    expected: 'balance',
    memberships: [
      {
        kpj: '16036000076',
        name: 'Raden Ajeng Kusumaningtyas Prameswari Hadikusumo Wulandari Contoh Panjangnama',
        employer: 'PT Contoh Manufaktur Komponen Elektronik dan Otomotif Nusantara Sejahtera Bersama (Cabang Timur)',
        segment: 'JK',
        status: 'active',
        programs: ['JHT', 'JKK', 'JKM'],
        ...jht(9_120_000, 1_033_045),
        lastContribution: '202609',
        lastPayment: '20261014',
      },
    ],
  },
  {
    id: 'expired',
    name: 'Agung Prasetia Contoh',
    embossed: 'CONTOH/AGUNG PRASETIA',
    note: { id: 'Kartu kedaluwarsa', en: 'An expired card' },
    expected: 'card-expired',
    expiry: '2406',
    memberships: [
      {
        kpj: '18036000083',
        name: 'Agung Prasetia Contoh',
        employer: 'PT Contoh Transportasi Kota',
        segment: 'PU',
        status: 'active',
        programs: WORKER,
        ...jht(21_560_000, 4_019_870),
        lastContribution: '202610',
        lastPayment: '20261113',
      },
    ],
  },
  {
    id: 'blocked',
    name: 'Nurul Hidayanti Contoh',
    embossed: 'CONTOH/NURUL HIDAYANTI',
    note: { id: 'Kartu diblokir bank, dikembalikan', en: 'A card blocked by the bank, given back' },
    expected: 'card-refused',
    card: 'blocked',
    memberships: [],
  },
  {
    id: 'stolen',
    name: 'Yoga Permana Contoh',
    embossed: 'CONTOH/YOGA PERMANA',
    note: { id: 'Kartu dilaporkan dicuri, ditahan', en: 'A card reported stolen, kept by the terminal' },
    expected: 'retained',
    card: 'stolen',
    memberships: [],
  },
  {
    id: 'slow',
    name: 'Lestiana Simanungkal Contoh',
    embossed: 'CONTOH/LESTIANA',
    note: { id: 'Host menjawab setelah 12 detik', en: 'The host answers after 12 seconds' },
    expected: 'balance',
    answersAfter: 12_000,
    memberships: [
      {
        kpj: '20036000111',
        name: 'Lestiana Simanungkal Contoh',
        employer: 'Yayasan Contoh Pendidikan Bangsa',
        segment: 'PU',
        status: 'active',
        programs: WORKER_JKP,
        ...jht(14_275_000, 2_108_640),
        lastContribution: '202610',
        lastPayment: '20261105',
      },
    ],
  },
  {
    id: 'silent',
    name: 'Ketut Mahendrayana Contoh',
    embossed: 'CONTOH/KETUT MAHENDRAYANA',
    note: { id: 'Host tidak pernah menjawab', en: 'The host never answers' },
    expected: 'host-silent',
    answersAfter: 'never',
    memberships: [],
  },
  {
    id: 'stripe-only',
    name: 'Fitria Handayanti Contoh',
    embossed: 'CONTOH/FITRIA HANDAYANTI',
    note: { id: 'Kartu tanpa cip, hanya pita magnetik', en: 'A card without a chip: magnetic stripe only' },
    expected: 'balance',
    memberships: [
      {
        kpj: '21036000137',
        name: 'Fitria Handayanti Contoh',
        employer: 'PT Contoh Retail Keluarga',
        segment: 'PU',
        status: 'active',
        programs: WORKER_JKP,
        ...jht(16_803_000, 2_540_915),
        lastContribution: '202610',
        lastPayment: '20261111',
      },
    ],
  },
  {
    id: 'chip',
    name: 'Taufan Hidayatullah Contoh',
    embossed: 'CONTOH/TAUFAN H',
    note: { id: 'Kartu ber-cip (kode layanan 201)', en: 'A chip card (service code 201)' },
    expected: 'balance',
    serviceCode: CHIP,
    memberships: [
      {
        kpj: '23036000144',
        name: 'Taufan Hidayatullah Contoh',
        employer: 'PT Contoh Teknologi Anjungan',
        segment: 'PU',
        status: 'active',
        programs: WORKER_JKP,
        ...jht(27_648_000, 5_117_482),
        lastContribution: '202610',
        lastPayment: '20261106',
      },
    ],
  },
];
