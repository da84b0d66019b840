import { describe, expect, it } from 'vitest';
import { omronErrors, omronRemedy, omronTrackProblems } from './omron-errors.ts';

describe('OMRON error table', () => {
  it('asks for a reset for every fault, and for what is not documented', () => {
    for (const row of Object.values(omronErrors)) if (row.fault) expect(row.remedy).toBe('reset');
    expect(omronRemedy('99')).toMatchObject({ code: 'hardware', fault: 'hardware', remedy: 'reset' });
  });

  it('never resets for a stripe that cannot be read, and names each problem', () => {
    for (const code of ['40', '41', '42', '43', '44', '45', '46']) {
      expect(omronRemedy(code).remedy).toBe('go on');
      expect(omronTrackProblems[code]).toBeDefined();
    }
  });
});
