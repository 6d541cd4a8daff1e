/** A time in which nothing is changed. */
export interface FreezeCalendar {
  name: string;
  /** Milliseconds since the epoch; open where absent. */
  fromMs?: number;
  toMs?: number;
  /** Hours of a week, in UTC; a freeze without them holds all the time between `fromMs` and `toMs`. */
  weekly?: readonly WeeklyHours[];
  /** Empty or absent: all of them. */
  environments?: readonly string[];
  accounts?: readonly string[];
}

/** A part of a day of the week, in minutes since midnight UTC; `toMinute` is not included. */
export interface WeeklyHours {
  /** 0 is Sunday. */
  day: number;
  fromMinute: number;
  toMinute: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
/** The first of January 1970 was a Thursday. */
const EPOCH_DAY = 4;

/** Name of the freeze that is in force for an account at a moment, or null. The first in the list wins. */
export function freezeAt(
  calendars: readonly FreezeCalendar[],
  at: { account?: string; environment: string; nowMs: number },
): string | null {
  const found = calendars.find((calendar) => concerns(calendar, at) && inForce(calendar, at.nowMs));
  return found?.name ?? null;
}

/** An account that is not known is taken to be frozen with those that are named: nobody can say that it is not one of them. */
function concerns(calendar: FreezeCalendar, at: { account?: string; environment: string }): boolean {
  const environments = calendar.environments ?? [];
  const accounts = calendar.accounts ?? [];
  const environment =
    environments.length === 0 || at.environment === 'unknown' || environments.includes(at.environment);
  const account = accounts.length === 0 || at.account === undefined || accounts.includes(at.account);
  return environment && account;
}

function inForce(calendar: FreezeCalendar, nowMs: number): boolean {
  if (calendar.fromMs !== undefined && nowMs < calendar.fromMs) return false;
  if (calendar.toMs !== undefined && nowMs >= calendar.toMs) return false;
  if (calendar.weekly === undefined) return true;
  const day = (Math.floor(nowMs / DAY_MS) + EPOCH_DAY) % 7;
  const minute = Math.floor((nowMs % DAY_MS) / MINUTE_MS);
  return calendar.weekly.some(
    (hours) => hours.day === day && minute >= hours.fromMinute && minute < hours.toMinute,
  );
}
