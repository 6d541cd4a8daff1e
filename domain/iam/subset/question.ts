import type { PolicyDocument, PolicyType } from '../document.js';
import { AtomTable as Atoms, type AtomTable, type Literal, negate, positive } from './atoms.js';
import type { Budget } from './budget.js';
import { VariableTable } from './compile-text.js';
import { type EncodedSide, type Encoding, encodeSide } from './encode.js';
import { type Arity, arityIn } from './encode-test.js';
import { literalPattern, type TextPattern } from './pattern-language.js';
import { unionOf } from './text-union.js';
import { Theory } from './theory.js';
import { type Typing, typingOf } from './typing.js';

/** A subset question made ready: both sides as clauses over one table of atoms. */
export interface Question {
  readonly table: AtomTable;
  readonly candidate: EncodedSide;
  readonly reference: EncodedSide;
  readonly theory: Theory;
  readonly typing: Typing;
  readonly arity: Arity;
  readonly variableNames: readonly string[];
  /** Literals that hold in every request that is asked about. */
  readonly given: readonly Literal[];
}

/** The two sides of a subset question as parsed documents. */
export interface QuestionInput {
  reference: readonly PolicyDocument[];
  candidate: readonly PolicyDocument[];
  policyType: PolicyType;
  arns: 'typed' | 'string';
  /** What is known of each request: for each field, the patterns of which one matches it. */
  known: readonly Known[];
  budget: Budget;
}

/** One thing that is known of every request asked about. */
export type Known =
  | { kind: 'value'; field: string; patterns: readonly TextPattern[] }
  | { kind: 'values'; field: string; values: readonly string[] };

/** The policy uses something whose meaning the engine does not model. */
export class NotModelled extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'NotModelled';
    this.code = code;
  }
}

/**
 * Encodes both sides.
 * @throws NotModelled
 */
export function makeQuestion(input: QuestionInput): Question {
  const documents = [...input.reference, ...input.candidate];
  const table = new Atoms();
  const variables = new VariableTable();
  const arity = arityIn(documents);
  const typing = typingOf(documents);
  const encoding: Encoding = { table, variables, policyType: input.policyType, arns: input.arns, arity };
  const candidate = encodeSide('c', input.candidate, encoding);
  const reference = encodeSide('r', input.reference, encoding);
  const given = input.known.flatMap((known, i) => encodeKnown(known, `known.${i}`, encoding));
  for (const name of variables.names) {
    const key = name.split(',')[0] ?? '';
    if (arity(key) === 'multi') {
      throw new NotModelled(
        'variable-of-set',
        `the policy variable \${${key}} stands for a multi-valued key`,
      );
    }
  }
  const theory = new Theory(table, arity, typing, input.budget);
  return { table, candidate, reference, theory, typing, arity, variableNames: variables.names, given };
}

function encodeKnown(known: Known, place: string, { table, arity }: Encoding): readonly Literal[] {
  const patterns = known.kind === 'value' ? known.patterns : known.values.map(literalPattern);
  const language = { theory: 'text', union: unionOf(patterns) } as const;
  const { field } = known;
  const isSet = field.includes(':') && arity(field) === 'multi';
  if (!isSet) return [positive(table.intern({ kind: 'in', field, language }, place))];
  const each = patterns.map((pattern, i) => {
    const one = { theory: 'text', union: unionOf([pattern]) } as const;
    return positive(table.intern({ kind: 'some', field, language: one, outside: false }, `${place}.${i}`));
  });
  const outside = table.intern({ kind: 'some', field, language, outside: true }, `${place}.outside`);
  return [...each, negate(positive(outside))];
}
