import {
  type Atom,
  type AtomTable,
  atomOf,
  type Field,
  isNegative,
  type Language,
  type Literal,
} from './atoms.js';
import type { Budget } from './budget.js';
import type { Arity } from './encode-test.js';
import { type Demand, solveValue } from './field-theory.js';
import { type TextUnion, unionCovers } from './text-union.js';
import type { Typing } from './typing.js';

/** What a field is in a model: missing, one value, or a set of values. */
export type FieldValue =
  | { kind: 'missing' }
  | { kind: 'one'; value: string }
  | { kind: 'set'; values: readonly string[] };
/** A field's value that satisfies its literals, none, or unknown within the budget. */
export type FieldAnswer = { kind: 'none' } | { kind: 'unknown' } | { kind: 'model'; value: FieldValue };

/** Demands on a field that come from elsewhere: from another field by a known fact, or from a search for a request. */
export interface Extra extends Demand {
  /** Languages of which a multi-valued key must have a value each. */
  some?: readonly Language[];
  present?: boolean;
}
/** Nothing more is demanded of a field. */
export const NO_DEMAND: Extra = { within: [], outside: [] };

/** Both demands at once. */
export function bothDemands(a: Extra, b: Extra): Extra {
  const present = a.present === false || b.present === false ? false : (a.present ?? b.present);
  return {
    within: [...a.within, ...b.within],
    outside: [...a.outside, ...b.outside],
    some: [...(a.some ?? []), ...(b.some ?? [])],
    ...(present !== undefined && { present }),
  };
}

/** Decides whether the literals of one field can hold together. */
export class Theory {
  readonly #table: AtomTable;
  readonly #arity: Arity;
  readonly #typing: Typing;
  readonly #budget: Budget;
  readonly #answers = new Map<string | number, FieldAnswer>();

  constructor(table: AtomTable, arity: Arity, typing: Typing, budget: Budget) {
    this.#table = table;
    this.#arity = arity;
    this.#typing = typing;
    this.#budget = budget;
  }

  /** The answer for literals that all belong to the field; remembered, so that asking again is free. */
  decide(field: Field, literals: readonly Literal[]): FieldAnswer {
    const key = keyOf(literals);
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const answer = this.decideWith(field, literals, NO_DEMAND);
    this.#answers.set(key, answer);
    return answer;
  }

  /**
   * Whether it is plain that the literals of a field, one or two, can hold together, without looking for a value: a
   * text that the one list names and the other does not. A no says nothing.
   */
  isPlainlyOpen(field: Field, [a, b]: readonly [Literal, Literal?]): boolean {
    const [one, other] = [this.#textOf(a), b === undefined ? undefined : this.#textOf(b)];
    if (one === undefined || !hasManyValues(field)) return false;
    if (b === undefined) return isNegative(a) && one.literals.size === one.patterns.length;
    if (other === undefined || isNegative(a) === isNegative(b)) return false;
    const [within, outside] = isNegative(a) ? [other, one] : [one, other];
    const some = within.patterns.slice(0, 3);
    return some.some((pattern) => pattern.literal !== undefined && !unionCovers(outside, pattern));
  }

  #textOf(literal: Literal): TextUnion | undefined {
    const atom = this.#table.atoms[atomOf(literal)];
    return atom?.kind === 'in' && atom.language.theory === 'text' ? atom.language.union : undefined;
  }

  /** The answer of `decide` with more demands on each value; `rewrite` gives variables their values. */
  decideWith(
    field: Field,
    literals: readonly Literal[],
    more: Extra,
    rewrite: (language: Language) => Language = (language) => language,
  ): FieldAnswer {
    const atoms = literals.flatMap((literal): Signed[] => {
      const atom = this.#table.atoms[atomOf(literal)];
      if (atom === undefined) return [];
      const holds = !isNegative(literal);
      if (atom.kind !== 'in' && atom.kind !== 'some') return [{ atom, holds }];
      return [{ atom: { ...atom, language: rewrite(atom.language) }, holds }];
    });
    const isKey = field.includes(':');
    return isKey && this.#arity(field) === 'multi'
      ? this.#decideSet(field, atoms, more)
      : this.#decideOne(field, atoms, more, isKey);
  }

