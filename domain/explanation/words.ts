/** A count with its noun: `1 action`, `1,204 actions`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** A whole number with commas between thousands. */
export function grouped(count: number): string {
  return String(Math.round(count)).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

/** Some of a list and how many more there are: `a, b and 3 more`. */
export function listed(items: readonly string[], most: number): string {
  const shown = items.slice(0, most);
  const rest = items.length - shown.length;
  if (rest > 0) return `${shown.join(', ')} and ${grouped(rest)} more`;
  if (shown.length < 2) return shown.join('');
  return `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** A day as people write it, in UTC: `14 November 2026`. Text that is no ISO date comes back as `an unknown date`. */
export function dayOf(iso: string): string {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})/.exec(iso) ?? [];
  const name = MONTHS[Number(month) - 1];
  return year === undefined || name === undefined ? 'an unknown date' : `${Number(day)} ${name} ${year}`;
}

/** Whole days between two moments; undefined when one is no date. */
export function daysBetween(fromIso: string, toIso: string): number | undefined {
  const days = Math.round((Date.parse(toIso) - Date.parse(fromIso)) / 86_400_000);
  return Number.isFinite(days) && days >= 0 ? days : undefined;
}

/**
 * A name of the outside world, made fit for a sentence: one line, no control or direction characters, no markup, bounded.
 */
export function safeName(name: string): string {
  const clean = name
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}<>`|[\](){}]/gu, '')
    .trim();
  if (clean === '') return 'without a name';
  return clean.length > 80 ? `${clean.slice(0, 79)}…` : clean;
}

/** Sentences as one text; empty ones are left out. */
export function sentences(...parts: readonly (string | undefined | false)[]): string {
  return parts.filter((part): part is string => typeof part === 'string' && part !== '').join(' ');
}
