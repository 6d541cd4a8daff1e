import { matchesPattern } from '../pattern.js';
import type { ResourceMode } from './model.js';

/** Above so many names of one kind, a common prefix is looked for instead of listing them. */
const MAX_NAMES = 10;
/** Above so many patterns, narrowing would make the statement unreadable and it is left as it is. */
const MAX_PATTERNS = 25;
/** Ids that AWS makes up; the next one is different, so a list of them says nothing. */
const MADE_UP_ID = /^(?:i|vol|eni|snap|ami|sir|fl|lt)-[0-9a-f]{8,}$/;

/**
 * Resource patterns for what was seen, each inside one of the patterns that the statement has now.
 * Undefined when that cannot be had: nothing was seen within them, a name cannot be written in a policy, or
 * there would be too many.
 */
export function mineResources(
  seen: readonly string[],
  present: readonly string[],
  mode: Exclude<ResourceMode, 'leave'>,
): readonly string[] | undefined {
  // With a policy variable in the way, what is inside depends on the request.
  if (present.some((pattern) => pattern.includes('${'))) return undefined;
  const within = seen.filter((arn) => present.some((pattern) => matchesPattern(pattern, arn)));
  if (within.length === 0 || within.some((arn) => /[*?$]/.test(arn))) return undefined;
  const mined = mode === 'exact' && within.length <= MAX_PATTERNS ? within : minePrefixes(within);
  const inside = mined.flatMap((pattern) => {
    if (present.some((outer) => isInside(pattern, outer))) return [pattern];
    return present.filter((outer) =>
      within.some((arn) => matchesPattern(pattern, arn) && matchesPattern(outer, arn)),
    );
  });
  const patterns = withoutCovered([...new Set(inside)]);
  return patterns.length > MAX_PATTERNS ? undefined : patterns;
}

/** Whether every text of the inner pattern matches the outer one; a `no` may be wrong, a `yes` is not. */
export function isInside(inner: string, outer: string): boolean {
  if (inner === outer || outer === '*') return true;
  const fillings = ['', '\u0001\u0001\u0001'];
  return fillings.every((filling) =>
    matchesPattern(outer, inner.replaceAll('*', filling).replaceAll('?', '\u0001')),
  );
}

function withoutCovered(patterns: readonly string[]): string[] {
  return patterns
    .filter((pattern) => !patterns.some((other) => other !== pattern && isInside(pattern, other)))
    .sort();
}

/** Groups by service, region, account and kind (or bucket) and finds one prefix, or the few names, of each group. */
function minePrefixes(arns: readonly string[]): string[] {
  const groups = new Map<string, string[]>();
  for (const arn of arns) {
    const { head, name } = splitArn(arn);
    groups.set(head, [...(groups.get(head) ?? []), name]);
  }
  return [...groups].flatMap(([head, names]) =>
    isS3(head) ? mineKeys(head, names) : mineNames(head, names),
  );
}

function isS3(head: string): boolean {
  return head.split(':')[2] === 's3';
}

/** Head: up to the bucket, or up to and with the kind's delimiter. */
function splitArn(arn: string): { head: string; name: string } {
  const parts = arn.split(':');
  const prefix = parts.slice(0, 5).join(':');
  const rest = parts.slice(5).join(':');
  const at = rest.search(/[/:]/);
  if (at < 0) return isS3(arn) ? { head: arn, name: '' } : { head: `${prefix}:`, name: rest };
  const cut = isS3(arn) ? at : at + 1;
  return { head: `${prefix}:${rest.slice(0, cut)}`, name: rest.slice(cut) };
}

/** A bucket's own ARN stays; its objects become the deepest folder that they share. */
function mineKeys(bucket: string, names: readonly string[]): string[] {
  const keys = names.filter((name) => name !== '').map((name) => name.slice(1));
  const own = keys.length < names.length ? [bucket] : [];
  if (keys.length === 0) return own;
  const folders = keys.map((key) => key.split('/').slice(0, -1));
  const shared = folders.reduce((common, folder) => common.slice(0, sharedLength(common, folder)));
  return [...own, `${bucket}/${shared.length === 0 ? '' : `${shared.join('/')}/`}*`];
}

function mineNames(head: string, names: readonly string[]): string[] {
  if (names.some((name) => MADE_UP_ID.test(name))) return [`${head}*`];
  if (names.length <= MAX_NAMES) return names.map((name) => `${head}${name}`);
  const shared = names.reduce((common, name) => common.slice(0, sharedLength(common, name)));
  const atDelimiter = /^.*[-_/:.]/.exec(shared)?.[0] ?? '';
  return [`${head}${atDelimiter.length >= 3 ? atDelimiter : ''}*`];
}

function sharedLength(a: ArrayLike<string>, b: ArrayLike<string>): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}
