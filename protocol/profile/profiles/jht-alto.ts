/**
 * An illustrative profile in the manner of a biller switch: terminal names of 16, short tags of two digits of length in DE48
 * (`PI06...`, `CN11...`), the receiver in DE100 and the biller in DE127, memberships in DE120, and in DE57 the lines that the
 * switch wants on screen and receipt. Built from conventions that are public, not from any switch's specification.
 */
import { jht } from './jht.ts';

const { MB, MO, AS, PG, PI, LG, KP, TP, TV, TA, AV } = jht.additional.tags;

export const jhtAlto = {
  ...jht,
  title: 'JHT inquiry over a biller switch: DE57 lines, DE100 receiver, DE127 biller',
  framing: {
    length: 'ascii',
    bytes: 4,
    inclusive: true,
    header: { kind: 'iso', value: 'ISO005000050' },
    min: 20,
    max: 4096,
  },
  elements: { ...jht.elements, 41: { name: 'Terminal', format: 'ans 16', show: 'whole' } },
  /** Elements above 64 are in every inquiry, so its MAC is DE128. */
  mac: { kind: 'x9.19', messages: ['0200', '0201', '0210'] },
  inquiry: {
    ...jht.inquiry,
    processingCode: '380000',
    merchantType: '6011',
    constants: { '100': '360004', '127': 'BPJSTKJHT' },
  },
  /** The customer's number is CN here. */
  names: { KP: 'CN' },
  additional: { tag: 2, length: 2, tags: { PI, LG, CN: KP, PG, TP, TV, TA, AV } },
  answer: { element: 120, tag: 2, length: 3, tags: { PI, AS, CN: KP, MB, MO, PG } },
  /** S00 to S09 for the screen, R00 to R18 for the receipt. */
  lines: {
    element: 57,
    tag: 3,
    length: 2,
    screen: { letter: 'S', count: 10 },
    receipt: { letter: 'R', count: 19 },
    width: 40,
  },
  responses: { ...jht.responses, '81': 'system-error', '88': 'not-linked' },
};
