/**
 * What the host keeps of each terminal: the session keys it issued, and today's answers, so that a request that comes
 * again gets the same answer and is not carried out twice. All of it is bounded, however many names terminals give
 * themselves: those that are signed on stay, of the others the longest unused go.
 */
import { hash } from 'node:crypto';
import type { Message } from '../iso8583/message.ts';
import type { WrappedKeys } from '../profile/network.ts';
import { checkValue, generateKey, wrapKey } from '../security/keys.ts';
import type { Algorithms, MessageKeys } from '../security/message-keys.ts';
import { openTerminalKeys } from './terminal-keys.ts';

/** What was asked under a STAN, and what was answered. */
export interface Answered {
  readonly fingerprint: string;
  /** As it was sent, its MAC included: whoever sends it again makes that anew. */
  readonly reply: Uint8Array;
  readonly answersAfter: number | 'never';
}

export interface Terminal {
  /** Of the last key exchange. */
  readonly keys: MessageKeys | undefined;
  /** New random keys; the old ones are forgotten. */
  issueKeys(): WrappedKeys;
  /** `day` is the business day; another day's numbers are forgotten. */
  answered(stan: string, day: string): Answered | undefined;
  remember(stan: string, day: string, answer: Answered): void;
}

export interface Terminals {
  /** Undefined when it never signed on, or was forgotten since. */
  find(terminalId: string): Terminal | undefined;
  /** Known from now on; not forgotten until it signed off as often as it signed on. */
  signOn(terminalId: string): void;
  signOff(terminalId: string): void;
  readonly size: number;
}

export interface TerminalsOptions {
  /** 16 bytes, the same for all terminals. */
  readonly masterKey: Uint8Array;
  /** What the keys are used for. */
  readonly algorithms: Algorithms;
  /** Random bytes for session keys; default the system's. */
  readonly random?: ((bytes: number) => Uint8Array) | undefined;
  /** Terminals that are kept; more than connections may be signed on at once. Default 10,000. */
  readonly limit?: number;
}

const LIMIT = 10_000;
/** Answers kept per terminal and day, the oldest go first: so many of a few terminals, fewer of each of many. */
const REMEMBERED = 500;
const REMEMBERED_AT_LEAST = 16;
const REMEMBERED_OF_ALL = 100_000;

/** Elements of which a repeat may have others: times, and the MAC over them. */
const MAY_DIFFER: ReadonlySet<number> = new Set([7, 12, 13, 64, 128]);

/** The same for a request and its repeat (0201), a hash so that no track and no PIN block is kept. */
export function fingerprint(request: Message): string {
  let text = '';
  for (const element of request.elements) {
    if (!MAY_DIFFER.has(element)) text += `${element}=${request.get(element) ?? ''};`;
  }
  return hash('sha256', text, 'base64');
}

interface Kept extends Terminal {
  signedOn: number;
}

/** The terminals of a host; keys are made when they are asked for. */
export function createTerminals(options: TerminalsOptions): Terminals {
  const { limit = LIMIT } = options;
  /** The longest unused first. */
  const terminals = new Map<string, Kept>();
  const share = (): number =>
    Math.max(REMEMBERED_AT_LEAST, Math.min(REMEMBERED, Math.floor(REMEMBERED_OF_ALL / terminals.size)));

  function makeRoom(): void {
    if (terminals.size < limit) return;
    for (const [id, { signedOn }] of terminals) {
      if (signedOn > 0) continue;
      terminals.delete(id);
      return;
    }
  }

  return {
    find: (terminalId) => terminals.get(terminalId),
    signOn(terminalId) {
      let terminal = terminals.get(terminalId);
      if (terminal === undefined) {
        makeRoom();
        terminal = createTerminal(options, share);
      }
      terminal.signedOn += 1;
      terminals.delete(terminalId);
      terminals.set(terminalId, terminal);
    },
    signOff(terminalId) {
      const terminal = terminals.get(terminalId);
      if (terminal === undefined) return;
      terminal.signedOn -= 1;
      terminals.delete(terminalId);
      terminals.set(terminalId, terminal);
    },
    get size() {
      return terminals.size;
    },
  };
}

function createTerminal({ masterKey, algorithms, random }: TerminalsOptions, share: () => number): Kept {
  let keys: MessageKeys | undefined;
  let today = '';
  const answers = new Map<string, Answered>();

  function turnTo(day: string): void {
    if (day === today) return;
    today = day;
    answers.clear();
  }

  return {
    signedOn: 0,
    get keys() {
      return keys;
    },
    issueKeys() {
      const [pin, mac] = [generateKey(random), generateKey(random)];
      keys = openTerminalKeys({ pin, mac }, algorithms);
      return {
        pinKey: wrapKey(masterKey, pin),
        pinCheck: checkValue(pin),
        macKey: wrapKey(masterKey, mac),
        macCheck: checkValue(mac),
      };
    },
    answered(stan, day) {
      turnTo(day);
      return answers.get(stan);
    },
    remember(stan, day, answer) {
      turnTo(day);
      answers.set(stan, answer);
      if (answers.size <= REMEMBERED_AT_LEAST) return;
      const most = share();
      for (const oldest of answers.keys()) {
        if (answers.size <= most) break;
        answers.delete(oldest);
      }
    },
  };
}
