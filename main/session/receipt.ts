/** What goes on paper: the balance receipt, the slip of a retained card, the queue ticket. Masked; pure composition. */
import type { Receipt, ReceiptLine } from '../../devices/receipt-printer/contract.ts';
import type { Membership } from '../../protocol/profile/contract.ts';
import type { Language, RetainWhy, Zone } from '../contract.ts';
import { formatDate, formatMonth, formatRupiah, localTime } from '../format.ts';
import type { Answer } from './context.ts';
import { maskCard, maskKpj, maskName } from './mask.ts';

export interface ReceiptTerminal {
  readonly id: string;
  readonly bank: string;
  readonly place: string;
  readonly zone: Zone;
  readonly timeZone: string;
  readonly simulated: boolean;
  readonly callCentre: string;
}

/** Every word on paper, by language. */
const WORDS = {
  id: {
    title: 'CEK SALDO JHT',
    date: 'Tanggal',
    time: 'Jam',
    terminal: 'Terminal',
    sequence: 'No. urut',
    reference: 'No. referensi',
    card: 'Kartu',
    kpj: 'No. KPJ',
    name: 'Nama',
    employer: 'Perusahaan',
    balance: 'SALDO JHT',
    notInJht: 'TIDAK MENGIKUTI PROGRAM JHT',
    programs: 'Program',
    asOf: 'Per tanggal',
    status: 'Kepesertaan',
    active: 'Aktif',
    inactive: 'Nonaktif',
    claimed: 'Sudah diklaim',
    lastContribution: 'Iuran terakhir',
    keep: 'Simpan struk ini.',
    information: 'Informasi:',
    secret: 'Jangan berikan PIN atau OTP kepada siapa pun.',
    sample: '*** CONTOH - BUKAN DATA SEBENARNYA ***',
    retainedTitle: 'KARTU ANDA DITAHAN',
    retained: {
      host: 'Kartu ditahan atas permintaan bank penerbit.',
      'pin-tries': 'Kartu ditahan karena PIN salah terlalu banyak.',
      'not-taken': 'Kartu ditahan karena tidak diambil pada waktunya.',
    } satisfies Record<RetainWhy, string>,
    retainedNext: 'Hubungi bank penerbit kartu Anda dan sebutkan nomor referensi ini.',
    ticketTitle: 'NOMOR ANTREAN',
    ticketService: 'Layanan: informasi saldo JHT',
    ticketNext: 'Tunjukkan kepada petugas. Siapkan KTP dan kartu peserta.',
  },
  en: {
    title: 'JHT BALANCE INQUIRY',
    date: 'Date',
    time: 'Time',
    terminal: 'Terminal',
    sequence: 'Sequence',
    reference: 'Reference',
    card: 'Card',
    kpj: 'KPJ number',
    name: 'Name',
    employer: 'Employer',
    balance: 'JHT BALANCE',
    notInJht: 'NOT IN THE JHT PROGRAM',
    programs: 'Programs',
    asOf: 'As of',
    status: 'Membership',
    active: 'Active',
    inactive: 'Inactive',
    claimed: 'Claimed',
    lastContribution: 'Last contribution',
    keep: 'Please keep this receipt.',
    information: 'Information:',
    secret: 'Never give your PIN or OTP to anyone.',
    sample: '*** SAMPLE - NOT REAL DATA ***',
    retainedTitle: 'YOUR CARD WAS KEPT',
    retained: {
      host: 'The card was kept at the request of its bank.',
      'pin-tries': 'The card was kept after too many wrong PINs.',
      'not-taken': 'The card was kept because it was not taken in time.',
    } satisfies Record<RetainWhy, string>,
    retainedNext: "Please contact your card's bank and quote this reference.",
    ticketTitle: 'QUEUE NUMBER',
    ticketService: 'Service: JHT balance information',
    ticketNext: 'Show it to the officer. Have your KTP and membership card ready.',
  },
} as const satisfies Record<Language, unknown>;

