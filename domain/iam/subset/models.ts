import { type AtomTable, atomOf, type Field, isNegative, type Language, type Literal } from './atoms.js';
import { demandsOf, derive } from './facts.js';
import { isUnit, isVariable, literalPattern, type TextPattern, unitOf } from './pattern-language.js';
import { unionOf } from './text-union.js';
import { bothDemands, type Extra, type FieldValue, NO_DEMAND, type Theory } from './theory.js';
import { instantiate, type VariableValues, variablesIn } from './variables.js';

/** The literals of a case, field by field, and how to solve them once variables have values. */
export interface CaseModel {
  readonly fields: ReadonlyMap<Field, readonly Literal[]>;
  readonly variables: ReadonlyMap<string, string>;
  /** A value of the field; undefined when there is none, or none was found. */
  solve(field: Field, more?: Extra): FieldValue | undefined;
}

/** The literals that speak of each field. */
export function byField(
  literals: readonly Literal[],
  table: AtomTable,
): ReadonlyMap<Field, readonly Literal[]> {
  const fields = new Map<Field, Literal[]>();
  for (const literal of literals) {
    const atom = table.atoms[atomOf(literal)];
    if (atom === undefined || atom.kind === 'reading') continue;
    const list = fields.get(atom.field);
    if (list === undefined) fields.set(atom.field, [literal]);
    else list.push(literal);
  }
  return fields;
}

/** What a variable is guessed to be when its key is not constrained. */
const GUESSES = ['alice', '123456789012', 'x'];

/** Ways to read a case as concrete: one when no variable is in it, else one for each guess of their values. */
export function caseModels(
  literals: readonly Literal[],
  table: AtomTable,
  names: readonly string[],
  theory: Theory,
  base: ReadonlyMap<Field, Extra>,
): readonly CaseModel[] {
  const fields = byField(literals, table);
  const facts = bothMaps(demandsOf(derive(fields, table)), base);
  const used = [...variablesIn(literals, table)];
  if (used.length === 0) return [modelWith(fields, new Map(), new Map(), theory, facts)];
  const keys = used.map((index) => (names[index] ?? '').split(',')[0] ?? '');
  const guesses = [...GUESSES, ...captures(fields, table, theory), ...namedValues(keys, fields, table)];
  return [...guesses, undefined].map((guess) => {
    const values = new Map<number, string>();
    const variables = new Map<string, string>();
    for (const index of used) {
      const [key = '', fallback] = (names[index] ?? '').split(/,(.*)/s);
      const literals = fields.get(key) ?? [];
      // At last, keys are missing where that makes a default count.
      const value =
        guess === undefined && fallback !== undefined
          ? undefined
          : variableValue(literals, key, guess ?? 'x', theory);
      values.set(index, value ?? fallback ?? guess ?? 'x');
      // Without a value, statements with the variable do not match, whatever the text in its place.
      if (value !== undefined) variables.set(key, value);
    }
    return modelWith(fields, values, variables, theory, facts);
  });
}

const MAX_CAPTURES = 6;

/** What variables would have to be for the values that their fields take when variables may be anything. */
function captures(
  fields: ReadonlyMap<Field, readonly Literal[]>,
  table: AtomTable,
  theory: Theory,
): readonly string[] {
  const found = new Set<string>();
  for (const [field, literals] of fields) {
    const patterns = literals.filter((literal) => !isNegative(literal)).flatMap((l) => templatesOf(l, table));
    if (patterns.length === 0) continue;
    const answer = theory.decide(field, literals);
    if (answer.kind !== 'model' || answer.value.kind === 'missing') continue;
    const values = answer.value.kind === 'one' ? [answer.value.value] : answer.value.values;
    for (const pattern of patterns) {
      for (const value of values) {
        const captured = captureFirst(pattern, value);
        if (captured !== undefined && captured !== '') found.add(captured);
      }
    }
  }
  return [...found].slice(0, MAX_CAPTURES);
}

/** Values that the case itself names for the keys. */
function namedValues(
  keys: readonly string[],
  fields: ReadonlyMap<Field, readonly Literal[]>,
  table: AtomTable,
): readonly string[] {
  const literals = keys.flatMap((key) => fields.get(key) ?? []).filter((literal) => !isNegative(literal));
  const texts = literals.flatMap((literal) => {
    const atom = table.atoms[atomOf(literal)];
    if (atom?.kind !== 'in' || atom.language.theory !== 'text') return [];
    return atom.language.union.patterns.flatMap(({ literal: text }) => text ?? []);
  });
  return [...new Set(texts)].slice(0, MAX_CAPTURES);
}

function templatesOf(literal: Literal, table: AtomTable): readonly TextPattern[] {
  const atom = table.atoms[atomOf(literal)];
  if ((atom?.kind !== 'in' && atom?.kind !== 'some') || atom.language.theory !== 'text') return [];
  return atom.language.union.patterns.filter((pattern) => pattern.hasVariables);
}

/** The part of the value in the place of the first variable, when only plain text comes before it. */
function captureFirst({ tokens }: TextPattern, value: string): string | undefined {
  const at = tokens.findIndex((token) => !isUnit(token));
  const first = tokens[at];
  if (first === undefined || !isVariable(first)) return undefined;
  const next = tokens[at + 1];
  const end = next === undefined || !isUnit(next) ? -1 : value.indexOf(String.fromCharCode(unitOf(next)), at);
  return value.slice(at, end < 0 ? undefined : end);
}

/** The guess if the key's literals take it, else any value that they take; undefined when the key must be missing. */
function variableValue(
  literals: readonly Literal[],
  key: string,
  guess: string,
  theory: Theory,
): string | undefined {
  const exact = theory.decideWith(key, literals, within(guess));
  if (exact.kind === 'model' && exact.value.kind === 'one') return exact.value.value;
  const any = theory.decide(key, literals);
  return any.kind === 'model' && any.value.kind === 'one' ? any.value.value : undefined;
}

function within(text: string): Extra {
  return { within: [textLanguage(text)], outside: [] };
}

/** The language that holds one text. */
export function textLanguage(text: string): Language {
  return { theory: 'text', union: unionOf([literalPattern(text)]) };
}

function modelWith(
  fields: ReadonlyMap<Field, readonly Literal[]>,
  values: VariableValues,
  variables: ReadonlyMap<string, string>,
  theory: Theory,
  facts: ReadonlyMap<Field, Extra>,
): CaseModel {
  return {
    fields,
    variables,
    solve(field, more = NO_DEMAND) {
      const fixed = variables.get(field);
      const known = bothDemands(more, facts.get(field) ?? NO_DEMAND);
      const demand = fixed === undefined ? known : bothDemands(known, within(fixed));
      const literals = fields.get(field) ?? [];
      const answer = theory.decideWith(field, literals, demand, (language) => instantiate(language, values));
      return answer.kind === 'model' ? answer.value : undefined;
    },
  };
}

function bothMaps(a: ReadonlyMap<Field, Extra>, b: ReadonlyMap<Field, Extra>): ReadonlyMap<Field, Extra> {
  const both = new Map(a);
  for (const [field, demand] of b) both.set(field, bothDemands(both.get(field) ?? NO_DEMAND, demand));
  return both;
}
