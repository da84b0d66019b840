/**
 * The balance inquiry on the wire (0200/0210), both directions: the terminal builds requests and reads replies, the host
 * simulator reads requests and builds replies. Amounts are sen; a balance that is absent stays absent.
 */
import { createMessage } from '../iso8583/message.ts';
import type { Message } from '../iso8583/message.ts';
import { repeatType, replyType } from '../iso8583/mti.ts';
import { findTag, readTlv, writeTlv } from '../iso8583/tlv.ts';
import type { TlvInput } from '../iso8583/tlv.ts';
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import type { InquiryReply, InquiryReplyError, InquiryRequest, Membership } from './contract.ts';
import { balanceMistake, writeBalance } from './balance.ts';
import { echo, isStan, lengthOf, padded, STAN_RULE } from './elements.ts';
import { isDate, readMembership, writeMembership } from './membership.ts';
import { readLines, writeLines } from './lines.ts';
import type { HostProfile } from './profile.ts';
import type { TagName } from './schema.ts';

/** Who asks: printed on every message. */
export interface TerminalIdentity {
  /** DE41 */
  readonly terminalId: string;
  /** DE42 */
  readonly acceptorId: string;
  /** DE43: name and place, at most 40 characters. */
  readonly acceptorName: string;
  /** DE32: digits, at most 11. */
  readonly acquirerId: string;
}

/** A request without what the link fills: 7, 11, 12, 13, 37, and the MAC. */
export function buildInquiry(profile: HostProfile, terminal: TerminalIdentity, request: InquiryRequest): Message {
  const { inquiry, places } = profile;
  const { element, table } = places.request;
  const tags: TlvInput[] = [
    { tag: profile.tag('PI'), value: request.product },
    { tag: profile.tag('LG'), value: request.language },
  ];
  if (request.kpj !== undefined) tags.push({ tag: profile.tag('KP'), value: request.kpj });
  if (request.page !== undefined) tags.push({ tag: profile.tag('PG'), value: request.page });
  const additional = writeTlv(table, tags, `${element}`, lengthOf(profile, element));
  // All four are typed or came from a reply that was checked; if not, that is a defect of the caller.
  if (!additional.ok) throw new Error(`${additional.error.path}: ${additional.error.rule}`);
  return createMessage(inquiry.mti, {
    ...inquiry.constants,
    3: inquiry.processingCode,
    4: '0'.repeat(12),
    18: inquiry.merchantType,
    22: inquiry.entryModes[request.entry],
    25: inquiry.conditionCode,
    32: terminal.acquirerId,
    35: request.track2,
    41: padded(profile, 41, terminal.terminalId),
    42: padded(profile, 42, terminal.acceptorId),
    43: padded(profile, 43, terminal.acceptorName),
    [element]: additional.value,
    49: profile.currency,
    52: request.pinBlock,
    ...(profile.keying.kind === 'dukpt' ? { [profile.keying.ksnElement]: request.ksn } : {}),
  });
}

/**
 * Reads a reply. One that is not approved has no memberships, whatever DE48 holds. `asked` is the KPJ the request chose:
 * a reply about another one is malformed.
 */
