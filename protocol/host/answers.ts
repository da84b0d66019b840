/**
 * What the host answers: sign-on before business, MAC, STAN used once, card, expiry, PIN and its tries, membership, in
 * that order. Decides at once; when and how well the answer is sent is for others to say.
 */
import type { Clock } from '../clock.ts';
import { explain } from '../iso8583/error.ts';
import { withElements, type Message } from '../iso8583/message.ts';
import { repeatType } from '../iso8583/mti.ts';
import { buildInquiryReply, readInquiry, type InquiryAnswer, type ReceivedInquiry } from '../profile/inquiry.ts';
import { macElement, macInput, needsMac, receivedMacInput, withMac } from '../profile/mac.ts';
import { buildNetworkReply, isNetworkRequest, readNetworkRequest, type WrappedKeys } from '../profile/network.ts';
import type { HostProfile } from '../profile/profile.ts';
import type { HostBehaviour } from './behaviour.ts';
import { createCodes, type Reason } from './codes.ts';
import type { Turn } from './faults.ts';
import type { KeysOf } from './message-keys.ts';
import { PIN_TRIES, type Card, type Members } from './members.ts';
import { personas, type CardStatus } from './personas.ts';
import { buildReversalReply, createReversals, isReversal } from './reversals.ts';
import type { MessageKeys } from '../security/message-keys.ts';
import { fingerprint, type Terminals } from './terminals.ts';

export interface AnswersOptions {
  readonly profile: HostProfile;
  readonly members: Members;
  readonly terminals: Terminals;
  readonly keysOf: KeysOf;
  readonly clock: Clock;
  /** Terminals that may sign on; default all. */
  readonly allowed?: ReadonlySet<string> | undefined;
  /** Answer every inquiry that reaches the members with this DE39. */
  readonly forced: () => string | undefined;
  /** How the next answer about a card is given; asked once for each, with the persona whose card it is. */
  readonly turn: (persona: string | undefined) => Turn;
}

export interface Answers {
  answer(session: HostSession, frame: Uint8Array, message: Message): Decision;
  /** The connection is gone. */
  leave(session: HostSession): void;
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
  /** How it is sent, where it is business. */
  readonly behaviour: HostBehaviour;
  /** One line for people, masked. */
  readonly log: string;
}

/** Where the host stands: its business day and the date of its figures are this zone's. */
const HOST_ZONE = 'Asia/Jakarta';
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

const BY_STATUS: Readonly<Record<CardStatus, Reason | undefined>> = {
  open: undefined,
  blocked: 'blocked',
  lost: 'lost',
  stolen: 'stolen',
};

const PERSONA_BY_PAN: ReadonlyMap<string, string> = new Map(personas.map(({ pan, id }) => [pan, id]));

/** ISO/IEC 7813: card number, expiry, service code. */
const TRACK_2 = /^([0-9]{12,19})[=D]([0-9]{4})[0-9]{3}/;

interface Verdict extends InquiryAnswer {
  readonly answersAfter?: number | 'never';
  readonly why: string;
}

const maskedCard = (pan: string): string => `******${pan.slice(-4)}`;

/** YYYYMMDD in the host's zone, worked out once a minute: to format a date takes longer than to decide on an inquiry. */
function createDays(clock: Clock): { readonly today: () => string; readonly yesterday: () => string } {
  const days = new Intl.DateTimeFormat('en-CA', { timeZone: HOST_ZONE, dateStyle: 'short' });
  const written = (at: number): string => days.format(at).replaceAll('-', '');
  let minute = Number.NaN;
  let known = { today: '', yesterday: '' };
  const now = (): typeof known => {
    const at = clock.now();
    if (Math.floor(at / MINUTE_MS) === minute) return known;
    minute = Math.floor(at / MINUTE_MS);
    known = { today: written(at), yesterday: written(at - DAY_MS) };
    return known;
  };
  return { today: () => now().today, yesterday: () => now().yesterday };
}

