import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMessage } from '../protocol/iso8583/message.ts';
import { buildNetworkRequest } from '../protocol/profile/network.ts';
import { loadProfile, PROFILES } from '../protocol/profile/profile.ts';
import { parseConfig, readConfig, SIMULATED_TERMINAL, type ConfigMistake } from './config.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'anjungan-config-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const file = (content: string): string => {
  const name = path.join(folder, 'terminal.json');
  writeFileSync(name, content);
  return name;
};

/** What is wrong with the simulated terminal's configuration once these settings are changed. */
function mistakes(change: Readonly<Record<string, unknown>>): readonly ConfigMistake[] {
  const result = parseConfig({ ...SIMULATED_TERMINAL, ...change });
  return result.ok ? [] : result.mistakes;
}

const terminal = (change: Readonly<Record<string, unknown>>) =>
  mistakes({ terminal: { ...SIMULATED_TERMINAL.terminal, ...change } });

describe('defaults', () => {
  it('fills in what a terminal can do without being told', () => {
    const result = readConfig(file(JSON.stringify(SIMULATED_TERMINAL)));
    if (!result.ok) throw new Error(JSON.stringify(result.mistakes));
    const { config } = result;
    expect(config.terminal).toMatchObject({ zone: 'WIB', callCentre: '175', language: 'id' });
    expect(config.host).toEqual({
      profile: 'jht',
      endpoints: [],
      connectMs: 10_000,
      replyMs: 30_000,
      echoIdleMs: 60_000,
      keyExchangeMs: 86_400_000,
      failBackMs: 300_000,
    });
    expect(config.devices.cardReader).toEqual({ driver: 'omron-3s4yr' });
    expect(config.devices.receiptPrinter).toEqual({ driver: 'escpos', columns: 42 });
    expect(config.browser).toEqual({ bind: '127.0.0.1', port: 8700 });
    expect(config.data.folder).toBe('.data');
    expect(config.delays).toMatchObject({ touchScreen: 45_000, pinEntry: 30_000, takeCard: 45_000 });
    expect(config.simulated).toBe(false);
  });

  it('completes a line by its kind', () => {
    const result = parseConfig({
      ...SIMULATED_TERMINAL,
      devices: { cardReader: { line: { kind: 'serial', path: '/dev/ttyS0' } } },
    });
    expect(result.ok && result.config.devices.cardReader.line).toEqual({
      kind: 'serial',
      path: '/dev/ttyS0',
      baudRate: 9600,
      dataBits: 8,
      stopBits: 1,
    });
  });
});

