/**
 * What goes over the devices' lines, as a technician may see it: frames by their names, codes and lengths, never what is
 * inside. A read may hold any piece of a frame (the middle of a track, a key that was pressed), so no byte is shown for
 * where it stands in a read: the drivers' own decoders say what has a name, and everything else is counted.
 */
import { createOmronDecoder, decodeOmronAnswer, decodeOmronCommand } from '../../devices/card-reader/omron-frame.ts';
import { describeCommand } from '../../devices/pin-pad/zt598-commands.ts';
import { createPadDecoder } from '../../devices/pin-pad/zt598-frame.ts';
import {
  createPrinterDecoder,
  CLEAR_BUFFERS,
  ORDERED_STATUS,
  RECOVER_AND_CLEAR,
} from '../../devices/receipt-printer/escpos.ts';
import type { Decoder } from '../../devices/transport/line.ts';
import type { Clock } from '../../protocol/clock.ts';
import type { LinkEvent } from '../../protocol/link/contract.ts';
import type { DeviceName, TapLine } from '../devices.ts';

interface Said {
  readonly text: string;
  /** What a driver asks of an idle device again and again: `begins` opens such a round, `goes-on` belongs to one. */
  readonly poll?: 'begins' | 'goes-on';
}

/** One connection, overheard. */
interface Ear {
  to(bytes: Uint8Array): readonly Said[];
  from(bytes: Uint8Array): readonly Said[];
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');
const count = (bytes: number): string => (bytes === 1 ? '1 byte' : `${bytes} bytes`);
const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, at) => byte === b[at]);

/** The longest silence within a frame; what stays half after it is noise. */
const SILENCE_MS = 500;

/** Reads in any grouping become what the tokens say; bytes that are no token are counted. */
function hearing<Token>(
  decoder: Decoder<Token>,
  clock: Clock,
  say: (token: Token) => Said,
): (bytes: Uint8Array) => readonly Said[] {
  let last = clock.now();
  let told = 0;
  return (bytes) => {
    if (decoder.midFrame && clock.now() - last > SILENCE_MS) decoder.expire();
    last = clock.now();
    const said = decoder.push(bytes).map(say);
    const noise = decoder.discarded - told;
    told = decoder.discarded;
    return noise > 0 ? [...said, { text: `noise, ${count(noise)}` }] : said;
  };
}

function readerEar(clock: Clock): Ear {
  let asked = '';
  const nothing: Said = { text: 'frame that is no answer' };
  return {
    to: hearing(createOmronDecoder(), clock, (token) => {
      if (token.kind !== 'frame') return { text: token.kind, poll: 'goes-on' };
      const command = decodeOmronCommand(token.text);
      asked = command?.name ?? '';
      const poll = asked === '10' ? 'begins' : asked === '11' ? 'goes-on' : undefined;
      return { text: `C${asked}`, ...(poll === undefined ? {} : { poll }) };
    }),
    from: hearing(createOmronDecoder(), clock, (token) => {
      if (token.kind !== 'frame') return { text: token.kind, poll: 'goes-on' };
      const answer = decodeOmronAnswer(token.text);
      // Only the answer to what was asked has a name in its first bytes.
      if (answer?.name !== asked) return { ...nothing, text: `${nothing.text}, ${count(token.text.length)}` };
      const code = (text: string): string => (/^[0-9A-Z]{2}$/.test(text) ? text : '??');
      if (answer.kind === 'refused') return { text: `N${asked} ${code(answer.error)}` };
      const data = answer.data.length > 0 ? `, ${count(answer.data.length)} of data` : '';
      return { text: `P${asked} ${code(answer.position)}${data}`, poll: 'goes-on' };
    }),
  };
}

/** The text of a whole frame `02` LLL text `03` XX; a driver's write is one. */
function padText(bytes: Uint8Array): Uint8Array | undefined {
  const length = Number(Buffer.from(bytes.subarray(1, 4)).toString('latin1'));
  return bytes[0] === 0x02 && bytes.length === length + 7 ? bytes.subarray(4, 4 + length) : undefined;
}

function padEar(clock: Clock): Ear {
  return {
    to(bytes) {
      const text = padText(bytes);
      if (text === undefined) return [{ text: count(bytes.length) }];
      // `3`: information, by which the driver sees that the pad is still there.
      return [
        { text: describeCommand(text), ...(text.length === 1 && text[0] === 0x33 ? { poll: 'begins' as const } : {}) },
      ];
    },
    from: hearing(createPadDecoder(), clock, (token) => {
      if (token.kind === 'key') return { text: `key ${token.key}` };
      if (token.kind === 'garbled') return { text: 'garbled' };
      return {
        text: `answer ${hex(token.status)}${token.data === '' ? '' : `, ${count(token.data.length)} of data`}`,
        poll: 'goes-on',
      };
    }),
  };
}

