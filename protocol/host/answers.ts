/**
 * What the host answers: sign-on before business, MAC, STAN used once, card, expiry, PIN and its tries, membership, in
 * that order. Decides at once; when and how well the answer is sent is for others to say.
 */
import type { Clock } from '../clock.ts';
import { explain } from '../iso8583/error.ts';
import type { Message } from '../iso8583/message.ts';
import { repeatType } from '../iso8583/mti.ts';
import { buildInquiryReply, readInquiry, type InquiryAnswer, type ReceivedInquiry } from '../profile/inquiry.ts';
import { macElement, macInput, needsMac, receivedMacInput, withMac } from '../profile/mac.ts';
import { buildNetworkReply, isNetworkRequest, readNetworkRequest, type WrappedKeys } from '../profile/network.ts';
import type { HostProfile } from '../profile/profile.ts';
import { macX919, verifyMacX919 } from '../security/mac.ts';
import { decryptPinBlock0 } from '../security/pin-block.ts';
import { PIN_TRIES, type Card, type Members } from './members.ts';
import type { CardStatus } from './personas.ts';
import { fingerprint, type Terminal } from './terminals.ts';

export interface AnswersOptions {
  readonly profile: HostProfile;
  readonly members: Members;
  readonly terminal: (terminalId: string) => Terminal;
  readonly clock: Clock;
  /** Terminals that may sign on; default all. */
  readonly allowed?: ReadonlySet<string> | undefined;
  /** Answer every inquiry that reaches the members with this DE39. */
  readonly forced: () => string | undefined;
}

/** Per connection. */
export interface HostSession {
  /** DE41 of the terminal that signed on here. */
  signedOn: string | undefined;
}

export interface Decision {
  /** Without framing; undefined when there is nothing to say. */
  readonly body: Uint8Array | undefined;
  readonly answersAfter: number | 'never';
  /** Misbehaviour is for these; network management is always answered properly unless told otherwise. */
  readonly business: boolean;
  /** One line for people, masked. */
  readonly log: string;
}

/** Where the host stands: its business day and the date of its figures are this zone's. */
const HOST_ZONE = 'Asia/Jakarta';
const DAY_MS = 86_400_000;

/** DE39 of the answers that have no better word in the profile's table. */
const REFUSED = {
  notSignedOn: '58', // transaction not permitted to terminal
  invalidTransaction: '12',
  format: '30',
  duplicate: '94',
  security: '63',
  malfunction: '96',
  unknownCard: '14',
  expired: '54',
  pinWrong: '55',
  pinTries: '75',
  notLinked: '25',
} as const;

const BY_STATUS: Readonly<Record<CardStatus, string | undefined>> = {
  open: undefined,
  blocked: '62',
  lost: '41',
  stolen: '43',
};

const APPROVED = '00';

interface Verdict extends InquiryAnswer {
  readonly answersAfter?: number | 'never';
  readonly why: string;
}

const maskedCard = (pan: string): string => `******${pan.slice(-4)}`;

