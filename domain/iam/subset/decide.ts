import type { Witness } from '../../proof/proof.js';
import type { PolicyDocument, PolicyType } from '../document.js';
import { ActionIndex } from './action-index.js';
import { type Literal, negate, positive, type Reading } from './atoms.js';
import type { Budget } from './budget.js';
import { type Certificate, writeCertificate } from './certificate.js';
import { confirms } from './confirm.js';
import { contradictionByFacts, FACTS } from './facts.js';
import { byField } from './models.js';
import { contradictionByPins } from './pinned.js';
import { type Known, makeQuestion, type Question } from './question.js';
import { type CaseAnswer, type ProofTree, proveObligation } from './search.js';
import { baseOf, concreteCases, type WitnessSetting } from './witness.js';

/** One question to be decided, with its budget. */
export interface Task {
  reference: readonly PolicyDocument[];
  candidate: readonly PolicyDocument[];
  policyType: PolicyType;
  resourceAccount?: string;
  arns: 'typed' | 'string';
  known: readonly Known[];
  budget: Budget;
}

/** How a question was decided: proved, refuted by a request, or not within the budget. */
export type Decided =
  | { kind: 'proved'; assumptions: readonly string[]; certificate?: Certificate }
  | { kind: 'refuted'; witness: Witness; assumptions: readonly string[] }
  | { kind: 'open-reading'; readings: readonly Reading[] }
  | { kind: 'certificate-limit' }
  | { kind: 'not-confirmed' };

/**
 * First one proof over all readings at once (each reading is a free atom). If that stays open, each way of reading
 * by itself: all proved, all refuted, or the answer depends on a reading.
 */
export function decide(task: Task): Decided {
  const question = makeQuestion(task);
  const readings = readingsOf(question);
  const first = attempt(task, question, [], readings.length === 0);
  if (first.kind !== 'open') return first;
  if (readings.length === 0) return { kind: 'not-confirmed' };
  return decideByReading(task, question, readings);
}

type Attempt = Extract<Decided, { kind: 'proved' | 'refuted' | 'certificate-limit' }> | { kind: 'open' };

/** How the evaluator reads what the documents leave open. */
const EVALUATOR_READS: Readonly<Record<Reading, boolean>> = {
  'star-service': true,
  'account-notprincipal': false,
  'plain-multi': false,
  'empty-set': true,
  'unresolved-negated': false,
};

interface ReadingAtom {
  reading: Reading;
  literal: Literal;
}

function readingsOf({ table }: Question): readonly ReadingAtom[] {
  return table.atoms.flatMap((atom) =>
    atom.kind === 'reading' ? [{ reading: atom.reading, literal: positive(atom) }] : [],
  );
}

function decideByReading(task: Task, question: Question, readings: readonly ReadingAtom[]): Decided {
  const asEvaluator = readings.map(({ reading, literal }) =>
    EVALUATOR_READS[reading] ? literal : negate(literal),
  );
  const primary = attempt(task, question, asEvaluator, true);
  if (primary.kind === 'open') return { kind: 'not-confirmed' };
  const differing = new Set<Reading>();
  for (let mask = 1; mask < 1 << readings.length; mask += 1) {
    const flipped = readings.filter((_, i) => (mask & (1 << i)) !== 0);
    const given = asEvaluator.map((literal, i) => ((mask & (1 << i)) === 0 ? literal : negate(literal)));
    const other = attempt(task, question, given, false);
    const agrees = (other.kind === 'proved') === (primary.kind === 'proved');
    if (!agrees && ![...differing].some((known) => flipped.some(({ reading }) => reading === known))) {
      for (const { reading } of flipped) differing.add(reading);
    }
  }
  return differing.size === 0 ? primary : { kind: 'open-reading', readings: [...differing] };
}

/** Proves every obligation under what is given, or looks for a request that refutes one. */
function attempt(task: Task, question: Question, given: readonly Literal[], wantsWitness: boolean): Attempt {
  const assumptions = new Set<string>();
  const proofs: { statement: string; tree: ProofTree }[] = [];
  let witness: Witness | undefined;
  const openCase = (assumed: readonly Literal[]): CaseAnswer => {
    const fields = byField(assumed, question.table);
    const pinned = contradictionByPins(fields, question.table, question.variableNames, question.theory);
    if (pinned !== undefined) return { kind: 'contradiction', ...pinned };
    const known = contradictionByFacts(fields, question.table, question.theory, baseOf(task.policyType));
    if (known !== undefined) {
      for (const fact of known.facts) assumptions.add(FACTS[fact]);
      return { kind: 'contradiction', ...known };
    }
    if (!wantsWitness) return { kind: 'refuted' };
    witness = confirmedWitness(assumed, question, task);
    return witness === undefined ? { kind: 'unsettled' } : { kind: 'refuted' };
  };
  let open = false;
  const { candidate, reference, table, theory } = question;
  const byAction = new ActionIndex(reference.allows, table);
  for (const statement of candidate.allows) {
    const tree = proveObligation(
      { statement, candidate, reference: { ...reference, allows: byAction.meeting(statement) } },
      { table, theory, budget: task.budget, given: [...question.given, ...given], openCase },
    );
    if (witness !== undefined) return { kind: 'refuted', witness, assumptions: [...assumptions] };
    if (tree !== undefined) proofs.push({ statement: statement.place, tree });
    else if (wantsWitness) open = true;
    else return { kind: 'open' };
  }
  if (open) return { kind: 'open' };
  if (given.length > 0) return { kind: 'proved', assumptions: [...assumptions] };
  const certificate = writeCertificate(task, proofs, question.table);
  return certificate === undefined
    ? { kind: 'certificate-limit' }
    : { kind: 'proved', assumptions: [...assumptions], certificate };
}

/** A request for the case that the evaluator says the candidate allows and the reference does not. */
function confirmedWitness(assumed: readonly Literal[], question: Question, task: Task): Witness | undefined {
  const setting: WitnessSetting = {
    table: question.table,
    theory: question.theory,
    variableNames: question.variableNames,
    policyType: task.policyType,
    resourceAccount: task.resourceAccount,
  };
  for (const { request, witness } of concreteCases(assumed, setting)) {
    if (confirms(request, task)) return witness;
  }
  return undefined;
}
