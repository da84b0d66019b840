/** What the parts of a profile must agree on, beyond their shape (schema.ts): found when it is loaded, not by a customer. */
import { checkSpec, formatOf } from '../iso8583/field.ts';
import { isOfClass } from '../iso8583/format.ts';
import type { MessageSpec } from '../iso8583/spec.ts';
import { DUKPT_CIPHERS, keyingMistakes, PIN_BLOCK_CIPHERS } from '../security/keying.ts';
import { headerBytes } from '../link/frame-header.ts';
import { placesOf } from './places.ts';
import * as room from './room.ts';
import type { ProfileData, ProfileMistake, TagName, TlvRows } from './schema.ts';

/** Tags that the mapping reads and writes; a profile without them cannot carry an inquiry. */
const REQUEST_TAGS: readonly TagName[] = ['PI', 'LG', 'KP', 'PG', 'TP', 'TV', 'TA', 'AV'];
const REPLY_TAGS: readonly TagName[] = ['PI', 'KP', 'PG', 'MO', 'AS', 'MB'];
const MEMBERSHIP_TAGS = ['KP', 'NM', 'CO', 'SG', 'ST', 'PR', 'BL', 'CT', 'DV', 'LC', 'LP'];
/** Elements that the mapping and the link set or read. */
const ELEMENTS = [3, 4, 7, 11, 12, 13, 18, 22, 25, 32, 35, 37, 39, 41, 42, 43, 49, 52, 54, 70];

/** Tracks, PIN, keys, MACs, and what DE48, 54 and 55 hold of a member or a card: no part of them is for a log. */
const SECRET_ELEMENTS = [35, 36, 45, 48, 52, 54, 55, 64, 96, 128];
/** Numbers of cards and accounts: the last four digits may be seen. */
const ACCOUNT_ELEMENTS = [2, 34, 102, 103];
/** The mapping's own, by whatever name the host has for them; and those of a membership. */
const SECRET_NAMES: readonly TagName[] = ['KP', 'MB', 'TP', 'TA'];
const SECRET_TAGS = ['KP', 'NM', 'CO', 'BL', 'CT', 'DV'];

type Note = (path: string, rule: string, element?: number) => void;

export function agree(profile: string, data: ProfileData, spec: MessageSpec): ProfileMistake[] {
  const mistakes: ProfileMistake[] = checkSpec(spec).map(({ element, rule }) => ({
    profile,
    element,
    path: `elements.${element}.format`,
    rule,
  }));
  const note: Note = (path, rule, element) => {
    mistakes.push({ profile, path, rule, ...(element === undefined ? {} : { element }) });
  };
  agreeElements(data, spec, note);
  if (data.mac.kind !== 'none') agreeMac(data.mac, data.inquiry.mti, spec, note);
  agreeKeys(data, spec, note);
  if (data.pin.min > data.pin.max) note('pin.min', 'is more than pin.max');
  agreeFraming(data.framing, spec, note);
  const codes = Object.values(data.network);
  if (new Set(codes).size !== codes.length) note('network', 'two functions have the same code');
  if (data.inquiry.entryModes.stripe === data.inquiry.entryModes.chip)
    note('inquiry.entryModes', 'stripe and chip have the same code');
  if (!Object.values(data.responses).includes('approved')) note('responses', 'no code means approved');
  if (data.lines !== undefined) agreeLines(data.lines, note);
  agreeValues(data, spec, note);
  agreeTags(data, spec, note);
  return mistakes;
}

/** Those that are written are there, each by one part of the profile, and the secret ones stay hidden. */
function agreeElements(data: ProfileData, spec: MessageSpec, note: Note): void {
  const places = placesOf(data);
  const tagged = [places.request, places.reply, places.lines].flatMap((place) => place?.element ?? []);
  const needed = [...ELEMENTS, ...tagged, ...(data.mac.kind === 'none' ? [] : [64, 128])];
  for (const element of new Set(needed)) {
    if (spec.elements[element] === undefined)
      note(`elements.${element}`, 'is needed by the inquiry and may not be taken away', element);
  }
  for (const element of new Set([...SECRET_ELEMENTS, ...tagged])) {
    if ((spec.elements[element]?.show ?? 'hidden') !== 'hidden')
      note(`elements.${element}.show`, 'stays hidden', element);
  }
  for (const element of ACCOUNT_ELEMENTS) {
    if (spec.elements[element]?.show === 'whole') note(`elements.${element}.show`, 'may not be shown whole', element);
  }
  for (const [element, [first, ...others]] of usesOf(data)) {
    for (const path of others) note(path, `DE${element} is used by ${first ?? ''} already`, element);
  }
}

