/** The length in front of a variable element: how it is written, and what it counts. */

/** Decimal digits as ASCII or EBCDIC characters or packed two to a byte; or a binary number, high byte first. */
export type PrefixName = 'ascii' | 'ebcdic' | 'bcd' | 'binary';

/** characters of the value (class b: its hex digits), bytes on the wire, or half bytes without the filler. */
export type CountUnit = 'characters' | 'bytes' | 'nibbles';

export interface Prefix {
  /** Bytes it takes. */
  readonly size: number;
  /** The greatest number it can say. */
  readonly greatest: number;
  /** What should stand there, in words. */
  readonly says: string;
  /** -1 when there is anything else. */
  read(bytes: Uint8Array, at: number): number;
  write(count: number, out: Uint8Array, at: number): void;
}

function characters(digits: number, zero: number): Prefix {
  return {
    size: digits,
    greatest: 10 ** digits - 1,
    says: `${digits} digits of length`,
    read(bytes, at) {
      let count = 0;
      for (let place = at; place < at + digits; place++) {
        const digit = (bytes[place] ?? 0) - zero;
        if (digit < 0 || digit > 9) return -1;
        count = count * 10 + digit;
      }
      return count;
    },
    write(count, out, at) {
      let rest = count;
      for (let place = at + digits - 1; place >= at; place--) {
        const next = (rest / 10) | 0;
        out[place] = zero + rest - next * 10;
        rest = next;
      }
    },
  };
}

function packed(digits: number): Prefix {
  const size = (digits + 1) >> 1;
  const greatest = 10 ** digits - 1;
  return {
    size,
    greatest,
    says: `${digits} packed digits of length`,
    read(bytes, at) {
      let count = 0;
      for (let place = at; place < at + size; place++) {
        const byte = bytes[place] ?? 0;
        if (byte >>> 4 > 9 || (byte & 15) > 9) return -1;
        count = count * 100 + (byte >>> 4) * 10 + (byte & 15);
      }
      return count > greatest ? -1 : count;
    },
    write(count, out, at) {
      let rest = count;
      for (let place = at + size - 1; place >= at; place--) {
        const two = rest % 100;
        out[place] = (((two / 10) | 0) << 4) | (two % 10);
        rest = (rest / 100) | 0;
      }
    },
  };
}

function binary(digits: number): Prefix {
  const size = digits <= 2 ? 1 : 2;
  return {
    size,
    greatest: 256 ** size - 1,
    says: size === 1 ? 'a byte of length' : '2 bytes of length',
    read: (bytes, at) => (size === 1 ? (bytes[at] ?? 0) : ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)),
    write(count, out, at) {
      if (size === 2) out[at] = count >>> 8;
      out[at + size - 1] = count & 255;
    },
  };
}

const KINDS: Readonly<Record<PrefixName, (digits: number) => Prefix>> = {
  ascii: (digits) => characters(digits, 0x30),
  ebcdic: (digits) => characters(digits, 0xf0),
  bcd: packed,
  binary,
};

const made = new Map<string, Prefix>();

/** `digits` is the number of dots in the notation, 1 to 4. */
export function prefixOf(name: PrefixName, digits: number): Prefix {
  const key = `${name} ${digits}`;
  const prefix = made.get(key) ?? KINDS[name](digits);
  made.set(key, prefix);
  return prefix;
}
