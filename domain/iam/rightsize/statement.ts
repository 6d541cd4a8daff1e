import type { Json } from '../../json.js';
import { isRecord } from '../../json.js';
import { actionInfo, expandActions } from '../catalogue.js';
import type { Statement } from '../document.js';
import { matchesPattern } from '../pattern.js';
import { type ActionVerdict, type DecisionBasis, decide } from './decide.js';
import { type Compactness, compactActions } from './fit.js';
import { mineResources } from './mine.js';

/** A statement as it is written, changed in nothing but its actions and resources. */
export type RawStatement = { readonly [key: string]: Json };

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
  const { patterns, verdicts } = statement.action.negated
    ? sizeNegated(statement.action.patterns, basis)
    : sizeActions(statement.action.patterns, basis);
  // What a `NotAction` allowed has no pattern of its own to stay inside, so its actions are only listed.
  const outer = statement.action.negated ? [] : statement.action.patterns;
  const openEnded = statement.action.negated || statement.action.patterns.includes('*');
  if (patterns.length === 0) return { statements: [], verdicts, openEnded };
  const written = new Set(patterns.map((pattern) => pattern.toLowerCase()));
  const narrow = narrowing(
    statement,
    verdicts.filter((verdict) => verdict.keep),
    written,
    basis,
  );
  if (narrow === undefined)
    return {
      statements: [withActions(raw, compactActions(patterns, outer, compactness))],
      verdicts,
      openEnded,
    };
  const inside = patterns.filter((pattern) => narrow.actions.has(pattern.toLowerCase()));
  const rest = patterns.filter((pattern) => !narrow.actions.has(pattern.toLowerCase()));
  const first = {
    ...withActions(raw, compactActions(inside, outer, compactness)),
    Resource: oneOrMany(narrow.resources),
  };
  const second =
    rest.length === 0 ? [] : [withActions(withSid(raw, 'Rest'), compactActions(rest, outer, compactness))];
  return { statements: [first, ...second], verdicts, openEnded };
}

interface SizedActions {
  patterns: readonly string[];
  verdicts: readonly ActionVerdict[];
}

function sizeActions(patterns: readonly string[], basis: DecisionBasis): SizedActions {
  const verdicts = new Map<string, ActionVerdict>();
  const result: string[] = [];
  for (const pattern of patterns) {
    const covered = actionsOf(pattern, basis).map((action) => remember(verdicts, action, basis));
    const kept = covered.filter((verdict) => verdict.keep).map((verdict) => verdict.action);
    if (kept.length === 0) continue;
    // Nothing to take away: the line stays as its author wrote it.
    if (kept.length === covered.length) result.push(pattern);
    else result.push(...kept);
  }
  return { patterns: withoutRepetition(result), verdicts: [...verdicts.values()] };
}

/** `NotAction` with Allow grants whatever is not listed; what is kept of it is written out as actions. */
function sizeNegated(excluded: readonly string[], basis: DecisionBasis): SizedActions {
  const verdicts = new Map<string, ActionVerdict>();
  const allowed = actionsOf('*', basis).filter(
    (action) => !excluded.some((pattern) => matchesPattern(pattern, action, { ignoreCase: true })),
  );
  const kept = allowed.map((action) => remember(verdicts, action, basis)).filter((verdict) => verdict.keep);
  return {
    patterns: withoutRepetition(kept.map((verdict) => verdict.action)),
    verdicts: [...verdicts.values()],
  };
}

function remember(verdicts: Map<string, ActionVerdict>, action: string, basis: DecisionBasis): ActionVerdict {
  const key = action.toLowerCase();
  const known = verdicts.get(key) ?? decide(action, basis);
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
  for (const action of besides) {
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

interface Narrowing {
  actions: ReadonlySet<string>;
  resources: readonly string[];
}

/** Which of the kept actions can be held to which resources; undefined when nothing is to be narrowed. */
function narrowing(
  statement: Statement,
  kept: readonly ActionVerdict[],
  written: ReadonlySet<string>,
  basis: DecisionBasis,
): Narrowing | undefined {
  const { resources: mode } = basis.options;
  const { resource } = statement;
  if (mode === 'leave' || resource === undefined || resource.negated) return undefined;
  const actions = kept.filter((verdict) => written.has(verdict.action.toLowerCase()) && canNarrow(verdict));
  const seen = new Set(actions.flatMap((verdict) => [...(verdict.use?.resources.keys() ?? [])]));
  const mined = seen.size === 0 ? undefined : mineResources([...seen].sort(), resource.patterns, mode);
  if (mined === undefined || sameList(mined, resource.patterns)) return undefined;
  return { actions: new Set(actions.map((verdict) => verdict.action.toLowerCase())), resources: mined };
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
