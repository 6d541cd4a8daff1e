import type { Json } from '../../json.js';
import { isRecord } from '../../json.js';
import { resourceTest } from '../../proof/allowed.js';
import { actionInfo, expandActions } from '../catalogue.js';
import type { Statement } from '../document.js';
import { matchesPattern } from '../pattern.js';
import { type ActionVerdict, type DecisionBasis, decide } from './decide.js';
import { type Compactness, compactActions } from './fit.js';
import { mineResources } from './mine.js';
import type { ResourceMode } from './model.js';

/** A statement as it is written, changed in nothing but its actions and resources. */
export type RawStatement = { readonly [key: string]: Json };

/** A statement after right-sizing, and what became of its parts. */
export interface SizedStatement {
  /** None when nothing of it is left; two when only some of its actions can be narrowed. */
  statements: readonly RawStatement[];
  verdicts: readonly ActionVerdict[];
  /** The statement was written for everything, or for everything but a list. */
  openEnded: boolean;
}

/** Right-sizes one Allow statement; conditions, sid and order stay. */
export function sizeStatement(
  statement: Statement,
  raw: RawStatement,
  basis: DecisionBasis,
  compactness: Compactness,
): SizedStatement {
  const covers = resourceTest(statement.resource);
  const { patterns, verdicts } = statement.action.negated
    ? sizeNegated(statement.action.patterns, basis, covers)
    : sizeActions(statement.action.patterns, basis, covers);
  // What a `NotAction` allowed has no pattern of its own to stay inside, so its actions are only listed.
  const outer = statement.action.negated ? [] : statement.action.patterns;
  const openEnded = statement.action.negated || statement.action.patterns.includes('*');
  if (patterns.length === 0) return { statements: [], verdicts, openEnded };
  const compact = (list: readonly string[]): readonly string[] => compactActions(list, outer, compactness);
  const groups = narrowing(statement, verdicts, patterns, basis);
  const narrowed = new Set(groups.flatMap((group) => [...group.actions]));
  const rest = patterns.filter((pattern) => !narrowed.has(pattern.toLowerCase()));
  const statements = groups.map((group, i): RawStatement => {
    const inside = patterns.filter((pattern) => group.actions.has(pattern.toLowerCase()));
    const named = i === 0 ? raw : withSid(raw, String(i + 1));
    return { ...withActions(named, compact(inside)), Resource: oneOrMany(group.resources) };
  });
  if (rest.length > 0)
    statements.push(withActions(groups.length === 0 ? raw : withSid(raw, 'Rest'), compact(rest)));
  return { statements, verdicts, openEnded };
}

interface SizedActions {
  patterns: readonly string[];
  verdicts: readonly ActionVerdict[];
}

type Covers = (resource: string) => boolean;

function sizeActions(patterns: readonly string[], basis: DecisionBasis, covers: Covers): SizedActions {
  const verdicts = new Map<string, ActionVerdict>();
  const result: string[] = [];
  for (const pattern of patterns) {
    const covered = actionsOf(pattern, basis).map((action) => remember(verdicts, action, basis, covers));
    const kept = covered.filter((verdict) => verdict.keep).map((verdict) => verdict.action);
    if (kept.length === 0) continue;
    // Nothing to take away: the line stays as its author wrote it.
    if (kept.length === covered.length) result.push(pattern);
    else result.push(...kept);
  }
  return { patterns: withoutRepetition(result), verdicts: [...verdicts.values()] };
}

/** `NotAction` with Allow grants whatever is not listed; what is kept of it is written out as actions. */
function sizeNegated(excluded: readonly string[], basis: DecisionBasis, covers: Covers): SizedActions {
  const verdicts = new Map<string, ActionVerdict>();
  const allowed = actionsOf('*', basis).filter(
    (action) => !excluded.some((pattern) => matchesPattern(pattern, action, { ignoreCase: true })),
  );
  const kept = allowed
    .map((action) => remember(verdicts, action, basis, covers))
    .filter((verdict) => verdict.keep);
  return {
    patterns: withoutRepetition(kept.map((verdict) => verdict.action)),
    verdicts: [...verdicts.values()],
  };
}

function remember(
  verdicts: Map<string, ActionVerdict>,
  action: string,
  basis: DecisionBasis,
  covers: Covers,
): ActionVerdict {
  const key = action.toLowerCase();
  const known = verdicts.get(key) ?? decide(action, basis, covers);
  verdicts.set(key, known);
  return known;
}

/** The actions that a pattern stands for: the catalogue's, and those that were used or are wanted besides. */
function actionsOf(pattern: string, basis: DecisionBasis): string[] {
  if (!/[*?]/.test(pattern)) return [actionInfo(pattern)?.name ?? pattern];
  const actions = new Map<string, string>();
  for (const action of expandActions({ actions: [pattern] }).actions)
    actions.set(action.toLowerCase(), action);
  const besides = [...[...basis.use.values()].map((use) => use.action), ...(basis.options.keepActions ?? [])];
  for (const action of besides.filter((each) => !/[*?]/.test(each))) {
    const key = action.toLowerCase();
    if (!actions.has(key) && matchesPattern(pattern, action, { ignoreCase: true })) actions.set(key, action);
  }
  return [...actions.values()].sort();
}

