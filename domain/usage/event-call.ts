import { isRecord } from '../json.js';

/** What a CloudTrail record says about the request, as far as resources are read from it. */
export interface EventCall {
  eventSource: string;
  eventName: string;
  region: string;
  /** The account whose resources were asked for. */
  account: string;
  partition: string;
  request: unknown;
  response: unknown;
  /** The record's own `resources`. */
  resources: readonly { type?: string; arn: string }[];
}

/**
 * All strings at a path of a JSON value: members by `.`, all elements of an array by `[]`; a member's name may
 * contain `-`. Numbers and booleans are not identifiers and are left out.
 */
export function stringsAt(value: unknown, path: string): string[] {
  let level: unknown[] = [value];
  for (const step of path.split('.')) {
    const all = step.endsWith('[]');
    const name = all ? step.slice(0, -2) : step;
    const next: unknown[] = [];
    for (const item of level) {
      if (!isRecord(item) || !Object.hasOwn(item, name)) continue;
      const member = item[name];
      if (!all) next.push(member);
      else if (Array.isArray(member)) next.push(...member.slice(0, 1000));
    }
    level = next;
  }
  return level.filter((item): item is string => typeof item === 'string' && item !== '');
}

/** Whether there is something at the path: not missing, not null, not an empty text or list. */
export function presentAt(value: unknown, path: string): boolean {
  let level: unknown[] = [value];
  for (const step of path.split('.')) {
    const all = step.endsWith('[]');
    const name = all ? step.slice(0, -2) : step;
    level = level.flatMap((item) => {
      if (!isRecord(item) || !Object.hasOwn(item, name)) return [];
      const member = item[name];
      return all ? (Array.isArray(member) ? member : []) : [member];
    });
  }
  return level.some((item) => item !== null && item !== undefined && item !== '' && !isEmptyList(item));
}

function isEmptyList(item: unknown): boolean {
  return Array.isArray(item) && item.length === 0;
}
