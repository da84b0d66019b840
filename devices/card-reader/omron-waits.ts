/** Waits on the reader's status, as its sensors tell it: until a card is inside, until it is gone. Ended by trouble or abort. */
import { fail, ok, type Result } from '../result.ts';
import type { CardReader, CardReaderError, CardReaderStatus } from './contract.ts';
import { omronRemedy } from './omron-errors.ts';

type Decision = Result<undefined, CardReaderError> | undefined;

/** Follows the status until `decide` has an answer; `closing`: nobody may wait any more. */
export function followStatus(
  reader: Pick<CardReader, 'status' | 'onStatus'>,
  closing: () => boolean,
  signal: AbortSignal,
  decide: (status: CardReaderStatus) => Decision,
): Promise<Result<undefined, CardReaderError>> {
  return new Promise((resolve) => {
    const settle = (result: Result<undefined, CardReaderError>): void => {
      stop();
      signal.removeEventListener('abort', abort);
      resolve(result);
    };
    const abort = (): void => settle(fail({ code: 'cancelled' }));
    const look = (now: CardReaderStatus): void => {
      const decided = closing() ? fail<CardReaderError>({ code: 'absent' }) : (troubleIn(now) ?? decide(now));
      if (decided) settle(decided);
    };
    const stop = reader.onStatus(look);
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    else look(reader.status());
  });
}

export function arrived(now: CardReaderStatus): Decision {
  return now.state === 'ready' && now.media === 'inside' ? ok() : undefined;
}

export function removed(now: CardReaderStatus): Decision {
  if (now.state !== 'ready' || now.media === 'takeout' || now.media === 'unknown') return undefined;
  return now.media === 'none' ? ok() : fail<CardReaderError>({ code: 'refused' });
}

function troubleIn(status: CardReaderStatus): Decision {
  if (status.state === 'absent') return fail({ code: 'absent' });
  if (status.state !== 'fault') return undefined;
  return fail({ code: omronRemedy(status.deviceCode).code, deviceCode: status.deviceCode });
}
