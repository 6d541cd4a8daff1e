import { type AtomTable, atomOf, type Field, isNegative, type Literal } from './atoms.js';
import { NO_DEMAND, type Theory } from './theory.js';
import { instantiate, variablesIn } from './variables.js';

/** Literals that contradict each other once a variable is taken for the one text that they let it be. */
export interface PinnedContradiction {
  literals: readonly Literal[];
  facts: readonly string[];
}

/**
 * Looks for a contradiction that shows when policy variables are replaced by the only value that their key can have: a
 * key that is one text, or is missing where the variable has a default.
 */
export function contradictionByPins(
  fields: ReadonlyMap<Field, readonly Literal[]>,
  table: AtomTable,
  names: readonly string[],
  theory: Theory,
): PinnedContradiction | undefined {
  const pins = pinsIn(fields, table, names);
  if (pins.size === 0) return undefined;
  const values = new Map([...pins].map(([index, { text }]) => [index, text]));
  for (const [field, literals] of fields) {
    const used = [...variablesIn(literals, table)].filter((index) => pins.has(index));
    if (used.length === 0) continue;
    const answer = theory.decideWith(field, literals, NO_DEMAND, (language) => instantiate(language, values));
    if (answer.kind !== 'none') continue;
    const why = used.flatMap((index) => pins.get(index)?.literal ?? []);
    return { literals: [...new Set([...literals, ...why])], facts: [] };
  }
  return undefined;
}

interface Pin {
  text: string;
  /** What says so. */
  literal: Literal;
}

function pinsIn(
  fields: ReadonlyMap<Field, readonly Literal[]>,
  table: AtomTable,
  names: readonly string[],
): ReadonlyMap<number, Pin> {
  const pins = new Map<number, Pin>();
  for (const [index, name] of names.entries()) {
    const [key = '', fallback] = name.split(/,(.*)/s);
    for (const literal of fields.get(key) ?? []) {
      const text = isNegative(literal) ? missing(literal, table, fallback) : onlyText(literal, table);
      // A colon within a field of an ARN is not one between fields, which a flat pattern cannot tell.
      if (text !== undefined && !text.includes(':')) pins.set(index, { text, literal });
    }
  }
  return pins;
}

function onlyText(literal: Literal, table: AtomTable): string | undefined {
  const atom = table.atoms[atomOf(literal)];
  if (atom?.kind !== 'in' || atom.language.theory !== 'text') return undefined;
  const { patterns } = atom.language.union;
  return patterns.length === 1 ? patterns[0]?.literal : undefined;
}

function missing(literal: Literal, table: AtomTable, fallback: string | undefined): string | undefined {
  return table.atoms[atomOf(literal)]?.kind === 'present' ? fallback : undefined;
}
