import { describe, expect, it } from 'vitest';
import { explain } from '../iso8583/error.ts';
import { createMessage, withElements } from '../iso8583/message.ts';
import type { Message } from '../iso8583/message.ts';
import { macX919, verifyMacX919 } from '../security/mac.ts';
import { jhtProfile, sentInquiry, TERMINAL } from './fixtures.ts';
import { macElement, macInput, needsMac, receivedMacInput, withMac } from './mac.ts';
import { buildNetworkReply, buildNetworkRequest, readNetworkReply, readNetworkRequest } from './network.ts';
import type { NetworkFunction } from './profile.ts';

const profile = jhtProfile();
const KEYS = { pinKey: '0'.repeat(31) + 'A', pinCheck: '08D7B4', macKey: 'F'.repeat(32), macCheck: 'CB9DEA' };

function packed(message: Message): Uint8Array {
  const result = profile.codec.pack(message);
  if (!result.ok) throw new Error(explain(result.error));
  return result.value;
}

function overTheWire(message: Message): Message {
  const result = profile.codec.unpack(packed(message));
  if (!result.ok) throw new Error(explain(result.error));
  return result.value;
}

function request(what: NetworkFunction): Message {
  return withElements(buildNetworkRequest(profile, TERMINAL, what), { 7: '1120090500', 11: '000002' });
}

describe('network management', () => {
  const CODES = { signOn: '001', signOff: '002', keyExchange: '161', cutOver: '201', echo: '301' };

  it.each(Object.entries(CODES) as [NetworkFunction, string][])('%s is %s, both ways', (what, code) => {
    const message = overTheWire(request(what));
    expect([message.mti, message.get(70)]).toEqual(['0800', code]);
    expect(readNetworkRequest(profile, message)).toEqual({
      ok: true,
      value: { function: what, terminalId: 'ANJ00001', stan: '000002' },
    });
    const answer = what === 'keyExchange' ? { responseCode: '00', keys: KEYS } : { responseCode: '00' };
    const reply = overTheWire(buildNetworkReply(profile, message, answer));
    expect([reply.mti, reply.get(11), reply.get(41)]).toEqual(['0810', '000002', 'ANJ00001']);
    expect(readNetworkReply(profile, reply)).toMatchObject({ ok: true, value: { function: what, approved: true } });
  });

  it('the keys come under the master key, with their check values, and a description hides them', () => {
    const reply = overTheWire(buildNetworkReply(profile, request('keyExchange'), { responseCode: '00', keys: KEYS }));
    expect(readNetworkReply(profile, reply)).toMatchObject({ ok: true, value: { keys: KEYS } });
    const text = profile.codec.describe(reply);
    expect(text).toMatch(/48\.TV +PIN key check value +08D7B4/);
    expect(text).not.toContain(KEYS.pinKey);
    expect(text).not.toContain(KEYS.macKey);
  });

  it('a refusal has no keys, and says what it means', () => {
    const reply = buildNetworkReply(profile, request('keyExchange'), { responseCode: '96' });
    expect(readNetworkReply(profile, reply)).toEqual({
      ok: true,
      value: { function: 'keyExchange', responseCode: '96', meaning: 'system-error', approved: false },
    });
  });

  it('an approved key exchange without a key, or with half of one, is malformed', () => {
    const reply = (value: string | undefined): Message =>
      createMessage('0810', { 39: '00', 70: '161', ...(value === undefined ? {} : { 48: value }) });
    const whole = `TP032${KEYS.pinKey}TV006${KEYS.pinCheck}TA032${KEYS.macKey}AV006${KEYS.macCheck}`;
    expect(readNetworkReply(profile, reply(whole)).ok).toBe(true);
    expect(readNetworkReply(profile, reply(undefined))).toMatchObject({ ok: false, error: { path: 'DE48' } });
    expect(readNetworkReply(profile, reply(whole.slice(0, 40)))).toMatchObject({ ok: false, error: { path: '48.TV' } });
    expect(readNetworkReply(profile, reply(whole.replace('TA032', 'ZZ032')))).toMatchObject({
      error: { path: '48.TA' },
    });
    expect(readNetworkReply(profile, reply(whole.replace('TP032', 'ZZ032')))).toMatchObject({
      error: { path: '48.TP' },
    });
    expect(readNetworkReply(profile, reply(whole.replace('AV006', 'ZZ006')))).toMatchObject({
      error: { path: '48.AV' },
    });
    const lower = readNetworkReply(profile, reply(whole.replace(KEYS.macKey, 'f'.repeat(32))));
    expect(lower).toMatchObject({ ok: false, error: { path: '48.TA' } });
    expect(JSON.stringify(lower)).not.toContain('ffff');
  });

  it('a foreign message is malformed', () => {
    expect(readNetworkReply(profile, request('echo'))).toMatchObject({ ok: false, error: { path: 'MTI' } });
    expect(readNetworkReply(profile, createMessage('0810', { 39: '00', 70: '999' }))).toMatchObject({
      error: { path: 'DE70' },
    });
    expect(readNetworkReply(profile, createMessage('0810', { 70: '301' }))).toMatchObject({ error: { path: 'DE39' } });
    expect(readNetworkRequest(profile, createMessage('0810', {}))).toMatchObject({ error: { path: 'MTI' } });
    expect(readNetworkRequest(profile, createMessage('0800', { 41: 'ANJ00001' }))).toMatchObject({
      error: { path: 'DE70' },
    });
    expect(readNetworkRequest(profile, createMessage('0800', { 11: '000001', 70: '301' }))).toMatchObject({
      error: { path: 'DE41' },
    });
    expect(readNetworkRequest(profile, createMessage('0800', { 41: 'ANJ00001', 70: '301' }))).toMatchObject({
      error: { path: 'DE11' },
    });
  });
});

