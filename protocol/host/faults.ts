/**
 * Which answers go wrong, and how: all of them, the next few, a share of them, one persona's. Written as
 *
 *   WHAT[@PERSONA][:COUNT|:SHARE%]     garbled   late:3   twice:5%   never@normal   answer=91@multi:2
 *
 * with commas between several. The first that concerns an answer takes it; shares are drawn from a seed, so that a run can
 * be repeated.
 */
import { fail, ok, type Result } from '../result.ts';
import { BEHAVIOURS, isBehaviour, type HostBehaviour } from './behaviour.ts';
import { personas } from './personas.ts';
import { numbers } from './population.ts';

export interface Fault {
  /** `refuse`: a connection is reset as soon as it is made. */
  readonly what: HostBehaviour | 'refuse' | 'answer';
  /** DE39, with `answer`. */
  readonly code?: string;
  /** Only answers for this persona's card. */
  readonly persona?: string;
  /** The next so many, then no more. */
  readonly times?: number;
  /** More than 0, at most 1. */
  readonly share?: number;
}

/** How one answer is sent, and what it says where that is not as the member is. */
export interface Turn {
  readonly behaviour: HostBehaviour;
  readonly code?: string;
}

const MAX_FAULTS = 32;
const RULE = `WHAT[@PERSONA][:COUNT|:SHARE%], WHAT one of ${BEHAVIOURS.join(', ')}, refuse, answer=CODE`;
const FAULT =
  /^([a-z-]+)(?:=([0-9A-Za-z]{1,4}))?(?:@([a-z-]+))?(?::(?:([1-9][0-9]{0,6})|([0-9]{1,3}(?:\.[0-9]{1,4})?)%))?$/;

/** `isCode`: whether the profile has room for this DE39. */
export function parseFaults(
  text: string,
  isCode: (code: string) => boolean,
): Result<readonly Fault[], { readonly rule: string }> {
  const faults: Fault[] = [];
  for (const part of text.split(',')) {
    const match = FAULT.exec(part.trim());
    if (match === null) return fail({ rule: RULE });
    const [, what = '', code, persona, times, percent] = match;
    if (what !== 'answer' && what !== 'refuse' && !isBehaviour(what)) return fail({ rule: RULE });
    if ((what === 'answer') !== (code !== undefined)) return fail({ rule: 'answer=CODE, and a code with answer only' });
    if (code !== undefined && !isCode(code)) return fail({ rule: 'the code does not fit DE39 of the profile' });
    if (persona !== undefined && !personas.some(({ id }) => id === persona)) return fail({ rule: 'no such persona' });
    if (persona !== undefined && what === 'refuse') return fail({ rule: 'refuse comes before any card is known' });
    const share = percent === undefined ? undefined : Number(percent) / 100;
    if (share !== undefined && (share <= 0 || share > 1))
      return fail({ rule: 'a share is more than 0 %, at most 100 %' });
    if (part.trim() === 'normal') continue;
    faults.push({
      what,
      ...(code === undefined ? {} : { code }),
      ...(persona === undefined ? {} : { persona }),
      ...(times === undefined ? {} : { times: Number(times) }),
      ...(share === undefined ? {} : { share }),
    });
  }
  return faults.length > MAX_FAULTS ? fail({ rule: `at most ${MAX_FAULTS}` }) : ok(faults);
}

export function writeFaults(faults: readonly Fault[]): string {
  return faults
    .map(({ what, code, persona, times, share }) =>
      [
        what,
        code === undefined ? '' : `=${code}`,
        persona === undefined ? '' : `@${persona}`,
        times === undefined ? '' : `:${times}`,
        share === undefined ? '' : `:${Number((share * 100).toFixed(4))}%`,
      ].join(''),
    )
    .join(',');
}

export interface Faults {
  set(faults: readonly Fault[]): void;
  /** With what is left of the counts; those that are used up are gone. */
  readonly list: readonly Fault[];
  /** Of the next answer. */
  turn(persona: string | undefined): Turn;
  /** Whether the next connection is reset. */
  refuses(): boolean;
}

/** `onUsed`: a count grew less. */
export function createFaults(seed: number, onUsed: () => void = () => undefined): Faults {
  const random = numbers(seed, 0x7fffffff);
  let list: Fault[] = [];

  /** The first that concerns it: of shares each has its own part of one draw. */
  function take(concerns: (fault: Fault) => boolean): Fault | undefined {
    let draw: number | undefined;
    for (const [index, fault] of list.entries()) {
      if (!concerns(fault)) continue;
      if (fault.share !== undefined) {
        draw ??= random();
        if (draw < fault.share) return fault;
        draw -= fault.share;
        continue;
      }
      if (fault.times === undefined) return fault;
      if (fault.times > 1) list[index] = { ...fault, times: fault.times - 1 };
      else list = list.filter((one) => one !== fault);
      onUsed();
      return fault;
    }
    return undefined;
  }

  return {
    set(faults) {
      list = [...faults];
    },
    get list() {
      return list;
    },
    turn(persona) {
      if (list.length === 0) return { behaviour: 'normal' };
      const fault = take(({ what, persona: only }) => what !== 'refuse' && (only === undefined || only === persona));
      if (fault === undefined || fault.what === 'refuse') return { behaviour: 'normal' };
      if (fault.what !== 'answer') return { behaviour: fault.what };
      return { behaviour: 'normal', ...(fault.code === undefined ? {} : { code: fault.code }) };
    },
    refuses: () => list.length > 0 && take(({ what }) => what === 'refuse') !== undefined,
  };
}
