import { gunzipSync } from 'node:zlib';
import { BASE_MS, DAY_MS } from './model/clock.js';
import { deterministicGzip, type SampleFile } from './model/trail-files.js';

/** Instants and dates from 2025 on. Older ones are facts (policy language versions, AWS's own dates) and stay. */
const INSTANT =
  /\b(20(?:2[5-9]|3\d))-(\d{2})-(\d{2})(T\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2}))?/g;
/** Milliseconds since the epoch, as Prisma Cloud writes them, from 2025 on. */
const MILLIS = /(?<=[:\s[,])(1[789]\d{11})(?=[,\s\]}])/g;
/** A day in the path of a trail, and the stamp in a log file's name. */
const PATH_DAY = /\/(\d{4})\/(\d{2})\/(\d{2})\//;
const PATH_STAMP = /_(\d{4})(\d{2})(\d{2})T/;

/** Whole days from the organisation's base to now: times of day stay, and the trail ends last midnight (UTC). */
export function daysToShift(nowMs: number): number {
  return Math.floor((nowMs - BASE_MS) / DAY_MS);
}

/** A file with every date in its text and its path moved by whole days. */
export function shiftFile(file: SampleFile, days: number): SampleFile {
  const path = file.path.replace(PATH_DAY, moved('/', days)).replace(PATH_STAMP, stamped(days));
  if (file.path.endsWith('.gz')) {
    const text = gunzipSync(file.content).toString('utf8');
    return { path, content: deterministicGzip(shiftText(text, days)) };
  }
  return {
    path,
    content: shiftText(
      typeof file.content === 'string' ? file.content : Buffer.from(file.content).toString('utf8'),
      days,
    ),
  };
}

/** A text with every date moved by whole days. */
export function shiftText(text: string, days: number): string {
  const dated = text.replaceAll(
    INSTANT,
    (_whole, year: string, month: string, day: string, time: string | undefined) => {
      return `${shiftedDay(`${year}-${month}-${day}`, days)}${time ?? ''}`;
    },
  );
  return dated.replaceAll(MILLIS, (millis) => String(Number(millis) + days * DAY_MS));
}

function shiftedDay(day: string, days: number): string {
  const at = Date.parse(day);
  return Number.isNaN(at) ? day : new Date(at + days * DAY_MS).toISOString().slice(0, 10);
}

function moved(
  separator: string,
  days: number,
): (whole: string, year: string, month: string, day: string) => string {
  return (_whole, year, month, day) =>
    `/${shiftedDay(`${year}-${month}-${day}`, days).replaceAll('-', separator)}/`;
}

function stamped(days: number): (whole: string, year: string, month: string, day: string) => string {
  return (_whole, year, month, day) => `_${shiftedDay(`${year}-${month}-${day}`, days).replaceAll('-', '')}T`;
}