describe('every mistake at once, with its path and rule', () => {
  it('unknown setting, wrong type, out of bounds, missing, and a rule between two settings', () => {
    const { acquirerId: _, ...incomplete } = SIMULATED_TERMINAL.terminal;
    const result = readConfig(
      file(
        JSON.stringify({
          terminal: { ...incomplete, colour: 'green' },
          host: { replyMs: 'soon', endpoints: [{ host: 'switch.example', port: 70_000 }] },
          delays: { takeCard: 20_000, takeCardCalm: 20_000 },
        }),
      ),
    );
    expect(result.ok).toBe(false);
    expect(new Set(result.ok ? [] : result.mistakes)).toEqual(
      new Set([
        { path: 'terminal.colour', rule: 'is not a setting' },
        { path: 'host.replyMs', rule: 'must be a number' },
        { path: 'host.endpoints[0].port', rule: 'must be at most 65535' },
        { path: 'terminal.acquirerId', rule: 'is missing' },
        { path: 'delays.takeCardCalm', rule: 'must be shorter than delays.takeCard' },
      ]),
    );
  });

  it('a rule between settings waits until each of them is right by itself', () => {
    expect(mistakes({ delays: { takeCard: 1, takeCardCalm: 20_000 } })).toEqual([
      { path: 'delays.takeCard', rule: 'must be at least 10000' },
    ]);
    expect(mistakes({ delays: 'short' })).toEqual([{ path: 'delays', rule: 'must be a group of settings in braces' }]);
  });

  it.each([
    ['nothing', null],
    ['a list', []],
    ['text', 'terminal'],
  ])('%s is not a configuration', (_, value) => {
    expect(parseConfig(value)).toEqual({
      ok: false,
      mistakes: [{ path: '(file)', rule: 'must be a group of settings in braces' }],
    });
  });

  it('a list where a group stands, a group where a list stands', () => {
    expect(mistakes({ devices: [], host: { endpoints: {} } })).toEqual([
      { path: 'host.endpoints', rule: 'must be a list' },
      { path: 'devices', rule: 'must be a group of settings in braces' },
    ]);
  });

  it('TLS names three files, and a host to speak it with', () => {
    const host = (change: object) =>
      mistakes({ host: { endpoints: [{ host: 'switch.example', port: 8583 }], ...change } });
    const tls = { ca: 'ca.pem', cert: 'terminal.pem', key: 'terminal.key' };
    expect(host({ tls })).toEqual([]);
    expect(host({ tls: { ca: 'ca.pem', cert: 'terminal.pem' } })).toEqual([
      { path: 'host.tls.key', rule: 'is missing' },
    ]);
    expect(mistakes({ host: { tls } })).toEqual([{ path: 'host.tls', rule: 'needs host.endpoints' }]);
  });

  it('does not take a prototype for a setting', () => {
    const given: unknown = JSON.parse(
      `{"__proto__": {"simulated": true}, ${JSON.stringify(SIMULATED_TERMINAL).slice(1)}`,
    );
    const result = parseConfig(given);
    expect(result.ok ? [] : result.mistakes).toEqual([{ path: '__proto__', rule: 'is not a setting' }]);
  });

  it('a line of no known kind, and one without its path', () => {
    const [first, second] = mistakes({
      devices: { cardReader: { line: { kind: 'usb' } }, pinPad: { line: { kind: 'serial' } } },
    });
    expect(first).toEqual({ path: 'devices.cardReader.line.kind', rule: 'must have kind serial or tcp' });
    expect(second).toEqual({ path: 'devices.pinPad.line.path', rule: 'is missing' });
  });
});

describe('rules between settings', () => {
  it('progress is shown before the wait is called long', () => {
    expect(mistakes({ delays: { progressShown: 5_000, stillWorking: 5_000 } })).toEqual([
      { path: 'delays.progressShown', rule: 'must be shorter than delays.stillWorking' },
    ]);
  });

  it('two servers do not share a port, unless each takes a free one', () => {
    expect(mistakes({ browser: { port: 9000 }, workbench: { port: 9000 } })).toEqual([
      { path: 'workbench.port', rule: 'must differ from browser.port' },
    ]);
    expect(mistakes({ browser: { port: 0 }, workbench: { port: 0 } })).toEqual([]);
  });

  it('each device has a line of its own', () => {
    const serial = (name: string) => ({ line: { kind: 'serial', path: name } });
    const tcp = (port: number) => ({ line: { kind: 'tcp', host: '127.0.0.1', port } });
    expect(mistakes({ devices: { cardReader: serial('/dev/ttyS0'), pinPad: serial('/dev/ttyS0') } })).toEqual([
      { path: 'devices.pinPad.line.path', rule: 'is the line of devices.cardReader already' },
    ]);
    expect(mistakes({ devices: { cardReader: tcp(4001), receiptPrinter: tcp(4001) } })).toEqual([
      { path: 'devices.receiptPrinter.line.port', rule: 'is the line of devices.cardReader already' },
    ]);
    expect(mistakes({ devices: { cardReader: tcp(4001), pinPad: tcp(4002), receiptPrinter: serial('COM1') } })).toEqual(
      [],
    );
  });

  it('no key of the PIN pad overwrites another', () => {
    expect(mistakes({ devices: { pinPad: { pinKey: 64, macKey: 64 } } })).toEqual([
      { path: 'devices.pinPad.macKey', rule: 'must differ from devices.pinPad.pinKey' },
    ]);
    expect(mistakes({ devices: { pinPad: { masterKey: 64 } } })).toEqual([
      { path: 'devices.pinPad.pinKey', rule: 'must differ from devices.pinPad.masterKey' },
    ]);
  });
});

