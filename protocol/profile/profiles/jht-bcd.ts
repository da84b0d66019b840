/**
 * A third illustrative profile: a terminal network's habits. Binary bitmap, packed digits, raw PIN block and MAC, AES-CMAC,
 * and a TPDU in front of every message. docs/host-profile.md.
 */
import { jht } from './jht.ts';

export const jhtBcd = {
  ...jht,
  title: 'JHT inquiry, packed BCD, binary bitmap, TPDU, AES-CMAC',
  /** The TPDU: identifier 60, destination 0005, source 8001; a reply has the addresses exchanged. */
  framing: { length: 'be', bytes: 2, header: { kind: 'tpdu', value: '6000058001' }, min: 10, max: 2048 },
  /** Odd numbers of digits have a zero in front, but the track an F behind. */
  wire: { mti: 'bcd', bitmap: 'binary', digits: 'bcd', binary: 'binary', prefix: 'bcd' },
  elements: {
    ...jht.elements,
    35: { name: 'Track 2 data', format: 'z ..37', pad: 'right-f' },
  },
  /** Of AES-CMAC the first eight bytes. The simulated pad cannot compute it. */
  mac: { kind: 'aes-cmac', messages: ['0200', '0201', '0210'] },
  responses: { ...jht.responses, '36': 'retain', '51': 'not-linked', '81': 'system-error', '88': 'system-error' },
};
