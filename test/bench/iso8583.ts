/**
 * The codec against the two npm packages that terminals use, on one 0200 of 22 elements, in the same run: short rounds
 * alternate between the three, and the median counts, of the ratio that of each round. `node test/bench/iso8583.ts`
 * prints the rows.
 *
 * pack is object to bytes, unpack bytes to a checked message, unpackAndRead the same and every value read.
 */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { explain } from '../../protocol/iso8583/error.ts';
import { createMessage } from '../../protocol/iso8583/message.ts';
import type { ElementValues, Message } from '../../protocol/iso8583/message.ts';
import { loadProfile } from '../../protocol/profile/profile.ts';

export interface BenchResult {
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
  readonly peer?: string;
  readonly peerValue?: number;
  readonly ratio?: number;
  /** What the peer did wrong with this message, where it did. */
  readonly note?: string;
}

const ROUNDS = 21;
const ROUND_MS = 40;
/** Rounds that warm up and do not count. */
const WARM_UP = 3;

/** Test values only: the numbers are in no bank's range. */
export const BENCH_MTI = '0200';
export const BENCH_VALUES: ElementValues = {
  2: '9999990000000001',
  3: '310000',
  4: '000000000000',
  7: '1120090500',
  11: '000001',
  12: '160500',
  13: '1120',
  14: '2912',
  18: '6015',
  22: '021',
  23: '000',
  25: '00',
  32: '009',
  35: '9999990000000001=29125010000012300000',
  37: '632409000001',
  41: 'ANJ00001',
  42: 'ANJUNGAN0000001',
  43: 'MAL PELAYANAN PUBLIK BANDUNG    JABAR ID',
  48: 'PI006JHTBALLG002id',
  49: '360',
  52: '0123456789ABCDEF',
  64: 'A1C72E74EA3FA9B6',
};

interface NewIso {
  getBufferMessage(): unknown;
  getIsoJSON(bytes: Uint8Array, config: Readonly<Record<string, unknown>>): unknown;
}
interface OldIso {
  pack(values: Readonly<Record<string, string>>): string;
  unpack(text: string): unknown;
}
interface OldIsoModule {
  readonly ISO8583: new (packager: unknown) => OldIso;
  readonly defaultPackager: Readonly<Record<string, unknown>>;
}

/** One contestant. Each function answers a number, so that nothing can be optimized away. */
interface Contestant {
  readonly pack: () => number;
  readonly unpack: () => number;
  readonly unpackAndRead: () => number;
}
type Work = keyof Contestant;

interface Peer {
  readonly name: string;
  readonly contestant: Contestant;
  /** What it does wrong with this message. */
  readonly notes: Readonly<Partial<Record<Work, string>>>;
}

const require = createRequire(import.meta.url);

function textOf(values: ElementValues): Record<string, string> {
  const text: Record<string, string> = { '0': BENCH_MTI };
  for (const [element, value] of Object.entries(values)) if (value !== undefined) text[element] = value;
  return text;
}

/** Elements that a peer does not give back as they went. */
function lost(read: unknown): readonly string[] {
  const values = typeof read === 'object' && read !== null ? Object.entries(read) : [];
  const back = new Map<string, unknown>(values);
  return Object.entries(BENCH_VALUES)
    .filter(([element, value]) => back.get(element) !== value)
    .map(([element]) => element);
}

function readAll(values: unknown): number {
  let total = 0;
  for (const value of Object.values(values as Record<string, unknown>)) total += String(value).length;
  return total;
}

function own(): { readonly contestant: Contestant; readonly bytes: Uint8Array } {
  const profile = loadProfile('jht');
  if (!profile.ok) throw new Error('the profile does not load');
  const { codec } = profile.value;
  const pack = (): Uint8Array => {
    const packed = codec.pack(createMessage(BENCH_MTI, BENCH_VALUES));
    if (!packed.ok) throw new Error(explain(packed.error));
    return packed.value;
  };
  const bytes = pack();
  const unpack = (): Message => {
    const message = codec.unpack(bytes);
    if (!message.ok) throw new Error(explain(message.error));
    return message.value;
  };
  return {
    bytes,
    contestant: {
      pack: () => pack().length,
      unpack: () => unpack().mti.length,
      unpackAndRead: () => {
        const message = unpack();
        let total = 0;
        for (const element of message.elements) total += message.get(element)?.length ?? 0;
        return total;
      },
    },
  };
}

