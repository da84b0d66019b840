/**
 * One PIN entry on the pad: counts masked digits, ends at Enter or Cancel, opens it again when the pad's own time limit or a
 * restart of the pad closed it, and stops at once should a digit ever come unmasked. It never knows a digit.
 */
import { fail, ok, type Result } from '../result.ts';
import type { LineError, Wire } from '../transport/line.ts';
import type { PadKeyEvent } from './contract.ts';
import { answerShapes, control, type padProfiles } from './zt598-commands.ts';
import type { PadKey, PadToken } from './zt598-frame.ts';
import type { PadFailure, PadTalk } from './zt598-talk.ts';

interface PinEntryOptions {
  readonly talk: PadTalk;
  readonly profile: (typeof padProfiles)[keyof typeof padProfiles];
  /** Asks the pad whether it is there and unchanged since the last time. */
  readonly beat: (wire: Wire<PadToken>) => Promise<Result<'same' | 'restarted', PadFailure>>;
  readonly configure: (wire: Wire<PadToken>) => Promise<Result<undefined, PadFailure>>;
  readonly onKey: (key: PadKeyEvent) => void;
  readonly beatMs: number;
}

interface EntryStart {
  readonly key: number;
  readonly longest: number;
  readonly pan12: string;
}

export interface PinEntry {
  /** Whatever comes from the pad that answers nothing: keys, in and outside PIN entry. */
  hear(token: PadToken): void;
  run(wire: Wire<PadToken>, start: EntryStart): Promise<Result<{ readonly digits: number }, PadFailure>>;
  /** Digits of the entry that is open or was the last. */
  digits(): number;
}

const nothing = (_token: PadToken): _token is never => false;

/** The customer's time is the caller's business; this only has to be long. */
const customerMs = 24 * 60 * 60 * 1000;
/** The pad's time limit, told as an answer that nobody asked for. */
const timeIsOver = 0xee;

const outsideEntry: Readonly<Partial<Record<PadKey, PadKeyEvent>>> = {
  mask: 'digit',
  digit: 'digit',
  enter: 'enter',
  cancel: 'cancel',
  clear: 'clear',
};

export function createPinEntry(options: PinEntryOptions): PinEntry {
  const { talk, profile, onKey } = options;
  let state: 'closed' | 'opening' | 'open' | 'enter' | 'cancel' | 'expired' | 'exposed' = 'closed';
  let digits = 0;
  let longest = 0;
  /** An answer is awaited: what looks like a digit key may be the rest of one. */
  let asking = false;
  /** Settles when the entry is no longer open; made anew each time it is opened. */
  let ended: Promise<Result<undefined, LineError>> = Promise.resolve(ok());
  let end: () => void = () => undefined;

  function close(why: 'enter' | 'cancel' | 'expired' | 'exposed'): void {
    state = why;
    end();
  }

  function hearDuringEntry(key: PadKey): void {
    switch (key) {
      case 'mask':
        if (digits >= longest) return;
        digits += 1;
        onKey('digit');
        return;
      case 'clear':
        digits = 0;
        onKey('clear');
        return;
      case 'enter':
      case 'cancel':
        close(key);
        onKey(key);
        return;
      case 'expired':
        close('expired');
        return;
      case 'digit':
        if (!asking) close('exposed');
        return;
      case 'other':
        return;
    }
  }

  function hear(token: PadToken): void {
    if (token.kind === 'answer') {
      if (state === 'open' && token.status === timeIsOver) close('expired');
    } else if (token.kind === 'key') {
      if (state === 'open') hearDuringEntry(token.key);
      else if (state === 'closed') {
        const key = outsideEntry[token.key];
        if (key !== undefined) onKey(key);
      }
    }
  }

  async function open(wire: Wire<PadToken>, start: EntryStart): Promise<Result<undefined, PadFailure>> {
    // Keys are deaf until it is sure that the pad masks them and keeps what is typed.
    state = 'opening';
    const limited = await talk.ask(wire, control('longestPin', profile.length(start.longest)), answerShapes.done);
    if (!limited.ok) return limited;
    const opened = await talk.ask(wire, profile.startPin(start.key, start.longest, start.pan12), answerShapes.done);
    if (!opened.ok) return opened;
    // What was typed before the pad was (re)opened is gone.
    if (digits > 0) onKey('clear');
    digits = 0;
    longest = start.longest;
    state = 'open';
    ended = new Promise((resolve) => {
      end = () => resolve(ok());
    });
    return ok();
  }

  /** The state may change while anything is awaited. */
  function stateNow(): typeof state {
    return state;
  }

  async function beat(wire: Wire<PadToken>): Promise<Result<'same' | 'restarted', PadFailure>> {
    asking = true;
    try {
      return await options.beat(wire);
    } finally {
      asking = false;
    }
  }

  async function listen(
    wire: Wire<PadToken>,
    start: EntryStart,
  ): Promise<Result<{ readonly digits: number }, PadFailure>> {
    const opened = await open(wire, start);
    if (!opened.ok) return opened;
    // Accepts nothing: as long as somebody listens, every key is heard at once and in order.
    let listening = wire.next(customerMs, nothing);
    let pause: Promise<Result<undefined, LineError>> = Promise.resolve(ok());
    for (;;) {
      const woken = await Promise.race([ended, listening, pause]);
      if (!woken.ok && woken.error.code !== 'no-answer') return woken;
      if (stateNow() === 'open') {
        const alive = await beat(wire);
        if (!alive.ok) return alive;
        // The pad's flags change at Enter too; its key came before the answer.
        if (alive.value === 'restarted' && stateNow() === 'open') {
          const configured = await options.configure(wire);
          if (!configured.ok) return configured;
          state = 'expired';
        }
        pause = wire.pause(options.beatMs);
        if (!woken.ok) listening = wire.next(customerMs, nothing);
      }
      const now = stateNow();
      if (now === 'enter') return ok({ digits });
      if (now === 'cancel') return fail({ code: 'cancelled' });
      if (now === 'exposed') return fail({ code: 'refused' });
      if (now === 'expired') {
        const reopened = await open(wire, start);
        if (!reopened.ok) return reopened;
        pause = Promise.resolve(ok());
      }
    }
  }

  return {
    hear,
    async run(wire, start) {
      digits = 0;
      try {
        return await listen(wire, start);
      } finally {
        state = 'closed';
      }
    },
    digits: () => digits,
  };
}