/** Which parts of the profile say what is in an element. */
function usesOf(data: ProfileData): Map<number, string[]> {
  const uses = new Map<number, string[]>();
  const use = (element: number, path: string): void => {
    uses.set(element, [...(uses.get(element) ?? []), path]);
  };
  for (const element of [1, ...ELEMENTS, 64, 65, 128]) use(element, 'the inquiry');
  use(data.additional.element, 'additional.element');
  if (data.answer !== undefined && data.answer.element !== data.additional.element)
    use(data.answer.element, 'answer.element');
  if (data.lines !== undefined) use(data.lines.element, 'lines.element');
  if (data.keying.kind === 'dukpt') use(data.keying.ksnElement, 'keying.ksnElement');
  for (const element of Object.keys(data.inquiry.constants)) use(Number(element), `inquiry.constants.${element}`);
  return uses;
}

function agreeMac(
  mac: Exclude<ProfileData['mac'], { kind: 'none' }>,
  inquiry: string,
  spec: MessageSpec,
  note: Note,
): void {
  // Sign-on and key exchange come before the key.
  if (mac.messages.some((mti) => mti.startsWith('8', 1)))
    note('mac.messages', 'network management has no MAC: the keys come with it');
  if (!mac.messages.includes(inquiry))
    note('mac.messages', `${inquiry} is missing: without a MAC at all, the kind is none`);
  const encodingOf = (element: number): string => spec.elements[element]?.encoding ?? spec.wire?.binary ?? 'ascii';
  for (const element of [64, 128]) {
    const format = spec.elements[element]?.format;
    if (format !== undefined && format !== 'b 8') note(`elements.${element}.format`, 'a MAC is b 8', element);
    if (!['ascii', 'binary'].includes(encodingOf(element)) || encodingOf(element) !== encodingOf(64))
      note(`elements.${element}.encoding`, 'a MAC is ascii (hex digits) or binary, in 64 and 128 alike', element);
  }
}

/** DE52 holds the PIN block; keys, PIN block and MAC are of one family. */
function agreeKeys({ pin, mac, keying }: ProfileData, spec: MessageSpec, note: Note): void {
  const bytes = PIN_BLOCK_CIPHERS[pin.format] === 'aes' ? 16 : 8;
  const format = spec.elements[52]?.format;
  if (format !== undefined && format !== `b ${bytes}`)
    note('elements.52.format', `a PIN block of ${pin.format} is b ${bytes}`, 52);
  const ownMac = keying.kind === 'dukpt' && DUKPT_CIPHERS[keying.scheme] === 'aes' ? 'aes-cmac' : 'x9.19';
  const algorithm = mac.kind === 'none' ? ownMac : mac.kind;
  for (const { path, rule } of keyingMistakes(keying, { pinFormat: pin.format, mac: { algorithm, bytes: 8 } }))
    note(path.replace('mac.algorithm', 'mac.kind'), rule);
  if (keying.kind !== 'dukpt') return;
  const { ksnElement: element, scheme } = keying;
  const size = DUKPT_CIPHERS[scheme] === 'aes' ? 12 : 10;
  if (spec.elements[element] === undefined) note('keying.ksnElement', 'an element of the profile', element);
  else if (![`b ${size}`, `ans ${2 * size}`, `an ${2 * size}`].includes(spec.elements[element].format))
    note(`elements.${element}.format`, `a KSN of ${scheme} is b ${size}`, element);
}

function agreeFraming(framing: ProfileData['framing'], spec: MessageSpec, note: Note): void {
  if (framing.length === 'none') {
    if (!isText(spec))
      note('framing.terminator', 'ends messages of ASCII text: packed or binary ones may hold its byte');
    return;
  }
  if (framing.length === 'ascii' && framing.bytes === 2) return note('framing.bytes', 'an ASCII length has 4 digits');
  const greatest = (framing.length === 'ascii' ? 10 : 256) ** framing.bytes - 1;
  const own = framing.inclusive === true ? framing.bytes : 0;
  const longest = greatest - own - headerBytes(framing.header).length;
  if ((framing.max ?? 4096) > longest) note('framing.max', `the length in front can say ${longest} at most`);
}

/** Nothing in it but printable characters, in ASCII. */
function isText({ wire = {}, elements }: MessageSpec): boolean {
  const rows = Object.values(elements).flatMap((row) => [row.encoding, row.prefix]);
  const used = [wire.mti, wire.digits, wire.text, wire.binary, wire.prefix, ...rows];
  return used.every((name) => name === undefined || name === 'ascii') && (wire.bitmap ?? 'hex') === 'hex';
}

