/** The simulator by itself, command by command; with the driver it is tested in devices/pin-pad/zt598.test.ts. */
import { describe, expect, it } from 'vitest';
import { createTestClock } from '../test-clock.ts';
import { encipher, keyCheckValue } from './pin-pad-crypto.ts';
import { createPinPadSimulator, testMasterKey, type PinPadSimulatorOptions } from './pin-pad.ts';

const key = Uint8Array.from(Buffer.from('7CA110454A1A6E570131D9619DC1376E', 'hex'));
const underMaster = (value: Uint8Array): string =>
  Buffer.from(encipher(testMasterKey, value)).toString('hex').toUpperCase();
const pan12 = '555555123456';

function frameOf(text: string): Buffer {
  const summed = Buffer.from(`${String(text.length).padStart(3, '0')}${text}\x03`, 'latin1');
  const sum = summed.reduce((all, byte) => all ^ byte, 0);
  return Buffer.concat([Buffer.of(2), summed, Buffer.from(sum.toString(16).toUpperCase().padStart(2, '0'))]);
}

function stage(options: PinPadSimulatorOptions = {}) {
  const clock = createTestClock();
  const pad = createPinPadSimulator({ clock, ...options });
  let out = Buffer.alloc(0);
  pad.attach((bytes) => (out = Buffer.concat([out, bytes])));
  const taken = (): Buffer => {
    const all = out;
    out = Buffer.alloc(0);
    return all;
  };
  /** The status byte and the data of the answer. */
  const ask = (text: string): string => {
    taken();
    pad.receive(frameOf(text));
    const answer = taken().toString('latin1');
    return answer.charCodeAt(4).toString(16).toUpperCase() + answer.slice(5, -3);
  };
  const press = (keys: string): string => {
    taken();
    for (const one of keys) pad.verbs.press(one as '0');
    return taken().toString('latin1');
  };
  return { clock, pad, taken, ask, press };
}

describe('PIN pad simulator', () => {
  it('refuses to load a plain key, and to wipe without authentication', () => {
    const { ask, pad } = stage();
    expect(ask(`14032${'0123456789ABCDEF'.repeat(2)}`)).toBe('EC');
    expect(ask('5031')).toBe('EC');
    expect(pad.state().keys).toEqual([{ name: 'MASTER', checkValue: '08D7B4' }]);
  });

  it.each([
    ['under a key that is not there', `2024032${underMaster(key)}`, 'E2'],
    ['of another length than it says', `2014033${underMaster(key)}`, 'E3'],
    ['with even parity', `2014032${underMaster(key.map((byte) => byte ^ 1))}`, 'E6'],
    ['for an unknown use', `2014092${underMaster(key)}`, 'EB'],
    ['over the master key', `2010132${underMaster(key)}`, 'EB'],
    ['rightly', `2014032${underMaster(key)}`, `60${keyCheckValue(key, 4)}`],
  ])('loads a key %s', (_, text, answer) => {
    expect(stage().ask(text)).toBe(answer);
  });

  it('keeps a key to its use', () => {
    const { ask, press, pad } = stage();
    ask(`2014052${underMaster(key)}`);
    expect(ask('600012')).toBe('60');
    press('1234');
    pad.verbs.press('enter');
    expect(ask(`740 ${pan12}`)).toBe('E5');
    ask(`2014032${underMaster(key)}`);
    expect(ask(`840A${'\0'.repeat(8)}`)).toBe('E5');
    expect(ask(`841A${'\0'.repeat(8)}`)).toBe('E4');
  });

  it('does nothing when a key is pressed while its input is off, and sends keys as they are while it is on', () => {
    const { ask, press } = stage();
    expect(press('5')).toBe('');
    ask('5033');
    expect(press('5')).toBe('5');
    ask('5032');
    expect(press('5')).toBe('');
  });

  it('masks with the character that was set, holds the longest PIN, and waits for the shortest', () => {
    const { ask, press, pad } = stage();
    for (const setting of ['5323', '5404', '5506', '600012']) expect(ask(setting)).toBe('60');
    expect(press('123')).toBe('###');
    pad.verbs.press('enter');
    expect(pad.state()).toMatchObject({ entering: true, digits: 3 });
    expect(press('45678')).toBe('###');
    pad.verbs.press('enter');
    expect(pad.state()).toMatchObject({ entering: false, digits: 6 });
    expect(ask('5513')).toBe('E9');
  });

  it('ZT588 reads lengths in hex', () => {
    const { ask, press } = stage({ model: 'zt588' });
    ask(`2014032${underMaster(key)}`);
    expect(ask('550C')).toBe('60');
    expect(ask(`640 012${pan12}`)).toBe('60');
    expect(press('1234567890123')).toBe('*'.repeat(12));
  });

  it('forgets the PIN after one PIN block, after a refused one, when its input is switched, and in time', async () => {
    const { ask, press, pad, clock, taken } = stage();
    ask(`2014032${underMaster(key)}`);
    const enter = (digits: string): void => {
      ask('600012');
      press(digits);
      pad.verbs.press('enter');
    };
    enter('1234');
    expect(ask(`740 ${pan12}`)).toMatch(/^600004[0-9A-F]{16}$/);
    expect(ask(`740 ${pan12}`)).toBe('EF');
    enter('123');
    expect(ask(`740 ${pan12}`)).toBe('EF');
    expect(pad.state().digits).toBe(0);
    enter('1234');
    ask('5033');
    expect(ask(`740 ${pan12}`)).toBe('EF');
    ask('5205');
    ask('600012');
    press('12');
    taken();
    await clock.advance(5001);
    expect([...taken()]).toEqual([0x80]);
    expect(pad.state()).toMatchObject({ entering: false, digits: 0 });
  });

  it('answers a wrong check byte, and takes up again after half a command', async () => {
    const { ask, pad, taken, clock } = stage();
    const wrong = frameOf('3');
    wrong[wrong.length - 1] = 0x46;
    pad.receive(wrong);
    expect(taken().at(4)).toBe(0xe9);
    pad.receive(Buffer.from('\x02999123'));
    expect(taken().length).toBe(0);
    await clock.advance(600);
    expect(ask('5035')).toBe('60');
  });

  it('tampered: everything is gone, and only the service visit helps', () => {
    const { ask, press, pad } = stage();
    ask(`2014032${underMaster(key)}`);
    ask('600012');
    press('12');
    pad.verbs.tamper();
    expect(pad.state()).toMatchObject({ tampered: true, entering: false, digits: 0, keys: [] });
    expect(ask('3')).toBe('DD');
    expect(press('1')).toBe('');
    pad.verbs.repair();
    expect(pad.state()).toMatchObject({ tampered: false, keys: [{ name: 'MASTER', checkValue: '08D7B4' }] });
    expect(ask('3').length).toBe(148);
  });

  it('forgets a half typed PIN when the line goes, and tells of every change', () => {
    const { ask, press, pad } = stage();
    let changes = 0;
    const stop = pad.onChange(() => (changes += 1));
    ask('600012');
    press('12');
    expect(changes).toBe(3);
    pad.attach(undefined);
    expect(pad.state()).toMatchObject({ plugged: false, entering: false, digits: 0 });
    stop();
    pad.verbs.press('1');
    expect(changes).toBe(4);
  });
});
