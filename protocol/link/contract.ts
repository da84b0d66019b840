/** The link to the host: one connection, signed on, its keys exchanged, every request answered or failed by a deadline. */
import type { Message } from '../iso8583/message.ts';
import type { Result } from '../result.ts';

export type LinkState =
  | { readonly state: 'down'; readonly why: string }
  | { readonly state: 'connecting' }
  | { readonly state: 'signing-on' }
  | { readonly state: 'exchanging-keys' }
  /** Signed on, keys loaded: requests are accepted. */
  | { readonly state: 'in-service' }
  | { readonly state: 'closed' };

export interface LinkFailure {
  readonly code:
    /** No connection, or not signed on yet: nothing was sent. */
    | 'not-in-service'
    /** Sent, no answer within the reply deadline. */
    | 'no-answer'
    /** Sent, and the connection went before the answer came. */
    | 'lost'
    | 'cancelled'
    | 'queue-full'
    /** Our own message does not fit the profile: a defect. */
    | 'unpackable'
    /** An answer came that was ours by its numbers, with a wrong MAC. */
    | 'mac-wrong'
    /** An answer came that was ours by its numbers, and could not be decoded. */
    | 'unreadable'
    /** The pad could not compute the MAC. */
    | 'security';
  /** For the journal; never holds an element's value. */
  readonly detail: string;
}

/** What the link needs of whoever holds the keys (the PIN pad). Bytes in, hex out; no key in the clear. */
export interface LinkSecurity {
  /** Keys under the terminal master key, and their check values (6 hex). Settles by a deadline of its own. */
  loadKeys(keys: {
    readonly pinKey: string;
    readonly pinCheck: string;
    readonly macKey: string;
    readonly macCheck: string;
  }): Promise<Result<undefined, { readonly code: string }>>;
  /** MAC over `data`, 16 upper-case hex. */
  mac(data: Uint8Array): Promise<Result<string, { readonly code: string }>>;
}

export interface LinkEvent {
  readonly kind:
    | 'connected'
    | 'lost'
    | 'connect-failed'
    | 'signed-on'
    | 'sign-on-refused'
    | 'keys-loaded'
    | 'keys-refused'
    /** An answer said that the keys are not the host's; they are renewed as soon as nothing is under way. */
    | 'keys-out-of-step'
    /** The alternate address is left for the primary. */
    | 'fail-back'
    /** The host said that its business day ends; `detail` names the settlement date (MMDD) when it gave one. */
    | 'cut-over'
    | 'echo'
    | 'echo-failed'
    | 'sent'
    | 'received'
    /** A reply nobody waits for: late, a duplicate, or not ours; `detail` names the closest pending request. */
    | 'unmatched'
    | 'garbled'
    | 'mac-wrong';
  readonly detail: string;
  readonly mti?: string;
  readonly stan?: string;
  readonly rrn?: string;
  readonly responseCode?: string;
  /** With `sent` and `received`: the redacted description of the message, made only when somebody asks. */
  readonly describe?: () => string;
}

export interface HostLink {
  state(): LinkState;
  onState(listener: (state: LinkState) => void): () => void;
  onEvent(listener: (event: LinkEvent) => void): () => void;
  /**
   * Sends a request and answers with its reply, MAC checked. The link fills the elements that are its own (7, 11, 12, 13,
   * 37, 64) when the message lacks them. Always settles within the reply deadline (default 30 s).
   */
  request(message: Message, signal: AbortSignal): Promise<Result<Exchange, LinkFailure>>;
  /**
   * Takes nothing new, lets what is pending finish for `drainMs` (default 0), fails the rest, signs off when it can and
   * closes; settles within `drainMs` and two seconds.
   */
  close(drainMs?: number): Promise<void>;
}

export interface Exchange {
  readonly reply: Message;
  readonly stan: string;
  readonly rrn: string;
  /** Milliseconds from the last byte handed to the socket to the whole reply read: the host's and the network's share. */
  readonly hostMs: number;
}
