/** DUKPT between the simulated pad and the host's receiver, which share no line: through the life of an initial key. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createPadDukpt } from '../devices/simulator/pin-pad-dukpt.ts';
import { createDukptCounters } from '../protocol/security/dukpt-counters.ts';
import { createDukptReceiver } from '../protocol/security/dukpt-receiver.ts';
import { DUKPT_SCHEMES } from '../protocol/security/dukpt-scheme.ts';
import type { DukptSchemeName } from '../protocol/security/dukpt-scheme.ts';
import type { Algorithms } from '../protocol/security/message-keys.ts';

const PAN = '9999990000000001';
const PIN = Uint8Array.of(1, 2, 3, 4, 5, 6);
const TDES: Algorithms = { pinFormat: 'iso-0', mac: { algorithm: 'x9.19', bytes: 8 } };
const AES: Algorithms = { pinFormat: 'iso-4', mac: { algorithm: 'aes-cmac', bytes: 16 } };
const hex = (bytes: Uint8Array | undefined): string =>
  Buffer.from(bytes ?? [])
    .toString('hex')
    .toUpperCase();

function value<T>(result: { readonly ok: true; readonly value: T } | { readonly ok: false }): T {
  if (!result.ok) throw new Error('refused');
  return result.value;
}

describe.each(Object.keys(DUKPT_SCHEMES) as DukptSchemeName[])('%s', (name) => {
  const scheme = DUKPT_SCHEMES[name];
  const key = randomBytes(scheme.keyBytes);
  const serial = Buffer.from(name === 'tdes' ? 'FFFF9876543210E00000' : '1234567890123456', 'hex');
  const first = value(scheme.parseKsn(name === 'tdes' ? 'FFFF9876543210E00001' : '123456789012345600000001'));
  const bases = [{ keySet: name === 'tdes' ? 'FFFF98' : '12345678', key }];
  const options = { scheme: name, initialKey: scheme.initialKey(key, first), serial, random: randomBytes };

  it('the host reads what the pad sends and the pad what the host answers, to the last key', () => {
    const algorithms = name === 'tdes' ? TDES : AES;
    const host = value(createDukptReceiver({ ...algorithms, scheme: name, bases, counters: createDukptCounters() }));
    let last = false;
    for (const firstCounter of [1, 0x3fe00, name === 'tdes' ? 0x1fe000 : 0xfffe0000]) {
      const pad = createPadDukpt({ ...options, firstCounter });
      for (let size = 1; size <= 150 && pad.begin(); size += 1) {
        const [request, reply] = [randomBytes(size), randomBytes(40)];
        const mac = pad.mac(request, 'request');
        const message = value(host.open('ANJ00001', mac?.ksn ?? ''));
        expect(message.verifyMac(request, hex(mac?.bytes))).toBe(true);
        expect(message.pin(hex(pad.pinBlock(PIN, PAN)?.bytes), PAN)).toEqual({ ok: true, value: '123456' });
        expect(message.mac(reply)).toBe(hex(pad.mac(reply, 'reply')?.bytes));
        expect(host.open('ANJ00001', mac?.ksn ?? '').ok).toBe(false);
        ({ last } = message);
      }
    }
    expect(last).toBe(true);
  });
});
