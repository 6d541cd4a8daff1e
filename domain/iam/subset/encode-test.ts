import { readBool } from '../conditions/bool.js';
import { isNegated } from '../conditions/hold.js';
import type { ConditionOperator, ConditionTest, PolicyDocument } from '../document.js';
import { splitPattern } from '../pattern.js';
import { type Language, type Literal, negate, positive, type Reading } from './atoms.js';
import { compileAddresses, compileRanges } from './compile-line.js';
import { compileArnValue, compileString, type VariableTable } from './compile-text.js';
import { documentedArity } from './context-keys.js';
import type { Clause, Encoding } from './encode.js';
import { ANYTHING } from './pattern-language.js';
import { unionOf } from './text-union.js';

/** Whether a key (in lower case) has one value or a set of them. */
export type Arity = (key: string) => 'single' | 'multi';

/** Keys without a documented number of values are sets as soon as one policy asks them as a set. */
export function arityIn(documents: readonly PolicyDocument[]): Arity {
  const sets = new Set<string>();
  for (const { statements } of documents) {
    for (const { conditions } of statements) {
      for (const { set, key } of conditions) if (set !== undefined) sets.add(key.toLowerCase());
    }
  }
  return (key) => documentedArity(key) ?? (sets.has(key) ? 'multi' : 'single');
}

/** Turns one condition test into clauses that all have to hold. */
export function encodeTest(
  test: ConditionTest,
  place: string,
  encoding: Encoding,
  variables: VariableTable | undefined,
): readonly Clause[] {
  const maker = literalMaker(test, place, encoding, variables);
  if (test.operator === 'Null') return encodeNull(test, maker);
  const body = encoding.arity(maker.key) === 'multi' ? encodeSet(test, maker) : encodeSingle(test, maker);
  const unless = test.ifExists ? maker.missing() : [];
  const presence = takesVariables(test.operator)
    ? presenceOfVariables(test.values, place, encoding, variables)
    : [];
  const isOpen = isNegated(test.operator) && presence.length > 0;
  // Without a value for a variable, a negated test holds in one reading, whatever the key's value is.
  const exempt: Clause = isOpen ? [maker.reading('unresolved-negated')] : [];
  const decided = isOpen ? body.map((clause) => [...clause, ...presence.map(negate)]) : body;
  const clauses = [...decided, ...presence.map((literal) => [literal, ...exempt])];
  return clauses.flatMap((clause) => eitherOr(clause, unless));
}

/** `clause` or all of `others`: one clause for each of these. */
function eitherOr(clause: Clause, others: readonly Clause[]): readonly Clause[] {
  return others.length === 0 ? [clause] : others.map((other) => [...clause, ...other]);
}

interface LiteralMaker {
  readonly key: string;
  /** The key's one value is in the language. */
  within(): Literal;
  /** Some of the key's values are in the language, or outside it. */
  some(outside: boolean): Literal;
  /** The key has a value at all. */
  filled(): Literal;
  present(): Literal;
  /** The key is missing, with an empty set read either way. */
  missing(): readonly Clause[];
  reading(reading: Reading): Literal;
}

function literalMaker(
  test: ConditionTest,
  place: string,
  { table, arity }: Encoding,
  variables: VariableTable | undefined,
): LiteralMaker {
  const key = test.key.toLowerCase();
  const language = languageOf(test, variables);
  const present = (): Literal => positive(table.intern({ kind: 'present', field: key }, `${place}.present`));
  const some = (of: Language, outside: boolean, part: string): Literal =>
    positive(table.intern({ kind: 'some', field: key, language: of, outside }, `${place}.${part}`));
  const anything: Language = { theory: 'text', union: unionOf([ANYTHING]) };
  const filled = (): Literal => some(anything, false, 'filled');
  const reading = (name: Reading): Literal =>
    positive(table.intern({ kind: 'reading', reading: name }, `reading.${name}`));
  return {
    key,
    within: () => positive(table.intern({ kind: 'in', field: key, language }, `${place}.in`)),
    some: (outside) => some(language, outside, outside ? 'outside' : 'some'),
    filled,
    present,
    missing() {
      if (arity(key) === 'single') return [[negate(present())]];
      const open = reading('empty-set');
      return [
        [negate(filled()), negate(open)],
        [negate(present()), open],
      ].map((clause) => clause);
    },
    reading,
  };
}

