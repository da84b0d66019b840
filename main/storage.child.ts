/** Test helper: takes the instance lock, says so, and holds it until it is killed. */
import { lockInstance } from './storage.ts';

const lock = lockInstance(process.argv[2] ?? '');
process.send?.(lock.ok ? 'held' : lock.error.code);
// The channel keeps the process alive, and its end ends it.
process.on('message', () => undefined);
