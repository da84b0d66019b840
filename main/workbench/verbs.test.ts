import { describe, expect, it } from 'vitest';
import type { WorkbenchVerb } from '../contract.ts';
import { parseVerb } from './verbs.ts';

const parse = (verb: unknown): WorkbenchVerb | undefined => parseVerb(JSON.stringify({ type: 'verb', verb }));

const PLAIN: Readonly<Record<WorkbenchVerb['device'], readonly string[]>> = {
  reader: ['take', 'pull-out', 'jam', 'clear-jam', 'empty-bin', 'plug', 'unplug'],
  pad: ['tamper', 'repair', 'plug', 'unplug'],
  printer: [
    'tear',
    'paper-low',
    'paper-out',
    'load-paper',
    'open-cover',
    'close-cover',
    'jam',
    'clear-jam',
    'plug',
    'unplug',
  ],
  host: ['start', 'stop'],
};

describe('verbs', () => {
  it.each(Object.entries(PLAIN))('of the %s without fields; what else is sent is not taken over', (device, verbs) => {
    for (const verb of verbs) expect(parse({ device, verb, extra: 1 })).toEqual({ device, verb });
  });

  it.each<WorkbenchVerb>([
    { device: 'reader', verb: 'insert', persona: 'normal', flaw: 'none' },
    { device: 'reader', verb: 'insert', persona: 'multi', flaw: 'bad-luhn' },
    { device: 'pad', verb: 'press', key: '0' },
    { device: 'pad', verb: 'press', key: 'enter' },
    { device: 'host', verb: 'delay', ms: 0 },
    { device: 'host', verb: 'delay', ms: 120_000 },
    { device: 'host', verb: 'behave', behaviour: 'close-mid-message' },
    { device: 'host', verb: 'answer', responseCode: '55' },
    { device: 'host', verb: 'answer' },
  ])('with fields: %j', (verb) => {
    expect(parse(verb)).toEqual(verb);
  });

  it('rounds and shortens what it takes over', () => {
    expect(parse({ device: 'host', verb: 'delay', ms: 12.6 })).toEqual({ device: 'host', verb: 'delay', ms: 13 });
    const inserted = parse({ device: 'reader', verb: 'insert', persona: 'x'.repeat(100), flaw: 'none' });
    expect(inserted).toMatchObject({ persona: 'x'.repeat(40) });
  });
});

describe('what is none', () => {
  it.each([
    ['another device’s verb', { device: 'pad', verb: 'tear' }],
    ['no such device', { device: 'camera', verb: 'plug' }],
    ['a prototype’s name for a device', { device: '__proto__', verb: 'toString' }],
    ['a prototype’s name for a verb', { device: 'pad', verb: 'constructor' }],
    ['a list for a device', { device: ['pad'], verb: 'plug' }],
    ['no verb', { device: 'pad' }],
    ['a card without its persona', { device: 'reader', verb: 'insert', flaw: 'none' }],
    ['a card without its flaw', { device: 'reader', verb: 'insert', persona: 'normal' }],
    ['an unknown flaw', { device: 'reader', verb: 'insert', persona: 'normal', flaw: 'melted' }],
    ['two keys in one', { device: 'pad', verb: 'press', key: '12' }],
    ['a key as a number', { device: 'pad', verb: 'press', key: 1 }],
    ['an unknown behaviour', { device: 'host', verb: 'behave', behaviour: 'kind' }],
    ['a negative delay', { device: 'host', verb: 'delay', ms: -1 }],
    ['too long a delay', { device: 'host', verb: 'delay', ms: 120_001 }],
    ['a delay in words', { device: 'host', verb: 'delay', ms: '10' }],
    ['a delay that is no number', { device: 'host', verb: 'delay', ms: null }],
    ['a response code of three', { device: 'host', verb: 'answer', responseCode: '055' }],
    ['a response code of small letters', { device: 'host', verb: 'answer', responseCode: 'n0' }],
    ['null', null],
    ['a list', []],
    ['text', 'plug'],
  ])('%s', (_, verb) => {
    expect(parse(verb)).toBeUndefined();
  });

  it.each([
    '',
    'plug',
    '{',
    'null',
    '7',
    '[]',
    '{"type":"action","verb":{"device":"pad","verb":"plug"}}',
    '{"device":"pad","verb":"plug"}',
  ])('the message %j', (text) => {
    expect(parseVerb(text)).toBeUndefined();
  });
});
