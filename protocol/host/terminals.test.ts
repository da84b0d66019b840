/** What the host keeps of its terminals: right keys, and never more than there is room for. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { macX919 } from '../security/mac.ts';
import { encryptPinBlock0 } from '../security/pin-block.ts';
import { loadProfile } from '../profile/profile.ts';
import { computeMac } from '../security/mac-algorithms.ts';
import { algorithmsOf, openTerminalKeys } from './terminal-keys.ts';
import { createTerminals, type Terminals } from './terminals.ts';
import { jht, value } from './test-terminal.ts';

const key = fc.uint8Array({ minLength: 16, maxLength: 16 });

describe('the keys of a terminal', () => {
  it('MAC as X9.19 does, message after message', () => {
    fc.assert(
      fc.property(
        key,
        fc.array(fc.oneof(fc.uint8Array({ maxLength: 400 }), fc.uint8Array({ minLength: 4090, maxLength: 4200 })), {
          maxLength: 8,
        }),
        (mac, messages) => {
          const keys = openTerminalKeys({ pin: mac, mac }, algorithmsOf(jht));
          for (const message of messages) {
            const right = macX919(mac, message);
            expect(keys.mac(message)).toBe(right);
            expect(keys.verifyMac(message, right.toLowerCase())).toBe(true);
            expect(
              keys.verifyMac(
                message,
                right.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
              ),
            ).toBe(false);
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('read PIN blocks one after the other, and refuse those under another key', () => {
    fc.assert(
      fc.property(key, key, fc.array(fc.stringMatching(/^[0-9]{4,12}$/), { maxLength: 5 }), (pin, other, pins) => {
        fc.pre(Buffer.compare(pin, other) !== 0);
        const keys = openTerminalKeys({ pin, mac: other }, algorithmsOf(jht));
        const pan = '9999360000000010';
        for (const one of pins) {
          expect(keys.pin(value(encryptPinBlock0(pin, one, pan)), pan)).toEqual({ ok: true, value: one });
          expect(keys.pin('no block', pan).ok).toBe(false);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('are used as the profile says', () => {
    const profile = value(loadProfile('jht-bcd'));
    const algorithms = algorithmsOf(profile);
    const mac = Buffer.from('0123456789ABCDEFFEDCBA9876543210', 'hex');
    const data = Buffer.from('a message');
    expect(algorithms.mac.algorithm).toBe('aes-cmac');
    expect(openTerminalKeys({ pin: mac, mac }, algorithms).mac(data)).toBe(computeMac(algorithms.mac, mac, data));
  });
});

describe('the terminals', () => {
  const open = (limit: number): Terminals =>
    createTerminals({ masterKey: new Uint8Array(16).fill(7), algorithms: algorithmsOf(jht), limit });

  it('are as many as there is room for; the longest unused go, those that are signed on stay', () => {
    const terminals = open(10);
    terminals.signOn('STAYS');
    terminals.find('STAYS')?.issueKeys();
    for (let index = 0; index < 500; index += 1) {
      terminals.signOn(`T${index}`);
      terminals.signOff(`T${index}`);
      expect(terminals.size).toBeLessThanOrEqual(10);
    }
    expect(terminals.find('STAYS')?.keys).toBeDefined();
    expect(terminals.find('T499')).toBeDefined();
    expect(terminals.find('T0')).toBeUndefined();
    terminals.signOff('NOBODY');
    expect(terminals.find('NOBODY')).toBeUndefined();
  });

  it('have their last answers of the day, fewer of each the more there are', () => {
    const answer = { fingerprint: 'f', reply: new Uint8Array(), answersAfter: 0 } as const;
    const kept = (terminals: Terminals, day = '1'): number => {
      const one = terminals.find('ONE');
      for (let stan = 0; stan < 1000; stan += 1) one?.remember(String(stan), '1', answer);
      return Array.from({ length: 1000 }, (_, stan) => one?.answered(String(stan), day)).filter(Boolean).length;
    };
    const terminals = open(100_000);
    terminals.signOn('ONE');
    expect(kept(terminals)).toBe(500);
    expect(kept(terminals, '2')).toBe(0);
    for (let index = 0; index < 1999; index += 1) terminals.signOn(`T${index}`);
    expect(kept(terminals)).toBe(50);
    for (let index = 0; index < 10_000; index += 1) terminals.signOn(`U${index}`);
    expect(kept(terminals)).toBe(16);
  });
});
