/**
 * What the host keeps of each terminal: the session keys it issued, and today's answers, so that a request that comes
 * again gets the same answer and is not carried out twice.
 */
import { createHash } from 'node:crypto';
import type { Message } from '../iso8583/message.ts';
import type { WrappedKeys } from '../profile/network.ts';
import { checkValue, generateKey, wrapKey } from '../security/keys.ts';

export interface SessionKeys {
  readonly pin: Uint8Array;
  readonly mac: Uint8Array;
}

/** What was asked under a STAN, and what was answered: without its MAC, whose key may have changed when it is asked again. */
export interface Answered {
  readonly fingerprint: string;
  readonly reply: Message;
  readonly answersAfter: number | 'never';
}

export interface Terminal {
  readonly keys: SessionKeys | undefined;
  /** New random keys; the old ones are forgotten. */
  issueKeys(): WrappedKeys;
  /** `day` is the business day; another day's numbers are forgotten. */
  answered(stan: string, day: string): Answered | undefined;
  remember(stan: string, day: string, answer: Answered): void;
}

/** Answers kept per terminal and day; the oldest go first. */
const REMEMBERED = 500;

/** Elements of which a repeat may have others: times, and the MAC over them. */
const MAY_DIFFER: ReadonlySet<number> = new Set([7, 12, 13, 64, 128]);

/** The same for a request and its repeat (0201), a hash so that no track and no PIN block is kept. */
export function fingerprint(request: Message): string {
  const hash = createHash('sha256');
  for (const element of request.elements) {
    if (!MAY_DIFFER.has(element)) hash.update(`${element}=${request.get(element) ?? ''};`);
  }
  return hash.digest('base64');
}

/** The terminals that a host with this master key (16 bytes, the same for all) knows; keys are made when first asked for. */
export function createTerminals(
  masterKey: Uint8Array,
  random?: (bytes: number) => Uint8Array,
): (terminalId: string) => Terminal {
  const terminals = new Map<string, Terminal>();
  return (terminalId) => {
    let terminal = terminals.get(terminalId);
    if (terminal === undefined) {
      terminal = createTerminal(masterKey, random);
      terminals.set(terminalId, terminal);
    }
    return terminal;
  };
}

function createTerminal(masterKey: Uint8Array, random?: (bytes: number) => Uint8Array): Terminal {
  let keys: SessionKeys | undefined;
  let today = '';
  const answers = new Map<string, Answered>();

  function turnTo(day: string): void {
    if (day === today) return;
    today = day;
    answers.clear();
  }

  return {
    get keys() {
      return keys;
    },
    issueKeys() {
      keys = { pin: generateKey(random), mac: generateKey(random) };
      return {
        pinKey: wrapKey(masterKey, keys.pin),
        pinCheck: checkValue(keys.pin),
        macKey: wrapKey(masterKey, keys.mac),
        macCheck: checkValue(keys.mac),
      };
    },
    answered(stan, day) {
      turnTo(day);
      return answers.get(stan);
    },
    remember(stan, day, answer) {
      turnTo(day);
      answers.set(stan, answer);
      for (const oldest of answers.keys()) {
        if (answers.size <= REMEMBERED) break;
        answers.delete(oldest);
      }
    },
  };
}
