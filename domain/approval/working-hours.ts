/** When a team works. Notices wait for these hours, and no request ends outside of them. */
export interface WorkingHours {
  /** IANA name, such as `Europe/Berlin`. */
  timeZone: string;
  /** ISO weekdays, 1 is Monday. */
  days: readonly number[];
  /** Minutes since local midnight at which work begins and ends. */
  fromMinute: number;
  toMinute: number;
  /** Local dates without work, `2026-12-25`. */
  holidays: readonly string[];
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
/** A team that never works in so many days is taken as always there: a calendar must not hold a question for ever. */
const LOOK_AHEAD_DAYS = 60;
const WEEKDAYS: readonly string[] = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** The moment itself when the team works then, the beginning of its next working time otherwise. */
export function nextWorkingMs(atMs: number, hours: WorkingHours): number {
  const clock = clockOf(hours.timeZone);
  let at = atMs;
  for (let step = 0; step <= 2 * LOOK_AHEAD_DAYS; step += 1) {
    const { date, weekday, minute } = localTime(clock, at);
    const works = hours.days.includes(weekday) && !hours.holidays.includes(date);
    if (works && minute >= hours.fromMinute && minute < hours.toMinute) return at;
    const wait = works && minute < hours.fromMinute ? hours.fromMinute - minute : DAY_MINUTES - minute;
    // To the whole minute: local midnights and openings are.
    at = Math.floor(at / MINUTE_MS) * MINUTE_MS + wait * MINUTE_MS;
    // A day with a change of the clock is an hour longer or shorter: step back to its first minute.
    const landed = localTime(clock, at);
    if (landed.date !== date && landed.minute > 0 && landed.minute < 180) at -= landed.minute * MINUTE_MS;
  }
  return atMs;
}

function clockOf(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
}

function localTime(
  clock: Intl.DateTimeFormat,
  atMs: number,
): { date: string; weekday: number; minute: number } {
  const parts = new Map(clock.formatToParts(atMs).map(({ type, value }) => [type, value]));
  const part = (name: Intl.DateTimeFormatPartTypes): string => parts.get(name) ?? '';
  return {
    date: `${part('year')}-${part('month')}-${part('day')}`,
    weekday: WEEKDAYS.indexOf(part('weekday')) + 1,
    minute: Number(part('hour')) * 60 + Number(part('minute')),
  };
}