export function createAnswers(
  options: AnswersOptions,
): (session: HostSession, frame: Uint8Array, message: Message) => Decision {
  const { profile, members, clock } = options;
  const days = new Intl.DateTimeFormat('en-CA', { timeZone: HOST_ZONE, dateStyle: 'short' });
  /** YYYYMMDD, `back` days ago. */
  const day = (back = 0): string => days.format(clock.now() - back * DAY_MS).replaceAll('-', '');

  function manage(session: HostSession, message: Message): Decision {
    const decide = (line: string, responseCode: string, keys?: WrappedKeys): Decision => {
      const reply = buildNetworkReply(profile, message, { responseCode, ...(keys === undefined ? {} : { keys }) });
      return { ...packed(reply, line), answersAfter: 0, business: false };
    };
    const request = readNetworkRequest(profile, message);
    if (!request.ok) {
      const unknown = request.error.path === 'DE70' && message.has(70);
      const code = unknown ? REFUSED.invalidTransaction : REFUSED.format;
      return decide(`${message.mti} -> ${code} ${request.error.path}: ${request.error.rule}`, code);
    }
    const { function: what, terminalId } = request.value;
    const allowed = what === 'signOn' ? (options.allowed?.has(terminalId) ?? true) : session.signedOn === terminalId;
    if (allowed && what === 'signOn') session.signedOn = terminalId;
    if (allowed && what === 'signOff') session.signedOn = undefined;
    const keys = allowed && what === 'keyExchange' ? options.terminal(terminalId).issueKeys() : undefined;
    const code = allowed ? APPROVED : REFUSED.notSignedOn;
    return decide(`${terminalId} ${what} ${code}`, code, keys);
  }

  /** A reply that does not fit the profile cannot be sent, and its line says so. */
  function packed(reply: Message, line: string): Pick<Decision, 'body' | 'log'> {
    const bytes = profile.codec.pack(reply);
    return bytes.ok
      ? { body: bytes.value, log: line }
      : { body: undefined, log: `${line} (cannot be sent: ${explain(bytes.error)})` };
  }

  function hasRightMac(terminal: Terminal, frame: Uint8Array, message: Message): boolean {
    if (!needsMac(profile, message.mti)) return true;
    if (terminal.keys === undefined || !message.has(macElement(message))) return false;
    const received = receivedMacInput(frame);
    return verifyMacX919(terminal.keys.mac, received.data, received.mac);
  }

  /** With its MAC, when this terminal has a key for one. */
  function seal(terminal: Terminal, reply: Message): Message {
    if (terminal.keys === undefined || !needsMac(profile, reply.mti)) return reply;
    const input = macInput(profile, reply);
    return input.ok ? withMac(reply, macX919(terminal.keys.mac, input.value)) : reply;
  }

  function judgeCard(card: Card | undefined, expiry: string): string | undefined {
    if (card === undefined) return REFUSED.unknownCard;
    const status = BY_STATUS[card.status];
    if (status !== undefined) return status;
    // Another date than the card was issued with is no card of ours.
    if (card.expiry !== undefined && card.expiry !== expiry) return REFUSED.unknownCard;
    // Good through the last day of its month (ISO/IEC 7813).
    return `20${expiry}` < day().slice(0, 6) ? REFUSED.expired : undefined;
  }

  function judge(terminal: Terminal, inquiry: ReceivedInquiry): Verdict {
    const track = /^([0-9]{12,19})[=D]([0-9]{4})[0-9]{3}/.exec(inquiry.track2);
    const [, pan, expiry] = track ?? [];
    if (pan === undefined || expiry === undefined)
      return { responseCode: REFUSED.format, why: 'track 2 has no number and expiry' };
    const found = members.card(pan);
    if (!found.ok) return { responseCode: REFUSED.malfunction, why: `storage ${found.error.code}` };
    const card = found.value;
    const name = maskedCard(pan);
    const answersAfter = card?.answersAfter ?? 0;
    const refused = judgeCard(card, expiry);
    if (card === undefined || refused !== undefined)
      return { responseCode: refused ?? REFUSED.unknownCard, answersAfter, why: name };
    const pin = judgePin(terminal, inquiry, card, pan);
    if (pin !== undefined) return { ...pin, answersAfter, why: `${name} ${pin.why}` };
    const linked = members.memberships(card);
    if (!linked.ok) return { responseCode: REFUSED.malfunction, why: `storage ${linked.error.code}` };
    const chosen = inquiry.kpj === undefined ? linked.value : linked.value.filter(({ kpj }) => kpj === inquiry.kpj);
    if (chosen.length === 0) return { responseCode: REFUSED.notLinked, answersAfter, why: `${name} no membership` };
    if (inquiry.page !== undefined && Number(inquiry.page) >= linked.value.length)
      return { responseCode: REFUSED.format, answersAfter, why: `${name} 48.PG: there is no such page` };
    return {
      responseCode: APPROVED,
      answersAfter,
      memberships: linked.value,
      // The figures are those of the last day that was closed.
      asOf: day(1),
      ...(inquiry.kpj === undefined ? {} : { chosenKpj: inquiry.kpj }),
      why: `${name} ${chosen.length} of ${linked.value.length} memberships`,
    };
  }

  /** Undefined when the PIN is right. */
  function judgePin(terminal: Terminal, inquiry: ReceivedInquiry, card: Card, pan: string): Verdict | undefined {
    if (card.wrongPins >= PIN_TRIES) return { responseCode: REFUSED.pinTries, why: 'PIN blocked' };
    const pin = terminal.keys === undefined ? undefined : decryptPinBlock0(terminal.keys.pin, inquiry.pinBlock, pan);
    // Not a PIN under the key we issued: the keys are out of step, and no try is counted.
    if (pin === undefined || !pin.ok) return { responseCode: REFUSED.security, why: 'PIN block not under our key' };
    const verified = members.verifyPin(card, pan, pin.value);
    if (!verified.ok) return { responseCode: REFUSED.malfunction, why: `storage ${verified.error.code}` };
    if (verified.value.right) return undefined;
    const { wrongPins } = verified.value;
    return {
      responseCode: wrongPins >= PIN_TRIES ? REFUSED.pinTries : REFUSED.pinWrong,
      why: `wrong PIN ${wrongPins}`,
    };
  }

  function inquire(session: HostSession, frame: Uint8Array, message: Message): Decision {
    const terminalId = message.get(41)?.trimEnd() ?? '';
    const stan = message.get(11) ?? '';
    const terminal = options.terminal(terminalId);
    const decide = (reply: Message, why: string, answersAfter: number | 'never' = 0): Decision => ({
      ...packed(seal(terminal, reply), `${terminalId} ${message.mti} STAN ${stan} -> ${reply.get(39) ?? '?'} ${why}`),
      answersAfter,
      business: true,
    });
    const refuse = (responseCode: string, why: string): Decision =>
      decide(buildInquiryReply(profile, message, { responseCode }), why);
    if (session.signedOn !== terminalId || terminalId === '') return refuse(REFUSED.notSignedOn, 'not signed on');
    if (!hasRightMac(terminal, frame, message)) return refuse(REFUSED.security, 'MAC wrong');
    const print = fingerprint(message);
    const before = terminal.answered(stan, day());
    if (before !== undefined) {
      if (before.fingerprint !== print) return refuse(REFUSED.duplicate, 'STAN used before');
      return decide(before.reply, 'a repeat, answered as before', before.answersAfter);
    }
    const inquiry = readInquiry(profile, message);
    if (!inquiry.ok) {
      const { path, rule } = inquiry.error;
      const unsupported = path === 'DE3' || path === '48.PI';
      return refuse(unsupported ? REFUSED.invalidTransaction : REFUSED.format, `${path}: ${rule}`);
    }
    const forced = options.forced();
    const verdict: Verdict =
      forced === undefined || forced === APPROVED
        ? judge(terminal, inquiry.value)
        : { responseCode: forced, why: 'as told' };
    const reply = buildInquiryReply(profile, message, verdict);
    const answersAfter = verdict.answersAfter ?? 0;
    terminal.remember(stan, day(), { fingerprint: print, reply, answersAfter });
    return decide(reply, verdict.why, answersAfter);
  }

  return (session, frame, message) => {
    if (isNetworkRequest(message)) return manage(session, message);
    if (message.mti === profile.inquiry.mti || message.mti === repeatType(profile.inquiry.mti))
      return inquire(session, frame, message);
    return { body: undefined, answersAfter: 0, business: false, log: `${message.mti} is not answered here` };
  };
}
