/** The shell's log: one line each on standard error, which the service manager keeps. Never anything a customer said or saw. */
export function log(line: string): void {
  process.stderr.write(`shell: ${line}\n`);
}
