import { describe, expect, it } from 'vitest';
import type { PersonaView, WorkbenchView } from '../../main/contract.ts';
import {
  answerVerb,
  delayVerb,
  frameableUrl,
  padKeyOf,
  PAD_ROWS,
  paperVerb,
  parseServerMessage,
  personaOf,
  plugVerb,
  tokenOf,
  verbMessage,
} from './verbs.ts';

const VIEW: WorkbenchView = {
  personas: [],
  pin: '123456',
  reader: { plugged: true, place: 'none', accepting: false, jammed: false, retained: 0 },
  pad: { plugged: true, entering: false, digits: 0, tampered: false, keys: [] },
  paper: { plugged: true, columns: 42, paper: 'ok', cover: 'closed', jammed: false, tickets: [], current: [] },
  host: { running: true, connections: 0, delayMs: 0, behaviour: 'normal' },
  log: [],
};

describe('verbs', () => {
  it('knows the keyboard as the pad, and nothing else of it', () => {
    expect(['0', '5', '9', 'Enter', 'Escape', 'Backspace', 'Delete'].map(padKeyOf)).toEqual([
      '0',
      '5',
      '9',
      'enter',
      'cancel',
      'clear',
      'clear',
    ]);
    for (const key of ['a', ' ', 'Tab', 'F5', '10', '']) expect(padKeyOf(key)).toBeUndefined();
  });

  it('lays out each of the thirteen keys once', () => {
    const keys = PAD_ROWS.flat().filter((key) => key !== undefined);
    expect(keys).toHaveLength(13);
    expect(new Set(keys).size).toBe(13);
  });

  it('pulls a plug that is in and pushes one that is out', () => {
    expect(plugVerb('pad', true)).toEqual({ device: 'pad', verb: 'unplug' });
    expect(plugVerb('reader', false)).toEqual({ device: 'reader', verb: 'plug' });
  });

  it('makes paper as wanted', () => {
    expect((['ok', 'low', 'out'] as const).map((paper) => paperVerb(paper).verb)).toEqual([
      'load-paper',
      'paper-low',
      'paper-out',
    ]);
  });

  it('keeps the delay between 0 and 40 seconds, in whole milliseconds', () => {
    expect([12.5, -3, 99, Number.NaN].map((seconds) => delayVerb(seconds))).toEqual(
      [12_500, 0, 40_000, 0].map((ms) => ({ device: 'host', verb: 'delay', ms })),
    );
  });

  it('takes two letters or digits as a response code, nothing as the end of the override, and refuses the rest', () => {
    expect(answerVerb('55')).toEqual({ device: 'host', verb: 'answer', responseCode: '55' });
    expect(answerVerb(' z9 ')).toEqual({ device: 'host', verb: 'answer', responseCode: 'Z9' });
    expect(answerVerb('')).toEqual({ device: 'host', verb: 'answer' });
    for (const text of ['5', '555', '5-', 'é1']) expect(answerVerb(text)).toBeUndefined();
  });

  it('travels as one JSON object', () => {
    expect(JSON.parse(verbMessage({ device: 'reader', verb: 'take' }))).toEqual({
      type: 'verb',
      verb: { device: 'reader', verb: 'take' },
    });
  });
});

describe('what the server says', () => {
  it('is a view, a refusal with the verb in full or by name, or nothing', () => {
    expect(parseServerMessage(JSON.stringify({ type: 'workbench', view: VIEW }))).toEqual({
      type: 'workbench',
      view: VIEW,
    });
    const refused = { type: 'refused', verb: 'take', reason: 'no card to take' };
    expect(parseServerMessage(JSON.stringify(refused))).toEqual(refused);
    expect(parseServerMessage(JSON.stringify({ ...refused, verb: { device: 'reader', verb: 'take' } }))).toEqual(
      refused,
    );
  });

  it.each([
    'not json',
    'null',
    '[]',
    '{"type":"workbench"}',
    '{"type":"workbench","view":{"personas":[],"log":[]}}',
    '{"type":"refused","verb":"take"}',
    '{"type":"view","view":{}}',
  ])('drops %s', (text) => {
    expect(parseServerMessage(text)).toBeUndefined();
  });
});

describe('the address', () => {
  it('gives a token that can travel as a subprotocol, or none', () => {
    expect(tokenOf('#token=aZ0._~-')).toBe('aZ0._~-');
    for (const hash of ['', '#', '#token=', '#token=a%20b', '#token=a,b', '#other=1'])
      expect(tokenOf(hash)).toBeUndefined();
  });

  it('frames web addresses only, relative ones against our own', () => {
    expect(frameableUrl('/kiosk.html', 'http://127.0.0.1:1/')).toBe('http://127.0.0.1:1/kiosk.html');
    expect(frameableUrl('http://127.0.0.1:2/#token=x', 'http://127.0.0.1:1/')).toBe('http://127.0.0.1:2/#token=x');
    for (const url of [undefined, 'javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'http://']) {
      expect(frameableUrl(url, 'http://127.0.0.1:1/')).toBeUndefined();
    }
  });
});

it('finds a persona by its id or by its name, and never by accident', () => {
  const personas: readonly PersonaView[] = [
    { id: 'normal', name: 'Ratna', note: { id: '', en: '' }, card: '******1234' },
    { id: 'multi', name: 'Bagas', note: { id: '', en: '' }, card: '******5678' },
  ];
  expect(personaOf(personas, 'multi')?.id).toBe('multi');
  expect(personaOf(personas, 'Ratna')?.id).toBe('normal');
  expect(personaOf(personas, undefined)).toBeUndefined();
  expect(personaOf(personas, 'someone')).toBeUndefined();
});
