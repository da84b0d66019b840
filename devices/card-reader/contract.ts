/**
 * A motorised card reader, in the words of CEN XFS4IoT (ReadRawData, Move, Retain, Reset).
 * State comes from the device, never from memory.
 */
import type { Result } from '../result.ts';

/** Where the card is, as the reader's own sensors say. */
export type Media = 'none' | 'inside' | 'takeout' | 'unknown';

export type CardReaderFault = 'jam' | 'shutter' | 'sensor' | 'motor' | 'hardware';

export type CardReaderStatus =
  | { readonly state: 'unknown' }
  /** No line to the device; `why` is for the technician. */
  | { readonly state: 'absent'; readonly why: string }
  | { readonly state: 'ready'; readonly media: Media }
  | { readonly state: 'fault'; readonly fault: CardReaderFault; readonly media: Media; readonly deviceCode: string };

export interface CardReaderError {
  readonly code:
    /** The line went, or the device no longer answers. */
    | 'absent'
    /** It answered nothing usable within the deadline. */
    | 'no-answer'
    | 'cancelled'
    | 'jam'
    | 'shutter'
    | 'hardware'
    | 'no-card'
    /** The customer pulled the card out during the operation. */
    | 'pulled-out'
    | 'card-too-long'
    | 'card-too-short'
    /** Refused in this state; a defect of ours, or a device not as described. */
    | 'refused';
  /** The device's own code, e.g. `10`; for the journal and the technician. */
  readonly deviceCode?: string;
}

/** Why one track could not be read. `blank`: nothing is encoded there. */
export type TrackProblem = 'blank' | 'start-sentinel' | 'end-sentinel' | 'parity' | 'lrc' | 'jitter' | 'unreadable';

/** Content between the sentinels, without LRC. Sensitive: it lives in memory for the session only. */
export type Track =
  | { readonly ok: true; readonly data: string }
  | { readonly ok: false; readonly problem: TrackProblem };

export interface CardReader {
  status(): CardReaderStatus;
  /** Called after every change of status: plugged, lost, a card moved by hand, a fault. */
  onStatus(listener: (status: CardReaderStatus) => void): () => void;
  /** Called when something at the mouth was not let in: wrong way round or no stripe. */
  onRefusedAtMouth(listener: () => void): () => void;
  /** Initialises; what happens to a card found inside is the caller's word. Answers where the card is after it. */
  reset(card: 'hold' | 'eject' | 'retain'): Promise<Result<Media, CardReaderError>>;
  /** Opens the entry and waits until a card is inside. Aborting denies entry again and answers `cancelled`. */
  acceptCard(signal: AbortSignal): Promise<Result<undefined, CardReaderError>>;
  readTrack2(): Promise<Result<Track, CardReaderError>>;
  /** Moves the card to the takeout position. */
  eject(): Promise<Result<undefined, CardReaderError>>;
  /** Waits until the card at the takeout position is gone. */
  waitForRemoval(signal: AbortSignal): Promise<Result<undefined, CardReaderError>>;
  /** Takes the card in (also from the takeout position) and drops it into the bin. */
  retain(): Promise<Result<undefined, CardReaderError>>;
  /** Asks the device now where the card is. */
  findMedia(): Promise<Result<Media, CardReaderError>>;
  close(): Promise<void>;
}
