/**
 * A View of every kind and variant of screen, for the gallery and the tests: the longest and shortest texts included.
 * All people, numbers and companies are invented.
 */
import type {
  CardProblem,
  Language,
  MembershipChoice,
  MembershipView,
  OutOfServiceReason,
  ReceiptFault,
  RetainWhy,
  Screen,
  SorryCause,
  TakeCardWhy,
  Urgency,
  View,
} from '../main/contract.ts';

export interface Sample {
  readonly name: string;
  readonly view: View;
}

const terminal: View['terminal'] = {
  id: 'ANJ00001',
  bank: 'Bank Contoh Nusantara',
  place: 'Mal Pelayanan Publik Kota Bandung',
  zone: 'WIB',
  timeZone: 'Asia/Jakarta',
  simulated: true,
  callCentre: '175',
};

const member: MembershipView = {
  kpj: '1900•••••12',
  name: 'S••• R•••••',
  employer: 'PT Cahaya Timur Sentosa',
  segment: 'PU',
  status: 'active',
  programs: ['JHT', 'JKK', 'JKM', 'JP', 'JKP'],
  jht: { balance: 4_827_563_100, contributions: 3_905_120_000, development: 922_443_100 },
  lastContribution: '202610',
  lastPayment: '20261112',
};

const longest: MembershipView = {
  ...member,
  kpj: '19009876512',
  name: 'Raden Mas Bambang Suryadiningrat Kusumawardhana Adipratama',
  employer: 'PT Perkebunan dan Pengolahan Kelapa Sawit Nusantara Raya Sejahtera Tbk',
  segment: 'BPU',
  jht: { balance: 99_999_999_999_999, contributions: 88_888_888_888_888, development: 11_111_111_111_111 },
};

function withoutJht(view: MembershipView): MembershipView {
  const { jht: _, ...rest } = view;
  return rest;
}

function choice(index: number, more: Partial<MembershipChoice> = {}): MembershipChoice {
  return {
    index,
    kpj: `1${index}00•••••1${index}`,
    employer: 'PT Cahaya Timur Sentosa',
    status: 'inactive',
    inJht: true,
    lastContribution: '201907',
    ...more,
  };
}

const three: readonly MembershipChoice[] = [
  choice(0, { status: 'active', lastContribution: '202610' }),
  choice(1, { employer: 'CV Sinar Lestari Abadi' }),
  choice(2, { employer: 'Bukan Penerima Upah', inJht: false, lastContribution: '202203' }),
];
const nine: readonly MembershipChoice[] = Array.from({ length: 9 }, (_, index) =>
  choice(
    index,
    index % 2 === 0
      ? { employer: longest.employer, inJht: index !== 4 }
      : { status: index === 3 ? 'claimed' : 'active' },
  ),
);

const receiptText = [
  'BANK CONTOH NUSANTARA',
  'MAL PELAYANAN PUBLIK KOTA BANDUNG',
  'TANGGAL   : 20 November 2026',
  'WAKTU     : 09.05 WIB',
  'TERMINAL  : ANJ00001',
  'NO URUT   : 000123',
  'RRN       : 632509000123',
  'KARTU     : ******1234',
  'CEK SALDO JHT',
  'KPJ       : 1900•••••12',
  'NAMA      : S••• R•••••',
  'SALDO     : Rp48.275.631',
  'PER TANGGAL 20 November 2026',
  'IURAN TERAKHIR Oktober 2026',
  'Simpan struk ini. Informasi: 175.',
  'Jangan berikan PIN atau OTP kepada siapa pun.',
].join('\n');

const result = (membership: MembershipView, more: Partial<Extract<Screen, { kind: 'result' }>> = {}): Screen => ({
  kind: 'result',
  membership,
  asOf: '20261120',
  revealed: false,
  canChooseAnother: false,
  ...more,
});

