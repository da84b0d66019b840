/** The times of a message: DE7 in GMT, DE12 and DE13 where the terminal stands. */

export interface TransmissionTimes {
  /** MMDDhhmmss, GMT. */
  readonly gmt: string;
  /** hhmmss. */
  readonly localTime: string;
  /** MMDD. */
  readonly localDate: string;
}

const two = (value: number): string => String(value).padStart(2, '0');

const zones = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = zones.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    zones.set(timeZone, format);
  }
  return format;
}

/** `now` in milliseconds since the epoch; `timeZone` an IANA name. */
export function transmissionTimes(now: number, timeZone: string): TransmissionTimes {
  const date = new Date(now);
  const local = new Map(
    formatOf(timeZone)
      .formatToParts(now)
      .map(({ type, value }) => [type, value]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): string => local.get(type) ?? '';
  return {
    gmt: `${two(date.getUTCMonth() + 1)}${two(date.getUTCDate())}${two(date.getUTCHours())}${two(date.getUTCMinutes())}${two(date.getUTCSeconds())}`,
    localTime: `${part('hour')}${part('minute')}${part('second')}`,
    localDate: `${part('month')}${part('day')}`,
  };
}