describe('the MAC', () => {
  const KEY = Buffer.from('0123456789ABCDEFFEDCBA9876543210', 'hex');

  it('is on the messages the profile says', () => {
    expect(['0200', '0201', '0210', '0800', '0810'].map((mti) => needsMac(profile, mti))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(needsMac({ ...profile, mac: { kind: 'none' } }, '0200')).toBe(false);
  });

  it('is over everything before it, its own bit on in the bitmap, on both sides alike', () => {
    const message = sentInquiry(profile);
    const input = macInput(profile, message);
    if (!input.ok) throw new Error(explain(input.error));
    const mac = macX919(KEY, input.value);
    const frame = packed(withMac(message, mac));
    expect(Buffer.from(frame).toString()).toBe(`${Buffer.from(input.value).toString()}${mac}`);
    // The last bit of the first bitmap is DE64's.
    expect(Number.parseInt(Buffer.from(input.value.subarray(19, 20)).toString(), 16) & 1).toBe(1);
    const received = receivedMacInput(frame);
    expect(received.mac).toBe(mac);
    expect(verifyMacX919(KEY, received.data, received.mac)).toBe(true);
    const changed = packed(withMac(withElements(message, { 4: '000000000001' }), mac));
    expect(verifyMacX919(KEY, receivedMacInput(changed).data, mac)).toBe(false);
  });

  it('is element 128 where there are elements above 64: always the last', () => {
    const message = request('echo');
    expect(macElement(message)).toBe(128);
    expect(macElement(sentInquiry(profile))).toBe(64);
    const frame = packed(withMac(message, 'A1C72E74EA3FA9B6'));
    expect(receivedMacInput(frame).mac).toBe('A1C72E74EA3FA9B6');
    expect(macElement(withMac(message, 'A1C72E74EA3FA9B6'))).toBe(128);
  });

  it('is not computed over a message that does not pack', () => {
    expect(macInput(profile, sentInquiry(profile, { pinBlock: 'short' }))).toMatchObject({
      ok: false,
      error: { code: 'length', path: 'DE52' },
    });
    expect(receivedMacInput(Buffer.from('short'))).toEqual({ data: Buffer.alloc(0), mac: 'short' });
  });
});