const takeCard = (why: TakeCardWhy, urgency: Urgency, receiptFollows = false): Screen => ({
  kind: 'take-card',
  why,
  secondsLeft: [45, 35, 20, 8][urgency] ?? 45,
  ofSeconds: 45,
  urgency,
  receiptFollows,
});

const reasons: readonly OutOfServiceReason[] = [
  'starting',
  'host',
  'card-reader',
  'pin-pad',
  'tampered',
  'card-stuck',
  'storage',
  'stopping',
  'fault',
];
const problems: readonly CardProblem[] = ['stripe', 'wrong-way', 'not-accepted', 'invalid', 'pulled-out'];
const causes: readonly SorryCause[] = [
  'host-unavailable',
  'host-silent',
  'system-error',
  'card-expired',
  'card-refused',
  'pin-tries',
  'device',
  'cancelled-by-host-loss',
];
const faults: readonly ReceiptFault[] = ['paper-out', 'cover-open', 'jam', 'cutter', 'offline', 'unknown'];
const keeps: readonly RetainWhy[] = ['host', 'pin-tries', 'not-taken'];
const endings: readonly TakeCardWhy[] = ['finished', 'cancelled', 'timed-out', 'pin-timed-out', 'refused', 'fault'];
const slips = ['printed', 'printing', 'failed', 'printed'] as const;

