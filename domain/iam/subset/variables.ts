import type { Language, Literal } from './atoms.js';
import { type AtomTable, atomOf } from './atoms.js';
import {
  isUnit,
  isVariable,
  patternOf,
  type TextPattern,
  type Token,
  unitOf,
  unitsOf,
  variableIndexOf,
} from './pattern-language.js';
import { unionOf } from './text-union.js';

/** A value for each policy variable, by its index. */
export type VariableValues = ReadonlyMap<number, string>;

/** The language with its variables replaced by text; exact when all have a value. */
export function instantiate(language: Language, values: VariableValues): Language {
  if (language.theory !== 'text' || !language.union.approximate) return language;
  return {
    theory: 'text',
    union: unionOf(language.union.patterns.map((pattern) => replace(pattern, values))),
  };
}

function replace(pattern: TextPattern, values: VariableValues): TextPattern {
  if (!pattern.hasVariables) return pattern;
  return patternOf(pattern.tokens.flatMap((token) => (isVariable(token) ? textIn(token, values) : [token])));
}

/** A variable without a value stays one. */
function textIn(token: Token, values: VariableValues): readonly Token[] {
  const text = values.get(variableIndexOf(token));
  return text === undefined ? [token] : unitsOf(text);
}

/** The variables that the literals' languages mention. */
export function variablesIn(literals: readonly Literal[], table: AtomTable): ReadonlySet<number> {
  const found = new Set<number>();
  for (const literal of literals) {
    const atom = table.atoms[atomOf(literal)];
    if (atom?.kind !== 'in' && atom?.kind !== 'some') continue;
    if (atom.language.theory !== 'text') continue;
    for (const pattern of atom.language.union.patterns) {
      for (const token of pattern.tokens) if (isVariable(token)) found.add(variableIndexOf(token));
    }
  }
  return found;
}

/** The text of a pattern as a policy would write it, for lists of names. */
export function writtenForm(pattern: TextPattern): string {
  return pattern.tokens
    .map((token) => (isUnit(token) ? String.fromCharCode(unitOf(token)) : token > -5 ? '?' : '*'))
    .join('');
}