export function createAnswers(options: AnswersOptions): Answers {
  const { profile, members, clock, terminals } = options;
  const codes = createCodes(profile);
  const reversals = createReversals();
  const days = createDays(clock);

  function signOn(session: HostSession, terminalId: string): void {
    leave(session);
    session.signedOn = terminalId;
    terminals.signOn(terminalId);
  }

  function leave(session: HostSession): void {
    if (session.signedOn !== undefined) terminals.signOff(session.signedOn);
    session.signedOn = undefined;
  }

  function manage(session: HostSession, message: Message): Decision {
    const decide = (line: string, responseCode: string, keys?: WrappedKeys): Decision => {
      const reply = buildNetworkReply(profile, message, { responseCode, ...(keys === undefined ? {} : { keys }) });
      return { ...packed(reply, line), answersAfter: 0, business: false, behaviour: 'normal' };
    };
    const request = readNetworkRequest(profile, message);
    if (!request.ok) {
      const unknown = request.error.path === 'DE70' && message.has(70);
      const code = unknown ? codes.invalidTransaction : codes.format;
      return decide(`${message.mti} -> ${code} ${request.error.path}: ${request.error.rule}`, code);
    }
    const { function: what, terminalId } = request.value;
    const allowed = what === 'signOn' ? (options.allowed?.has(terminalId) ?? true) : session.signedOn === terminalId;
    if (allowed && what === 'signOn') signOn(session, terminalId);
    if (allowed && what === 'signOff') leave(session);
    const keys = allowed && what === 'keyExchange' ? terminals.find(terminalId)?.issueKeys() : undefined;
    const code = allowed ? codes.approved : codes.notSignedOn;
    return decide(`${terminalId} ${what} ${code}`, code, keys);
  }

  /** A reply that does not fit the profile cannot be sent, and its line says so. */
  function packed(reply: Message, line: string): Pick<Decision, 'body' | 'log'> {
    const bytes = profile.codec.pack(reply);
    return bytes.ok
      ? { body: bytes.value, log: line }
      : { body: undefined, log: `${line} (cannot be sent: ${explain(bytes.error)})` };
  }

  function hasRightMac(keys: MessageKeys | undefined, frame: Uint8Array, message: Message): boolean {
    if (!needsMac(profile, message.mti)) return true;
    if (keys === undefined || !message.has(macElement(message))) return false;
    const received = receivedMacInput(frame, profile);
    return keys.verifyMac(received.data, received.mac);
  }

  /** With its MAC, when there is a key for one. */
  function seal(keys: MessageKeys | undefined, reply: Message): Message {
    if (keys === undefined || !needsMac(profile, reply.mti)) return reply;
    const input = macInput(profile, reply);
    return input.ok ? withMac(reply, keys.mac(input.value)) : reply;
  }

  function judgeCard(card: Card | undefined, expiry: string): string | undefined {
    if (card === undefined) return codes.unknownCard;
    const status = BY_STATUS[card.status];
    if (status !== undefined) return codes[status];
    // Another date than the card was issued with is no card of ours.
    if (card.expiry !== undefined && card.expiry !== expiry) return codes.unknownCard;
    // Good through the last day of its month (ISO/IEC 7813).
    return `20${expiry}` < days.today().slice(0, 6) ? codes.expired : undefined;
  }

  function judge(keys: MessageKeys | undefined, inquiry: ReceivedInquiry): Verdict {
    const track = TRACK_2.exec(inquiry.track2);
    const [, pan, expiry] = track ?? [];
    if (pan === undefined || expiry === undefined)
      return { responseCode: codes.format, why: 'track 2 has no number and expiry' };
    const found = members.card(pan);
    if (!found.ok) return { responseCode: codes.malfunction, why: `storage ${found.error.code}` };
    const card = found.value;
    const name = maskedCard(pan);
    const answersAfter = card?.answersAfter ?? 0;
    const refused = judgeCard(card, expiry);
    if (card === undefined || refused !== undefined)
      return { responseCode: refused ?? codes.unknownCard, answersAfter, why: name };
    const pin = judgePin(keys, inquiry, card, pan);
    if (pin !== undefined) return { ...pin, answersAfter, why: `${name} ${pin.why}` };
    const linked = members.memberships(card);
    if (!linked.ok) return { responseCode: codes.malfunction, why: `storage ${linked.error.code}` };
    const chosen = inquiry.kpj === undefined ? linked.value : linked.value.filter(({ kpj }) => kpj === inquiry.kpj);
    if (chosen.length === 0) return { responseCode: codes.notLinked, answersAfter, why: `${name} no membership` };
    if (inquiry.page !== undefined && Number(inquiry.page) >= linked.value.length)
      return { responseCode: codes.format, answersAfter, why: `${name} 48.PG: there is no such page` };
    return {
      responseCode: codes.approved,
      answersAfter,
      memberships: linked.value,
      // The figures are those of the last day that was closed.
      asOf: days.yesterday(),
      ...(inquiry.kpj === undefined ? {} : { chosenKpj: inquiry.kpj }),
      why: `${name} ${chosen.length} of ${linked.value.length} memberships`,
    };
  }

  /** Undefined when the PIN is right. */
  function judgePin(
    keys: MessageKeys | undefined,
    inquiry: ReceivedInquiry,
    card: Card,
    pan: string,
  ): Verdict | undefined {
    if (card.wrongPins >= PIN_TRIES) return { responseCode: codes.pinTries, why: 'PIN blocked' };
    const pin = keys?.pin(inquiry.pinBlock, pan);
    // Not a PIN under the key we issued: the keys are out of step, and no try is counted.
    if (pin === undefined || !pin.ok) return { responseCode: codes.security, why: 'PIN block not under our key' };
    const verified = members.verifyPin(card, pan, pin.value);
    if (!verified.ok) return { responseCode: codes.malfunction, why: `storage ${verified.error.code}` };
    if (verified.value.right) return undefined;
    const { wrongPins } = verified.value;
    return {
      responseCode: wrongPins >= PIN_TRIES ? codes.pinTries : codes.pinWrong,
      why: `wrong PIN ${wrongPins}`,
    };
  }

  function inquire(session: HostSession, frame: Uint8Array, message: Message): Decision {
    const terminalId = message.get(41)?.trimEnd() ?? '';
    const stan = message.get(11) ?? '';
    const terminal = terminals.find(terminalId);
    const keys = terminal && options.keysOf(terminalId, terminal, message);
    const pan = TRACK_2.exec(message.get(35) ?? '')?.[1];
    const turn = options.turn(pan === undefined ? undefined : PERSONA_BY_PAN.get(pan));
    const decide = (reply: Message, why: string, answersAfter: number | 'never' = 0): Decision => ({
      ...packed(seal(keys, reply), `${terminalId} ${message.mti} STAN ${stan} -> ${reply.get(39) ?? '?'} ${why}`),
      answersAfter,
      business: true,
      behaviour: turn.behaviour,
    });
    const refuse = (responseCode: string, why: string): Decision =>
      decide(buildInquiryReply(profile, message, { responseCode }), why);
    if (terminal === undefined || session.signedOn !== terminalId) return refuse(codes.notSignedOn, 'not signed on');
    if (!hasRightMac(keys, frame, message)) return refuse(codes.security, 'MAC wrong');
    const print = fingerprint(message);
    const before = terminal.answered(stan, days.today());
    if (before !== undefined) {
      if (before.fingerprint !== print) return refuse(codes.duplicate, 'STAN used before');
      const reply = withoutMac(before.reply);
      if (reply === undefined) return refuse(codes.malfunction, 'the answer before cannot be read');
      return decide(reply, 'a repeat, answered as before', before.answersAfter);
    }
    const inquiry = readInquiry(profile, message);
    if (!inquiry.ok) {
      const { path, rule } = inquiry.error;
      const unsupported = path === 'DE3' || path === '48.PI';
      return refuse(unsupported ? codes.invalidTransaction : codes.format, `${path}: ${rule}`);
    }
    const forced = turn.code ?? options.forced();
    const verdict: Verdict =
      forced === undefined || profile.meaning(forced).meaning === 'approved'
        ? judge(keys, inquiry.value)
        : { responseCode: forced, why: 'as told' };
    const answersAfter = verdict.answersAfter ?? 0;
    const decision = decide(buildInquiryReply(profile, message, verdict), verdict.why, answersAfter);
    if (decision.body !== undefined)
      terminal.remember(stan, days.today(), { fingerprint: print, reply: decision.body, answersAfter });
    return decision;
  }

  /** Advices are accepted: what cannot be reversed is answered as not found. */
  function reverse(session: HostSession, frame: Uint8Array, message: Message): Decision {
    const terminalId = message.get(41)?.trimEnd() ?? '';
    const terminal = terminals.find(terminalId);
    const keys = terminal && options.keysOf(terminalId, terminal, message);
    const decide = (code: string, why: string): Decision => ({
      ...packed(
        seal(keys, buildReversalReply(message, code)),
        `${terminalId} ${message.mti} STAN ${message.get(11) ?? ''} -> ${code} ${why}`,
      ),
      answersAfter: 0,
      business: true,
      behaviour: options.turn(undefined).behaviour,
    });
    if (terminal === undefined || session.signedOn !== terminalId) return decide(codes.notSignedOn, 'not signed on');
    if (!hasRightMac(keys, frame, message)) return decide(codes.security, 'MAC wrong');
    const { outcome, why } = reversals.judge(message, (stan) => terminal.answered(stan, days.today()) !== undefined);
    if (outcome === 'malformed') return decide(codes.format, why);
    return decide(outcome === 'nothing to reverse' ? codes.notLinked : codes.approved, why);
  }

  function withoutMac(body: Uint8Array): Message | undefined {
    const reply = profile.codec.unpack(body);
    if (!reply.ok) return undefined;
    return needsMac(profile, reply.value.mti)
      ? withElements(reply.value, { [macElement(reply.value)]: undefined })
      : reply.value;
  }

  return {
    leave,
    answer(session, frame, message) {
      if (isNetworkRequest(message)) return manage(session, message);
      if (message.mti === profile.inquiry.mti || message.mti === repeatType(profile.inquiry.mti))
        return inquire(session, frame, message);
      if (isReversal(message.mti)) return reverse(session, frame, message);
      const log = `${message.mti} is not answered here`;
      return { body: undefined, answersAfter: 0, business: false, behaviour: 'normal', log };
    },
  };
}
