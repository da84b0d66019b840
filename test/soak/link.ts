/**
 * The link on a bad line: many inquiries, full security, through drops, half-open connections, late, doubled, split and
 * merged messages and resets, until each has its answer. Each answer is checked against the member that was asked about,
 * from the seed, so an answer that went to another is found whatever its numbers say.
 *
 *   node test/soak/link.ts --exchanges 100000 --seed 1
 */
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { systemClock } from '../../protocol/clock.ts';
import { generateMember } from '../../protocol/host/population.ts';
import { startHost } from '../../protocol/host/host.ts';
import { createTestPad, identity, jht, value } from '../../protocol/host/test-terminal.ts';
import { createMessage, type Message } from '../../protocol/iso8583/message.ts';
import { repeatType } from '../../protocol/iso8583/mti.ts';
import type { LinkFailure } from '../../protocol/link/contract.ts';
import { createLink, type Link } from '../../protocol/link/link.ts';
import { openStanSource, retrievalReference } from '../../protocol/link/stan.ts';
import { buildInquiry, readInquiryReply } from '../../protocol/profile/inquiry.ts';
import { openDatabase } from '../../protocol/storage/sqlite.ts';
import { seeded, startFaultyLine, type Fault } from './faulty-line.ts';

export interface SoakOptions {
  readonly exchanges: number;
  readonly seed: number;
  /** Inquiries under way at once. Default 12. */
  readonly concurrency?: number;
  /** So many times the usual share of faults. Default 1. */
  readonly faults?: number;
  /** After every 5,000 exchanges. */
  readonly progress?: (done: number) => void;
}

export interface SoakReport {
  readonly exchanges: number;
  /** Each with the answer that was its own. */
  readonly answered: number;
  /** Answers with another's numbers, or about another member. */
  readonly wrong: number;
  /** Never answered, or a call of the link that did not settle in time. */
  readonly lost: number;
  /** Calls that failed and were made again. */
  readonly failures: Readonly<Partial<Record<LinkFailure['code'], number>>>;
  readonly repeats: number;
  /** Late and doubled answers that were nobody's any more. */
  readonly unmatched: number;
  readonly connections: number;
  readonly keyExchanges: number;
  readonly messages: number;
  readonly faults: Readonly<Record<Fault, number>>;
  readonly seconds: number;
  /** Growth of the heap from after the first tenth to the end. */
  readonly heapGrowthMiB: number;
}

const MEMBERS = 2000;
const REPLY_MS = 400;
/** No call of the link takes longer than its deadline; a second for a busy machine. */
const SETTLED_MS = REPLY_MS + 5000;
const TRIES = 200;
const MIB = 1_048_576;

interface Numbered {
  readonly message: Message;
  readonly stan: string;
  readonly rrn: string;
  /** The keys it was made under. */
  readonly keys: number;
}

