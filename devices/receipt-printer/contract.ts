/** A receipt printer, in the words of CEN XFS4IoT (PrintRaw, ControlMedia), and the document it prints. */
import type { Result } from '../result.ts';

export type PrinterFault = 'paper-out' | 'cover-open' | 'jam' | 'cutter' | 'overheated' | 'offline' | 'hardware';

export type PrinterStatus =
  | { readonly state: 'unknown' }
  | { readonly state: 'absent'; readonly why: string }
  | { readonly state: 'ready'; readonly paper: 'ok' | 'low' }
  | { readonly state: 'fault'; readonly fault: PrinterFault };

/** One line of a receipt; plain data, so that it can be shown as text, drawn, or turned into a printer's commands. */
export type ReceiptLine =
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly align?: 'left' | 'center' | 'right';
      readonly bold?: boolean;
      readonly large?: boolean;
    }
  /** Two columns; wraps the value under the label when both do not fit. */
  | { readonly kind: 'pair'; readonly label: string; readonly value: string; readonly bold?: boolean }
  | { readonly kind: 'rule' }
  | { readonly kind: 'space' }
  | { readonly kind: 'qr'; readonly text: string };

export interface Receipt {
  readonly lines: readonly ReceiptLine[];
}

export interface PrintError {
  readonly code: 'absent' | 'no-answer' | 'cancelled' | 'too-long' | PrinterFault;
  /** What is on paper when it failed; after `part` it must never be printed again by itself. */
  readonly printed: 'nothing' | 'part';
}

export interface ReceiptPrinter {
  /** 32, 42 or 48 characters a line. */
  readonly columns: number;
  status(): PrinterStatus;
  onStatus(listener: (status: PrinterStatus) => void): () => void;
  /** Settles when the ticket is cut and the printer says it is well, or with what stopped it. */
  print(receipt: Receipt, signal: AbortSignal): Promise<Result<undefined, PrintError>>;
  close(): Promise<void>;
}