function withoutRepetition(patterns: readonly string[]): string[] {
  const seen = new Set<string>();
  return patterns.filter((pattern) => {
    const key = pattern.toLowerCase();
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** Actions of a statement (lower case) that are held to the same resources. */
interface Narrowing {
  actions: ReadonlySet<string>;
  resources: readonly string[];
}

/** More statements than this out of one would bury its structure; resources are then shared by service, or by all. */
const MAX_GROUPS = 6;

/**
 * Which of the kept actions can be held to which resources: each to its own where that takes few statements,
 * otherwise all of a service together. Empty when nothing is to be narrowed.
 */
function narrowing(
  statement: Statement,
  verdicts: readonly ActionVerdict[],
  patterns: readonly string[],
  basis: DecisionBasis,
): readonly Narrowing[] {
  const { resources: mode } = basis.options;
  const { resource } = statement;
  if (mode === 'leave' || resource === undefined || resource.negated) return [];
  const written = new Set(patterns.map((pattern) => pattern.toLowerCase()));
  const actions = verdicts.filter(
    (verdict) => verdict.keep && written.has(verdict.action.toLowerCase()) && canNarrow(verdict),
  );
  const keys: ((verdict: ActionVerdict) => string)[] = [
    (verdict) => [...(verdict.use?.resources.keys() ?? [])].sort().join('\n'),
    (verdict) => verdict.action.split(':')[0] ?? '',
    () => '',
  ];
  for (const keyOf of keys) {
    const groups = minedGroups(actions, keyOf, resource.patterns, mode);
    if (groups.length <= MAX_GROUPS || keyOf === keys.at(-1)) return groups;
  }
  return [];
}

function minedGroups(
  actions: readonly ActionVerdict[],
  keyOf: (verdict: ActionVerdict) => string,
  present: readonly string[],
  mode: Exclude<ResourceMode, 'leave'>,
): Narrowing[] {
  const byKey = new Map<string, ActionVerdict[]>();
  for (const verdict of actions) byKey.set(keyOf(verdict), [...(byKey.get(keyOf(verdict)) ?? []), verdict]);
  const groups = new Map<string, { actions: Set<string>; resources: readonly string[] }>();
  for (const verdicts of byKey.values()) {
    const seen = new Set(verdicts.flatMap((verdict) => [...(verdict.use?.resources.keys() ?? [])]));
    const mined = mineResources([...seen].sort(), present, mode);
    if (mined === undefined || sameList(mined, present)) continue;
    // Groups whose patterns came out the same are one.
    const key = mined.join('\n');
    const group = groups.get(key) ?? { actions: new Set<string>(), resources: mined };
    groups.set(key, group);
    for (const verdict of verdicts) group.actions.add(verdict.action.toLowerCase());
  }
  return [...groups.values()];
}

/**
 * A call that is authorised on several required resource types (RunInstances) is narrowed by nobody who has seen
 * only some of them, and an action without resource types knows no resource but `*`.
 */
function canNarrow(verdict: ActionVerdict): boolean {
  if (!verdict.narrowable) return false;
  const info = actionInfo(verdict.action);
  if (info === undefined || info.resourceTypes.length === 0) return false;
  return info.resourceTypes.filter((type) => type.required).length <= 1;
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && [...a].sort().every((item, i) => item === [...b].sort()[i]);
}

/** The statement with these actions; a `NotAction` becomes an `Action` in the same place. */
function withActions(raw: RawStatement, patterns: readonly string[]): RawStatement {
  const members = Object.entries(raw).map(([name, value]): [string, Json] =>
    name === 'Action' || name === 'NotAction' ? ['Action', keepShape(value, patterns)] : [name, value],
  );
  return Object.fromEntries(members);
}

/** A list stays a list and a single value a single value where that is possible, so that a diff shows only what changed. */
function keepShape(before: Json, after: readonly string[]): Json {
  return Array.isArray(before) ? after : oneOrMany(after);
}

function oneOrMany(values: readonly string[]): Json {
  const [only] = values;
  return values.length === 1 && only !== undefined ? only : values;
}

function withSid(raw: RawStatement, suffix: string): RawStatement {
  const sid = raw['Sid'];
  return typeof sid === 'string' && sid !== '' ? { ...raw, Sid: `${sid}${suffix}` } : raw;
}

/** The statements of a document as written; a single statement stands for a list of one. */
export function rawStatements(document: Json): readonly RawStatement[] {
  if (!isRecord(document)) return [];
  const written = document['Statement'];
  const list: readonly unknown[] = Array.isArray(written) ? written : [written];
  return list.filter(isRecord) as unknown as readonly RawStatement[];
}