describe('what the terminal says about itself to the host', () => {
  it.each([
    ['id', 'ANJ0001', 'must be 8 characters'],
    ['id', 'ANJ000012', 'must be at most 8 characters'],
    ['id', 'ANJ0000\u00e9', 'must be printable ASCII'],
    ['acceptorId', '0000000000000001', 'must be at most 15 characters'],
    ['acceptorId', '0000000\n1', 'must be printable ASCII'],
    ['acceptorName', 'A'.repeat(41), 'must be at most 40 characters'],
    ['acceptorName', 'KIOS D\u2019JAKARTA', 'must be printable ASCII'],
    ['acceptorName', '   ', 'must not be empty'],
    ['acquirerId', '123456789012', 'must be 1 to 11 digits'],
    ['acquirerId', '00A', 'must be 1 to 11 digits'],
    ['acquirerId', 200, 'must be text'],
  ])('%s %j: %s', (name, value, rule) => {
    expect(terminal({ [name]: value })).toEqual([{ path: `terminal.${name}`, rule }]);
  });

  it('packs at both ends of every bound that the schema allows', () => {
    const profile = loadProfile('jht');
    if (!profile.ok) throw new Error('jht does not load');
    for (const identity of [
      { id: '!~ {}"\\A', acceptorId: '1', acceptorName: 'X', acquirerId: '1' },
      { id: 'ANJ00001', acceptorId: 'z'.repeat(15), acceptorName: '~'.repeat(40), acquirerId: '9'.repeat(11) },
    ]) {
      expect(terminal(identity)).toEqual([]);
      const request = buildNetworkRequest(profile.value, { ...identity, terminalId: identity.id }, 'signOn');
      const stamped = createMessage(request.mti, {
        ...Object.fromEntries(request.elements.map((element) => [element, request.get(element)])),
        7: '1120020500',
        11: '000001',
        43: identity.acceptorName.padEnd(40),
      });
      expect(profile.value.codec.pack(stamped).ok).toBe(true);
    }
  });

  it('a profile with narrower elements is asked, whatever the schema allows', async () => {
    const { jht } = await import('../protocol/profile/profiles/jht.ts');
    const narrow = path.join(folder, 'narrow.json');
    const elements = {
      ...jht.elements,
      41: { name: 'Terminal', format: 'n 8', show: 'whole' },
      42: { name: 'Acceptor', format: 'ans 12', show: 'whole' },
    };
    writeFileSync(narrow, JSON.stringify({ ...jht, elements }));
    expect(mistakes({ host: { profile: narrow } })).toEqual([
      { path: 'terminal.id', rule: 'does not fit DE41 of the host profile: digits' },
      { path: 'terminal.acceptorId', rule: 'does not fit DE42 of the host profile: 12 characters' },
    ]);
  });
});

describe('the host profile', () => {
  it('is known, or a file that can be read and is right', () => {
    expect(mistakes({ host: { profile: 'jth' } })).toEqual([
      { path: 'host.profile', rule: `no such profile; known are ${PROFILES.join(', ')} and paths that end in .json` },
    ]);
    const broken = path.join(folder, 'broken.json');
    writeFileSync(broken, '{}');
    const found = mistakes({ host: { profile: broken } });
    expect(found.length).toBeGreaterThan(1);
    expect(new Set(found.map(({ path: at }) => at))).toEqual(new Set(['host.profile']));
  });
});

describe('the file itself', () => {
  it('is missing', () => {
    const name = path.join(folder, 'not-there.json');
    expect(readConfig(name)).toEqual({
      ok: false,
      mistakes: [{ path: '(file)', rule: `${name} cannot be read (ENOENT)` }],
    });
  });

  it('is a folder', () => {
    expect(readConfig(folder)).toMatchObject({ ok: false, mistakes: [{ rule: `${folder} cannot be read (EISDIR)` }] });
  });

  it.each(['', 'terminal:\n  id: ANJ00001\n', `${JSON.stringify(SIMULATED_TERMINAL).slice(0, -1)}`])(
    'is not JSON: %j',
    (content) => {
      const result = readConfig(file(content));
      expect(result).toMatchObject({ ok: false, mistakes: [{ path: '(file)' }] });
      expect(result.ok ? '' : result.mistakes[0]?.rule).toMatch(/^is not JSON: /);
    },
  );
});