function agreeLines(lines: NonNullable<ProfileData['lines']>, note: Note): void {
  if (lines.screen.letter === lines.receipt.letter) note('lines.receipt.letter', 'is that of the screen');
  for (const part of ['screen', 'receipt'] as const) {
    const most = 10 ** (lines.tag - 1);
    if (lines[part].count > most) note(`lines.${part}.count`, `a tag of ${lines.tag} characters counts to ${most}`);
  }
}

function agreeTags(data: ProfileData, spec: MessageSpec, note: Note): void {
  const { request, reply } = placesOf(data);
  const name = (tag: TagName): string => data.names[tag] ?? tag;
  const tables =
    data.answer === undefined
      ? [{ path: 'additional', rows: data.additional, place: request, tags: [...REQUEST_TAGS, ...REPLY_TAGS] }]
      : [
          { path: 'additional', rows: data.additional, place: request, tags: REQUEST_TAGS },
          { path: 'answer', rows: data.answer, place: reply, tags: REPLY_TAGS },
        ];
  const secret = new Set([...SECRET_TAGS, ...SECRET_NAMES.map(name)]);
  for (const { path, rows, place, tags } of tables) {
    const here: Note = (at, rule) => note(at, rule, place.element);
    for (const tag of new Set(tags))
      if (place.table.tags[name(tag)] === undefined) here(`${path}.tags.${name(tag)}`, 'is missing');
    checkTags(rows, path, secret, here);
    for (const { path: at, rule } of room.checkTags(path, place, name, formatOf(spec, place.element)?.max))
      here(at, rule);
  }
  const path = `${data.answer === undefined ? 'additional' : 'answer'}.tags.${name('MB')}.inside`;
  const inside = reply.table.tags[name('MB')]?.inside;
  if (inside === undefined) return note(path, 'is missing', reply.element);
  for (const tag of MEMBERSHIP_TAGS)
    if (inside.tags[tag] === undefined) note(`${path}.tags.${tag}`, 'is missing', reply.element);
}

function checkTags(table: TlvRows, path: string, secret: ReadonlySet<string>, note: Note): void {
  for (const [tag, row] of Object.entries(table.tags)) {
    const here = `${path}.tags.${tag}`;
    if (tag.length !== table.tag) note(here, `a tag has ${table.tag} characters`);
    else if (!isOfClass(tag, 'an')) note(here, 'a tag has letters and digits');
    if (secret.has(tag) && (row.show ?? 'hidden') !== 'hidden') note(`${here}.show`, 'stays hidden');
    const greatest = 10 ** table.length - 1;
    if ((row.max ?? greatest) > greatest) note(`${here}.max`, `a length of ${table.length} digits ends at ${greatest}`);
    if ((row.min ?? 1) > (row.max ?? greatest)) note(`${here}.min`, 'is more than max');
    if (row.inside !== undefined) checkTags(row.inside, `${here}.inside`, secret, note);
  }
}

/** What the profile says of an element's value fits the element. */
function agreeValues(data: ProfileData, spec: MessageSpec, note: Note): void {
  const { inquiry, currency, network, responses } = data;
  const written = [
    { element: 3, value: inquiry.processingCode, path: 'inquiry.processingCode' },
    { element: 18, value: inquiry.merchantType, path: 'inquiry.merchantType' },
    { element: 22, value: inquiry.entryModes.stripe, path: 'inquiry.entryModes.stripe' },
    { element: 22, value: inquiry.entryModes.chip, path: 'inquiry.entryModes.chip' },
    { element: 25, value: inquiry.conditionCode, path: 'inquiry.conditionCode' },
    { element: 49, value: currency, path: 'currency' },
    ...Object.entries(network).map(([what, value]) => ({ element: 70, value, path: `network.${what}` })),
    ...Object.keys(responses).map((value) => ({ element: 39, value, path: `responses.${value}` })),
    ...(data.keyErrors ?? []).map((value, index) => ({ element: 39, value, path: `keyErrors.${index}` })),
  ];
  for (const [key, value] of Object.entries(inquiry.constants)) {
    const [element, path] = [Number(key), `inquiry.constants.${key}`];
    if (formatOf(spec, element) === undefined) note(path, 'an element of the profile', element);
    written.push({ element, value, path });
  }
  const { always = [11], whenPresent = [] } = data.correlation ?? {};
  if (!always.includes(11) && !always.includes(37))
    note('correlation.always', 'has 11 or 37: answers are told apart by it');
  for (const element of [...always, ...whenPresent])
    if (spec.elements[element] === undefined) note('correlation', 'elements of the profile', element);
  for (const { path, rule, element } of room.checkElements(spec, written)) note(path, rule, element);
}
