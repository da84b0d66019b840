/**
 * Against iso_8583 (npm), told to write its bitmap in hex: where it is right both must write the same bytes and read the
 * same values. What it does wrong is listed after that, each with what we do instead; last, iso8583's worst.
 */
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from './codec.ts';
import { ELEMENTS_1987 } from './elements.ts';
import { explain } from './error.ts';
import { createMessage } from './message.ts';
import type { ElementSpec } from './spec.ts';

interface PeerFormat {
  readonly ContentType: string;
  readonly Label: string;
  readonly LenType: string;
  readonly MaxLen: number;
}
interface PeerMessage {
  getBufferMessage(): unknown;
  getIsoJSON(bytes: Uint8Array, config: object): unknown;
}

const require = createRequire(import.meta.url);
const Peer = require('iso_8583') as new (values?: object, formats?: object) => PeerMessage;
const PEER_TABLE = require('iso_8583/lib/formats') as Readonly<Record<string, PeerFormat>>;

const HEX_16 = { ContentType: 'an', LenType: 'fixed', MaxLen: 16 };
const PEER_FORMATS = {
  '1': { ...HEX_16, Label: 'bitmap', MaxLen: 32 },
  '52': { ...HEX_16, Label: 'PIN data' },
  '64': { ...HEX_16, Label: 'MAC' },
};
const PEER_CONFIG = { bitmapEncoding: 'utf8' };

const DOTS: Readonly<Record<string, string>> = { fixed: '', llvar: '..', lllvar: '...' };

/** Its table in our notation, but for what it does in a way of its own (127) or cannot write (binary, x+n). */
const shared: Record<number, ElementSpec> = {};
for (const [element, format] of Object.entries({ ...PEER_TABLE, ...PEER_FORMATS })) {
  const number = Number(element);
  const dots = DOTS[format.LenType];
  if (!Number.isInteger(number) || number < 2 || number > 126 || number === 65 || dots === undefined) continue;
  if (!['n', 'a', 'an', 'ans'].includes(format.ContentType)) continue;
  if (dots !== '' && format.MaxLen >= 10 ** dots.length) continue;
  shared[number] = { name: format.Label, format: `${format.ContentType} ${dots}${format.MaxLen}` };
}
const ours = compile({ name: 'shared', elements: shared, secondaryBitmap: 'always', maxBytes: 16_384 });

/** Without the two bytes of length it puts in front. */
function peerBytes(values: Readonly<Record<string, string | undefined>>): Uint8Array {
  const bytes = new Peer({ '0': '0200', ...values }, PEER_FORMATS).getBufferMessage();
  if (!(bytes instanceof Uint8Array)) throw new Error(JSON.stringify(bytes));
  return bytes.subarray(2);
}

function peerRead(bytes: Uint8Array): Readonly<Record<string, string>> {
  const framed = Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
  return new Peer(undefined, PEER_FORMATS).getIsoJSON(framed, PEER_CONFIG) as Readonly<Record<string, string>>;
}

const CHARACTERS: Readonly<Record<string, string>> = { n: '0189', a: 'AZaz', an: '09AZaz', ans: '09AZaz !-/=' };

const values = fc.record(
  Object.fromEntries(
    Object.entries(shared).map(([element, { format }]) => {
      const [name = '', length = ''] = format.split(' ');
      const most = Number(length.replaceAll('.', ''));
      const least = length.startsWith('.') ? 1 : most;
      const unit = fc.constantFrom(...(CHARACTERS[name] ?? '').split(''));
      return [element, fc.string({ unit, minLength: least, maxLength: Math.max(least, Math.min(most, 60)) })];
    }),
  ),
  { requiredKeys: [] },
);

describe('iso_8583, where it is right', () => {
  it('has most of the table in common', () => {
    expect(Object.keys(shared).length).toBeGreaterThan(90);
  });

  it('writes the same bytes', () => {
    fc.assert(
      fc.property(values, (some) => {
        const result = ours.pack(createMessage('0200', some));
        if (!result.ok) throw new Error(explain(result.error));
        expect(Buffer.from(result.value).toString('latin1')).toBe(Buffer.from(peerBytes(some)).toString('latin1'));
      }),
      { numRuns: 100 },
    );
  });

  it('reads the same values', () => {
    fc.assert(
      fc.property(values, (some) => {
        const result = ours.pack(createMessage('0200', some));
        if (!result.ok) throw new Error(explain(result.error));
        expect(peerRead(result.value)).toEqual({ '0': '0200', ...some });
        const read = ours.unpack(peerBytes(some));
        if (!read.ok) throw new Error(explain(read.error));
        expect(Object.fromEntries(read.value.elements.map((one) => [`${one}`, read.value.get(one)]))).toEqual(some);
      }),
      { numRuns: 100 },
    );
  });
});

