/**
 * Link layer of the OMRON 3S4YR (Data Transmission Specifications): `10 02` text `10 03` BCC, a 0x10 in the text doubled,
 * BCC = XOR of the text and ETX without the doubling; outside a frame DLE + ENQ, ACK, NAK, EOT. The BCC itself is never doubled.
 */
import type { Decoder } from '../transport/line.ts';

const dle = 0x10;
const stx = 0x02;
const etx = 0x03;

const controls = { enq: 0x05, ack: 0x06, nak: 0x15, eot: 0x04 } as const;
export type OmronControl = keyof typeof controls;
const controlOf: ReadonlyMap<number, OmronControl> = new Map([
  [controls.enq, 'enq'],
  [controls.ack, 'ack'],
  [controls.nak, 'nak'],
  [controls.eot, 'eot'],
]);

/** `damaged`: a frame ended with a wrong BCC, or was broken off. */
export type OmronToken =
  | { readonly kind: OmronControl }
  | { readonly kind: 'frame'; readonly text: Uint8Array }
  | { readonly kind: 'damaged' };

/** Longest text taken: a T=1 APDU block and its header fit; anything longer is noise. */
export const omronTextLimit = 1024;

export function omronControl(control: OmronControl): Uint8Array {
  return Uint8Array.of(dle, controls[control]);
}

export function omronBcc(text: Uint8Array): number {
  return text.reduce((bcc, byte) => bcc ^ byte, etx);
}

/** Text (at most 1024 bytes) -> the bytes on the line. */
export function encodeOmronFrame(text: Uint8Array): Uint8Array {
  const stuffed = [...text].flatMap((byte) => (byte === dle ? [dle, dle] : [byte]));
  return Uint8Array.from([dle, stx, ...stuffed, dle, etx, omronBcc(text)]);
}

type Where = 'outside' | 'outside-dle' | 'text' | 'text-dle' | 'bcc';

export function createOmronDecoder(): Decoder<OmronToken> {
  let where: Where = 'outside';
  let text: number[] = [];
  let discarded = 0;

  function outside(): void {
    where = 'outside';
    text = [];
  }

  /** What is left of a broken frame counts as noise; the caller is told, so that it can ask again at once. */
  function broken(extra: number): OmronToken {
    discarded += text.length + extra;
    outside();
    return { kind: 'damaged' };
  }

  function afterDle(byte: number): readonly OmronToken[] {
    if (byte === stx) {
      outside();
      where = 'text';
      return [];
    }
    const control = controlOf.get(byte);
    if (control) {
      outside();
      return [{ kind: control }];
    }
    discarded += 2;
    outside();
    return [];
  }

  function take(byte: number): readonly OmronToken[] {
    switch (where) {
      case 'outside':
        if (byte === dle) where = 'outside-dle';
        else discarded += 1;
        return [];
      case 'outside-dle':
        // After noise that ends in DLE, the DLE of a real frame follows.
        if (byte !== dle) return afterDle(byte);
        discarded += 1;
        return [];
      case 'text':
        if (byte === dle) where = 'text-dle';
        else text.push(byte);
        return text.length > omronTextLimit ? [broken(2)] : [];
      case 'text-dle':
        if (byte === dle) {
          text.push(dle);
          where = 'text';
          return text.length > omronTextLimit ? [broken(2)] : [];
        }
        if (byte === etx) {
          where = 'bcc';
          return [];
        }
        return [broken(2), ...afterDle(byte)];
      case 'bcc': {
        const whole = Uint8Array.from(text);
        if (omronBcc(whole) !== byte) return [broken(5)];
        outside();
        return [{ kind: 'frame', text: whole }];
      }
    }
  }

  return {
    push: (bytes) => [...bytes].flatMap(take),
    expire() {
      if (where === 'outside') return [];
      const inFrame = where !== 'outside-dle';
      const damaged = broken(inFrame ? 2 : 1);
      return inFrame ? [damaged] : [];
    },
    get midFrame() {
      return where !== 'outside';
    },
    get discarded() {
      return discarded;
    },
  };
}

/** `C` cm pm [data]. */
export interface OmronCommand {
  /** cm and pm, e.g. `10`, `:2`. */
  readonly name: string;
  readonly data: Uint8Array;
}

/** `P` cm pm st [data]: done, with the card's position; `N` cm pm error: refused. */
export type OmronAnswer =
  | { readonly kind: 'done'; readonly name: string; readonly position: string; readonly data: Uint8Array }
  | { readonly kind: 'refused'; readonly name: string; readonly error: string };

const ascii = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

export function encodeOmronCommand(name: string, data: Uint8Array = new Uint8Array()): Uint8Array {
  return encodeOmronFrame(Uint8Array.from([...Buffer.from(`C${name}`, 'latin1'), ...data]));
}

export function decodeOmronCommand(text: Uint8Array): OmronCommand | undefined {
  if (text.length < 3 || text[0] !== 0x43) return undefined;
  return { name: ascii(text.subarray(1, 3)), data: text.subarray(3) };
}

export function encodeOmronAnswer(answer: OmronAnswer): Uint8Array {
  const head = answer.kind === 'done' ? `P${answer.name}${answer.position}` : `N${answer.name}${answer.error}`;
  const data = answer.kind === 'done' ? answer.data : [];
  return encodeOmronFrame(Uint8Array.from([...Buffer.from(head, 'latin1'), ...data]));
}

export function decodeOmronAnswer(text: Uint8Array): OmronAnswer | undefined {
  if (text.length < 5) return undefined;
  const name = ascii(text.subarray(1, 3));
  const code = ascii(text.subarray(3, 5));
  if (text[0] === 0x50) return { kind: 'done', name, position: code, data: text.subarray(5) };
  return text[0] === 0x4e ? { kind: 'refused', name, error: code } : undefined;
}