function printerEar(clock: Clock): Ear {
  return {
    to(bytes) {
      const [first, second, which = 0] = bytes;
      if (bytes.length === 3 && first === 0x10 && second === 0x04 && which >= 1 && which <= 4) {
        return [{ text: `DLE EOT ${which}`, poll: which === 1 ? 'begins' : 'goes-on' }];
      }
      if (same(bytes, ORDERED_STATUS)) return [{ text: 'GS r 1' }];
      if (same(bytes, Buffer.concat([ORDERED_STATUS, ORDERED_STATUS]))) return [{ text: 'GS r 1, twice' }];
      if (same(bytes, RECOVER_AND_CLEAR)) return [{ text: 'DLE ENQ 2' }];
      if (same(bytes, CLEAR_BUFFERS)) return [{ text: 'DLE DC4 8' }];
      return [{ text: `to print, ${count(bytes.length)}` }];
    },
    from: hearing(createPrinterDecoder(), clock, (token) => {
      if (token.kind === 'real-time') return { text: `status ${hex(token.byte)}`, poll: 'goes-on' };
      return { text: token.kind === 'ordered' ? `done ${hex(token.byte)}` : token.kind };
    }),
  };
}

const EARS: Readonly<Record<DeviceName, (clock: Clock) => Ear>> = {
  reader: readerEar,
  pad: padEar,
  printer: printerEar,
};

/** Lines of one device, of which a poll that comes again just as it was is only counted. */
function withoutRepeats(emit: (text: string) => void) {
  /** The round shown last, and the one under way; as long as both are the same it is held back. */
  let shown: readonly string[] = [];
  let round: string[] | undefined;
  let held = false;
  let repeats = 0;

  const tellRepeats = (): void => {
    if (repeats > 0) emit(`(${repeats} more poll${repeats === 1 ? '' : 's'})`);
    repeats = 0;
  };

  const showHeld = (): void => {
    tellRepeats();
    if (held) for (const text of round ?? []) emit(text);
    held = false;
  };

  const endRound = (): void => {
    if (round === undefined) return;
    if (held && round.length === shown.length) repeats += 1;
    else showHeld();
    shown = round;
    round = undefined;
    held = false;
  };

  return {
    line(text: string, poll: Said['poll']): void {
      if (poll !== 'goes-on') endRound();
      if (poll === 'begins') {
        round = [];
        held = true;
      }
      if (round !== undefined && held && shown[round.length] !== text) showHeld();
      round?.push(text);
      if (held) return;
      tellRepeats();
      emit(text);
    },
    end(): void {
      endRound();
      tellRepeats();
    },
  };
}

/** Every message to and from the host, redacted; for `onLinkEvent`. */
export function traceMessages(emit: (line: string) => void): (event: LinkEvent) => void {
  return (event) => {
    if (event.describe === undefined) return;
    emit(`host    ${event.kind === 'sent' ? '->' : '<-'} ${event.describe().replaceAll('\n', '\n           ')}`);
  };
}

/** Wraps each pipe so that `emit` hears every frame, masked, and repeated polls only by their number. */
export function traceLines(emit: (line: string) => void, clock: Clock): TapLine {
  return (device, open) => {
    const name = device.padEnd(7);
    return async () => {
      const opened = await open();
      if (!opened.ok) {
        emit(`${name} --  ${opened.error.code}`);
        return opened;
      }
      const pipe = opened.value;
      const ear = EARS[device](clock);
      const lines = withoutRepeats((text) => {
        emit(`${name} ${text}`);
      });
      const show = (direction: '->' | '<-', said: readonly Said[]): void => {
        for (const { text, poll } of said) lines.line(`${direction}  ${text}`, poll);
      };
      return {
        ok: true,
        value: {
          write(bytes, deadlineMs) {
            show('->', ear.to(bytes));
            return pipe.write(bytes, deadlineMs);
          },
          onData(listener) {
            pipe.onData((bytes) => {
              show('<-', ear.from(bytes));
              listener(bytes);
            });
          },
          onLost(listener) {
            pipe.onLost((error) => {
              lines.line(`--  ${error.code}`, undefined);
              listener(error);
            });
          },
          close() {
            lines.end();
            return pipe.close();
          },
        },
      };
    };
  };
}
