import { describe, expect, it } from 'vitest';
import type { Receipt } from '../../devices/receipt-printer/contract.ts';
import { receiptText } from '../../devices/receipt-printer/layout.ts';
import { personas } from '../../protocol/host/personas.ts';
import { answerFor, personaOf, terminal } from './fixtures.ts';
import { balanceReceipt, queueTicket, retainedSlip } from './receipt.ts';

const LANGUAGES = ['id', 'en'] as const;
const COLUMNS = [32, 42, 48] as const;
const WHY = ['host', 'pin-tries', 'not-taken'] as const;
const AT = Date.UTC(2026, 10, 20, 2, 5);

function receiptOf(id: Parameters<typeof personaOf>[0], language: 'id' | 'en' = 'id'): Receipt {
  const answer = answerFor(id);
  const [membership] = answer.memberships;
  if (membership === undefined) throw new Error(`${id} has no membership`);
  return balanceReceipt(terminal, language, personaOf(id).pan, membership, answer);
}

/** As it stands on paper, without the spaces at the ends of lines. */
const linesOf = (receipt: Receipt, columns: number): string[] => receiptText(receipt, columns).split('\n');

describe('the balance receipt', () => {
  it('on 42 columns, in Indonesian', () => {
    expect(`\n${receiptText(receiptOf('normal'), 42)}\n`).toMatchInlineSnapshot(`
      "
                     Bank Contoh
         Mal Pelayanan Publik Contoh, Jakarta
      ------------------------------------------
                    CEK SALDO JHT

      Tanggal                   20 November 2026
      Jam                              09.05 WIB
      Terminal                          ANJ00001
      No. urut                            000123
      No. referensi                 632402000123
      Kartu                           ******0010
      ------------------------------------------
      No. KPJ                        1903*****17
      Nama                 S*** R******** C*****
      Perusahaan     PT Contoh Sejahtera Bersama
      Kepesertaan                          Aktif
      Program                 JHT JKK JKM JP JKP
      Iuran terakhir                Oktober 2026

                      SALDO JHT
                     Rp45.678.900
             Per tanggal 19 November 2026
      ------------------------------------------
                  Simpan struk ini.
                    Informasi: 175
       Jangan berikan PIN atau OTP kepada siapa
                         pun.
        *** CONTOH - BUKAN DATA SEBENARNYA ***
      "
    `);
  });

  it('on 32 columns, in English, of a member with a long name', () => {
    expect(`\n${receiptText(receiptOf('long-name', 'en'), 32)}\n`).toMatchInlineSnapshot(`
      "
                Bank Contoh
        Mal Pelayanan Publik Contoh,
                  Jakarta
      --------------------------------
            JHT BALANCE INQUIRY

      Date            20 November 2026
      Time                   09.05 WIB
      Terminal                ANJ00001
      Sequence                  000123
      Reference           632402000123
      Card                  ******0077
      --------------------------------
      KPJ number           1603*****76
      Name
            R**** A**** K*************
       P********* H********* W********
                    C***** P**********
      Employer
         PT Contoh Manufaktur Komponen
               Elektronik dan Otomotif
           Nusantara Sejahtera Bersama
                        (Cabang Timur)
      Membership                Active
      Programs             JHT JKK JKM
      Last contribution September 2026

                JHT BALANCE
                Rp10.153.045
           As of 19 November 2026
      --------------------------------
         Please keep this receipt.
              Information: 175
       Never give your PIN or OTP to
                  anyone.
       *** SAMPLE - NOT REAL DATA ***
      "
    `);
  });

  const linked = personas.filter((persona) => persona.memberships.length > 0).map(({ id }) => id);
  const cases = linked.flatMap((id) =>
    LANGUAGES.flatMap((language) => COLUMNS.map((columns) => ({ id, language, columns }))),
  );

  it.each(cases)(
    'of $id fits $columns columns in $language, and tells no number longer than its masked form',
    ({ id, language, columns }) => {
      const persona = personaOf(id);
      const lines = linesOf(receiptOf(id, language), columns);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
      // A thermal printer reads ASCII only.
      expect(lines.join('')).toMatch(/^[\x20-\x7e]*$/);

      const text = lines.join('\n');
      expect(text).toContain(`******${persona.pan.slice(-4)}`);
      for (const { kpj, name, employer } of persona.memberships.slice(0, 1)) {
        expect(text).toContain(`${kpj.slice(0, 4)}*****${kpj.slice(-2)}`);
        expect(text.replaceAll(/\s+/g, ' ')).not.toContain(name);
        for (const word of name.split(' ').filter((part) => part !== 'Contoh' && part.length > 2))
          expect(text).not.toContain(word);
        expect(text.replaceAll(/\s+/g, '')).toContain(employer.replaceAll(/\s+/g, ''));
      }
      // Line ends fall where they will: no run of digits may come together over one, either.
      const numbers = text.replaceAll(/\s/g, ' ').match(/\d{5,}/g) ?? [];
      expect(
        numbers.filter((number) => !['000123', '632402000123'].includes(number) && number !== terminal.id.slice(3)),
      ).toEqual([]);
      const joined = text.replaceAll(/\s/g, '');
      expect(joined).not.toContain(persona.pan.slice(0, 12));
      for (const { kpj } of persona.memberships) expect(joined).not.toContain(kpj);
    },
  );

  it('tells a balance of zero, and says so in words when there is none', () => {
    const answer = answerFor('multi');
    const claimed = answer.memberships[2];
    if (claimed === undefined) throw new Error('multi has three');
    expect(receiptText(balanceReceipt(terminal, 'id', personaOf('multi').pan, claimed, answer), 42)).toContain('Rp0');
    const none = receiptText(receiptOf('no-jht'), 42);
    expect(none).toContain('TIDAK MENGIKUTI PROGRAM JHT');
    expect(none).not.toContain('Rp');
  });

  it('leaves out what the host did not say', () => {
    const answer = answerFor('normal');
    const [membership] = answer.memberships;
    if (membership === undefined) throw new Error('normal has one');
    const { lastContribution: _, ...less } = membership;
    const { asOf: __, ...undated } = answer;
    const text = receiptText(balanceReceipt(terminal, 'id', personaOf('normal').pan, less, undated), 42);
    expect(text).not.toContain('Iuran terakhir');
    expect(text).not.toContain('Per tanggal');
  });

  it('is a sample in simulation only', () => {
    const answer = answerFor('normal');
    const [membership] = answer.memberships;
    if (membership === undefined) throw new Error('normal has one');
    const real = balanceReceipt({ ...terminal, simulated: false }, 'id', personaOf('normal').pan, membership, answer);
    expect(receiptText(receiptOf('normal'), 42)).toContain('CONTOH - BUKAN DATA SEBENARNYA');
    expect(receiptText(real, 42)).not.toContain('BUKAN DATA');
  });

  it('has the time of the terminal', () => {
    const answer = { ...answerFor('normal'), at: Date.UTC(2026, 11, 31, 15, 30) };
    const [membership] = answer.memberships;
    if (membership === undefined) throw new Error('normal has one');
    const east = { ...terminal, zone: 'WIT', timeZone: 'Asia/Jayapura' } as const;
    const text = receiptText(balanceReceipt(east, 'en', personaOf('normal').pan, membership, answer), 42);
    expect(text).toContain('1 January 2027');
    expect(text).toContain('00.30 WIT');
  });
});

describe('the slip of a retained card', () => {
  it.each(
    LANGUAGES.flatMap((language) => WHY.flatMap((why) => COLUMNS.map((columns) => ({ language, why, columns })))),
  )('fits, says why and whom to call: $why, $language, $columns', ({ language, why, columns }) => {
    const lines = linesOf(retainedSlip(terminal, language, why, 'J0000007', AT), columns);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(lines.join(' ')).toContain('J0000007');
    expect(lines.join(' ')).toContain('175');
  });
  it('has different words for each reason', () => {
    for (const language of LANGUAGES) {
      expect(
        new Set(WHY.map((why) => receiptText(retainedSlip(terminal, language, why, 'J0000007', AT), 42))).size,
      ).toBe(WHY.length);
    }
  });
});

describe('the queue ticket', () => {
  it.each(LANGUAGES.flatMap((language) => COLUMNS.map((columns) => ({ language, columns }))))(
    '$language, $columns columns',
    ({ language, columns }) => {
      const lines = linesOf(queueTicket(terminal, language, 'K014', AT), columns);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
      expect(lines.some((line) => line.trim() === 'K014')).toBe(true);
    },
  );
});
