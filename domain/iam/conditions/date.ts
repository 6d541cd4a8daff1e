import { type ConditionFamily, never } from './family.js';
import { compares } from './number.js';

const ISO =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?)?)?$/i;

/**
 * A time in milliseconds since 1970, or undefined. Reads the W3C profile of ISO 8601 and epoch seconds:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
 */
export function readDate(text: string): number | undefined {
  const iso = ISO.exec(text);
  if (iso === null) return /^-?\d{1,15}(?:\.\d{1,9})?$/.test(text) ? Number(text) * 1000 : undefined;
  const [
    ,
    year,
    month = '01',
    day = '01',
    hour = '00',
    minute = '00',
    second = '00',
    fraction = '',
    zone = 'Z',
  ] = iso;
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (mo < 1 || mo > 12 || d < 1 || h > 24 || mi > 59 || s > 60) return undefined;
  const midnight = Date.UTC(y, mo - 1, d);
  if (new Date(midnight).getUTCDate() !== d) return undefined;
  return (
    midnight + ((h * 60 + mi) * 60 + s) * 1000 + Number(`0.${fraction || '0'}`) * 1000 - zoneOffsetMs(zone)
  );
}

function zoneOffsetMs(zone: string): number {
  if (zone === 'Z' || zone === 'z') return 0;
  const sign = zone.startsWith('-') ? -1 : 1;
  const digits = zone.replaceAll(/\D/g, '');
  return sign * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * 60_000;
}

/** `Date*`. What is no date matches nothing. */
export const dateFamily: ConditionFamily = (operator, { text }) => {
  const limit = readDate(text);
  if (limit === undefined) return never;
  return (asked) => {
    const value = readDate(asked);
    return value !== undefined && compares(operator, value, limit);
  };
};
