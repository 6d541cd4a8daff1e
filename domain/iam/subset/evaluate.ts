import { atomOf, isNegative, type Literal } from './atoms.js';
import type { Clause, EncodedSide, EncodedStatement } from './encode.js';

/** Three values: 1 holds, -1 does not, 0 open. */
export type Truth = 1 | 0 | -1;

/** What is assumed about each atom, by its index. */
export type Assignment = Int8Array;

/** The truth of a literal under what is assumed. */
export function truthOf(literal: Literal, assumed: Assignment): Truth {
  const value = assumed[atomOf(literal)] ?? 0;
  return (isNegative(literal) ? -value : value) as Truth;
}

/** The truth of a clause. */
export function clauseTruth(clause: Clause, assumed: Assignment): Truth {
  let truth: Truth = -1;
  for (const literal of clause) {
    const value = truthOf(literal, assumed);
    if (value === 1) return 1;
    if (value === 0) truth = 0;
  }
  return truth;
}

/** The truth of a statement matching. */
export function statementTruth(statement: EncodedStatement, assumed: Assignment): Truth {
  let truth: Truth = 1;
  for (const clause of statement.clauses) {
    const value = clauseTruth(clause, assumed);
    if (value === -1) return -1;
    if (value === 0) truth = 0;
  }
  return truth;
}

/** The truth of "the documents of this side allow": some Allow matches and no Deny does. */
export function sideTruth(side: EncodedSide, assumed: Assignment): Truth {
  const denied = anyTruth(side.denies, assumed);
  if (denied === 1) return -1;
  const allowed = anyTruth(side.allows, assumed);
  if (allowed === -1) return -1;
  return allowed === 1 && denied === -1 ? 1 : 0;
}

/** The truth of "some statement matches". */
export function anyTruth(statements: readonly EncodedStatement[], assumed: Assignment): Truth {
  let truth: Truth = -1;
  for (const statement of statements) {
    const value = statementTruth(statement, assumed);
    if (value === 1) return 1;
    if (value === 0) truth = 0;
  }
  return truth;
}
