import type { z } from 'zod';
import type { YamlText } from './document.js';

/** One thing that is wrong with a configuration file, where it is, and how to mend it. */
export interface ConfigFault {
  file: string;
  /** Counted from 1. */
  line: number;
  column: number;
  /** Dotted, e.g. `gateway.port`; empty for the file as a whole. */
  path: string;
  message: string;
  mend: string;
}

/** Everything that is wrong with a configuration, all at once. */
export class ConfigError extends Error {
  readonly faults: readonly ConfigFault[];
  constructor(faults: readonly ConfigFault[]) {
    super(faults.map(faultText).join('\n'));
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/** A fault as one line: `curtail.yaml:3:5 gateway.port: … (mend)`. */
export function faultText(fault: ConfigFault): string {
  const path = fault.path === '' ? '' : ` ${fault.path}:`;
  return `${fault.file}:${fault.line}:${fault.column}${path} ${fault.message} (${fault.mend})`;
}

/**
 * What a schema found, with places. `base` is where in the file the checked value stands; `schema` is the
 * JSON schema of that value, from which the nearest known key is suggested.
 */
export function faultsOf(
  error: z.ZodError,
  text: YamlText,
  base: readonly PropertyKey[] = [],
  schema: unknown = undefined,
): ConfigFault[] {
  return error.issues.flatMap((issue) => faultsOfIssue(issue, text, base, schema));
}

function faultsOfIssue(
  issue: z.core.$ZodIssue,
  text: YamlText,
  base: readonly PropertyKey[],
  schema: unknown,
): ConfigFault[] {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, issue.path);
    return issue.keys.map((key) => {
      const near = nearest(key, known);
      const mend = near === undefined ? unknownKeyMend(known) : `did you mean ${near}?`;
      return {
        ...placed(text, [...path, key]),
        ...text.locateKey([...path, key]),
        message: 'unknown key',
        mend,
      };
    });
  }
  return [{ ...placed(text, path), message: messageOf(issue), mend: mendOf(issue) }];
}

function placed(
  text: YamlText,
  path: readonly PropertyKey[],
): Pick<ConfigFault, 'file' | 'line' | 'column' | 'path'> {
  return { file: text.file, ...text.locate(path), path: path.map(String).join('.') };
}

function messageOf(issue: z.core.$ZodIssue): string {
  if (
    issue.code === 'invalid_type' &&
    issue.input === undefined &&
    issue.message.endsWith('received undefined')
  ) {
    return 'is missing';
  }
  if (issue.code !== 'invalid_union') return issue.message;
  const inner = issue.errors.flat().map((each) => each.message);
  return inner.length === 0 ? issue.message : [...new Set(inner)].join(', or ');
}

function mendOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `give a value of type ${issue.expected}`;
    case 'invalid_value':
      return `use one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return `use at least ${issue.minimum}`;
    case 'too_big':
      return `use at most ${issue.maximum}`;
    case 'invalid_union':
      return issue.discriminator === undefined
        ? 'use one of the forms above'
        : `give a known ${issue.discriminator}`;
    default:
      return 'correct the value';
  }
}

function unknownKeyMend(known: readonly string[]): string {
  return known.length === 0 ? 'remove it' : `remove it; known here: ${known.join(', ')}`;
}

/** Keys that a JSON schema knows at a path, over all its alternatives. */
function keysAt(schema: unknown, path: readonly PropertyKey[]): string[] {
  const [step, ...rest] = path;
  const branches = branchesOf(schema);
  if (step === undefined) return branches.flatMap((each) => Object.keys(objectIn(each, 'properties') ?? {}));
  return branches.flatMap((each) => {
    const properties = objectIn(each, 'properties');
    if (properties !== undefined && Object.hasOwn(properties, step))
      return keysAt(properties[String(step)], rest);
    return keysAt(objectIn(each, 'items') ?? objectIn(each, 'additionalProperties'), rest);
  });
}

function branchesOf(schema: unknown): Record<string, unknown>[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const record = schema as Record<string, unknown>;
  const alternatives = record['anyOf'] ?? record['oneOf'];
  return Array.isArray(alternatives) ? alternatives.flatMap(branchesOf) : [record];
}

function objectIn(record: Record<string, unknown>, key: string): Record<string, unknown> | undefined {
  const value = record[key];
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

/** The known word closest to `word`, if it is close enough to be a slip. */
function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best !== undefined && best.distance <= Math.max(1, Math.floor(word.length / 3))
    ? best.candidate
    : undefined;
}

/** Edits between two words; two neighbours that changed places count as one (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = swapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + cost, swap));
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
