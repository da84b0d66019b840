import { describe, expect, it } from 'vitest';
import { fuzz } from './codec.ts';

describe('random and mutated bytes through framing, codec and composite elements', () => {
  it('throw nothing, hang nowhere, and come back as they were or are refused with their place', () => {
    const { accepted, refused, inputs } = fuzz(60_000, 20_261_120);
    expect(accepted + refused).toBe(inputs);
    // Both ways are gone through.
    expect(accepted).toBeGreaterThan(1_000);
    expect(refused).toBeGreaterThan(10_000);
  });
});
