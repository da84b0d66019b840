import { describe, expect, expectTypeOf, it } from 'vitest';
import { TABLE_1987 } from './elements.ts';
import { explain } from './error.ts';
import type { Message } from './message.ts';
import { typed } from './typed.ts';
import type { Value } from './typed.ts';

const OWN = {
  3: { name: 'Processing code', format: 'n 6' },
  4: { name: 'Amount', format: 'n 12' },
  48: { name: 'Text', format: 'ans ...999' },
} as const;

describe('a codec that knows its table', () => {
  const codec = typed({ name: 'own', elements: OWN });

  it('knows what an element is, and which there are', () => {
    const message = codec.message('0200', { 3: '310000', 4: '000000001500' });
    expectTypeOf(message.get(3)).toEqualTypeOf<Value<'n 6'> | undefined>();
    expectTypeOf(message.get(48)).toEqualTypeOf<Value<'ans ...999'> | undefined>();
    // @ts-expect-error The table has no DE5.
    expect(message.get(5)).toBeUndefined();
    // @ts-expect-error The table has no DE5.
    expect(codec.message('0200', { 5: '1' }).elements).toEqual([5]);
    const amount = message.get(4) ?? '';
    // @ts-expect-error An amount is no processing code.
    const wrong = codec.message('0200', { 3: amount });
    expect(codec.pack(wrong)).toMatchObject({ ok: false, error: { code: 'length', path: 'DE3' } });
    expect(codec.message('0200', { 4: amount }).get(4)).toBe('000000001500');
  });

  it('writes and reads like any other', () => {
    const packed = codec.pack(codec.message('0200', { 3: '310000', 48: 'x' }));
    if (!packed.ok) throw new Error(explain(packed.error));
    const read = codec.unpack(packed.value);
    expect(read.ok && read.value.get(48)).toBe('x');
    const plain = codec.codec.unpack(packed.value);
    expect(plain.ok && plain.value.get(3)).toBe('310000');
  });

  it('makes messages that pass for plain ones', () => {
    const message: Pick<Message, 'mti' | 'elements'> = codec.message('0200', { 3: '310000' });
    expect(message.elements).toEqual([3]);
  });

  it('takes the standard table, with rows replaced', () => {
    const iso = typed({
      name: 'iso',
      elements: { ...TABLE_1987, 41: { name: 'Terminal', format: 'ans 16' } as const },
    });
    const message = iso.message('0200', { 41: 'ANJ0000000000001' });
    expectTypeOf(message.get(41)).toEqualTypeOf<Value<'ans 16'> | undefined>();
    expectTypeOf(message.get(11)).toEqualTypeOf<Value<'n 6'> | undefined>();
    expect(iso.pack(message).ok).toBe(true);
  });
});
