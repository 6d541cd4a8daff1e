/** The moment at which the organisation was "recorded". The loader moves it to the present day. */
const BASE_ISO = '2026-10-01T00:00:00Z';
/** The day that the sample's time ends at, in Unix milliseconds. */
export const BASE_MS = Date.parse(BASE_ISO);
/** A day, in milliseconds. */
export const DAY_MS = 86_400_000;
/** Days of the trail before the base. */
export const TRAIL_DAYS = 90;

/** So many days before the base, with a time of day in hours, as ISO 8601 without fractions. */
export function daysBefore(days: number, hour = 0): string {
  return new Date(BASE_MS - days * DAY_MS + hour * 3_600_000).toISOString().replace('.000Z', 'Z');
}
