/**
 * An encrypting PIN pad, in the words of CEN XFS4IoT (PinEntry, GetPinBlock, GenerateMAC, ImportKey).
 * It owns the keys: a PIN digit or a working key in the clear never leaves it.
 */
import type { Result } from '../result.ts';

export type PinPadStatus =
  | { readonly state: 'unknown' }
  | { readonly state: 'absent'; readonly why: string }
  | { readonly state: 'ready' }
  /** tampered, removed: its keys are gone, only a service visit helps. */
  | {
      readonly state: 'fault';
      readonly fault: 'tampered' | 'removed' | 'battery' | 'locked' | 'no-master-key' | 'hardware';
      readonly deviceCode: string;
    };

export interface PinPadError {
  readonly code:
    | 'absent'
    | 'no-answer'
    | 'cancelled'
    | 'no-key'
    | 'no-master-key'
    | 'key-parity'
    /** The loaded key's check value is not the host's: the key is not used. */
    | 'check-value'
    | 'tampered'
    | 'removed'
    | 'battery'
    | 'locked'
    /** Too few digits for a PIN block, or no entry before it. */
    | 'no-pin'
    | 'refused';
  /** The device's own status byte, e.g. `E4`. */
  readonly deviceCode?: string;
}

/** `digit` says only that a digit key went down. */
export type PadKeyEvent = 'digit' | 'enter' | 'cancel' | 'clear';

export interface PinPadInformation {
  readonly model: string;
  readonly firmware: string;
  readonly serial: string;
}

export type WorkingKey = 'pin' | 'mac';

export interface PinPad {
  status(): PinPadStatus;
  onStatus(listener: (status: PinPadStatus) => void): () => void;
  /** Keys outside PIN entry too: the pad is the accessible input of the whole user interface. */
  onKey(listener: (key: PadKeyEvent) => void): () => void;
  information(): Promise<Result<PinPadInformation, PinPadError>>;
  /** Loads a working key encrypted under the master key; `checkValue` (6 hex) is compared, a wrong one refuses the key. */
  loadKey(key: WorkingKey, encrypted: Uint8Array, checkValue: string): Promise<Result<undefined, PinPadError>>;
  /**
   * Opens PIN entry, and settles at Enter (with the number of digits), Cancel or abort. Digits are heard by `onKey`.
   * Clear empties the entry. Time limits are the caller's, by the signal.
   * `pan`: pads that encipher with the account number of the start of the entry (ZT588) refuse to go on without it.
   */
  enterPin(
    maxDigits: number,
    signal: AbortSignal,
    pan?: string,
  ): Promise<Result<{ readonly digits: number }, PinPadError>>;
  /** The PIN just entered as an encrypted ISO 9564 format 0 block (8 bytes); afterwards the pad has forgotten it. */
  pinBlock(pan: string): Promise<Result<Uint8Array, PinPadError>>;
  /** X9.19 MAC (8 bytes) over the data under the MAC key. */
  mac(data: Uint8Array): Promise<Result<Uint8Array, PinPadError>>;
  close(): Promise<void>;
}
