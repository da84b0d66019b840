/** What a link is made of: every option with its default. */
import type { Clock } from '../clock.ts';
import type { TerminalIdentity } from '../profile/inquiry.ts';
import type { HostProfile } from '../profile/profile.ts';
import type { BackoffOptions } from './backoff.ts';
import type { ConnectionOptions, Endpoint } from './connection.ts';
import type { LinkSecurity } from './contract.ts';
import type { CorrelationRule } from './pending.ts';
import type { StanSource } from './stan.ts';

/** Milliseconds. */
export interface LinkTimeouts {
  /** Until a connection stands. Default 10,000. */
  readonly connect: number;
  /** From request() to its settlement. Default 30,000. */
  readonly reply: number;
  /** Without a byte from the host: an echo is sent. Default 60,000. */
  readonly echoIdle: number;
  /** Default 15,000. */
  readonly echoReply: number;
  /** Default 30,000. */
  readonly signOn: number;
  /** For the answer, and then for the pad to load the keys. Default 30,000. */
  readonly keyExchange: number;
  /** For the reply to a sign-off when the link closes. Default 1,000. */
  readonly signOff: number;
}

export const DEFAULT_TIMEOUTS: LinkTimeouts = {
  connect: 10_000,
  reply: 30_000,
  echoIdle: 60_000,
  echoReply: 15_000,
  signOn: 30_000,
  keyExchange: 30_000,
  signOff: 1000,
};

export interface LinkOptions {
  readonly profile: HostProfile;
  /** The primary address first, then the alternates; at least one. */
  readonly endpoints: readonly Endpoint[];
  readonly terminal: TerminalIdentity;
  /** IANA name, for DE12 and DE13. */
  readonly timeZone: string;
  readonly security: LinkSecurity;
  readonly stan: StanSource;
  readonly clock: Clock;
  readonly timeouts?: Partial<LinkTimeouts>;
  /** Waits between tries. */
  readonly backoff?: Omit<BackoffOptions, 'random'>;
  /** 0 <= x < 1, for the jitter. Default Math.random. */
  readonly random?: () => number;
  /** Requests under way at once; more are refused as `queue-full`. Default 16. */
  readonly maxPending?: number;
  /** Session keys are changed after this time; default 24 h. */
  readonly keyChangeMs?: number;
  /** ... or after this many PIN blocks sent; default 1000. */
  readonly keyChangePins?: number;
  /** DE39 of an answer that says that our keys are not the host's: they are renewed. Default the profile's. */
  readonly keyErrorCodes?: readonly string[];
  /** By which elements an answer is known. Default the profile's, else DE11 and DE41, and DE37 when the answer has it. */
  readonly correlation?: CorrelationRule;
  /** In service on an alternate address for so long: back to the primary in the next idle moment. Default 5 min. */
  readonly failBackMs?: number;
  /** Milliseconds of a clock that never jumps. Default performance.now. */
  readonly elapsed?: () => number;
  /** How a stream is opened. Default plain TCP; `loadTls` makes one that speaks TLS. */
  readonly dial?: NonNullable<ConnectionOptions['dial']>;
}

export const DEFAULT_KEY_CHANGE_MS = 86_400_000;
export const DEFAULT_FAIL_BACK_MS = 300_000;