  #decideOne(field: Field, atoms: readonly Signed[], more: Extra, isKey: boolean): FieldAnswer {
    const demand: Demand = {
      within: [...languages(atoms, 'in', true), ...more.within],
      outside: [...languages(atoms, 'in', false), ...more.outside],
    };
    const presence = presenceIn(atoms, more);
    if (presence === 'both') return { kind: 'none' };
    if (isKey && demand.within.length === 0 && presence !== true) {
      return { kind: 'model', value: { kind: 'missing' } };
    }
    if (presence === false) return { kind: 'none' };
    const answer = solveValue(field, demand, this.#typing, this.#budget);
    if (answer.kind !== 'value') return answer;
    return { kind: 'model', value: { kind: 'one', value: answer.value } };
  }

  #decideSet(field: Field, atoms: readonly Signed[], more: Extra): FieldAnswer {
    const some = atoms.filter(({ atom }) => atom.kind === 'some');
    const all: Demand = {
      within: [...setLanguages(some, false, true), ...more.within],
      outside: [...setLanguages(some, false, false), ...more.outside],
    };
    const presence = presenceIn(atoms, more);
    if (presence === 'both') return { kind: 'none' };
    const wanted = [
      ...some.flatMap(({ atom, holds }) =>
        atom.kind === 'some' && holds ? [{ language: atom.language, outside: atom.outside }] : [],
      ),
      ...(more.some ?? []).map((language) => ({ language, outside: false })),
    ];
    if (wanted.length > 0 && presence === false) return { kind: 'none' };
    const values = new Set<string>();
    let unknown = false;
    for (const { language, outside } of wanted) {
      const demand: Demand = outside
        ? { within: all.within, outside: [...all.outside, language] }
        : { within: [...all.within, language], outside: all.outside };
      const answer = solveValue(field, demand, this.#typing, this.#budget);
      if (answer.kind === 'none') return answer;
      if (answer.kind === 'unknown') unknown = true;
      if (answer.kind === 'value') values.add(answer.value);
    }
    if (unknown) return { kind: 'unknown' };
    if (values.size === 0 && presence !== true) return { kind: 'model', value: { kind: 'missing' } };
    if (values.size === 0) return { kind: 'model', value: this.#fill(field, all) };
    return { kind: 'model', value: { kind: 'set', values: [...values] } };
  }

  /** A key that is there needs no value, but a request is easier to grasp with one. */
  #fill(field: Field, all: Demand): FieldValue {
    const answer = solveValue(field, all, this.#typing, this.#budget);
    return { kind: 'set', values: answer.kind === 'value' ? [answer.value] : [] };
  }
}

/** Fields with more values than any list names; keys may be typed and then have few. */
function hasManyValues(field: Field): boolean {
  return field === 'action' || field === 'resource' || field === 'principal';
}

/** One name for the literals in any order; a number where that is enough, as most questions are about two. */
function keyOf(literals: readonly Literal[]): string | number {
  const [a = 0, b = a] = literals;
  if (literals.length <= 2) return a < b ? a * LITERALS + b : b * LITERALS + a;
  return [...literals].sort((one, other) => one - other).join(',');
}

/** More literals than one question has. */
const LITERALS = 1 << 26;

interface Signed {
  atom: Atom;
  holds: boolean;
}

/** What is said of the key being there; `both` is a contradiction. */
function presenceIn(atoms: readonly Signed[], more: Extra): boolean | 'both' | undefined {
  const said = atoms.find(({ atom }) => atom.kind === 'present')?.holds;
  if (said === undefined || more.present === undefined || said === more.present) return said ?? more.present;
  return 'both';
}

function languages(atoms: readonly Signed[], kind: 'in', holds: boolean): readonly Language[] {
  return atoms.flatMap(({ atom, holds: held }) =>
    atom.kind === kind && held === holds ? [atom.language] : [],
  );
}

/** Languages that every value is within (`inside`) or outside, from literals that say "no value is …". */
function setLanguages(some: readonly Signed[], holds: boolean, inside: boolean): readonly Language[] {
  return some.flatMap(({ atom, holds: held }) =>
    atom.kind === 'some' && held === holds && atom.outside === inside ? [atom.language] : [],
  );
}
