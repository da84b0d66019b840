/**
 * The default host profile. Illustrative: no bank publishes its own. It follows ISO 8583:1987 and habits seen in
 * Indonesian switch interfaces; everything that another bank would do differently is a line here. docs/host-profile.md.
 */
export const jht = {
  title: 'JHT inquiry, ASCII, hex bitmap, X9.19',
  /** Length in front of each message: 2 bytes, high byte first, not counting itself. */
  framing: { length: 'be', bytes: 2, min: 20, max: 4096 },
  secondaryBitmap: 'as-needed',
  /** Rows that differ from ISO 8583:1987; `null` takes an element away. */
  elements: {
    41: { name: 'Terminal', format: 'ans 8', show: 'whole' },
    42: { name: 'Acceptor', format: 'ans 15', show: 'whole' },
    43: { name: 'Acceptor name and place', format: 'ans 40', show: 'whole' },
    49: { name: 'Currency code, transaction', format: 'n 3', show: 'whole' },
  },
  /** MAC in DE64 (DE128 in a message that has elements above 64) of these message types, its bit on in the MACed bitmap. */
  mac: { kind: 'x9.19', messages: ['0200', '0201', '0210'] },
  pin: { min: 6, max: 6, format: 'iso-0' },
  /** DE70. */
  network: { signOn: '001', signOff: '002', keyExchange: '161', cutOver: '201', echo: '301' },
  inquiry: {
    mti: '0200',
    processingCode: '310000',
    /** Kiosk; 6011 where the owner registers the terminal as an ATM. */
    merchantType: '6015',
    conditionCode: '00',
    /** DE22: how the card was read, with a PIN. */
    entryModes: { stripe: '021', chip: '051' },
    /** Memberships in one reply at most; what DE48 has no room for goes to the next page. */
    pageSize: 9,
  },
  /** ISO 4217 numeric: rupiah. Amounts are in sen. */
  currency: '360',
  /** DE54: account type, and the amount type that repeats the balance (01 ledger). */
  balance: { accountType: '00', amountType: '01' },
  /** DE48: tags of 2 characters, lengths of 3 digits. */
  additional: {
    tag: 2,
    length: 3,
    tags: {
      PI: { name: 'Product', class: 'an', min: 6, max: 6, show: 'whole' },
      LG: { name: 'Language', class: 'a', min: 2, max: 2, show: 'whole' },
      KP: { name: 'KPJ chosen', class: 'n', min: 11, max: 11 },
      PG: { name: 'Page', class: 'an', min: 1, max: 10, show: 'whole' },
      MO: { name: 'More memberships', class: 'n', min: 1, max: 1, show: 'whole' },
      AS: { name: 'Figures as of', class: 'n', min: 8, max: 8, show: 'whole' },
      MB: {
        name: 'Membership',
        class: 'ans',
        times: 9,
        inside: {
          tag: 2,
          length: 3,
          tags: {
            KP: { name: 'KPJ', class: 'n', min: 11, max: 11 },
            NM: { name: 'Name', class: 'ans', max: 100 },
            CO: { name: 'Employer', class: 'ans', max: 100 },
            SG: { name: 'Segment', class: 'a', min: 2, max: 3, show: 'whole' },
            ST: { name: 'Status', class: 'a', min: 1, max: 1, show: 'whole' },
            PR: { name: 'Programs', class: 'ans', max: 20 },
            BL: { name: 'JHT balance', class: 'ns', max: 16 },
            CT: { name: 'Contributions', class: 'ns', max: 16 },
            DV: { name: 'Development', class: 'ns', max: 16 },
            LC: { name: 'Last contribution month', class: 'n', min: 6, max: 6 },
            LP: { name: 'Last payment date', class: 'n', min: 8, max: 8 },
          },
        },
      },
      TP: { name: 'PIN key under the master key', class: 'b', min: 32, max: 32 },
      TV: { name: 'PIN key check value', class: 'b', min: 6, max: 6, show: 'whole' },
      TA: { name: 'MAC key under the master key', class: 'b', min: 32, max: 32 },
      AV: { name: 'MAC key check value', class: 'b', min: 6, max: 6, show: 'whole' },
    },
  },
  /** DE39. A code that is not here means host-unavailable. */
  responses: {
    '00': 'approved',
    '55': 'pin-wrong',
    '75': 'pin-tries',
    '38': 'pin-tries-retain',
    '54': 'card-expired',
    '41': 'retain',
    '43': 'retain',
    '05': 'card-refused',
    '14': 'card-refused',
    '57': 'card-refused',
    '62': 'card-refused',
    '25': 'not-linked',
    '76': 'not-linked',
    '78': 'not-linked',
    '68': 'host-unavailable',
    '91': 'host-unavailable',
    '92': 'host-unavailable',
    '12': 'system-error',
    '30': 'system-error',
    '63': 'system-error',
    '96': 'system-error',
  },
};
