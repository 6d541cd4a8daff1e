import { isRecord, type Json } from '../json.js';

/** Members of policies in the order in which people expect them; all others follow by name. */
const ORDER = [
  'Version',
  'Id',
  'Statement',
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
];
/** Members whose lists mean the same in any order. */
const SETS = ['Action', 'NotAction', 'Resource', 'NotResource'];

/**
 * A state as lines of indented JSON for people to compare: members in a fixed order and sets sorted, so that two
 * states differ only where their meaning does. Null (absent) is no line at all.
 */
export function readableLines(value: Json): readonly string[] {
  return value === null ? [] : JSON.stringify(arranged(value), null, 2).split('\n');
}

function arranged(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(arranged);
  if (!isRecord(value)) return value;
  const names = Object.keys(value).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return Object.fromEntries(names.map((name) => [name, arrangedMember(name, value[name])]));
}

function arrangedMember(name: string, value: unknown): unknown {
  if (!SETS.includes(name) || !Array.isArray(value)) return arranged(value);
  if (!value.every((item) => typeof item === 'string')) return arranged(value);
  return [...value].sort();
}

function rank(name: string): number {
  const at = ORDER.indexOf(name);
  return at === -1 ? ORDER.length : at;
}