export async function soakLink(options: SoakOptions): Promise<SoakReport> {
  const { exchanges, seed } = options;
  const random = seeded(seed);
  const clock = systemClock;
  const timeZone = 'Asia/Jakarta';
  const host = value(await startHost({ profile: jht, members: MEMBERS, seed }));
  const line = await startFaultyLine({
    host: host.port,
    framing: jht.framing,
    random,
    lateMs: REPLY_MS * 1.5,
    factor: options.faults ?? 1,
  });
  const database = value(openDatabase(':memory:'));
  const stans = value(openStanSource({ database, terminalId: identity.terminalId, clock, timeZone }));
  const pad = createTestPad();
  const link = createLink({
    profile: jht,
    endpoints: [{ host: '127.0.0.1', port: line.port }],
    terminal: identity,
    timeZone,
    security: pad,
    stan: stans,
    clock,
    timeouts: { connect: 1000, reply: REPLY_MS, echoIdle: 300, echoReply: 200, signOn: 400, keyExchange: 400 },
    backoff: { baseMs: 5, maxMs: 50 },
    random,
  });

  const failures: Partial<Record<LinkFailure['code'], number>> = {};
  const seen = { unmatched: 0, connected: 0 };
  link.onEvent(({ kind }) => {
    if (kind === 'unmatched') seen.unmatched += 1;
    if (kind === 'connected') seen.connected += 1;
  });
  let [begun, done, answered, wrong, lost, repeats] = [0, 0, 0, 0, 0, 0];
  let heapAtFirst = 0;

  /** The inquiry about a member, with numbers of its own. */
  function make(index: number): Numbered {
    const { pan, pin } = generateMember(seed, index);
    const stan = value(stans.next());
    const rrn = retrievalReference(clock.now(), stan);
    const inquiry = buildInquiry(jht, identity, {
      product: 'JHTBAL',
      language: 'id',
      track2: `${pan}=29122210000000000000`,
      pinBlock: pad.pinBlock(pin, pan),
      entry: 'stripe',
    });
    return { message: withNumbers(inquiry, inquiry.mti, stan, rrn), stan, rrn, keys: pad.loads() };
  }

  /** Whether it is about this member, and about all of it. */
  function isOwn(index: number, reply: Message, { stan, rrn }: Numbered): boolean {
    if (reply.get(11) !== stan || reply.get(37) !== rrn) return false;
    const { memberships } = generateMember(seed, index);
    const read = readInquiryReply(jht, reply);
    if (!read.ok) return false;
    if (memberships.length === 0) return read.value.meaning === 'not-linked';
    const kpjs = (list: readonly { readonly kpj: string }[]): string =>
      list
        .map(({ kpj }) => kpj)
        .toSorted()
        .join();
    return kpjs(read.value.memberships) === kpjs(memberships);
  }

  /** One exchange, repeated as 0201 while its keys are good, made anew when they are not, until it is answered. */
  async function exchange(index: number): Promise<void> {
    let numbered: Numbered | undefined;
    for (let tries = 0; tries < TRIES; tries += 1) {
      await inService(link);
      const hold = link.hold();
      try {
        await hold.ready;
        if (numbered === undefined || numbered.keys !== pad.loads()) numbered = make(index);
        else {
          repeats += 1;
          const { message, stan, rrn } = numbered;
          numbered = { ...numbered, message: withNumbers(message, repeatType(message.mti), stan, rrn) };
        }
        const result = await inTime(link.request(numbered.message, new AbortController().signal));
        if (result === 'never') {
          lost += 1;
          return;
        }
        if (result.ok) {
          if (isOwn(index, result.value.reply, numbered)) answered += 1;
          else wrong += 1;
          return;
        }
        const { code } = result.error;
        failures[code] = (failures[code] ?? 0) + 1;
        // Nothing was sent: it is not a repeat.
        if (code === 'not-in-service') numbered = undefined;
      } finally {
        hold.release();
      }
    }
    lost += 1;
  }

  async function worker(): Promise<void> {
    while (begun < exchanges) {
      begun += 1;
      await exchange(Math.floor(random() * MEMBERS));
      done += 1;
      if (done === Math.ceil(exchanges / 10)) heapAtFirst = process.memoryUsage().heapUsed;
      if (done % 5000 === 0) options.progress?.(done);
    }
  }

  const from = performance.now();
  try {
    await Promise.all(Array.from({ length: options.concurrency ?? 12 }, worker));
  } finally {
    await link.close(REPLY_MS);
    await line.close();
    await host.close();
    database.close();
  }
  return {
    exchanges,
    answered,
    wrong,
    lost,
    failures,
    repeats,
    unmatched: seen.unmatched,
    connections: seen.connected,
    keyExchanges: pad.loads(),
    messages: line.messages(),
    faults: line.counts,
    seconds: Math.round((performance.now() - from) / 100) / 10,
    heapGrowthMiB: Math.round(((process.memoryUsage().heapUsed - heapAtFirst) / MIB) * 10) / 10,
  };
}

function withNumbers(message: Message, mti: string, stan: string, rrn: string): Message {
  const values = Object.fromEntries(message.elements.map((element) => [element, message.get(element)]));
  return createMessage(mti, { ...values, 11: stan, 37: rrn });
}

/** Ten seconds at most: what comes then is a failed call like any other. */
function inService(link: Link): Promise<void> {
  if (link.state().state === 'in-service') return Promise.resolve();
  return new Promise((resolve) => {
    const stop = link.onState(({ state }) => {
      if (state === 'in-service') end();
    });
    const timer = setTimeout(end, 10_000);
    function end(): void {
      clearTimeout(timer);
      stop();
      resolve();
    }
  });
}

function inTime<T>(settling: Promise<T>): Promise<T | 'never'> {
  let timer: NodeJS.Timeout | undefined;
  const never = new Promise<'never'>((resolve) => (timer = setTimeout(resolve, SETTLED_MS, 'never')));
  return Promise.race([settling, never]).finally(() => clearTimeout(timer));
}

const HELP = `The link soak: inquiries over a line with faults.

  --exchanges N   inquiries, each until it is answered  [100000]
  --seed S        of the faults and the members         [1]
  --json          one object on standard output
  --help          this text

Ends with 1 when an inquiry was lost or got another's answer.
`;

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      exchanges: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const [exchanges, seed] = [Number(values.exchanges), Number(values.seed)];
  if (!Number.isInteger(exchanges) || exchanges < 1 || !Number.isInteger(seed)) {
    process.stderr.write('soak: --exchanges and --seed take whole numbers\n');
    process.exitCode = 2;
    return;
  }
  const report = await soakLink({
    exchanges,
    seed,
    ...(values.json ? {} : { progress: (done) => process.stderr.write(`${done} of ${exchanges}\n`) }),
  });
  process.stdout.write(`${JSON.stringify(report, null, values.json ? undefined : 2)}\n`);
  process.exitCode = report.answered === exchanges && report.wrong === 0 && report.lost === 0 ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await run();