/** iso_8583, told to use a hex bitmap and hex for DE52 and DE64, so that its bytes differ from ours by one bitmap only. */
function newIso(): Peer {
  const Iso = require('iso_8583') as new (message?: Readonly<Record<string, string>>, formats?: unknown) => NewIso;
  const hex = { ContentType: 'an', LenType: 'fixed', MaxLen: 16 };
  const formats = {
    '1': { ...hex, Label: 'bitmap', MaxLen: 32 },
    '52': { ...hex, Label: 'PIN data' },
    '64': { ...hex, Label: 'MAC' },
  };
  const values = textOf(BENCH_VALUES);
  const pack = (): Uint8Array => {
    const bytes = new Iso(values, formats).getBufferMessage();
    if (!(bytes instanceof Uint8Array)) throw new Error(`iso_8583 does not pack: ${JSON.stringify(bytes)}`);
    return bytes;
  };
  const bytes = pack();
  const config = { bitmapEncoding: 'utf8' };
  const unpack = (): unknown => new Iso(undefined, formats).getIsoJSON(bytes, config);
  const wrong = lost(unpack());
  return {
    name: 'iso_8583',
    contestant: {
      pack: () => pack().length,
      unpack: () => (unpack() === undefined ? 0 : 1),
      unpackAndRead: () => readAll(unpack()),
    },
    notes: {
      pack: 'always writes a secondary bitmap',
      unpack:
        wrong.length === 0 ? 'checks neither classes nor the end of the message' : `loses DE${wrong.join(', DE')}`,
    },
  };
}

/** iso8583 knows a third of the elements; the rest are put into its table in its own terms. */
function oldIso(ownBytes: Uint8Array): Peer {
  const { ISO8583, defaultPackager } = require('iso8583') as OldIsoModule;
  const packager = {
    ...defaultPackager,
    '14': { length: 4, name: 'expiry', type: 'n' },
    '18': { length: 4, name: 'merchant type', type: 'n' },
    '22': { length: 3, name: 'entry mode', type: 'n' },
    '23': { length: 3, name: 'card sequence', type: 'n' },
    '25': { length: 2, name: 'condition', type: 'n' },
    '35': { length: 37, name: 'track 2', type: 'lln' },
    '42': { length: 15, name: 'acceptor', type: 'ans' },
    '43': { length: 40, name: 'acceptor name', type: 'ans' },
    '48': { length: 999, name: 'additional', type: 'lllan' },
    '52': { length: 16, name: 'PIN data', type: 'an' },
    '64': { length: 16, name: 'MAC', type: 'an' },
  };
  const values = { ...textOf(BENCH_VALUES), '1': '' };
  const text = Buffer.from(ownBytes).toString('latin1');
  const pack = (): string => new ISO8583(packager).pack(values);
  const unpack = (): unknown => new ISO8583(packager).unpack(text);
  const wrong = lost(unpack());
  return {
    name: 'iso8583',
    contestant: {
      pack: () => pack().length,
      unpack: () => (unpack() === undefined ? 0 : 1),
      unpackAndRead: () => readAll(unpack()),
    },
    notes: {
      ...(pack() === text ? {} : { pack: 'what it packs is another message: its bitmap is wrong' }),
      ...(wrong.length === 0
        ? {}
        : { unpack: `loses DE${wrong.join(', DE')}`, unpackAndRead: `loses DE${wrong.join(', DE')}` }),
    },
  };
}

/** Milliseconds of processor time: another process that takes the processor away does not count. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Calls a second over about ROUND_MS. */
function measure(work: () => number): number {
  let calls = 0;
  let sink = 0;
  const start = processorTime();
  let elapsed = 0;
  while (elapsed < ROUND_MS) {
    for (let index = 0; index < 200; index++) sink += work();
    calls += 200;
    elapsed = processorTime() - start;
  }
  if (sink < 0) throw new Error('a length is not negative');
  return (calls * 1000) / elapsed;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

const METRICS: readonly Work[] = ['pack', 'unpack', 'unpackAndRead'];

/** Rows of calls a second, one per metric and peer, with the ratio of ours to the peer's. */
export async function benchIso8583(): Promise<BenchResult[]> {
  const { contestant, bytes } = own();
  const peers = [newIso(), oldIso(bytes)];
  const rows: BenchResult[] = [];
  for (const metric of METRICS) {
    const contestants = [contestant, ...peers.map((peer) => peer.contestant)];
    const rates: number[][] = contestants.map(() => []);
    for (let round = 0; round < WARM_UP + ROUNDS; round++) {
      for (const [index, one] of contestants.entries()) {
        const rate = measure(one[metric]);
        if (round >= WARM_UP) rates[index]?.push(rate);
      }
      // Lets whatever else the process does (a signal, a progress line) have its turn.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const [ours = [], ...others] = rates;
    const value = median(ours);
    for (const [index, peer] of peers.entries()) {
      const theirs = others[index] ?? [];
      const peerValue = median(theirs);
      // Of the same round, so that a machine that gets slower or faster does so for both.
      const ratio = median(ours.map((rate, round) => rate / (theirs[round] ?? rate)));
      const note = peer.notes[metric];
      rows.push({
        metric: `iso8583.${metric}`,
        value: Math.round(value),
        unit: 'ops/s',
        peer: peer.name,
        peerValue: Math.round(peerValue),
        ratio: Math.round(ratio * 10) / 10,
        ...(note === undefined ? {} : { note }),
      });
    }
  }
  return rows;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const { metric, value, peer, peerValue, ratio, note } of await benchIso8583()) {
    const line = `${metric.padEnd(22)} ${String(value).padStart(9)} ops/s  ${(peer ?? '').padEnd(9)} ${String(peerValue).padStart(8)}  x ${ratio}`;
    console.log(note === undefined ? line : `${line}  (${note})`);
  }
}
