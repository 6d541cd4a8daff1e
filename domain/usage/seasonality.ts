/** How use spreads over the months of a window. */
export type Season = 'regular' | 'monthly' | 'quarterly' | 'yearly' | 'once' | 'irregular' | 'unknown';

/** Above so many calls a month, use is plainly regular and no season is looked for. */
const BUSY_CALLS_PER_MONTH = 20;

/**
 * The season of a use, from its calls per month (`2026-11` → count): a few calls in every month, in every third,
 * in the same month of each year, or once. A job that runs at the end of a quarter is use like any other;
 * naming it tells a reviewer why a rarely used action stays.
 */
export function seasonOf(months: ReadonlyMap<string, number>): Season {
  const numbers = [...months.keys()].map(monthNumber).sort((a, b) => a - b);
  if (numbers.length === 0) return 'unknown';
  const calls = [...months.values()].reduce((sum, count) => sum + count, 0);
  if (calls / numbers.length > BUSY_CALLS_PER_MONTH) return 'regular';
  if (numbers.length === 1) return 'once';
  const gaps = numbers.slice(1).map((month, i) => month - (numbers[i] ?? month));
  if (gaps.every((gap) => gap === 1)) return numbers.length === 2 ? 'irregular' : 'monthly';
  if (gaps.every((gap) => gap % 12 === 0)) return 'yearly';
  return gaps.every((gap) => gap % 3 === 0) ? 'quarterly' : 'irregular';
}

function monthNumber(month: string): number {
  return Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1;
}

/** The season in words, for a justification; empty when there is nothing worth saying. */
export function seasonWords(season: Season): string {
  switch (season) {
    case 'monthly':
      return 'a few times in every month';
    case 'quarterly':
      return 'in every third month';
    case 'yearly':
      return 'in the same month of each year';
    case 'once':
      return 'in one month only';
    case 'irregular':
    case 'regular':
    case 'unknown':
      return '';
  }
}

/** Length of a window in whole days; 0 when the dates are not dates. */
export function windowDays(fromIso: string, toIso: string): number {
  const days = (Date.parse(toIso) - Date.parse(fromIso)) / 86_400_000;
  return Number.isFinite(days) && days > 0 ? Math.round(days) : 0;
}
