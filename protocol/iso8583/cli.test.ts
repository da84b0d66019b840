import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from './cli.ts';
import type { Answer } from './cli.ts';

const MESSAGE = { mti: '0800', elements: { '7': '1120090500', '11': '000001', '70': '301' } };
const WIRE = '0800' + '8220000000000000' + '0400000000000000' + '1120090500' + '000001' + '301';
const hexOf = (text: string): string => Buffer.from(text, 'latin1').toString('hex').toUpperCase();
const HEX = hexOf(WIRE);

const TRACK = '9999990000000001=29125010000012300000';
const REQUEST = {
  mti: '0200',
  elements: { '3': '310000', '35': TRACK, '41': 'ANJ00001', '48': [{ tag: 'PI', value: 'JHTBAL' }] },
};

const iso = (args: readonly string[], input = ''): Answer => run(args, () => input);
const encode = (message: object): string => {
  const { code, out, err } = iso(['encode', JSON.stringify(message)]);
  if (code !== 0) throw new Error(err);
  return out;
};

describe('decode', () => {
  it('shows the elements, from an argument or standard input, with blanks and in lower case', () => {
    const { code, out, err } = iso(['decode', '--profile', 'jht', HEX]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out.split('\n')[0]).toBe('0800 network management request');
    expect(out).toMatch(/70 {2}Network management information code +301$/m);
    expect(iso(['decode'], `${HEX.slice(0, 20)}\n ${HEX.slice(20).toLowerCase()}\n`).out).toBe(out);
    const json = JSON.parse(iso(['decode', '--json', HEX]).out) as object;
    expect(json).toMatchObject({
      mti: '0800',
      elements: [{ path: '7' }, { path: '11' }, { path: '70', value: '301' }],
    });
  });

  it('hides what the profile does not show, in every form', () => {
    const hex = encode(REQUEST);
    for (const args of [
      ['decode', hex],
      ['decode', '--json', hex],
      ['decode', hex.slice(0, -4)],
    ]) {
      const { out, err } = iso(args);
      expect(out + err).not.toContain('999999');
    }
    expect(iso(['decode', hex]).out).toMatch(/35 {2}Track 2 data +hidden \(37\)/);
  });

  it('says exactly where a message breaks, and what was read before', () => {
    const { code, out, err } = iso(['decode', HEX.slice(0, -4)]);
    expect(code).toBe(1);
    expect(err).toBe('DE70 at 53: expected 3 characters, got 1 bytes');
    expect(out).toMatch(/11 {2}System trace audit number +000001$/m);
    expect(out).toMatch(/DE70 breaks$/);
    const json = JSON.parse(iso(['decode', '--json', HEX.slice(0, -4)]).out) as object;
    expect(json).toMatchObject({
      error: { code: 'truncated', path: 'DE70', offset: 53 },
      before: { mti: '0800', elements: [{ path: '7' }, { path: '11' }] },
    });
    expect(iso(['decode', hexOf('08')])).toMatchObject({ code: 1, out: '', err: expect.stringContaining('MTI at 2') });
  });

  it('looks inside the elements that have parts', () => {
    const wire = `0200${'2000000000010000'}310000013${'PI006JHTBALXX'}`;
    const { code, out, err } = iso(['decode', hexOf(wire)]);
    expect(code).toBe(1);
    expect(err).toMatch(/^DE48\.\? at 11: expected a length of 3 digits/);
    expect(out).toMatch(/48\.PI {2}Product +JHTBAL$/m);
  });

  it('takes the length in front off, when told that it is there', () => {
    const framed = iso(['encode', '--framed', JSON.stringify(MESSAGE)]).out;
    expect(framed).toBe(`0037${HEX}`);
    expect(iso(['decode', '--framed', framed]).code).toBe(0);
    expect(iso(['decode', '--framed', framed.slice(0, -2)])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/does not end/),
    });
    expect(iso(['decode', '--framed', `${framed}00`])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/more than one/),
    });
    expect(iso(['encode', '--framed', '{"mti": "0800", "elements": {}}'])).toMatchObject({ code: 0 });
    expect(iso(['decode', '--framed', '0001AA'])).toMatchObject({ code: 1, err: expect.stringMatching(/frame/) });
  });
});

describe('encode', () => {
  it('writes the bytes of a message, and of parts', () => {
    expect(iso(['encode'], JSON.stringify(MESSAGE)).out).toBe(HEX);
    expect(Buffer.from(encode(REQUEST), 'hex').toString()).toContain('011PI006JHTBAL');
    expect(JSON.parse(iso(['encode', '--json', JSON.stringify(MESSAGE)]).out)).toEqual({ hex: HEX, bytes: 55 });
  });

  it('refuses what the profile does, with the place and without the value', () => {
    const bad = (elements: object): Answer => iso(['encode', JSON.stringify({ mti: '0200', elements })]);
    expect(bad({ '35': `${TRACK}x` })).toMatchObject({ code: 1, err: expect.stringMatching(/^DE35: expected/) });
    expect(bad({ '35': `${TRACK.slice(1)}x` }).err).not.toContain('999999');
    expect(bad({ '48': [{ tag: 'PI', value: 'SHORT' }] })).toMatchObject({ code: 1, err: /DE48\.PI/ });
    expect(bad({ '41': [{ tag: 'PI', value: 'x' }] })).toMatchObject({ code: 1, err: expect.stringMatching(/DE41/) });
    expect(bad({ '48': [{ tag: 1 }] }).code).toBe(2);
    expect(bad({ x: '1' }).code).toBe(2);
    expect(iso(['encode', `{"${TRACK}`])).toEqual({ code: 2, out: '', err: 'the input is not JSON' });
    expect(iso(['encode', '[]']).code).toBe(2);
  });
});

describe('the command', () => {
  it('is refused with its usage, a profile with its mistakes', () => {
    for (const args of [[], ['show'], ['decode'], ['decode', '--profil', 'x', 'AA']]) {
      expect(iso(args)).toMatchObject({ code: 2, out: '', err: expect.stringContaining('usage:') });
    }
    expect(iso(['decode', 'ABC']).code).toBe(2);
    expect(iso(['decode', '--profile', 'none', HEX])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/no such profile/),
    });
    expect(iso(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('usage:') });
  });

  it('runs as a program: hex in, text out, exit code by the message', () => {
    const program = (args: readonly string[], input: string): ReturnType<typeof spawnSync> =>
      spawnSync(process.execPath, [path.join(import.meta.dirname, 'cli.ts'), ...args], { input, encoding: 'utf8' });
    const good = program(['decode'], HEX);
    expect(good).toMatchObject({ status: 0, stdout: expect.stringContaining('0800 network management request') });
    expect(program(['decode'], HEX.slice(0, 4))).toMatchObject({ status: 1, stderr: expect.stringContaining('MTI') });
    expect(program(['encode'], JSON.stringify(MESSAGE)).stdout).toBe(`${HEX}\n`);
  });
});
