import { type AtomTable, atomOf, type Field, type Language, type Literal } from './atoms.js';
import type { Demand } from './field-theory.js';
import { literalPattern } from './pattern-language.js';
import { unionOf } from './text-union.js';
import { type FieldValue, NO_DEMAND, type Theory } from './theory.js';
import { instantiate, type VariableValues, variablesIn } from './variables.js';

/** The literals of a case, field by field, and how to solve them once variables have values. */
export interface CaseModel {
  readonly fields: ReadonlyMap<Field, readonly Literal[]>;
  readonly variables: ReadonlyMap<string, string>;
  /** A value of the field; undefined when there is none, or none was found. */
  solve(field: Field, more?: Demand): FieldValue | undefined;
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
): readonly CaseModel[] {
  const fields = byField(literals, table);
  const used = [...variablesIn(literals, table)];
  if (used.length === 0) return [modelWith(fields, new Map(), names, theory)];
  return GUESSES.map((guess) => {
    const values = new Map<number, string>();
    for (const index of used) {
      const [key = '', fallback] = (names[index] ?? '').split(/,(.*)/s);
      values.set(index, variableValue(key, fallback, guess, fields, theory));
    }
    return modelWith(fields, values, names, theory);
  });
}

function variableValue(
  key: string,
  fallback: string | undefined,
  guess: string,
  fields: ReadonlyMap<Field, readonly Literal[]>,
  theory: Theory,
): string {
  const literals = fields.get(key) ?? [];
  const exact = theory.decideWith(key, literals, within(guess));
  if (exact.kind === 'model' && exact.value.kind === 'one') return exact.value.value;
  const any = theory.decide(key, literals);
  if (any.kind === 'model' && any.value.kind === 'one') return any.value.value;
  return fallback ?? guess;
}

function within(text: string): Demand {
  return { within: [textLanguage(text)], outside: [] };
}

/** The language that holds one text. */
export function textLanguage(text: string): Language {
  return { theory: 'text', union: unionOf([literalPattern(text)]) };
}

function modelWith(
  fields: ReadonlyMap<Field, readonly Literal[]>,
  values: VariableValues,
  names: readonly string[],
  theory: Theory,
): CaseModel {
  const variables = new Map<string, string>();
  for (const [index, value] of values) {
    const [key = '', fallback] = (names[index] ?? '').split(/,(.*)/s);
    if (fallback !== value) variables.set(key, value);
  }
  return {
    fields,
    variables,
    solve(field, more = NO_DEMAND) {
      const fixed = variables.get(field);
      const demand = fixed === undefined ? more : { ...more, within: [...more.within, textLanguage(fixed)] };
      const answer = theory.decideWith(field, fields.get(field) ?? [], demand, (language) =>
        instantiate(language, values),
      );
      return answer.kind === 'model' ? answer.value : undefined;
    },
  };
}
