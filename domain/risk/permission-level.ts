import { type AccessLevel, actionInfo, allServices, expandActions } from '../iam/catalogue.js';

/** Access levels of the actions that patterns cover, by the service authorisation reference. */
export function levelsWithin(patterns: readonly string[]): ReadonlySet<AccessLevel> {
  const levels = new Set<AccessLevel>();
  for (const pattern of new Set(patterns)) for (const level of levelsOf(pattern)) levels.add(level);
  return levels;
}

const KNOWN = new Map<string, ReadonlySet<AccessLevel>>();
/** Patterns come from outside: the memo must not grow without end. */
const MAX_KNOWN = 5_000;
const EVERYTHING: ReadonlySet<AccessLevel> = new Set([
  'Read',
  'Write',
  'List',
  'Tagging',
  'Permissions management',
]);

function levelsOf(pattern: string): ReadonlySet<AccessLevel> {
  if (/^\*+$/.test(pattern)) return EVERYTHING;
  const known = KNOWN.get(pattern);
  if (known !== undefined) return known;
  const names = expandActions({ actions: [pattern] }).actions;
  const levels = new Set(names.flatMap((name) => actionInfo(name)?.level ?? []));
  // An action that the catalogue lacks, of a service that it has, may write.
  if (names.length === 0 && allServices().includes(pattern.split(':')[0]?.toLowerCase() ?? ''))
    levels.add('Write');
  if (KNOWN.size >= MAX_KNOWN) KNOWN.clear();
  KNOWN.set(pattern, levels);
  return levels;
}
