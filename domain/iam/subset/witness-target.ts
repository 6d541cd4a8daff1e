import { splitArnPattern } from '../arn.js';
import { actionInfo, allActions, expandActions, resourceTypeArns } from '../catalogue.js';
import type { AtomTable, Language, Literal } from './atoms.js';
import { atomOf, isNegative } from './atoms.js';
import { compileResource } from './compile-text.js';
import { inLanguage } from './field-theory.js';
import { type CaseModel, textLanguage } from './models.js';
import { unionOf } from './text-union.js';
import { writtenForm } from './variables.js';

/** An action and a resource that fit the case. */
export interface Target {
  action: string;
  resource: string;
  /** No catalogue knows the action. */
  hypothetical: boolean;
}

/** Most pairs of action and resource format that are tried for a likely one. */
const MAX_PAIRS = 40;
const MAX_ACTIONS = 12;

/**
 * Targets that fit the case, likely ones first: an action that the catalogue knows on a resource of a type that it
 * takes, then any resource, then any name.
 */
export function* targets(model: CaseModel, table: AtomTable, account: string): Generator<Target> {
  const known = knownActions(model, table);
  let pairs = 0;
  for (const action of known) {
    for (const format of formatsOf(action, account)) {
      pairs += 1;
      if (pairs > MAX_PAIRS) break;
      const resource = model.solve('resource', { within: [format], outside: [] });
      if (resource?.kind === 'one') yield { action, resource: resource.value, hypothetical: false };
    }
  }
  const resource = model.solve('resource');
  if (resource?.kind !== 'one') return;
  const first = known[0];
  if (first !== undefined) yield { action: first, resource: resource.value, hypothetical: false };
  const action = model.solve('action');
  if (action?.kind !== 'one') return;
  const info = actionInfo(action.value);
  yield { action: info?.name ?? action.value, resource: resource.value, hypothetical: info === undefined };
}

/** Services that a reader knows, asked before the whole catalogue is. */
const FAMILIAR = ['s3:*', 'ec2:*', 'iam:*', 'sqs:*', 'lambda:*', 'dynamodb:*', 'kms:*', 'sts:*'];

function knownActions(model: CaseModel, table: AtomTable): readonly string[] {
  const literals = model.fields.get('action') ?? [];
  const fits = (action: string): boolean =>
    literals.every((literal) => holds(literal, action.toLowerCase(), table));
  const lists = literals
    .filter((literal) => !isNegative(literal))
    .map((literal) => patternsOf(literal, table));
  const shortest = lists.sort((a, b) => a.length - b.length)[0];
  const found: string[] = [];
  for (const pool of pools(shortest)) {
    for (const action of pool()) {
      if (fits(action) && !found.includes(action)) found.push(action);
      if (found.length >= MAX_ACTIONS) return found;
    }
    if (found.length > 0) return found;
  }
  return found;
}

function* pools(patterns: readonly string[] | undefined): Generator<() => readonly string[]> {
  if (patterns === undefined || patterns.includes('*')) {
    yield () => expandActions({ actions: FAMILIAR }).actions;
    yield allActions;
    return;
  }
  const names = patterns.filter((pattern) => !/[*?]/.test(pattern));
  yield () => names.flatMap((name) => actionInfo(name)?.name ?? []);
  const wild = patterns.filter((pattern) => /[*?]/.test(pattern));
  for (const pattern of wild) yield () => expandActions({ actions: [pattern] }).actions;
}

function holds(literal: Literal, action: string, table: AtomTable): boolean {
  const atom = table.atoms[atomOf(literal)];
  return atom?.kind !== 'in' || inLanguage(atom.language, action) !== isNegative(literal);
}

function patternsOf(literal: Literal, table: AtomTable): readonly string[] {
  const atom = table.atoms[atomOf(literal)];
  return atom?.kind === 'in' && atom.language.theory === 'text'
    ? atom.language.union.patterns.map(writtenForm)
    : [];
}

/** The ARN formats of an action's resource types: first with usual values in its fields, then with any. */
function formatsOf(action: string, account: string): readonly Language[] {
  const info = actionInfo(action);
  if (info === undefined) return [];
  if (info.isWildcardOnly) return [textLanguage('*')];
  const arns = info.resourceTypes.flatMap(({ name }) => resourceTypeArns(info.service, name));
  const usual = arns.map((arn) => fill(arn, { partition: 'aws', region: 'us-east-1', account }));
  return [...usual, ...arns.map((arn) => fill(arn, {}))].map(toLanguage);
}

function toLanguage(pattern: string): Language {
  return { theory: 'text', union: unionOf([compileResource(pattern, 'typed', { variables: undefined })]) };
}

function fill(arn: string, usual: { partition?: string; region?: string; account?: string }): string {
  const known = arn
    .replace(/\$\{Partition\}/, usual.partition ?? '*')
    .replace(/\$\{Region\}/, usual.region ?? '*')
    .replace(/\$\{Account\}/, usual.account ?? '*');
  const fields = splitArnPattern(known, { variables: true, complete: true });
  return (fields ?? ['*']).map((field) => field.replaceAll(/\$\{[^}]*\}/g, '?*')).join(':');
}
