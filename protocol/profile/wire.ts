/**
 * Numbers that a host has wider than the terminal counts them: DE11 of 12 digits is the terminal's six with zeros in front.
 * Widened on the way out and narrowed on the way in, so that link, mapping and host simulator know one width.
 */
import type { Codec } from '../iso8583/codec.ts';
import { formatOf } from '../iso8583/field.ts';
import { withElements } from '../iso8583/message.ts';
import type { Message } from '../iso8583/message.ts';

const STAN = 11;
/** Digits of a STAN in the terminal (link/stan.ts). */
const OWN = 6;

/** A number that is not one of the terminal's stays as it is, for the codec to judge. */
export const widened = (stan: string, width: number): string =>
  stan.length === OWN ? stan.padStart(width, '0') : stan;

const narrowed = (stan: string): string => (/^0+[0-9]{6}$/.test(stan) ? stan.slice(-OWN) : stan);

/** The same codec, for messages with a STAN of six digits. */
export function withOwnStan(codec: Codec): Codec {
  const width = formatOf(codec.spec, STAN)?.max ?? OWN;
  if (width <= OWN) return codec;
  const changed = (message: Message, change: (stan: string) => string): Message => {
    const stan = message.get(STAN);
    return stan === undefined ? message : withElements(message, { [STAN]: change(stan) });
  };
  const wide = (message: Message): Message => changed(message, (stan) => widened(stan, width));
  return {
    ...codec,
    pack: (message) => codec.pack(wide(message)),
    unpack(bytes) {
      const read = codec.unpack(bytes);
      if (read.ok) return { ok: true, value: changed(read.value, narrowed) };
      return { ok: false, error: { ...read.error, decoded: changed(read.error.decoded, narrowed) } };
    },
    describe: (message) => codec.describe(wide(message)),
    describeJson: (message) => codec.describeJson(wide(message)),
  };
}