/** `Null: true` holds on a missing key. Both values hold always, none never. */
function encodeNull({ values }: ConditionTest, maker: LiteralMaker): readonly Clause[] {
  const wanted = new Set(values.map(readBool));
  if (wanted.has(true) && wanted.has(false)) return [];
  if (wanted.has(true)) return maker.missing();
  if (!wanted.has(false)) return [[]];
  const missing = maker.missing();
  if (missing.length === 1) return [[maker.present()]];
  const open = maker.reading('empty-set');
  return [
    [maker.filled(), negate(open)],
    [maker.present(), open],
  ];
}

function encodeSingle(test: ConditionTest, maker: LiteralMaker): readonly Clause[] {
  const within = maker.within();
  const negated = isNegated(test.operator);
  if (test.set === 'ForAnyValue' && negated) return [[maker.present()], [negate(within)]];
  if (test.set === 'ForAllValues' && !negated) return [[negate(maker.present()), within]];
  return [[negated ? negate(within) : within]];
}

function encodeSet(test: ConditionTest, maker: LiteralMaker): readonly Clause[] {
  const negated = isNegated(test.operator);
  if (test.set === 'ForAnyValue') return [[maker.some(negated)]];
  if (test.set === 'ForAllValues') return [[negate(maker.some(!negated))]];
  // A plain operator on a set: some value decides it, or (the other reading) all have to match.
  const all = maker.reading('plain-multi');
  const some = maker.some(false);
  const outside = maker.some(true);
  const filled = maker.filled();
  if (!negated) {
    return [
      [some, all],
      [filled, negate(all)],
      [negate(outside), negate(all)],
    ];
  }
  return [
    [negate(some), all],
    [negate(filled), outside, negate(all)],
  ];
}

/** Policy variables count in string and ARN comparisons only. */
function takesVariables(operator: ConditionOperator): boolean {
  return operator.startsWith('String') || operator.startsWith('Arn');
}

/** One literal for each variable without a default: a statement with a missing one does not match. */
export function presenceOfVariables(
  values: readonly string[],
  place: string,
  { table }: Encoding,
  variables: VariableTable | undefined,
): readonly Literal[] {
  if (variables === undefined) return [];
  const keys = new Set<string>();
  for (const value of values) {
    for (const part of splitPattern(value, true)) {
      if (part.kind === 'variable' && part.fallback === undefined) keys.add(part.key.toLowerCase());
    }
  }
  return [...keys].map((field, i) => positive(table.intern({ kind: 'present', field }, `${place}.v${i}`)));
}

function languageOf(test: ConditionTest, variables: VariableTable | undefined): Language {
  const { operator, values } = test;
  if (operator.startsWith('Numeric')) {
    return { theory: 'number', union: compileRanges(operator, 'number', values) };
  }
  if (operator.startsWith('Date')) return { theory: 'date', union: compileRanges(operator, 'date', values) };
  if (operator === 'IpAddress' || operator === 'NotIpAddress') {
    return { theory: 'address', union: compileAddresses(values) };
  }
  const options = { variables: takesVariables(operator) ? variables : undefined };
  const patterns = values.flatMap((value) => {
    if (operator.startsWith('Arn')) return compileArnValue(value, options) ?? [];
    if (operator === 'Bool') {
      const bool = readBool(value);
      return bool === undefined ? [] : compileString(String(bool), 'fold', { variables: undefined });
    }
    return compileString(value, modeOf(operator), options);
  });
  return { theory: 'text', union: unionOf(patterns) };
}

function modeOf(operator: ConditionOperator): 'equals' | 'fold' | 'like' {
  if (operator.endsWith('Like')) return 'like';
  return operator.endsWith('IgnoreCase') ? 'fold' : 'equals';
}
