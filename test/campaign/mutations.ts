import type { PolicyType } from '../../domain/iam/document.js';
import { randomConditions, randomStatement, type WrittenPolicy, type WrittenStatement } from './policies.js';
import type { Chance } from './random.js';

type Mutation = (policy: WrittenPolicy, chance: Chance, policyType: PolicyType) => void;

/** A policy near the given one: often within it, or just not. */
export function neighbour(policy: WrittenPolicy, chance: Chance, policyType: PolicyType): WrittenPolicy {
  const copy = structuredClone(policy);
  for (let steps = 1 + chance.below(3); steps > 0; steps -= 1) {
    chance.pick(MUTATIONS)(copy, chance, policyType);
    if (copy.Statement.length === 0) copy.Statement.push(randomStatement(chance, policyType));
  }
  return copy;
}

function any(policy: WrittenPolicy, chance: Chance): WrittenStatement {
  return chance.pick(policy.Statement);
}

/** The list of an element, whichever of its two names it goes by. */
function listOf(statement: WrittenStatement, chance: Chance): string[] {
  const lists = [statement.Action, statement.NotAction, statement.Resource, statement.NotResource];
  return chance.pick(lists.filter((list) => list !== undefined));
}

/** A test of a statement, as its operator and key. */
function testOf(statement: WrittenStatement, chance: Chance): readonly [string, string] | undefined {
  const tests = Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
    Object.keys(keys).map((key) => [operator, key] as const),
  );
  return tests.length === 0 ? undefined : chance.pick(tests);
}

function dropTest(statement: WrittenStatement, [operator, key]: readonly [string, string]): string[] {
  const keys = statement.Condition?.[operator] ?? {};
  const values = keys[key] ?? [];
  delete keys[key];
  if (Object.keys(keys).length === 0) delete statement.Condition?.[operator];
  return values;
}

const MUTATIONS: readonly Mutation[] = [
  (policy, chance, type) => policy.Statement.push(randomStatement(chance, type, 'Deny')),
  (policy, chance, type) => policy.Statement.push(randomStatement(chance, type, 'Allow')),
  (policy, chance) => policy.Statement.splice(chance.below(policy.Statement.length), 1),
  (policy) => policy.Statement.reverse(),
  // Narrower and wider lists.
  (policy, chance) => {
    const list = listOf(any(policy, chance), chance);
    if (list.length > 1) list.splice(chance.below(list.length), 1);
  },
  (policy, chance) => {
    const list = listOf(any(policy, chance), chance);
    const at = chance.below(list.length);
    const text = list[at] ?? '';
    if (!text.includes('$') && text.length > 4)
      list[at] = `${text.slice(0, -1)}${chance.pick(['*', '?', '?*'])}`;
  },
  // The same condition on more, or one more condition.
  (policy, chance) => {
    const statement = any(policy, chance);
    statement.Condition = { ...statement.Condition, ...randomConditions(chance, 1) };
  },
  (policy, chance) => {
    const statement = any(policy, chance);
    const test = testOf(statement, chance);
    if (test !== undefined) dropTest(statement, test);
  },
  // One statement as two: for some values and for the others; where a key is there and where it is not.
  (policy, chance) => {
    const statement = any(policy, chance);
    const test = testOf(statement, chance);
    if (test === undefined) return;
    const [operator, key] = test;
    const values = statement.Condition?.[operator]?.[key] ?? [];
    if (values.length < 2) return;
    const other = structuredClone(statement);
    const [head = '', ...tail] = values;
    (statement.Condition ?? {})[operator] = { ...statement.Condition?.[operator], [key]: [head] };
    (other.Condition ?? {})[operator] = { ...other.Condition?.[operator], [key]: tail };
    policy.Statement.push(other);
  },
  (policy, chance) => {
    const statement = any(policy, chance);
    const test = testOf(statement, chance);
    if (test === undefined) return;
    const other = structuredClone(statement);
    const [, key] = test;
    statement.Condition = { ...statement.Condition, Null: { [key]: ['true'] } };
    other.Condition = { ...other.Condition, Null: { [key]: ['false'] } };
    policy.Statement.push(other);
  },
  // An operator's near relation.
  (policy, chance) => {
    const statement = any(policy, chance);
    const test = testOf(statement, chance);
    if (test === undefined) return;
    const [operator, key] = test;
    const instead = relationOf(operator, chance);
    if (instead === operator) return;
    const values = dropTest(statement, test);
    statement.Condition = {
      ...statement.Condition,
      [instead]: { ...statement.Condition?.[instead], [key]: values },
    };
  },
  (policy, chance) => {
    policy.Version = chance.pick(['2012-10-17', '2008-10-17']);
  },
];

function relationOf(operator: string, chance: Chance): string {
  if (operator === 'Null') return operator;
  const base = operator.replace(/IfExists$/, '');
  return chance
    .pick([
      base,
      `${base}IfExists`,
      base.replace('Equals', 'Like').replace(/^(Numeric|Date|Binary)(.*)Like/, '$1$2Equals'),
      base.replace('LessThan', 'LessThanEquals').replace('EqualsEquals', 'Equals'),
      base.replace('ForAllValues', 'ForAnyValue'),
      base.replace('ForAnyValue', 'ForAllValues'),
      base.startsWith('String') && !base.includes('Not') ? base.replace('String', 'StringNot') : base,
      base === 'IpAddress' ? 'NotIpAddress' : base,
    ])
    .replace('IgnoreCaseIfExists', 'IgnoreCase');
}
