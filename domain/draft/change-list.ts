import { CHANGE_KINDS, type Change } from '../change/change.js';
import { isRecord } from '../json.js';

const KINDS: ReadonlySet<unknown> = new Set(CHANGE_KINDS);
const MEMBERS = ['principal', 'arn', 'name'];

/** Whether a value from outside is a list of changes: known kinds, targets made of texts, both states there. */
export function isChangeList(value: unknown): value is readonly Change[] {
  return Array.isArray(value) && value.every(isChange);
}

function isChange(value: unknown): boolean {
  if (!isRecord(value) || !KINDS.has(value['kind']) || !isRecord(value['target'])) return false;
  if (value['before'] === undefined || value['after'] === undefined) return false;
  return Object.entries(value['target']).every(
    ([name, text]) => MEMBERS.includes(name) && typeof text === 'string',
  );
}
