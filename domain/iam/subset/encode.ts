import type { PolicyDocument, PolicyType, Statement } from '../document.js';
import { type Atom, type AtomTable, type Literal, negate, positive } from './atoms.js';
import { compileAction, compileResource, type VariableTable } from './compile-text.js';
import { encodePrincipal } from './encode-principal.js';
import { type Arity, encodeTest, presenceOfVariables } from './encode-test.js';
import { unionOf } from './text-union.js';

/** A clause holds when one of its literals does. */
export type Clause = readonly Literal[];

/** A statement as a conjunction of clauses over atoms. */
export interface EncodedStatement {
  readonly allow: boolean;
  readonly clauses: readonly Clause[];
  /** `c0.1` is statement 1 of the candidate's document 0. */
  readonly place: string;
}
/** One side of the question over the shared atoms. */
export interface EncodedSide {
  readonly allows: readonly EncodedStatement[];
  readonly denies: readonly EncodedStatement[];
}

/** What encoding a document needs to know about the question as a whole. */
export interface Encoding {
  readonly table: AtomTable;
  readonly variables: VariableTable;
  readonly policyType: PolicyType;
  readonly arns: 'typed' | 'string';
  readonly arity: Arity;
}

/** Turns one side's documents into clauses; `side` is `c` for the candidate, `r` for the reference. */
export function encodeSide(
  side: 'c' | 'r',
  documents: readonly PolicyDocument[],
  encoding: Encoding,
): EncodedSide {
  const statements = documents.flatMap((document, d) =>
    document.statements.map((statement, s) =>
      encodeStatement(statement, document, `${side}${d}.${s}`, encoding),
    ),
  );
  return {
    allows: statements.filter(({ allow }) => allow),
    denies: statements.filter(({ allow }) => !allow),
  };
}

/** Policy types whose statements match nobody unless they name a principal. */
export const NEEDS_PRINCIPAL: ReadonlySet<PolicyType> = new Set(['resource', 'trust', 'endpoint', 'rcp']);

function encodeStatement(
  statement: Statement,
  document: PolicyDocument,
  place: string,
  encoding: Encoding,
): EncodedStatement {
  const variables = document.version === '2012-10-17' ? encoding.variables : undefined;
  const clauses: Clause[] = [[encodeAction(statement, place, encoding)]];
  if (statement.principal !== undefined) {
    clauses.push(...encodePrincipal(statement.principal, `${place}.principal`, encoding));
  } else if (NEEDS_PRINCIPAL.has(encoding.policyType)) clauses.push([]);
  clauses.push(...encodeResource(statement, place, encoding, variables));
  for (const [i, test] of statement.conditions.entries()) {
    clauses.push(...encodeTest(test, `${place}.c${i}`, encoding, variables));
  }
  return { allow: statement.effect === 'Allow', clauses, place };
}

function encodeAction({ action }: Statement, place: string, { table }: Encoding): Literal {
  const union = unionOf(action.patterns.map(compileAction));
  const atom = table.intern(
    { kind: 'in', field: 'action', language: { theory: 'text', union } },
    `${place}.action`,
  );
  return signed(atom, action.negated);
}

function encodeResource(
  { resource }: Statement,
  place: string,
  encoding: Encoding,
  variables: VariableTable | undefined,
): readonly Clause[] {
  if (resource === undefined) return [];
  const patterns = resource.patterns.map((pattern) => compileResource(pattern, encoding.arns, { variables }));
  const language = { theory: 'text', union: unionOf(patterns) } as const;
  const atom = encoding.table.intern({ kind: 'in', field: 'resource', language }, `${place}.resource`);
  const presence = presenceOfVariables(resource.patterns, `${place}.resource`, encoding, variables);
  return [[signed(atom, resource.negated)], ...presence.map((literal) => [literal])];
}

function signed(atom: Atom, negated: boolean): Literal {
  return negated ? negate(positive(atom)) : positive(atom);
}
