/** Message types as numbers that belong together (ISO 8583:1987 §4.1): version, class, function, originator. */

/** An answer's function digit is odd. */
export const isReply = (mti: string): boolean => Number(mti[2]) % 2 === 1;

/** `0200` and its repeat `0201` are answered by `0210`, `0800` by `0810`, `0420` by `0430`. */
export function replyType(mti: string): string {
  return `${mti.slice(0, 2)}${Number(mti[2]) + 1}0`;
}

/** `0200` is repeated as `0201`. */
export const repeatType = (mti: string): string => `${mti.slice(0, 3)}1`;