export function readInquiryReply(
  profile: HostProfile,
  reply: Message,
  asked?: { readonly kpj?: string },
): Result<InquiryReply, InquiryReplyError> {
  const malformed = (path: string, rule: string): Result<never, InquiryReplyError> =>
    fail({ code: 'malformed-reply', path, rule });
  const expected = replyType(profile.inquiry.mti);
  if (reply.mti !== expected) return malformed('MTI', `a reply is ${expected}`);
  const responseCode = reply.get(39);
  if (responseCode === undefined) return malformed('DE39', 'is missing');
  const rrn = reply.get(37) ?? '';
  const { meaning, known } = profile.meaning(responseCode);
  const plain = { responseCode, meaning, known, rrn };
  if (meaning !== 'approved') return ok({ ...plain, memberships: [] });

  const currency = reply.get(49);
  if (currency !== undefined && currency !== profile.currency) return malformed('DE49', 'the currency of the profile');
  const { element, table } = profile.places.reply;
  const value = reply.get(element);
  if (value === undefined) return malformed(`DE${element}`, 'is missing');
  const read = readTlv(table, value, `${element}`);
  if (!read.ok) return malformed(read.error.path, read.error.rule);
  const entries = read.value;

  const at = (tag: TagName): string => `${element}.${profile.tag(tag)}`;
  const find = (tag: TagName): string | undefined => findTag(entries, profile.tag(tag));
  const memberships: Membership[] = [];
  for (const { inside } of entries.filter(({ tag }) => tag === profile.tag('MB'))) {
    const path = `${at('MB')}[${memberships.length}]`;
    const membership = readMembership(inside ?? [], path);
    if (!membership.ok) return malformed(membership.error.path, membership.error.rule);
    if (memberships.some(({ kpj }) => kpj === membership.value.kpj)) {
      return malformed(`${path}.KP`, 'stands there once');
    }
    memberships.push(membership.value);
  }
  if (memberships.length === 0) return malformed(at('MB'), 'at least one in an approved reply');

  const chosen = find('KP');
  if (chosen !== undefined && !memberships.some(({ kpj }) => kpj === chosen)) {
    return malformed(at('KP'), 'one of the memberships of the reply');
  }
  if (asked?.kpj !== undefined && memberships.some(({ kpj }) => kpj !== asked.kpj)) {
    return malformed(`${at('MB')}[0].KP`, 'the KPJ that was asked for');
  }
  const asOf = find('AS');
  if (asOf !== undefined && !isDate(asOf)) return malformed(at('AS'), 'a date, YYYYMMDD');
  const more = find('MO');
  const page = find('PG');
  if (more !== undefined && more !== '0' && more !== '1') return malformed(at('MO'), '0 or 1');
  if (more === '1' && page === undefined) return malformed(at('PG'), `is missing where ${profile.tag('MO')} is 1`);
  if (more !== '1' && page !== undefined) return malformed(at('MO'), `is 1 where ${profile.tag('PG')} is`);
  const balance = balanceMistake(profile, reply, memberships, chosen);
  if (balance !== undefined) return malformed('DE54', balance);
  const lines = readLines(profile, reply);
  if (!lines.ok) return malformed(lines.error.path, lines.error.rule);
  return ok({
    ...plain,
    memberships,
    ...(asOf === undefined ? {} : { asOf }),
    ...(page === undefined ? {} : { nextPage: page }),
    ...(lines.value === undefined ? {} : { lines: lines.value }),
  });
}

// ---- The host's side ----

export interface ReceivedInquiry {
  readonly product: 'JHTBAL';
  readonly language: 'id' | 'en';
  /** Sensitive, both. */
  readonly track2: string;
  readonly pinBlock: string;
  /** With DUKPT. */
  readonly ksn?: string;
  readonly entry: 'stripe' | 'chip';
  readonly kpj?: string;
  readonly page?: string;
  readonly terminalId: string;
  readonly acceptorId: string;
  readonly acquirerId: string;
  readonly stan: string;
  readonly rrn: string;
}

/** `rule` as in a reply's error: which element or tag breaks what, for the host's log; the terminal gets a code. */
export interface InquiryError {
  readonly code: 'malformed-inquiry';
  readonly path: string;
  readonly rule: string;
}

export function readInquiry(profile: HostProfile, message: Message): Result<ReceivedInquiry, InquiryError> {
  const malformed = (path: string, rule: string): Result<never, InquiryError> =>
    fail({ code: 'malformed-inquiry', path, rule });
  const { inquiry } = profile;
  if (message.mti !== inquiry.mti && message.mti !== repeatType(inquiry.mti)) {
    return malformed('MTI', `an inquiry is ${inquiry.mti}, or its repeat`);
  }
  if (message.get(3) !== inquiry.processingCode) return malformed('DE3', 'the processing code of the profile');
  const entryMode = message.get(22);
  const entry =
    entryMode === inquiry.entryModes.stripe ? 'stripe' : entryMode === inquiry.entryModes.chip ? 'chip' : undefined;
  if (entry === undefined) return malformed('DE22', 'an entry mode of the profile');
  if (message.get(49) !== profile.currency) return malformed('DE49', 'the currency of the profile');
  const constants = Object.entries(inquiry.constants);
  const foreign = constants.find(([element, value]) => message.get(Number(element))?.trimEnd() !== value.trimEnd());
  if (foreign !== undefined) return malformed(`DE${foreign[0]}`, 'the value of the profile');
  const { element: place, table } = profile.places.request;
  const needed = [11, 32, 35, 37, 41, 42, place, 52];
  const [stan, acquirerId, track2, rrn, terminalId, acceptorId, additional, pinBlock] = needed.map((element) =>
    message.get(element),
  );
  const missing = needed.find((element) => !message.has(element));
  if (
    stan === undefined ||
    acquirerId === undefined ||
    track2 === undefined ||
    rrn === undefined ||
    terminalId === undefined ||
    acceptorId === undefined ||
    additional === undefined ||
    pinBlock === undefined
  ) {
    return malformed(`DE${missing ?? 0}`, 'is missing');
  }
  if (!isStan(stan)) return malformed('DE11', STAN_RULE);
  const { keying } = profile;
  const ksn = keying.kind === 'dukpt' ? message.get(keying.ksnElement) : undefined;
  if (keying.kind === 'dukpt' && ksn === undefined) return malformed(`DE${keying.ksnElement}`, 'is missing');
  const read = readTlv(table, additional, `${place}`);
  if (!read.ok) return malformed(read.error.path, read.error.rule);
  const at = (tag: TagName): string => `${place}.${profile.tag(tag)}`;
  const find = (tag: TagName): string | undefined => findTag(read.value, profile.tag(tag));
  const product = find('PI');
  if (product !== 'JHTBAL') return malformed(at('PI'), 'a product of the profile');
  const language = find('LG');
  if (language !== 'id' && language !== 'en') return malformed(at('LG'), 'id or en');
  const kpj = find('KP');
  const page = find('PG');
  if (page !== undefined && !PAGE.test(page)) return malformed(at('PG'), 'a page that this host gave out');
  return ok({
    product,
    language,
    track2,
    pinBlock,
    ...(ksn === undefined ? {} : { ksn }),
    entry,
    ...(kpj === undefined ? {} : { kpj }),
    ...(page === undefined ? {} : { page }),
    terminalId: terminalId.trimEnd(),
    acceptorId: acceptorId.trimEnd(),
    acquirerId,
    stan,
    rrn,
  });
}

