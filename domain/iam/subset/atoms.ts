import type { LineUnion } from './line-theory.js';
import type { TextUnion } from './text-union.js';

/** A set of values that one condition test, action list or resource list names. */
export type Language =
  | { theory: 'text'; union: TextUnion }
  | { theory: 'number' | 'date'; union: LineUnion<number> }
  | { theory: 'address'; union: LineUnion<bigint> };

/** A question where AWS's documents leave the answer open; docs/proof.md explains each. */
export const READINGS = [
  'star-service',
  'account-notprincipal',
  'plain-multi',
  'empty-set',
  'unresolved-negated',
] as const;
export type Reading = (typeof READINGS)[number];

/** A part of a request: `action`, `resource`, `principal`, or a condition key in lower case. */
export type Field = string;

/** A yes-or-no fact about a request. */
export type AtomKind =
  /** The field has one value and it is in the language. */
  | { kind: 'in'; field: Field; language: Language }
  /** Some value of a multi-valued key is in the language (or outside it). */
  | { kind: 'some'; field: Field; language: Language; outside: boolean }
  /** The key is in the request's context. */
  | { kind: 'present'; field: Field }
  /** The documents' open question is read this way. */
  | { kind: 'reading'; reading: Reading };
/** One indivisible condition on a request's field. */
export type Atom = AtomKind & {
  readonly index: number;
  /** Where the atom first occurs, as the certificate names it. */
  readonly place: string;
};

/** An atom or its negation: `2 * index`, plus 1 when negated. */
export type Literal = number;
export const positive = (atom: Atom): Literal => atom.index * 2;
export const negate = (literal: Literal): Literal => literal ^ 1;
export const isNegative = (literal: Literal): boolean => (literal & 1) === 1;
export const atomOf = (literal: Literal): number => literal >> 1;

/** All atoms of one question; equal ones are one atom. */
export class AtomTable {
  readonly atoms: Atom[] = [];
  readonly #byKey = new Map<string, Atom>();

  /** The atom of this kind, made at its first mention. */
  intern(kind: AtomKind, place: string): Atom {
    const key = keyOf(kind);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const atom: Atom = { ...kind, index: this.atoms.length, place };
    this.atoms.push(atom);
    this.#byKey.set(key, atom);
    return atom;
  }
}

function keyOf(atom: AtomKind): string {
  switch (atom.kind) {
    case 'reading':
      return `reading ${atom.reading}`;
    case 'present':
      return `present ${atom.field}`;
    case 'in':
      return `in ${atom.field} ${atom.language.theory} ${atom.language.union.key}`;
    case 'some':
      return `some ${atom.outside} ${atom.field} ${atom.language.theory} ${atom.language.union.key}`;
  }
}
