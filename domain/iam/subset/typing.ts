import type { ConditionOperator, PolicyDocument } from '../document.js';
import { ANY_ARN, compileString } from './compile-text.js';
import { BOOLEAN_KEYS } from './context-keys.js';
import {
  EXCLUDES,
  literalPattern,
  one,
  patternOf,
  star,
  type TextPattern,
  unitsOf,
} from './pattern-language.js';
import { type TextUnion, unionOf } from './text-union.js';

/** What kind of value an operator compares. */
export type ValueType = 'text' | 'bool' | 'number' | 'date' | 'address' | 'arn';

/** What is known about the values of each field before any policy is asked. */
export interface Typing {
  /** The texts that a field's value may be; undefined when any. */
  domain(field: string): TextUnion | undefined;
  /** Every value of the key is of this type, because nothing asks it as another. */
  only(field: string): ValueType | undefined;
}

const { colon, nothing } = EXCLUDES;
const SOME_FIELD = [one(colon), star(colon)];
const COLON = unitsOf(':');

/** `service:Name`, with exactly one colon. */
const ACTIONS = unionOf([patternOf([...SOME_FIELD, ...COLON, ...SOME_FIELD])]);

/** `*` for actions without resource types, else an ARN whose partition, service and resource are not empty. */
const RESOURCES = unionOf([
  literalPattern('*'),
  patternOf([
    ...unitsOf('arn:'),
    ...[...SOME_FIELD, ...COLON, ...SOME_FIELD, ...COLON],
    ...[star(colon), ...COLON, star(colon), ...COLON],
    ...[one(nothing), star(nothing)],
  ]),
]);

const anything = star(nothing);
const principal = (head: string, tail: readonly number[]): TextPattern =>
  patternOf([...unitsOf(head), ...tail]);
const TWELVE = Array.from({ length: 12 }, () => one(colon));

/** Principals as `encode-principal.ts` writes them. */
const PRINCIPALS = unionOf([
  principal('arn:', [...SOME_FIELD, ...unitsOf(':iam::'), ...TWELVE, ...unitsOf(':root')]),
  principal('arn:', [
    ...SOME_FIELD,
    ...unitsOf(':iam::'),
    ...TWELVE,
    ...unitsOf(':user/'),
    one(nothing),
    anything,
  ]),
  principal('arn:', [
    ...SOME_FIELD,
    ...unitsOf(':iam::'),
    ...TWELVE,
    ...unitsOf(':role/'),
    one(nothing),
    anything,
  ]),
  principal('arn:', [
    ...[...SOME_FIELD, ...unitsOf(':sts::'), ...TWELVE, ...unitsOf(':assumed-role/')],
    ...[one(nothing), anything, ...unitsOf('/'), one(nothing), anything],
  ]),
  principal('arn:', [
    ...[
      ...SOME_FIELD,
      ...unitsOf(':sts::'),
      ...TWELVE,
      ...unitsOf(':federated-user/'),
      one(nothing),
      anything,
    ],
  ]),
  principal('service|', [one(nothing), anything]),
  principal('federated|', [anything]),
  principal('canonical|', [anything]),
  principal('anonymous|', []),
]);

const BOOLEANS = unionOf([
  compileString('true', 'fold', { variables: undefined }),
  compileString('false', 'fold', { variables: undefined }),
]);
const ARNS = unionOf([ANY_ARN]);

/** Reads the types of condition keys off the operators that ask them: an unknown key is typed by its operator. */
export function typingOf(documents: readonly PolicyDocument[]): Typing {
  const types = new Map<string, Set<ValueType>>();
  for (const { statements } of documents) {
    for (const { conditions } of statements) {
      for (const { key, operator } of conditions) {
        const type = typeOf(operator);
        if (type === undefined) continue;
        const name = key.toLowerCase();
        types.set(name, (types.get(name) ?? new Set()).add(type));
      }
    }
  }
  const only = (field: string): ValueType | undefined => {
    const seen = types.get(field);
    return seen?.size === 1 ? [...seen][0] : undefined;
  };
  return {
    only,
    domain(field) {
      if (field === 'action') return ACTIONS;
      if (field === 'resource') return RESOURCES;
      if (field === 'principal') return PRINCIPALS;
      const type = BOOLEAN_KEYS.has(field) ? 'bool' : only(field);
      return type === 'bool' ? BOOLEANS : type === 'arn' ? ARNS : undefined;
    },
  };
}

function typeOf(operator: ConditionOperator): ValueType | undefined {
  if (operator === 'Null') return undefined;
  if (operator === 'Bool') return 'bool';
  if (operator.startsWith('Numeric')) return 'number';
  if (operator.startsWith('Date')) return 'date';
  if (operator.startsWith('Arn')) return 'arn';
  return operator === 'IpAddress' || operator === 'NotIpAddress' ? 'address' : 'text';
}
