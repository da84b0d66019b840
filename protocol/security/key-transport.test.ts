/** Session keys on their way: what comes is the key that was sent, for the use it was sent for, or nothing. */
import { describe, expect, it } from 'vitest';
import { aesCheckValue } from './check-value.ts';
import { wrapKeyBlock } from './key-block.ts';
import { unwrapSessionKey, wrapSessionKey } from './key-transport.ts';
import type { KeyTransport, TransportedKey } from './key-transport.ts';
import { checkValue, unwrapKey } from './keys.ts';
import type { Algorithms } from './message-keys.ts';

const TDES: Algorithms = { pinFormat: 'iso-0', mac: { algorithm: 'x9.19', bytes: 8 } };
const AES: Algorithms = { pinFormat: 'iso-4', mac: { algorithm: 'aes-cmac', bytes: 8 } };
const KEY = Buffer.from('7CA110454A1A6E570131D9619DC1376E', 'hex');
const MASTER = Buffer.from('0123456789ABCDEFFEDCBA9876543210', 'hex');
const ECB: KeyTransport = { kind: 'ecb' };
const B: KeyTransport = { kind: 'key-block', version: 'B' };
const D: KeyTransport = { kind: 'key-block', version: 'D' };

function wrapped(transport: KeyTransport, use: 'pin' | 'mac', algorithms: Algorithms): TransportedKey {
  const sent = wrapSessionKey(transport, MASTER, { use, key: KEY }, algorithms);
  if (!sent.ok) throw new Error(sent.error.rule);
  return sent.value;
}

describe.each([
  ['ECB', ECB, TDES],
  ['key block B', B, TDES],
  ['key block D', D, TDES],
  ['key block D with AES keys', D, AES],
] as const)('%s', (_name, transport, algorithms) => {
  it.each(['pin', 'mac'] as const)('the %s key arrives, and only with its own check value and master key', (use) => {
    const sent = wrapped(transport, use, algorithms);
    expect(sent.check).toMatch(/^[0-9A-F]{6}$/);
    expect(unwrapSessionKey(transport, MASTER, sent, use, algorithms)).toMatchObject({ ok: true });
    const back = unwrapSessionKey(transport, MASTER, { ...sent, check: sent.check.toLowerCase() }, use, algorithms);
    expect(back.ok && Buffer.from(back.value)).toEqual(KEY);
    expect(unwrapSessionKey(transport, MASTER, { ...sent, check: '000000' }, use, algorithms)).toEqual({
      ok: false,
      error: { code: 'check-value-wrong' },
    });
    const other = MASTER.map((byte) => byte ^ 2);
    expect(unwrapSessionKey(transport, other, sent, use, algorithms).ok).toBe(false);
    for (const wrong of ['', 'x', sent.wrapped.slice(1), `${sent.wrapped}0`])
      expect(unwrapSessionKey(transport, MASTER, { ...sent, wrapped: wrong }, use, algorithms).ok).toBe(false);
  });
});

describe('key blocks', () => {
  it('a PIN key is not taken for a MAC key, nor one algorithm for another: plain ECB cannot tell', () => {
    const field = (
      transport: KeyTransport,
      sent: TransportedKey,
      use: 'pin' | 'mac',
      algorithms: Algorithms,
    ): unknown => unwrapSessionKey(transport, MASTER, sent, use, algorithms);
    const refused = (name: string): unknown => ({ ok: false, error: { code: 'wrong-use', field: name } });
    expect(field(B, wrapped(B, 'pin', TDES), 'mac', TDES)).toEqual(refused('usage'));
    expect(field(D, wrapped(D, 'mac', AES), 'mac', TDES)).toEqual(refused('usage'));
    expect(field(D, wrapped(D, 'pin', TDES), 'pin', AES)).toEqual(refused('algorithm'));
    expect(field(D, wrapped(B, 'pin', TDES), 'pin', TDES)).toEqual(refused('version'));
    const optional = [] as const;
    const header = {
      version: 'B',
      usage: 'P0',
      algorithm: 'T',
      mode: 'D',
      keyVersion: '00',
      exportability: 'N',
    } as const;
    const decrypt = wrapKeyBlock(MASTER, { header: { ...header, optional }, key: KEY });
    if (!decrypt.ok) throw new Error(decrypt.error.rule);
    expect(field(B, { wrapped: decrypt.value, check: checkValue(KEY) }, 'pin', TDES)).toEqual(refused('mode'));
    expect(field(ECB, wrapped(ECB, 'pin', TDES), 'mac', TDES)).toMatchObject({ ok: true });
  });

  it('an AES key is not sent under triple DES', () => {
    expect(wrapSessionKey(B, MASTER, { use: 'mac', key: KEY }, AES)).toMatchObject({
      ok: false,
      error: { code: 'wrong-protection-key' },
    });
  });

  it('check values are those of the algorithm; plain ECB is what key exchanges have had', () => {
    expect(wrapped(D, 'mac', AES).check).toBe(aesCheckValue(KEY, 3));
    expect(wrapped(D, 'mac', TDES).check).toBe(checkValue(KEY));
    const plain = wrapped(ECB, 'pin', TDES);
    expect(unwrapKey(MASTER, plain.wrapped, plain.check)).toMatchObject({ ok: true });
  });
});
