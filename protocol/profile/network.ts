/** Network management, 0800 and 0810: sign-on, sign-off, key exchange, cut-over, echo. Both directions. */
import { createMessage } from '../iso8583/message.ts';
import type { Message } from '../iso8583/message.ts';
import { findTag, readTlv, writeTlv } from '../iso8583/tlv.ts';
import { fail, ok } from '../result.ts';
import type { Result } from '../result.ts';
import type { Meaning } from './contract.ts';
import type { TerminalIdentity } from './inquiry.ts';
import { echo, isStan, lengthOf, padded, STAN_RULE } from './elements.ts';
import type { HostProfile, NetworkFunction } from './profile.ts';
import type { TagName } from './schema.ts';

const REQUEST = '0800';
const REPLY = '0810';

const KEY_TAGS = ['TP', 'TV', 'TA', 'AV'] as const;

/** Session keys under the terminal master key (32 hex) and their check values (6 hex). */
export interface WrappedKeys {
  readonly pinKey: string;
  readonly pinCheck: string;
  readonly macKey: string;
  readonly macCheck: string;
}

export interface NetworkReply {
  readonly function: NetworkFunction;
  readonly responseCode: string;
  readonly meaning: Meaning;
  readonly approved: boolean;
  /** With an approved key exchange. */
  readonly keys?: WrappedKeys;
}

export interface NetworkMessageError {
  readonly code: 'malformed-network-message';
  /** `DE70`, `48.TP` */
  readonly path: string;
  readonly rule: string;
}

function malformed(path: string, rule: string): Result<never, NetworkMessageError> {
  return fail({ code: 'malformed-network-message', path, rule });
}

/** A request without what the link fills (7, 11, 12, 13, 37). */
export function buildNetworkRequest(profile: HostProfile, terminal: TerminalIdentity, what: NetworkFunction): Message {
  return createMessage(REQUEST, {
    32: terminal.acquirerId,
    41: padded(profile, 41, terminal.terminalId),
    42: padded(profile, 42, terminal.acceptorId),
    70: profile.network[what],
  });
}

function functionOf(profile: HostProfile, message: Message): NetworkFunction | undefined {
  const code = message.get(70);
  return (Object.keys(profile.network) as NetworkFunction[]).find((what) => profile.network[what] === code);
}

export function readNetworkReply(profile: HostProfile, reply: Message): Result<NetworkReply, NetworkMessageError> {
  if (reply.mti !== REPLY) return malformed('MTI', `a reply is ${REPLY}`);
  const what = functionOf(profile, reply);
  if (what === undefined) return malformed('DE70', 'a function of the profile');
  const responseCode = reply.get(39);
  if (responseCode === undefined) return malformed('DE39', 'is missing');
  const { meaning } = profile.meaning(responseCode);
  const approved = meaning === 'approved';
  const plain = { function: what, responseCode, meaning, approved };
  if (!approved || what !== 'keyExchange') return ok(plain);
  const { element, table } = profile.places.request;
  const additional = reply.get(element);
  if (additional === undefined) return malformed(`DE${element}`, 'is missing');
  const entries = readTlv(table, additional, `${element}`);
  if (!entries.ok) return malformed(entries.error.path, entries.error.rule);
  const missing = (tag: TagName): Result<never, NetworkMessageError> =>
    malformed(`${element}.${profile.tag(tag)}`, 'is missing');
  const [pinKey, pinCheck, macKey, macCheck] = KEY_TAGS.map((tag) => findTag(entries.value, profile.tag(tag)));
  if (pinKey === undefined) return missing('TP');
  if (pinCheck === undefined) return missing('TV');
  if (macKey === undefined) return missing('TA');
  if (macCheck === undefined) return missing('AV');
  return ok({ ...plain, keys: { pinKey, pinCheck, macKey, macCheck } });
}

// ---- The host's side ----

export interface NetworkRequest {
  readonly function: NetworkFunction;
  readonly terminalId: string;
  readonly stan: string;
}

/** Whether it asks for network management at all, well or badly: it then gets an 0810. */
export const isNetworkRequest = (message: Message): boolean => message.mti === REQUEST;

export function readNetworkRequest(
  profile: HostProfile,
  message: Message,
): Result<NetworkRequest, NetworkMessageError> {
  if (message.mti !== REQUEST) return malformed('MTI', `a request is ${REQUEST}`);
  const what = functionOf(profile, message);
  if (what === undefined) return malformed('DE70', 'a function of the profile');
  const terminalId = message.get(41)?.trimEnd();
  if (terminalId === undefined || terminalId === '') return malformed('DE41', 'is missing');
  const stan = message.get(11);
  if (stan === undefined) return malformed('DE11', 'is missing');
  if (!isStan(stan)) return malformed('DE11', STAN_RULE);
  return ok({ function: what, terminalId, stan });
}

/** The reply to a request, with keys for an approved key exchange. Keys that do not fit the profile's tags are a defect. */
export function buildNetworkReply(
  profile: HostProfile,
  request: Message,
  answer: { readonly responseCode: string; readonly keys?: WrappedKeys },
): Message {
  return createMessage(REPLY, {
    ...echo(request, [7, 11, 12, 13, 32, 37, 41, 42, 70]),
    39: answer.responseCode,
    [profile.places.request.element]: answer.keys === undefined ? undefined : writeKeys(profile, answer.keys),
  });
}

function writeKeys(profile: HostProfile, keys: WrappedKeys): string {
  const { element, table } = profile.places.request;
  const values = [keys.pinKey, keys.pinCheck, keys.macKey, keys.macCheck];
  const entries = KEY_TAGS.map((tag, index) => ({ tag: profile.tag(tag), value: values[index] ?? '' }));
  const written = writeTlv(table, entries, `${element}`, lengthOf(profile, element));
  if (!written.ok) throw new Error(`${written.error.path}: ${written.error.rule}`);
  return written.value;
}
