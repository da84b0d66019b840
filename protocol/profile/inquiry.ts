/**
 * The balance inquiry on the wire (0200/0210), both directions: the terminal builds requests and reads replies, the host
 * simulator reads requests and builds replies. Amounts are sen; a balance that is absent stays absent.
 */
import { createMessage } from '../iso8583/message.ts';
import type { Message } from '../iso8583/message.ts';
import { repeatType, replyType } from '../iso8583/mti.ts';
import { findTag, readTlv, writeTlv } from '../iso8583/tlv.ts';
import type { TlvEntry, TlvInput } from '../iso8583/tlv.ts';
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import type { InquiryReply, InquiryReplyError, InquiryRequest, Membership } from './contract.ts';
import { balanceMistake, writeBalance } from './balance.ts';
import { echo, isStan, lengthOf, padded, STAN_RULE } from './elements.ts';
import { isDate, readMembership, writeMembership } from './membership.ts';
import type { HostProfile } from './profile.ts';

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

/** DE48, whose tags are read and written here; errors are called after it. */
const ADDITIONAL = 48;

/** A request without what the link fills: 7, 11, 12, 13, 37, and the MAC. */
export function buildInquiry(profile: HostProfile, terminal: TerminalIdentity, request: InquiryRequest): Message {
  const { inquiry } = profile;
  const tags: TlvInput[] = [
    { tag: 'PI', value: request.product },
    { tag: 'LG', value: request.language },
  ];
  if (request.kpj !== undefined) tags.push({ tag: 'KP', value: request.kpj });
  if (request.page !== undefined) tags.push({ tag: 'PG', value: request.page });
  const additional = writeTlv(profile.additional, tags, `${ADDITIONAL}`, lengthOf(profile, ADDITIONAL));
  // All four are typed or came from a reply that was checked; if not, that is a defect of the caller.
  if (!additional.ok) throw new Error(`${additional.error.path}: ${additional.error.rule}`);
  return createMessage(inquiry.mti, {
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
    48: additional.value,
    49: profile.currency,
    52: request.pinBlock,
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
  const value = reply.get(ADDITIONAL);
  if (value === undefined) return malformed('DE48', 'is missing');
  const read = readTlv(profile.additional, value, `${ADDITIONAL}`);
  if (!read.ok) return malformed(read.error.path, read.error.rule);
  const entries = read.value;

  const memberships: Membership[] = [];
  for (const { inside } of entries.filter(({ tag }) => tag === 'MB')) {
    const membership = readMembership(inside ?? [], `${ADDITIONAL}.MB[${memberships.length}]`);
    if (!membership.ok) return malformed(membership.error.path, membership.error.rule);
    if (memberships.some(({ kpj }) => kpj === membership.value.kpj)) {
      return malformed(`${ADDITIONAL}.MB[${memberships.length}].KP`, 'stands there once');
    }
    memberships.push(membership.value);
  }
  if (memberships.length === 0) return malformed('48.MB', 'at least one in an approved reply');

  const chosen = findTag(entries, 'KP');
  if (chosen !== undefined && !memberships.some(({ kpj }) => kpj === chosen)) {
    return malformed('48.KP', 'one of the memberships of the reply');
  }
  if (asked?.kpj !== undefined && memberships.some(({ kpj }) => kpj !== asked.kpj)) {
    return malformed('48.MB[0].KP', 'the KPJ that was asked for');
  }
  const asOf = findTag(entries, 'AS');
  if (asOf !== undefined && !isDate(asOf)) return malformed('48.AS', 'a date, YYYYMMDD');
  const paging = readPaging(entries);
  if (!paging.ok) return malformed(paging.error.path, paging.error.rule);
  const balance = balanceMistake(profile, reply, memberships, chosen);
  if (balance !== undefined) return malformed('DE54', balance);
  return ok({
    ...plain,
    memberships,
    ...(asOf === undefined ? {} : { asOf }),
    ...(paging.value === undefined ? {} : { nextPage: paging.value }),
  });
}

function readPaging(entries: readonly TlvEntry[]): Result<string | undefined, { path: string; rule: string }> {
  const more = findTag(entries, 'MO');
  const page = findTag(entries, 'PG');
  if (more !== undefined && more !== '0' && more !== '1') return fail({ path: '48.MO', rule: '0 or 1' });
  if (more === '1' && page === undefined) return fail({ path: '48.PG', rule: 'is missing where MO is 1' });
  if (more !== '1' && page !== undefined) return fail({ path: '48.MO', rule: 'is 1 where PG is' });
  return ok(more === '1' ? page : undefined);
}

// ---- The host's side ----

export interface ReceivedInquiry {
  readonly product: 'JHTBAL';
  readonly language: 'id' | 'en';
  /** Sensitive, both. */
  readonly track2: string;
  readonly pinBlock: string;
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
  const needed = [11, 32, 35, 37, 41, 42, ADDITIONAL, 52] as const;
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
  const read = readTlv(profile.additional, additional, `${ADDITIONAL}`);
  if (!read.ok) return malformed(read.error.path, read.error.rule);
  const product = findTag(read.value, 'PI');
  if (product !== 'JHTBAL') return malformed('48.PI', 'a product of the profile');
  const language = findTag(read.value, 'LG');
  if (language !== 'id' && language !== 'en') return malformed('48.LG', 'id or en');
  const kpj = findTag(read.value, 'KP');
  const page = findTag(read.value, 'PG');
  if (page !== undefined && !PAGE.test(page)) return malformed('48.PG', 'a page that this host gave out');
  return ok({
    product,
    language,
    track2,
    pinBlock,
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

/** The reply to a request, without its MAC. As many memberships as fit into DE48, `MO` and `PG` when there are more. */
export function buildInquiryReply(profile: HostProfile, request: Message, answer: InquiryAnswer): Message {
  const values = {
    ...echo(request, [3, 4, 7, 11, 12, 13, 18, 25, 32, 37, 41, 42, 49]),
    39: answer.responseCode,
  };
  const mti = replyType(request.mti);
  if (profile.meaning(answer.responseCode).meaning !== 'approved') return createMessage(mti, values);

  const { chosenKpj, memberships = [] } = answer;
  const linked = chosenKpj === undefined ? memberships : memberships.filter(({ kpj }) => kpj === chosenKpj);
  const before = chosenKpj === undefined ? pageOf(profile, request) : 0;
  const head: TlvInput[] = [{ tag: 'PI', value: 'JHTBAL' }];
  if (answer.asOf !== undefined) head.push({ tag: 'AS', value: answer.asOf });
  if (chosenKpj !== undefined && linked.length > 0) head.push({ tag: 'KP', value: chosenKpj });

  const waiting = linked
    .slice(before)
    .map((membership) => ({ tag: 'MB', value: writeMembership(profile, membership) }));
  const max = lengthOf(profile, ADDITIONAL);
  let count = Math.min(waiting.length, profile.inquiry.pageSize, profile.additional.tags['MB']?.times ?? 1);
  for (;;) {
    const more = count < waiting.length;
    const tail: TlvInput[] = more
      ? [
          { tag: 'MO', value: '1' },
          { tag: 'PG', value: `${before + count}` },
        ]
      : [];
    const written = writeTlv(profile.additional, [...head, ...waiting.slice(0, count), ...tail], `${ADDITIONAL}`, max);
    if (written.ok) {
      const only = linked.length === 1 ? linked[0]?.balance : undefined;
      return createMessage(mti, { ...values, 48: written.value, 54: writeBalance(profile, only) });
    }
    // Too long is a matter of fewer on this page. Anything else is a membership that no page could hold: a defect.
    if (written.error.code !== 'too-long' || count <= 1)
      throw new Error(`${written.error.path}: ${written.error.rule}`);
    count--;
  }
}

function pageOf(profile: HostProfile, request: Message): number {
  const read = readTlv(profile.additional, request.get(ADDITIONAL) ?? '', `${ADDITIONAL}`);
  const page = read.ok ? findTag(read.value, 'PG') : undefined;
  return page !== undefined && PAGE.test(page) ? Number(page) : 0;
}