/** Our host's pages: how many memberships came before. To the terminal it is a word to hand back. */
const PAGE = /^[0-9]{1,4}$/;

export interface InquiryAnswer {
  readonly responseCode: string;
  /** All that are linked to the card, newest first: the pages are cut here, from the request's `PG` on. */
  readonly memberships?: readonly Membership[];
  /** YYYYMMDD */
  readonly asOf?: string;
  /** The one that the request chose: the reply holds it alone. */
  readonly chosenKpj?: string;
}

/** The reply to a request, without its MAC. As many memberships as fit, `MO` and `PG` when there are more. */
export function buildInquiryReply(profile: HostProfile, request: Message, answer: InquiryAnswer): Message {
  const constants = Object.keys(profile.inquiry.constants).map(Number);
  if (profile.keying.kind === 'dukpt') constants.push(profile.keying.ksnElement);
  const values = {
    ...echo(request, [3, 4, 7, 11, 12, 13, 18, 25, 32, 37, 41, 42, 49, ...constants]),
    39: answer.responseCode,
  };
  const mti = replyType(request.mti);
  if (profile.meaning(answer.responseCode).meaning !== 'approved') return createMessage(mti, values);

  const { element, table } = profile.places.reply;
  const { chosenKpj, memberships = [] } = answer;
  const linked = chosenKpj === undefined ? memberships : memberships.filter(({ kpj }) => kpj === chosenKpj);
  const before = chosenKpj === undefined ? pageOf(profile, request) : 0;
  const head: TlvInput[] = [{ tag: profile.tag('PI'), value: 'JHTBAL' }];
  if (answer.asOf !== undefined) head.push({ tag: profile.tag('AS'), value: answer.asOf });
  if (chosenKpj !== undefined && linked.length > 0) head.push({ tag: profile.tag('KP'), value: chosenKpj });

  const group = profile.tag('MB');
  const waiting = linked.slice(before);
  const groups = waiting.map((membership) => ({ tag: group, value: writeMembership(profile, membership) }));
  const max = lengthOf(profile, element);
  let count = Math.min(waiting.length, profile.inquiry.pageSize, table.tags[group]?.times ?? 1);
  for (;;) {
    const more = count < waiting.length;
    const tail: TlvInput[] = more
      ? [
          { tag: profile.tag('MO'), value: '1' },
          { tag: profile.tag('PG'), value: `${before + count}` },
        ]
      : [];
    const written = writeTlv(table, [...head, ...groups.slice(0, count), ...tail], `${element}`, max);
    if (written.ok) {
      const only = linked.length === 1 ? linked[0]?.balance : undefined;
      return createMessage(mti, {
        ...values,
        [element]: written.value,
        54: writeBalance(profile, only),
        ...writeLines(profile, waiting.slice(0, count), answer.asOf),
      });
    }
    // Too long is a matter of fewer on this page. Anything else is a membership that no page could hold: a defect.
    if (written.error.code !== 'too-long' || count <= 1)
      throw new Error(`${written.error.path}: ${written.error.rule}`);
    count--;
  }
}

function pageOf(profile: HostProfile, request: Message): number {
  const { element, table } = profile.places.request;
  const read = readTlv(table, request.get(element) ?? '', `${element}`);
  const page = read.ok ? findTag(read.value, profile.tag('PG')) : undefined;
  return page !== undefined && PAGE.test(page) ? Number(page) : 0;
}
