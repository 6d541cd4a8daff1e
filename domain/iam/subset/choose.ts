import type { Literal } from './atoms.js';
import type { EncodedStatement } from './encode.js';
import { type Assignment, anyTruth, clauseTruth, sideTruth, statementTruth, truthOf } from './evaluate.js';
import type { Obligation } from './search.js';

/** A statement all of whose clauses hold or follow, pair by pair, from what is assumed: the syntactic pre-check. */
export function coveringStatement(
  allows: readonly EncodedStatement[],
  assumed: Assignment,
  isImplied: (literal: Literal) => boolean,
): EncodedStatement | undefined {
  return allows.find((statement) =>
    statement.clauses.every((clause) => {
      const truth = clauseTruth(clause, assumed);
      if (truth !== 0) return truth === 1;
      return clause.some((literal) => truthOf(literal, assumed) === 0 && isImplied(literal));
    }),
  );
}

/** The literal to split on next; undefined when both sides are decided. */
export function splitLiteral(
  { statement, candidate, reference }: Obligation,
  assumed: Assignment,
  focus: EncodedStatement | undefined,
): Literal | undefined {
  if (statementTruth(statement, assumed) === 0) return openLiteral(statement, assumed);
  if (sideTruth(reference, assumed) === 0) {
    const found =
      anyTruth(reference.allows, assumed) === 1
        ? firstOpen(reference.denies, assumed)
        : openAllow(reference.allows, assumed, focus);
    if (found !== undefined) return found;
  }
  return firstOpen(candidate.denies, assumed);
}

/** Beyond this, counting what each literal decides costs more than it saves. */
const MANY_STATEMENTS = 400;

function openAllow(
  allows: readonly EncodedStatement[],
  assumed: Assignment,
  focus: EncodedStatement | undefined,
): Literal | undefined {
  if (focus !== undefined && statementTruth(focus, assumed) === 0) return openLiteral(focus, assumed);
  const open = allows.filter((statement) => statementTruth(statement, assumed) === 0);
  const first = open[0];
  if (first === undefined) return undefined;
  if (open.length > MANY_STATEMENTS) return openLiteral(first, assumed);
  // The literal that decides most statements; the shortest way to deciding one of them breaks ties.
  const counts = new Map<Literal, number>();
  let best: Literal | undefined;
  let most = 0;
  for (const statement of open) {
    for (const clause of statement.clauses) {
      if (clauseTruth(clause, assumed) !== 0) continue;
      for (const literal of clause) {
        if (truthOf(literal, assumed) !== 0) continue;
        const count = (counts.get(literal) ?? 0) + 1;
        counts.set(literal, count);
        if (count <= most) continue;
        most = count;
        best = literal;
      }
    }
  }
  return best;
}

function firstOpen(statements: readonly EncodedStatement[], assumed: Assignment): Literal | undefined {
  const open = statements.find((statement) => statementTruth(statement, assumed) === 0);
  return open === undefined ? undefined : openLiteral(open, assumed);
}

/** An open literal of the shortest open clause. */
export function openLiteral(statement: EncodedStatement, assumed: Assignment): Literal | undefined {
  let shortest: readonly Literal[] | undefined;
  for (const clause of statement.clauses) {
    if (clauseTruth(clause, assumed) !== 0) continue;
    const open = clause.filter((literal) => truthOf(literal, assumed) === 0);
    if (shortest === undefined || open.length < shortest.length) shortest = open;
    if (shortest.length === 1) break;
  }
  return shortest?.[0];
}
