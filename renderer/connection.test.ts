import { describe, expect, it } from 'vitest';
import { parseIncoming, retryDelay, tokenOf } from './connection.ts';
import { samples } from './samples.ts';

describe('what the core says', () => {
  it('is taken when it is a view this page can draw', () => {
    for (const { view } of samples) {
      const message: unknown = JSON.parse(JSON.stringify({ type: 'view', view }));
      expect(parseIncoming(message)).toEqual({ type: 'view', view });
    }
  });

  it('clears the screen when it cannot be drawn', () => {
    const view = samples[0]?.view;
    for (const message of [
      { type: 'view' },
      { type: 'view', view: { ...view, screen: { kind: 'constructor' } } },
      { type: 'view', view: { ...view, screen: { kind: 'a-later-screen' } } },
      { type: 'view', view: { ...view, language: 'jv' } },
      { type: 'lost' },
    ]) {
      expect(parseIncoming(message)).toEqual({ type: 'lost' });
    }
  });

  it('is left aside when it does not concern this page', () => {
    for (const message of [undefined, 'view', [], { type: 'resume', token: 5 }, { type: 'later' }]) {
      expect(parseIncoming(message)).toBeUndefined();
    }
  });

  it('may hand over the token of the next connection', () => {
    expect(parseIncoming({ type: 'resume', token: 'abc' })).toEqual({ type: 'resume', token: 'abc' });
  });
});

describe('trying again', () => {
  it('slows down to a few seconds and never stops', () => {
    expect([0, 1, 2, 3, 4, 5, 1000].map((attempt) => retryDelay(attempt, 0))).toEqual([
      250, 500, 1000, 2000, 4000, 4000, 4000,
    ]);
    expect(retryDelay(1000, 1)).toBe(5000);
  });
});

describe('the token in the address', () => {
  it.each([
    ['#token=abc-_.~9', 'abc-_.~9'],
    ['#x=1&token=k', 'k'],
    ['#token=a b', undefined],
    ['#token=a,b', undefined],
    ['#token=', undefined],
    ['', undefined],
  ])('%s', (hash, token) => expect(tokenOf(hash)).toBe(token));
});
