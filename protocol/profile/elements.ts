/** Small things that both mappings do with elements. */
import { formatOf } from '../iso8583/field.ts';
import type { ElementValues, Message } from '../iso8583/message.ts';
import type { HostProfile } from './profile.ts';

/** Most characters an element holds in this profile. */
export function lengthOf(profile: HostProfile, element: number): number {
  return formatOf(profile.codec.spec, element)?.max ?? 0;
}

/** Left-justified, filled with blanks to the element's width; what is too long stays so, for the codec to refuse. */
export function padded(profile: HostProfile, element: number, value: string): string {
  return value.padEnd(lengthOf(profile, element), ' ');
}

/** The elements of a request that its reply repeats. */
export function echo(request: Message, elements: readonly number[]): ElementValues {
  return Object.fromEntries(elements.map((element) => [element, request.get(element)]));
}

/** ISO 8583:1987 §4.3: a number, and 0 is none. */
export const isStan = (text: string): boolean => !/^0*$/.test(text);
export const STAN_RULE = 'a trace number from 000001 on';
