/** Test helper: stores advices and forwards them to a host, telling of each that is stored, until it is killed. */
import { createTestPad, identity, jht, value } from '../host/test-terminal.ts';
import { systemClock } from '../clock.ts';
import { createMessage } from '../iso8583/message.ts';
import { openDatabase } from '../storage/sqlite.ts';
import { createLink } from './link.ts';
import { buildReversal } from './reversal.ts';
import { openStanSource } from './stan.ts';
import { openStoreAndForward } from './store-and-forward.ts';

const [path = '', port = '', many = '0', originals = ''] = process.argv.slice(2);
const database = value(openDatabase(path));
const clock = systemClock;
const timeZone = 'Asia/Jakarta';
const { terminalId } = identity;
const stan = value(openStanSource({ database, terminalId, clock, timeZone, block: 5 }));
const link = createLink({
  profile: jht,
  endpoints: [{ host: '127.0.0.1', port: Number(port) }],
  terminal: identity,
  timeZone,
  security: createTestPad(),
  stan,
  clock,
  backoff: { baseMs: 10, maxMs: 50 },
});
const queue = value(
  openStoreAndForward({
    database,
    terminalId,
    link,
    profile: jht,
    stan,
    clock,
    timeZone,
    backoff: { baseMs: 10, maxMs: 50 },
  }),
);
queue.onEvent(({ kind, rrn }) => process.send?.(`${kind} ${rrn}`));
for (const rrn of originals.split(',').slice(0, Number(many))) {
  // The original's STAN is the end of its RRN (stan.ts).
  const original = createMessage('0200', {
    3: '310000',
    7: '1120020500',
    11: rrn.slice(-6),
    32: identity.acquirerId,
    37: rrn,
    41: identity.terminalId,
    42: identity.acceptorId,
    49: '360',
  });
  const stored = queue.add(buildReversal(jht, original));
  if (!stored.ok) throw new Error(stored.error.code);
}
