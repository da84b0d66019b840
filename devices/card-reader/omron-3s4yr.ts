/**
 * Driver of the OMRON 3S4YR motorised card reader. It keeps the line, initialises the reader whenever the line comes up
 * (a card inside is held), and asks for its status all the time: that is the heartbeat, and how a card that moved is noticed.
 */
import { abortAfter, type Clock } from '../clock.ts';
import { fail, ok, type Result } from '../result.ts';
import { createLine, type LineError, type LineStatistics, type Wire } from '../transport/line.ts';
import type { OpenPipe } from '../transport/pipe.ts';
import type { CardReader, CardReaderError, CardReaderStatus, Media, Track } from './contract.ts';
import { omronRemedy, omronTrackProblems } from './omron-errors.ts';
import { createOmronDecoder, type OmronAnswer, type OmronToken } from './omron-frame.ts';
import { omronCommand, type OmronRetry, type OmronTalk, type OmronTiming } from './omron-talk.ts';
import { arrived, followStatus, removed } from './omron-waits.ts';
import { parseTrack2 } from './track.ts';

export interface Omron3S4YROptions {
  readonly open: OpenPipe;
  readonly clock: Clock;
  /** Wait between two status enquiries. Default 250 ms. */
  readonly pollMs?: number;
  /** Which cards the entry lets in. Default `stripe`: a card the wrong way round stays at the mouth. */
  readonly entry?: 'stripe' | 'any';
  /** Place of the sensor at the mouth in the data of command `11`, one character a sensor, `1` = dark. Default 0. */
  readonly mouthSensor?: number;
  /** So long must something lie at the mouth, not drawn in, to count as refused. Default 800 ms. */
  readonly mouthMs?: number;
  /** Wait between attempts to reset a reader that is out of order. Default 5000 ms. */
  readonly faultRetryMs?: number;
  /** Wait for DLE ACK to a command that moves something. Default 5020 ms, the specification's least. */
  readonly ackMs?: number;
  /** Command names and codes as they go over the line, never data. */
  readonly trace?: (line: string) => void;
}

export interface OmronInformation {
  readonly firmware?: string;
  /** Cards in the bin, by the reader's own count. */
  readonly retainedCards?: number;
}

export interface OmronCardReader extends CardReader {
  /** As last reported by the reader: when it was initialised, and after a card was retained. */
  information(): OmronInformation;
  statistics(): LineStatistics & { readonly retries: Readonly<Partial<Record<OmronRetry, number>>> };
}

type Answered<T> = Promise<Result<T, CardReaderError>>;
type Done = Extract<OmronAnswer, { kind: 'done' }>;

/** 10 contact, 11 active, 20 APDU done: the card is inside, at the chip's contacts. */
const mediaOf: Readonly<Record<string, Media>> = {
  '00': 'none',
  '01': 'takeout',
  '02': 'inside',
  '10': 'inside',
  '11': 'inside',
  '20': 'inside',
};
const resetCommand = { hold: '02', eject: '00', retain: '01' } as const;
/** Reading problems that a second pass over the stripe may cure. */
const worthASecondPass: readonly string[] = ['40', '41', '42', '43', '46'];
/** Longest wait, at the end, for the reader to close its entry. */
const closeMs = 1000;
/** Refused in this state: asked for a card that is not there, or a defect of ours. */
const notInThisState = '02';

const lineErrors: Readonly<Record<LineError['code'], CardReaderError['code']>> = {
  absent: 'absent',
  'no-answer': 'no-answer',
  cancelled: 'cancelled',
  'queue-full': 'refused',
};

