/**
 * DUKPT inside the simulated PIN pad: the future key registers of ANSI X9.24-1:2009 annex A.2 and X9.24-3:2017 §6. The
 * initial key is loaded once and forgotten; each transaction takes one register, fills those below it, and forgets its own
 * key with the next. So whoever opens the pad finds no key of the past. Written apart from the host's on purpose.
 */
import { createCipheriv } from 'node:crypto';
import { encipher, pinBlock0, retailMac } from './pin-pad-crypto.ts';

export type PadDukptScheme = 'tdes' | 'aes-128' | 'aes-192' | 'aes-256';

export interface PadDukptOptions {
  readonly scheme: PadDukptScheme;
  /** 16, 24 or 32 bytes, as the scheme is. */
  readonly initialKey: Uint8Array;
  /** The initial key's serial number: 10 bytes whose counter is zero (`tdes`), or 8. */
  readonly serial: Uint8Array;
  /** The transaction that comes first; default 1. A later one has no need of the keys before it. */
  readonly firstCounter?: number;
  /** Fills PIN blocks of format 4. */
  readonly random: (bytes: number) => Uint8Array;
}

/** What a pad with DUKPT answers: with the serial number of the key, upper-case hex. */
export interface PadDukptAnswer {
  readonly ksn: string;
  readonly bytes: Uint8Array;
}

export interface PadDukpt {
  /** The next transaction's key takes the place of this one's. False when no key is left: a new initial key is needed. */
  begin(): boolean;
  /** Format 0 (`tdes`) or 4 (AES). `pin`: one digit a byte. Undefined when no transaction has begun. */
  pinBlock(pin: Uint8Array, pan: string): PadDukptAnswer | undefined;
  /** X9.19 (8 bytes) or AES-CMAC (16). A reply's is made to compare it with the host's. */
  mac(data: Uint8Array, message: 'request' | 'reply'): PadDukptAnswer | undefined;
  /** Opened by force: all keys are gone. */
  wipe(): void;
}

/** What the two families do differently. */
interface Family {
  readonly counterBits: number;
  readonly mostOnes: number;
  /** A register's key, below `key`, for this counter. */
  below(key: Uint8Array, counter: number): Uint8Array;
  ksn(counter: number): Uint8Array;
  pinBlock(key: Uint8Array, counter: number, pin: Uint8Array, pan: string): Uint8Array;
  mac(key: Uint8Array, counter: number, data: Uint8Array, message: 'request' | 'reply'): Uint8Array;
}

export function createPadDukpt(options: PadDukptOptions): PadDukpt {
  const family = options.scheme === 'tdes' ? tdesFamily(options.serial) : aesFamily(options);
  /** By the counter bit that they are for. */
  const registers = new Map<number, Uint8Array>();
  let counter = 0;
  let next = options.firstCounter ?? 1;
  let current: Uint8Array | undefined;

  function forget(): void {
    current?.fill(0);
    current = undefined;
  }

  function wipe(): void {
    forget();
    for (const key of registers.values()) key.fill(0);
    registers.clear();
  }

  /** Registers below `bit` get the keys that follow from this one. */
  function fill(key: Uint8Array, of: number, bit: number): void {
    for (let lower = bit - 1; lower >= 0; lower -= 1) {
      registers.get(lower)?.fill(0);
      registers.set(lower, family.below(key, of + 2 ** lower));
    }
  }

  /** To the way's end at once: a pad that was used before is put on the table as it would be. */
  function load(): void {
    fill(options.initialKey, 0, family.counterBits);
    for (let at = 0, bit = family.counterBits - 1; bit >= 0; bit -= 1) {
      if (Math.floor(next / 2 ** bit) % 2 === 0) continue;
      at += 2 ** bit;
      if (at === next) return;
      const key = registers.get(bit);
      registers.delete(bit);
      if (key !== undefined) fill(key, at, bit);
    }
  }

  load();
  return {
    begin() {
      forget();
      const bit = lowestOne(next);
      const key = registers.get(bit);
      if (next >= 2 ** family.counterBits || key === undefined) return false;
      registers.delete(bit);
      counter = next;
      current = key;
      const spare = ones(counter) < family.mostOnes;
      // With as many ones as may be, no key below has a use.
      if (spare) fill(key, counter, bit);
      next = counter + (spare ? 1 : 2 ** bit);
      return true;
    },
    pinBlock: (pin, pan) => current && answer(family, counter, family.pinBlock(current, counter, pin, pan)),
    mac: (data, message) => current && answer(family, counter, family.mac(current, counter, data, message)),
    wipe,
  };
}

function answer(family: Family, counter: number, bytes: Uint8Array): PadDukptAnswer {
  return { ksn: Buffer.from(family.ksn(counter)).toString('hex').toUpperCase(), bytes };
}

const ones = (value: number): number => value.toString(2).replaceAll('0', '').length;
const lowestOne = (value: number): number => value.toString(2).length - 1 - value.toString(2).lastIndexOf('1');

