import { type AtomTable, atomOf, isNegative } from './atoms.js';
import type { EncodedStatement } from './encode.js';
import type { TextUnion } from './text-union.js';

/** Statements by what their action element names, so that one with other actions is not looked at. */
export class ActionIndex {
  readonly #statements: readonly EncodedStatement[];
  readonly #table: AtomTable;
  /** Positions of statements by an exact action, by the service of a pattern, and by any name of a service. */
  readonly #byName = new Map<string, number[]>();
  readonly #byPattern = new Map<string, number[]>();
  readonly #byService = new Map<string, number[]>();
  readonly #anywhere: number[] = [];

  constructor(statements: readonly EncodedStatement[], table: AtomTable) {
    this.#statements = statements;
    this.#table = table;
    for (const [i, statement] of statements.entries()) {
      const union = this.#unionOf(statement);
      if (union === undefined || union.byHead.has('')) this.#anywhere.push(i);
      else this.#add(i, union);
    }
  }

  /** The statements, in order, whose actions may have one in common with the given one; it may keep more. */
  meeting(statement: EncodedStatement): readonly EncodedStatement[] {
    const union = this.#unionOf(statement);
    if (union === undefined || union.byHead.has('')) return this.#statements;
    const found = new Set(this.#anywhere);
    const take = (positions: readonly number[] = []): void => {
      for (const position of positions) found.add(position);
    };
    for (const name of union.literals.keys()) take(this.#byName.get(name));
    for (const [service, { literals, wild }] of union.byHead) {
      if (literals.length > 0) take(this.#byPattern.get(service));
      if (wild.length > 0) take(this.#byService.get(service));
    }
    return found.size === this.#statements.length
      ? this.#statements
      : this.#statements.filter((_, i) => found.has(i));
  }

  #add(position: number, union: TextUnion): void {
    for (const name of union.literals.keys()) listed(this.#byName, name, position);
    for (const [service, { wild }] of union.byHead) {
      listed(this.#byService, service, position);
      if (wild.length > 0) listed(this.#byPattern, service, position);
    }
  }

  /** What a statement's `Action` names; undefined for `NotAction`. */
  #unionOf({ clauses }: EncodedStatement): TextUnion | undefined {
    const [literal, ...others] = clauses[0] ?? [];
    if (literal === undefined || others.length > 0 || isNegative(literal)) return undefined;
    const atom = this.#table.atoms[atomOf(literal)];
    const isText = atom?.kind === 'in' && atom.field === 'action' && atom.language.theory === 'text';
    return isText && atom.language.theory === 'text' ? atom.language.union : undefined;
  }
}

function listed(index: Map<string, number[]>, name: string, position: number): void {
  const known = index.get(name);
  if (known === undefined) index.set(name, [position]);
  else if (known.at(-1) !== position) known.push(position);
}
