/**
 * A second illustrative profile: a regional bank's habits. Four ASCII digits of length, terminal names of 16, no MAC, and
 * response codes that mean other things than elsewhere. docs/host-profile.md.
 */
import { jht } from './jht.ts';

export const jhtAscii4 = {
  ...jht,
  title: 'JHT inquiry, ASCII, hex bitmap, length in 4 digits, no MAC',
  framing: { length: 'ascii', bytes: 4, min: 20, max: 4096 },
  elements: { ...jht.elements, 41: { name: 'Terminal', format: 'ans 16', show: 'whole' } },
  mac: { kind: 'none' },
  inquiry: { ...jht.inquiry, processingCode: '301000', merchantType: '6011' },
  /** DE39. 88 and not 25 says that no membership is linked; 76 and 78 are about accounts; 13 to 17 are the switch's. */
  responses: {
    '00': 'approved',
    '55': 'pin-wrong',
    '75': 'pin-tries',
    '38': 'pin-tries-retain',
    '33': 'card-expired',
    '54': 'card-expired',
    '36': 'retain',
    '41': 'retain',
    '43': 'retain',
    '05': 'card-refused',
    '14': 'card-refused',
    '57': 'card-refused',
    '62': 'card-refused',
    '76': 'card-refused',
    '78': 'card-refused',
    '88': 'not-linked',
    '06': 'host-unavailable',
    '68': 'host-unavailable',
    '89': 'host-unavailable',
    '90': 'host-unavailable',
    '91': 'host-unavailable',
    '92': 'host-unavailable',
    '12': 'system-error',
    '30': 'system-error',
    '58': 'system-error',
    '63': 'system-error',
    '94': 'system-error',
    '96': 'system-error',
  },
};
