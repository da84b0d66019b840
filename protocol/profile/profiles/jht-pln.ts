/**
 * An illustrative profile in the manner of a utility's switch: message type 0100, a STAN of 12 digits, response codes of 4,
 * no length in front but a byte 03 behind each message, no MAC. Built from conventions that are public, not from any
 * utility's specification.
 */
import { jht } from './jht.ts';

export const jhtPln = {
  ...jht,
  title: 'JHT inquiry, message type 0100, STAN of 12, response codes of 4, terminator 03',
  framing: { length: 'none', terminator: 0x03, min: 20, max: 4096 },
  elements: {
    ...jht.elements,
    /** The terminal counts six; zeros stand in front of them. */
    11: { name: 'System trace audit number', format: 'n 12', show: 'whole' },
    39: { name: 'Response code', format: 'n 4', show: 'whole' },
    41: { name: 'Terminal', format: 'ans 16', show: 'whole' },
  },
  mac: { kind: 'none' },
  inquiry: { ...jht.inquiry, mti: '0100', processingCode: '380000', merchantType: '6011' },
  responses: {
    '0000': 'approved',
    '0055': 'pin-wrong',
    '0075': 'pin-tries',
    '0038': 'pin-tries-retain',
    '0054': 'card-expired',
    '0041': 'retain',
    '0043': 'retain',
    '0005': 'card-refused',
    '0014': 'card-refused',
    '0057': 'card-refused',
    '0062': 'card-refused',
    '0025': 'not-linked',
    '0068': 'host-unavailable',
    '0091': 'host-unavailable',
    '0092': 'host-unavailable',
    '0012': 'system-error',
    '0030': 'system-error',
    '0058': 'system-error',
    '0063': 'system-error',
    '0094': 'system-error',
    '0096': 'system-error',
  },
};