describe('iso_8583, where it is wrong', () => {
  const iso = compile({ name: 'iso', elements: ELEMENTS_1987, secondaryBitmap: 'always' });
  const some = { 3: '310000', 4: '000000000000', 35: '9999990000000001=2912', 41: 'ANJ00001', 48: 'PI006JHTBAL' };
  const good = (): Buffer => Buffer.from(peerBytes(some));

  it('reads what it wrote, and so do we', () => {
    expect(peerRead(good())).toEqual({ '0': '0200', ...some });
    expect(iso.unpack(good())).toMatchObject({ ok: true });
  });

  it('takes a message that was cut short for a whole one', () => {
    const cut = good().subarray(0, -5);
    expect(peerRead(cut)).not.toHaveProperty('error');
    expect(iso.unpack(cut)).toMatchObject({ ok: false, error: { code: 'truncated', path: 'DE48' } });
  });

  it('does not look at what follows the last element', () => {
    const long = Buffer.concat([good(), Buffer.from('junk')]);
    expect(peerRead(long)).toEqual({ '0': '0200', ...some });
    expect(iso.unpack(long)).toMatchObject({ ok: false, error: { code: 'trailing' } });
  });

  it('does not look at the characters it reads', () => {
    const bytes = good();
    bytes[36 + 2] = 0x78;
    expect(peerRead(bytes)['3']).toBe('31x000');
    expect(iso.unpack(bytes)).toMatchObject({ ok: false, error: { code: 'class', path: 'DE3', offset: 38 } });
  });

  it('does not look at the length it reads', () => {
    const bytes = Buffer.from(good().toString('latin1').replace('219999990', '999999990'), 'latin1');
    expect(peerRead(bytes)).not.toHaveProperty('error');
    expect(iso.unpack(bytes)).toMatchObject({ ok: false, error: { code: 'length', path: 'DE35' } });
  });

  it('writes any track 2', () => {
    const bytes = peerBytes({ ...some, 35: 'not a track' });
    expect(Buffer.from(bytes).toString()).toContain('not a track');
    expect(iso.pack(createMessage('0200', { ...some, 35: 'not a track' }))).toMatchObject({
      ok: false,
      error: { code: 'class', path: 'DE35' },
    });
  });

  it('cannot do without a secondary bitmap', () => {
    expect(good().subarray(4, 5).toString()).toMatch(/[89A-F]/);
    const short = compile({ name: 'iso', elements: ELEMENTS_1987 }).pack(createMessage('0200', some));
    expect(short.ok && short.value.length).toBe(good().length - 16);
  });
});

describe('iso8583, the other package', () => {
  const { ISO8583, defaultPackager } = require('iso8583') as {
    readonly ISO8583: new (table: object) => { unpack(text: string): Readonly<Record<string, string>> };
    readonly defaultPackager: object;
  };

  it('loses DE60 to DE64: it keeps 64 bits in a floating-point number', () => {
    const some = { 2: '9999990000000001', 3: '310000', 60: 'A', 61: 'B', 62: 'C', 63: 'D', 64: 'A1C72E74EA3FA9B6' };
    const packed = compile({ name: 'iso', elements: ELEMENTS_1987 }).pack(createMessage('0200', some));
    if (!packed.ok) throw new Error(explain(packed.error));
    const table: Record<string, object> = { '64': { length: 16, name: 'MAC', type: 'an' } };
    for (const element of [60, 61, 62, 63]) table[element] = { length: 999, name: 'private', type: 'lllan' };
    const read = new ISO8583({ ...defaultPackager, ...table }).unpack(Buffer.from(packed.value).toString());
    expect(read).toMatchObject({ '2': some[2], '3': some[3] });
    const kept = [60, 61, 62, 63, 64].filter((element) => read[element] === Reflect.get(some, element));
    expect(kept).toEqual([]);
    const ours = compile({ name: 'iso', elements: ELEMENTS_1987 }).unpack(packed.value);
    expect(ours.ok && ours.value.elements).toEqual([2, 3, 60, 61, 62, 63, 64]);
  });
});