const line = (text: string, style: Partial<Extract<ReceiptLine, { kind: 'text' }>> = {}): ReceiptLine => ({
  kind: 'text',
  text,
  ...style,
});
const pair = (label: string, value: string): ReceiptLine => ({ kind: 'pair', label, value });
const RULE: ReceiptLine = { kind: 'rule' };
const SPACE: ReceiptLine = { kind: 'space' };

function header(terminal: ReceiptTerminal, title: string): ReceiptLine[] {
  return [
    line(terminal.bank, { align: 'center', bold: true }),
    line(terminal.place, { align: 'center' }),
    RULE,
    line(title, { align: 'center', bold: true }),
    SPACE,
  ];
}

function when(terminal: ReceiptTerminal, language: Language, at: number): ReceiptLine[] {
  const local = localTime(at, terminal.timeZone, terminal.zone);
  const w = WORDS[language];
  return [pair(w.date, formatDate(local.date, language)), pair(w.time, local.time), pair(w.terminal, terminal.id)];
}

function footer(terminal: ReceiptTerminal, language: Language): ReceiptLine[] {
  const w = WORDS[language];
  return [
    RULE,
    line(w.keep, { align: 'center' }),
    line(`${w.information} ${terminal.callCentre}`, { align: 'center' }),
    line(w.secret, { align: 'center' }),
    ...(terminal.simulated ? [line(w.sample, { align: 'center', bold: true })] : []),
  ];
}

function money(membership: Membership, answer: Answer, language: Language): ReceiptLine[] {
  const w = WORDS[language];
  const body: ReceiptLine[] =
    membership.balance === undefined
      ? [line(w.notInJht, { align: 'center', bold: true })]
      : [
          line(w.balance, { align: 'center' }),
          line(formatRupiah(membership.balance), { align: 'center', bold: true, large: true }),
        ];
  if (answer.asOf !== undefined) body.push(line(`${w.asOf} ${formatDate(answer.asOf, language)}`, { align: 'center' }));
  return body;
}

/** The balance of one membership, for the customer to keep: card, KPJ and name masked. */
export function balanceReceipt(
  terminal: ReceiptTerminal,
  language: Language,
  pan: string,
  membership: Membership,
  answer: Answer,
): Receipt {
  const w = WORDS[language];
  return {
    lines: [
      ...header(terminal, w.title),
      ...when(terminal, language, answer.at),
      pair(w.sequence, answer.stan),
      pair(w.reference, answer.rrn),
      pair(w.card, maskCard(pan)),
      RULE,
      pair(w.kpj, maskKpj(membership.kpj)),
      pair(w.name, maskName(membership.name)),
      pair(w.employer, membership.employer),
      pair(w.status, w[membership.status]),
      pair(w.programs, membership.programs.join(' ')),
      ...(membership.lastContribution === undefined
        ? []
        : [pair(w.lastContribution, formatMonth(membership.lastContribution, language))]),
      SPACE,
      ...money(membership, answer, language),
      ...footer(terminal, language),
    ],
  };
}

/** What a customer gets instead of the card. */
export function retainedSlip(
  terminal: ReceiptTerminal,
  language: Language,
  why: RetainWhy,
  reference: string,
  at: number,
): Receipt {
  const w = WORDS[language];
  return {
    lines: [
      ...header(terminal, w.retainedTitle),
      ...when(terminal, language, at),
      pair(w.reference, reference),
      SPACE,
      line(w.retained[why]),
      line(w.retainedNext),
      ...footer(terminal, language),
    ],
  };
}

/** A number to wait with for an officer. */
export function queueTicket(terminal: ReceiptTerminal, language: Language, number: string, at: number): Receipt {
  const w = WORDS[language];
  return {
    lines: [
      ...header(terminal, w.ticketTitle),
      line(number, { align: 'center', bold: true, large: true }),
      SPACE,
      line(w.ticketService, { align: 'center' }),
      line(w.ticketNext, { align: 'center' }),
      SPACE,
      ...when(terminal, language, at),
      ...footer(terminal, language),
    ],
  };
}
