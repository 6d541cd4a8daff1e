import type { ConditionTest, Request } from '../iam/document.js';
import { controlOf, isResourceTag } from './context-keys.js';

/** A value for a context key; null is missing. */
export type ContextValue = string | readonly string[] | null;
export type Context = Request['context'];

/** A key that somebody may set, with the values worth trying. */
export interface OpenKey {
  key: string;
  values: readonly ContextValue[];
}

/** An assignment of open keys that made the answer yes. */
export type Assignment = ReadonlyMap<string, ContextValue>;

const NEUTRAL = 'curtail';
const DAY_MS = 86_400_000;
/** Most requests that are tried before the answer is no. */
const MAX_TRIES = 400;

/** What is not open to choice. */
export interface Choice {
  /** Keys with a given value, in lower case. */
  fixed: ReadonlySet<string>;
  /** Keys, in lower case, that are open here though they usually are known. */
  open?: ReadonlySet<string>;
  /** Whether keys are open too whose values the caller does not control. */
  protectedToo: boolean;
  /** Whether the target exists with known tags; the caller tags what it makes, and picks among what there is. */
  tagsKnown: boolean;
}

/** The keys of some conditions whose values are open. */
export function openKeys(tests: readonly ConditionTest[], choice: Choice): OpenKey[] {
  const byKey = new Map<string, { key: string; values: Map<string, ContextValue> }>();
  for (const test of tests) {
    const name = test.key.toLowerCase();
    if (choice.fixed.has(name) || !isOpen(name, choice)) continue;
    const entry = byKey.get(name) ?? { key: test.key, values: new Map<string, ContextValue>() };
    byKey.set(name, entry);
    for (const value of [...valuesFor(test), null, NEUTRAL]) entry.values.set(JSON.stringify(value), value);
  }
  return [...byKey.values()].map(({ key, values }) => ({ key, values: [...values.values()].slice(0, 8) }));
}

function isOpen(name: string, { open, protectedToo, tagsKnown }: Choice): boolean {
  if (open?.has(name) === true) return true;
  const control = controlOf(name);
  if (control === 'known') return !tagsKnown && isResourceTag(name);
  return control !== 'setting' || protectedToo;
}

/** Values at and beside what the test compares with. */
function valuesFor(test: ConditionTest): ContextValue[] {
  const values = test.values.slice(0, 6).flatMap((value) => neighbours(test, value));
  if (test.set === undefined) return values;
  return [...values.map((value) => [value]), [...test.values]];
}

function neighbours({ operator }: ConditionTest, value: string): string[] {
  if (operator === 'Null') return [];
  if (operator === 'Bool') return ['true', 'false'];
  if (operator.startsWith('Numeric')) return [0, -1, 1].map((step) => String(Number(value) + step));
  if (operator.startsWith('Date')) return dates(value);
  if (operator.endsWith('IpAddress')) return [value.replace(/\/\d+$/, '')];
  if (operator.endsWith('Like') || operator.startsWith('Arn'))
    return [value.replaceAll('*', 'x').replaceAll('?', 'x')];
  return [value];
}

function dates(value: string): string[] {
  const atMs = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value);
  if (Number.isNaN(atMs)) return [value];
  return [0, -DAY_MS, DAY_MS].map((step) => new Date(atMs + step).toISOString());
}

/**
 * The first assignment that `holds`: first each statement's keys together at their first values, then ever more
 * keys changed at a time. Undefined when none of the first few hundred does.
 */
export function search(
  keys: readonly OpenKey[],
  together: readonly (readonly ConditionTest[])[],
  holds: (assignment: Assignment) => boolean,
): Assignment | undefined {
  let tries = 0;
  for (const tests of together) {
    const assignment = satisfying(keys, tests);
    if (assignment.size === 0) continue;
    tries += 1;
    if (holds(assignment)) return assignment;
  }
  for (let changed = 1; changed <= Math.min(keys.length, 4); changed += 1) {
    for (const assignment of assignments(keys, changed, 0)) {
      tries += 1;
      if (tries > MAX_TRIES) return undefined;
      if (holds(assignment)) return assignment;
    }
  }
  return undefined;
}

function satisfying(keys: readonly OpenKey[], tests: readonly ConditionTest[]): Map<string, ContextValue> {
  const assignment = new Map<string, ContextValue>();
  for (const test of tests) {
    const open = keys.find(({ key }) => key.toLowerCase() === test.key.toLowerCase());
    const first = valuesFor(test)[0];
    if (open !== undefined && first !== undefined) assignment.set(open.key, first);
  }
  return assignment;
}

function* assignments(
  keys: readonly OpenKey[],
  changed: number,
  from: number,
): Generator<Map<string, ContextValue>> {
  if (changed === 0) {
    yield new Map();
    return;
  }
  for (let index = from; index + changed <= keys.length; index += 1) {
    const open = keys[index];
    if (open === undefined) continue;
    for (const rest of assignments(keys, changed - 1, index + 1)) {
      for (const value of open.values) yield new Map([...rest, [open.key, value]]);
    }
  }
}

/** What an assignment takes for granted, as sentences. */
export function assumptionsOf(assignment: Assignment): string[] {
  return [...assignment].map(([key, value]) => {
    const text = value === null ? 'absent' : JSON.stringify(value);
    const control = controlOf(key);
    if (control === 'setting') return `only if ${key} is ${text}, which the caller does not control`;
    if (isResourceTag(key)) return `there is a target with ${key} ${text}`;
    if (control === 'membership') return `the account belongs to the organisation: ${key} is ${text}`;
    return `the caller sets ${key} to ${text}`;
  });
}

/** Whether the assignment needs something that an attacker does not decide. */
export function needsSetting(assignment: Assignment): boolean {
  return [...assignment.keys()].some((key) => controlOf(key) === 'setting');
}