export function createOmron3S4YR(options: Omron3S4YROptions): OmronCardReader {
  const { clock } = options;
  const pollMs = options.pollMs ?? 250;
  const moving: OmronTiming = { ackMs: options.ackMs ?? 5020, sends: 2, answerMs: 10_000, enquiries: 2 };
  // An idle reader acknowledges at once, and asking for its state twice does no harm: a loss is noticed within 2 s.
  const asking: OmronTiming = { ackMs: 700, sends: 2, answerMs: 700, enquiries: 2 };
  // The reader finds the speed from the first reset, which it may therefore miss.
  const initialising: OmronTiming = { ackMs: 1000, sends: 3, answerMs: 10_000, enquiries: 2 };

  const statusListeners = new Set<(status: CardReaderStatus) => void>();
  const mouthListeners = new Set<() => void>();
  const retries: Partial<Record<OmronRetry, number>> = {};
  let status: CardReaderStatus = { state: 'unknown' };
  let information: OmronInformation = {};
  let pollTimer: unknown;
  let accepting = false;
  /** `lost`: a reset has closed it, perhaps while somebody waits for a card. */
  let entry: 'closed' | 'open' | 'lost' = 'closed';
  let mouthDarkSince: number | undefined;
  let mouthTold = false;
  let closing: Promise<void> | undefined;

  const talk: OmronTalk = {
    retried: (what) => {
      retries[what] = (retries[what] ?? 0) + 1;
    },
    trace: options.trace,
  };
  const line = createLine<OmronToken>({
    open: options.open,
    clock,
    decoder: createOmronDecoder,
    // The reader speaks only when asked; what else comes is late or noise.
    onUnsolicited: () => undefined,
    interByteMs: 1000,
  });

  function onStatus(listener: (status: CardReaderStatus) => void): () => void {
    statusListeners.add(listener);
    return () => statusListeners.delete(listener);
  }
  const follow = (signal: AbortSignal, decide: typeof arrived) =>
    followStatus({ status: () => status, onStatus }, () => closing !== undefined, signal, decide);

  function setStatus(next: CardReaderStatus): void {
    if (JSON.stringify(next) === JSON.stringify(status)) return;
    status = next;
    for (const listener of statusListeners) listener(status);
  }

  /** Only a reset that succeeded ends a fault: a jammed reader may well tell where the card is. */
  function sawPosition(answer: Done, afterReset?: 'after reset'): Media {
    const media = mediaOf[answer.position] ?? 'unknown';
    setStatus(status.state === 'fault' && !afterReset ? { ...status, media } : { state: 'ready', media });
    return media;
  }

  function toError(error: LineError): CardReaderError {
    if (error.code === 'no-answer' && !closing) {
      setStatus({ state: 'absent', why: error.detail });
      line.reopen(error.detail);
    }
    return { code: lineErrors[error.code] };
  }

  /** A refusal in our words; the reader's own sensors tell whether a card was missing. */
  async function refusal(
    wire: Wire<OmronToken>,
    deviceCode: string,
  ): Promise<Result<never, CardReaderError | LineError>> {
    const { code } = omronRemedy(deviceCode);
    if (deviceCode !== notInThisState) return fail({ code, deviceCode });
    const where = await omronCommand(wire, '10', asking, talk);
    if (!where.ok) return where;
    const empty = where.value.kind === 'done' && sawPosition(where.value) === 'none';
    return fail({ code: empty ? 'no-card' : code, deviceCode });
  }

  /** Initialises within a conversation, and settles the status by what comes of it. */
  async function initialise(wire: Wire<OmronToken>, name: string): Promise<Result<OmronAnswer, LineError>> {
    const answer = await omronCommand(wire, name, initialising, talk);
    if (entry === 'open') entry = 'lost';
    if (!answer.ok) return answer;
    if (answer.value.kind === 'done') sawPosition(answer.value, 'after reset');
    else {
      const { error: deviceCode } = answer.value;
      setStatus({ state: 'fault', fault: omronRemedy(deviceCode).fault ?? 'hardware', media: 'unknown', deviceCode });
    }
    return answer;
  }

  /**
   * One command with the recovery that the specification asks for: `reset` initialises (the card is held). A command that
   * was refused only for want of a reset is then given once more; one that ran into a fault is not.
   */
  async function perform(name: string, timing: OmronTiming, signal?: AbortSignal): Answered<Done> {
    const result = await line.exchange<Done, CardReaderError>(async (wire) => {
      let answer = await omronCommand(wire, name, timing, talk);
      if (answer.ok && answer.value.kind === 'refused') {
        const { remedy, fault } = omronRemedy(answer.value.error);
        if (remedy === 'reset') {
          const fresh = await initialise(wire, resetCommand.hold);
          if (!fresh.ok) return fresh;
          if (fresh.value.kind === 'done' && fault === undefined) answer = await omronCommand(wire, name, timing, talk);
        }
      }
      if (!answer.ok) return answer;
      if (answer.value.kind === 'refused') return refusal(wire, answer.value.error);
      sawPosition(answer.value);
      return ok(answer.value);
    }, signal);
    return result.ok ? result : fail(settleError(result.error));
  }

  function settleError(error: CardReaderError | LineError): CardReaderError {
    return 'detail' in error ? toError(error) : error;
  }

  // Line up: initialise; then ask for the status, again and again

  async function start(): Promise<void> {
    information = {};
    const result = await line.exchange<undefined, never>(async (wire) => {
      const fresh = await initialise(wire, resetCommand.hold);
      if (!fresh.ok) return fresh;
      const firmware = await omronCommand(wire, 'V0', asking, talk);
      if (!firmware.ok) return firmware;
      const bin = await omronCommand(wire, 'Q0', asking, talk);
      if (!bin.ok) return bin;
      information = { ...textOf('firmware', firmware.value), ...countOf(bin.value) };
      return ok();
    });
    if (result.ok) schedule();
    else toError(result.error);
  }

  function schedule(): void {
    clock.clearTimeout(pollTimer);
    if (closing || line.state().state !== 'up') return;
    const out = status.state === 'fault';
    pollTimer = clock.setTimeout(() => void poll(), out ? (options.faultRetryMs ?? 5000) : pollMs);
  }

  async function poll(): Promise<void> {
    if (status.state === 'fault') {
      await reset('hold');
    } else {
      const answer = await perform('10', asking);
      // A reader that lost its power for a moment has been initialised, and would wait behind a closed entry for ever.
      if (answer.ok && accepting && entry === 'lost' && answer.value.position === '00') await permit();
      if (answer.ok && accepting) await lookAtMouth(mediaOf[answer.value.position] ?? 'unknown');
    }
    schedule();
  }

  async function reset(card: keyof typeof resetCommand): Answered<Media> {
    const result = await line.exchange((wire) => initialise(wire, resetCommand[card]));
    if (!result.ok) return fail(toError(result.error));
    const answer = result.value;
    if (answer.kind === 'done') return ok(mediaOf[answer.position] ?? 'unknown');
    return fail({ code: omronRemedy(answer.error).code, deviceCode: answer.error });
  }

  async function permit(signal?: AbortSignal): Answered<Done> {
    const permitted = await perform(options.entry === 'any' ? ':0' : ':2', moving, signal);
    if (permitted.ok) entry = 'open';
    return permitted;
  }

  async function lookAtMouth(media: Media): Promise<void> {
    const sensors = media === 'none' ? await perform('11', asking) : undefined;
    const dark = sensors?.ok === true && sensors.value.data[options.mouthSensor ?? 0] === '1'.charCodeAt(0);
    if (!dark) {
      mouthDarkSince = undefined;
      mouthTold = false;
      return;
    }
    mouthDarkSince ??= clock.now();
    if (mouthTold || !accepting || clock.now() - mouthDarkSince < (options.mouthMs ?? 800)) return;
    mouthTold = true;
    for (const listener of mouthListeners) listener();
  }

  async function readTrack2(): Answered<Track> {
    for (let pass = 1; ; pass += 1) {
      const answer = await perform('62', moving);
      if (answer.ok) return ok(parseTrack2(String.fromCharCode(...answer.value.data)));
      const { deviceCode = '' } = answer.error;
      const problem = omronTrackProblems[deviceCode];
      if (!problem) return answer;
      if (pass === 2 || !worthASecondPass.includes(deviceCode)) return ok({ ok: false, problem });
    }
  }

  async function retain(): Answered<undefined> {
    const where = await perform('10', asking);
    if (!where.ok) return where;
    if (where.value.position === '00') return fail({ code: 'no-card' });
    const gone = await perform(where.value.position === '01' ? '41' : '31', moving);
    if (!gone.ok) return gone;
    const bin = await perform('Q0', asking);
    if (bin.ok) information = { ...information, ...countOf(bin.value) };
    return ok();
  }

  async function close(): Promise<void> {
    clock.clearTimeout(pollTimer);
    // A terminal that is going down must not swallow another card.
    if (accepting) {
      const limit = abortAfter(clock, closeMs);
      await perform(':1', asking, limit.signal).finally(limit.clear);
    }
    setStatus({ state: 'absent', why: 'closed' });
    await line.close();
  }

  line.onState((state) => {
    clock.clearTimeout(pollTimer);
    if (closing) return;
    if (state.state === 'down') setStatus({ state: 'absent', why: state.why });
    if (state.state === 'up') void start();
  });

  return {
    status: () => status,
    onStatus,
    onRefusedAtMouth(listener) {
      mouthListeners.add(listener);
      return () => mouthListeners.delete(listener);
    },
    async reset(card) {
      const result = await reset(card);
      schedule();
      return result;
    },
    async acceptCard(signal) {
      accepting = true;
      mouthDarkSince = undefined;
      mouthTold = false;
      entry = 'closed';
      const permitted = await permit(signal);
      const result = permitted.ok ? await follow(signal, arrived) : permitted;
      accepting = false;
      entry = 'closed';
      if (!result.ok && result.error.code !== 'cancelled') return result;
      // Whatever becomes of this, the customer's card is in, or the caller has gone.
      await perform(':1', asking);
      return result.ok ? ok() : result;
    },
    readTrack2,
    async eject() {
      const moved = await perform('30', moving);
      return moved.ok ? ok() : moved;
    },
    async waitForRemoval(signal) {
      const now = await perform('10', asking, signal);
      return now.ok ? follow(signal, removed) : now;
    },
    retain,
    async findMedia() {
      const now = await perform('10', asking);
      return now.ok ? ok(mediaOf[now.value.position] ?? 'unknown') : now;
    },
    information: () => information,
    statistics: () => ({ ...line.statistics(), retries: { ...retries } }),
    close() {
      closing ??= close();
      return closing;
    },
  };
}

function textOf(name: 'firmware', answer: OmronAnswer): OmronInformation {
  return answer.kind === 'done' ? { [name]: String.fromCharCode(...answer.data).trim() } : {};
}

function countOf(answer: OmronAnswer): OmronInformation {
  const digits = answer.kind === 'done' ? String.fromCharCode(...answer.data) : '';
  return /^\d+$/.test(digits) ? { retainedCards: Number(digits) } : {};
}
