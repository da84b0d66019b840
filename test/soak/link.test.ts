/** The link soak in its short form; the long one is `node test/soak/link.ts`. And the command itself. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { soakLink } from './link.ts';

const SCRIPT = join(import.meta.dirname, 'link.ts');

describe('the link on a bad line', () => {
  it('loses no inquiry, and gives nobody another’s answer', async () => {
    // Eight times the usual faults, so that some of each kind come in a short run, whatever the timing does to the order.
    const report = await soakLink({ exchanges: 1500, seed: 4, faults: 8 });
    expect(report).toMatchObject({ answered: 1500, wrong: 0, lost: 0 });
    const { faults } = report;
    expect(faults.drop + faults.late).toBeGreaterThan(0);
    expect(faults['half-open'] + faults.cut).toBeGreaterThan(0);
    expect(report.connections).toBeGreaterThan(1);
    expect(faults.duplicate * faults.split * faults.merged).toBeGreaterThan(0);
    expect(report.repeats + report.unmatched).toBeGreaterThan(0);
  }, 60_000);

  it('as a command: one JSON object, and what is wrong with its options', async () => {
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, [SCRIPT, '--exchanges', '50', '--seed', '2', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ exchanges: 50, answered: 50, wrong: 0, lost: 0 });
    await expect(run(process.execPath, [SCRIPT, '--exchanges', 'many'])).rejects.toMatchObject({ code: 2 });
  }, 60_000);
});