const combine = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((byte, at) => byte ^ (b[at] ?? 0));

/** All zeros but `value` in these places. */
function pattern(length: number, places: readonly number[], value: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (const place of places) bytes[place] = value;
  return bytes;
}

function tdesFamily(serial: Uint8Array): Family {
  const halves = pattern(16, [0, 1, 2, 3, 8, 9, 10, 11], 0xc0);
  const variants = { pin: [7, 15], request: [6, 14], reply: [4, 12] } as const;

  function ksn(counter: number): Uint8Array {
    const bytes = Buffer.from(serial);
    bytes.writeUInt32BE(bytes.readUInt32BE(6) + counter, 6);
    return bytes;
  }

  /** The non-reversible key generation of annex A.2: right half first, then the left under the masked key. */
  function below(key: Uint8Array, counter: number): Uint8Array {
    const register = ksn(counter).subarray(2);
    const half = (under: Uint8Array): Uint8Array => {
      const right = under.subarray(8);
      return combine(encipher(under.subarray(0, 8), combine(register, right)), right);
    };
    return Uint8Array.from([...half(combine(key, halves)), ...half(key)]);
  }

  return {
    counterBits: 21,
    mostOnes: 10,
    below,
    ksn,
    pinBlock(key, _counter, pin, pan) {
      const clear = pinBlock0(pin, pan.slice(0, -1).slice(-12).padStart(12, '0'));
      const block = encipher(combine(key, pattern(16, variants.pin, 0xff)), clear);
      clear.fill(0);
      return block;
    },
    mac: (key, _counter, data, message) => retailMac(combine(key, pattern(16, variants[message], 0xff)), data),
  };
}

function aesBlock(key: Uint8Array, block: Uint8Array): Uint8Array {
  const cipher = createCipheriv(`aes-${String(key.length * 8)}-ecb`, key, null);
  cipher.setAutoPadding(false);
  return Uint8Array.from([...cipher.update(block), ...cipher.final()]);
}

function aesFamily({ serial, initialKey, random }: PadDukptOptions): Family {
  const bits = initialKey.length * 8;

  /** X9.24-3:2017 §6.3.3: what a key is for, how long it is, and of which transaction. */
  function derived(key: Uint8Array, use: number, counter: number): Uint8Array {
    const one = (block: number): Uint8Array => {
      const data = Buffer.alloc(16);
      data.set([0x01, block, use >> 8, use & 0xff, 0x00, bits / 64, bits >> 8, bits & 0xff]);
      data.set(serial.subarray(4, 8), 8);
      data.writeUInt32BE(counter, 12);
      return aesBlock(key, data);
    };
    return Uint8Array.from([...one(1), ...(bits > 128 ? one(2) : [])]).slice(0, bits / 8);
  }

  return {
    counterBits: 32,
    mostOnes: 16,
    below: (key, counter) => derived(key, 0x8000, counter),
    ksn(counter) {
      const bytes = Buffer.alloc(12);
      bytes.set(serial);
      bytes.writeUInt32BE(counter, 8);
      return bytes;
    },
    pinBlock(key, counter, pin, pan) {
      const under = derived(key, 0x1000, counter);
      const field = Buffer.from(`4${pin.length.toString(16)}${Array.from(pin).join('')}`.padEnd(16, 'A'), 'hex');
      const account = `${String(Math.max(pan.length - 12, 0))}${pan.padStart(12, '0')}`.padEnd(32, '0');
      const once = aesBlock(under, Buffer.concat([field, random(8)]));
      field.fill(0);
      return aesBlock(under, combine(once, Buffer.from(account, 'hex')));
    },
    mac: (key, counter, data, message) => aesMac(derived(key, message === 'request' ? 0x2000 : 0x2001, counter), data),
  };
}

/** AES-CMAC (RFC 4493), block by block: 16 bytes. */
export function aesMac(key: Uint8Array, data: Uint8Array): Uint8Array {
  const doubled = (bytes: Uint8Array): Uint8Array => {
    const value = BigInt(`0x${Buffer.from(bytes).toString('hex')}`) << 1n;
    const reduced = value >> 128n === 0n ? value : (value & ((1n << 128n) - 1n)) ^ 0x87n;
    return Buffer.from(reduced.toString(16).padStart(32, '0'), 'hex');
  };
  const whole = data.length > 0 && data.length % 16 === 0;
  const once = doubled(aesBlock(key, new Uint8Array(16)));
  const padded = Buffer.alloc(whole ? data.length : (Math.floor(data.length / 16) + 1) * 16);
  padded.set(data);
  if (!whole) padded[data.length] = 0x80;
  let chain: Uint8Array = new Uint8Array(16);
  for (let at = 0; at < padded.length; at += 16) {
    const block = combine(padded.subarray(at, at + 16), chain);
    const last = at + 16 === padded.length;
    chain = aesBlock(key, last ? combine(block, whole ? once : doubled(once)) : block);
  }
  return chain;
}