const screens: readonly (readonly [string, Screen])[] = [
  ['idle', { kind: 'idle', receipt: 'ready' }],
  ['idle-no-paper', { kind: 'idle', receipt: 'unavailable' }],
  ['idle-turn', { kind: 'idle', receipt: 'low', hint: 'turn-the-card' }],
  ['card-entering', { kind: 'card-entering' }],
  ...problems.map(
    (problem, at) =>
      [
        `card-${problem}`,
        {
          kind: 'card-unreadable',
          problem,
          secondsLeft: 30 - 5 * at,
          ofSeconds: 45,
          urgency: ([0, 1, 2, 3, 0] as const)[at] ?? 0,
        },
      ] as const,
  ),
  ['pin', { kind: 'pin', digits: 0, minDigits: 6, maxDigits: 6 }],
  ['pin-4', { kind: 'pin', digits: 4, minDigits: 6, maxDigits: 6 }],
  ['pin-short', { kind: 'pin', digits: 3, minDigits: 4, maxDigits: 12, problem: 'too-short' }],
  ['pin-12', { kind: 'pin', digits: 12, minDigits: 4, maxDigits: 12 }],
  ['pin-wrong', { kind: 'pin-wrong', lastTry: false }],
  ['pin-wrong-last', { kind: 'pin-wrong', lastTry: true }],
  ['menu', { kind: 'menu' }],
  ['asking-sent', { kind: 'asking-host', stage: 'sent' }],
  ['asking-working', { kind: 'asking-host', stage: 'working' }],
  ['asking-still', { kind: 'asking-host', stage: 'still-working' }],
  ['choose-3', { kind: 'choose-membership', memberships: three, more: false }],
  ['choose-9', { kind: 'choose-membership', memberships: nine, more: true }],
  ['result', result(member)],
  [
    'result-revealed',
    result({ ...member, kpj: '19001234512', name: 'Sari Rahmawati' }, { revealed: true, canChooseAnother: true }),
  ],
  ['result-longest', result(longest, { revealed: true, canChooseAnother: true })],
  [
    'result-inactive',
    result({ ...member, status: 'inactive', lastContribution: '201907' }, { canChooseAnother: true }),
  ],
  ['result-claimed', result({ ...member, status: 'claimed', jht: { balance: 0 }, programs: ['JHT'] })],
  [
    'result-bare',
    (() => {
      const { lastContribution: _c, lastPayment: _p, ...bare } = member;
      const { asOf: _a, ...screen } = result({ ...bare, jht: { balance: 1_250_075 } }) as Extract<
        Screen,
        { kind: 'result' }
      >;
      return screen;
    })(),
  ],
  ['no-jht', result(withoutJht({ ...member, programs: ['JKK', 'JKM'] }))],
  [
    'no-jht-longest',
    result(withoutJht({ ...longest, programs: ['JKK', 'JKM', 'JP', 'JKP'], status: 'inactive' }), {
      revealed: true,
      canChooseAnother: true,
    }),
  ],
  ['no-jht-none', result(withoutJht({ ...member, segment: 'BPU', programs: [], status: 'claimed' }))],
  ['not-linked', { kind: 'not-linked', ticket: true }],
  ['not-linked-no-paper', { kind: 'not-linked', ticket: false }],
  ['receipt-choice', { kind: 'receipt-choice', receipt: 'ready' }],
  ['receipt-choice-no-paper', { kind: 'receipt-choice', receipt: 'unavailable' }],
  ['receipt-qr', { kind: 'receipt-qr', text: receiptText }],
  ['receipt-qr-too-long', { kind: 'receipt-qr', text: 'x'.repeat(4000) }],
  ['something-else', { kind: 'something-else' }],
  ...endings.map((why, at) => [`take-card-${why}`, takeCard(why, (at % 4) as Urgency, at === 0)] as const),
  ['take-card-late', takeCard('finished', 3, true)],
  ...keeps.map(
    (why, at) =>
      [
        `retained-${why}`,
        { kind: 'card-retained', why, reference: '632509000123', slip: slips[at] ?? 'printed' },
      ] as const,
  ),
  ['printing-receipt', { kind: 'printing', what: 'receipt' }],
  ['printing-ticket', { kind: 'printing', what: 'ticket' }],
  ['take-receipt', { kind: 'take-receipt', what: 'receipt' }],
  ['take-ticket', { kind: 'take-receipt', what: 'ticket' }],
  ...faults.map(
    (fault, at) =>
      [
        `receipt-failed-${fault}`,
        {
          kind: 'receipt-failed',
          what: at === 5 ? 'ticket' : 'receipt',
          fault,
          printed: at % 2 === 0 ? 'nothing' : 'part',
          qr: at < 3,
        },
      ] as const,
  ),
  ['goodbye', { kind: 'goodbye' }],
  ...causes.map(
    (cause, at) =>
      [`sorry-${cause}`, { kind: 'sorry', cause, reference: '632509000123', ticket: at % 2 === 0 }] as const,
  ),
  ...reasons.map(
    (reason) => [`out-${reason}`, { kind: 'out-of-service', reason, cardInside: reason === 'card-stuck' }] as const,
  ),
];

function viewOf(language: Language, step: number, screen: Screen): View {
  return { step, language, terminal, screen };
}

const base: readonly Sample[] = screens.map(([name, screen], step) => ({ name, view: viewOf('id', step, screen) }));

const special: readonly Sample[] = [
  {
    name: 'warning-result',
    view: { ...viewOf('id', 900, result(member)), warning: { secondsLeft: 17, ofSeconds: 20 } },
  },
  {
    name: 'warning-pin',
    view: {
      ...viewOf('id', 901, { kind: 'pin', digits: 2, minDigits: 6, maxDigits: 6 }),
      warning: { secondsLeft: 4, ofSeconds: 20 },
    },
  },
  {
    name: 'idle-real-far-east',
    view: {
      ...viewOf('id', 902, { kind: 'idle', receipt: 'ready' }),
      terminal: {
        ...terminal,
        simulated: false,
        bank: 'Bank Pembangunan Daerah Papua Barat Daya',
        place: 'Mobil Layanan BPJS Ketenagakerjaan Kabupaten Kepulauan Raja Ampat',
        id: 'ANJ0000000000016',
        zone: 'WIT',
        timeZone: 'Asia/Jayapura',
      },
    },
  },
];

export const samples: readonly Sample[] = [...base, ...special];
