/**
 * Error codes of the OMRON 3S4YR (Data Transmission Specifications, error codes): what each means in our words, and what the
 * specification asks for. Codes marked (?) could not be checked against a second source.
 */
import type { CardReaderError, CardReaderFault, TrackProblem } from './contract.ts';

export interface OmronRemedy {
  readonly code: CardReaderError['code'];
  /** Set when the reader is out of order until a reset succeeds. */
  readonly fault?: CardReaderFault;
  /** reset: initialise before anything else; return: give the card back; go on: the next command may follow. */
  readonly remedy: 'reset' | 'return' | 'go on';
  readonly text: string;
}

const go = (text: string): OmronRemedy => ({ code: 'refused', remedy: 'go on', text });
const jam = (text: string): OmronRemedy => ({ code: 'jam', fault: 'jam', remedy: 'reset', text });
const broken = (fault: CardReaderFault, text: string): OmronRemedy => ({
  code: fault === 'shutter' ? 'shutter' : 'hardware',
  fault,
  remedy: 'reset',
  text,
});
const read = (text: string): OmronRemedy => ({ code: 'refused', remedy: 'go on', text });
const noCard = (text: string): OmronRemedy => ({ code: 'no-card', remedy: 'go on', text });
const chip = (text: string): OmronRemedy => ({ code: 'refused', remedy: 'return', text });

export const omronErrors: Readonly<Record<string, OmronRemedy>> = {
  '00': go('unknown command'),
  '01': go('unknown parameter'),
  '02': go('not possible in this state'),
  '03': go('wrong command data'),
  '10': jam('card jam'),
  '11': broken('shutter', 'shutter does not move'),
  '12': broken('sensor', 'sensor'),
  '13': broken('motor', 'motor'),
  '14': { code: 'pulled-out', remedy: 'go on', text: 'card drawn out by hand' },
  '15': jam('jam while taking in again'),
  '16': jam('jam at the rear'),
  '18': { code: 'refused', remedy: 'reset', text: 'not initialised' },
  '19': { code: 'refused', remedy: 'reset', text: 'needs a reset' },
  '20': { code: 'card-too-long', remedy: 'return', text: 'card too long' },
  '21': { code: 'card-too-short', remedy: 'return', text: 'card too short' },
  '40': read('no start sentinel'),
  '41': read('no end sentinel'),
  '42': read('parity (VRC)'),
  '43': read('LRC'),
  '44': read('nothing encoded'),
  '45': read('no data between the sentinels'),
  '46': read('jitter'),
  '60': noCard('card not taken in again'), // (?)
  '61': noCard('no card inserted in time'), // (?)
  '62': noCard('no card inserted'), // (?)
  '63': { code: 'refused', remedy: 'go on', text: 'card not taken out in time' }, // (?)
  '64': { code: 'refused', remedy: 'go on', text: 'card still at the takeout position' }, // (?)
  '80': chip('chip: contacts'),
  '81': chip('chip: no answer to reset'), // (?)
  '82': chip('chip: protocol not supported'), // (?)
  '83': chip('chip: no answer'), // (?)
  '84': chip('chip: transmission'), // (?)
  '85': chip('chip: not active'), // (?)
  '86': chip('chip: power'), // (?)
  '87': chip('chip: parameters'), // (?)
  '88': chip('chip: other'), // (?)
};

/** A code that the table lacks is a defect of the device: initialise. */
export function omronRemedy(deviceCode: string): OmronRemedy {
  return (
    omronErrors[deviceCode] ?? { code: 'hardware', fault: 'hardware', remedy: 'reset', text: 'undocumented error' }
  );
}

/** Why a track could not be read; undefined for errors that are not about the stripe. */
export const omronTrackProblems: Readonly<Record<string, TrackProblem>> = {
  '40': 'start-sentinel',
  '41': 'end-sentinel',
  '42': 'parity',
  '43': 'lrc',
  '44': 'blank',
  '45': 'blank',
  '46': 'jitter',
};
