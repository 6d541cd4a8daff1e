import { type AtomTable, atomOf, type Field, isNegative, type Literal, negate } from './atoms.js';
import { type Budget, BudgetExceeded } from './budget.js';
import { coveringStatement, openLiteral, splitLiteral } from './choose.js';
import type { EncodedSide, EncodedStatement } from './encode.js';
import { type Assignment, anyTruth, sideTruth, statementTruth } from './evaluate.js';
import type { Theory } from './theory.js';

/** A case split on atoms whose leaves say why the candidate allows nothing there that the reference does not. */
export type ProofTree =
  | { kind: 'split'; atom: number; yes: ProofTree; no: ProofTree }
  /** The statement in question does not match, or a Deny of the candidate does. */
  | { kind: 'not-allowed' }
  /** The reference allows. */
  | { kind: 'covered' }
  /** The literals cannot hold together, under the named facts. */
  | { kind: 'contradiction'; literals: readonly Literal[]; facts: readonly string[] };

/** What is to be shown: everything that one Allow of the candidate allows, the reference allows. */
export interface Obligation {
  statement: EncodedStatement;
  candidate: EncodedSide;
  reference: EncodedSide;
}

/** A case in which the candidate allows and the reference does not, as far as the theory of each field can tell. */
export type OpenCase = (assumed: readonly Literal[]) => CaseAnswer;
export type CaseAnswer =
  | { kind: 'contradiction'; literals: readonly Literal[]; facts: readonly string[] }
  /** Neither refuted nor confirmed: the obligation is not proved, but the search may go on. */
  | { kind: 'unsettled' }
  /** A request was found, so that nothing more needs to be shown. */
  | { kind: 'refuted' };

/** Thrown to leave the search when a request was found or nothing can be proved any more. */
class Stop extends Error {}

/** What a case split works on, and its budget. */
export interface SearchSetting {
  table: AtomTable;
  theory: Theory;
  budget: Budget;
  /** Assumed throughout, for example how the open questions are read. */
  given: readonly Literal[];
  openCase: OpenCase;
}

/** Larger sets of patterns are only compared pair by pair while splitting, and together at the end of a branch. */
const EAGER_PATTERNS = 60;
const EAGER_PATTERNS_AT_TIMES = 1_000;
/** With more literals of one field, a new one is not compared with each that is negated. */
const MANY_LITERALS = 256;
/** Deepest split; a proof that needs more is not found. */
const MAX_DEPTH = 1_500;
/** From here on, a request is looked for before a proof. */
const MANY_STATEMENTS = 200;

/**
 * Proves one obligation by splitting on what decides most, closing branches by the theory of each field.
 * Undefined when a branch stays open.
 */
export function proveObligation(obligation: Obligation, setting: SearchSetting): ProofTree | undefined {
  const prover = new Prover(obligation, setting);
  return prover.run();
}

class Prover {
  readonly #goal: Obligation;
  readonly #setting: SearchSetting;
  readonly #assumed: Assignment;
  readonly #byField = new Map<Field, Literal[]>();
  #focus: EncodedStatement | undefined;
  #focusKnown = false;
  #unsettled = false;
  #depth = 0;

  constructor(goal: Obligation, setting: SearchSetting) {
    this.#goal = goal;
    this.#setting = setting;
    this.#assumed = new Int8Array(setting.table.atoms.length);
    for (const literal of setting.given) this.#assume(literal);
  }

  run(): ProofTree | undefined {
    try {
      const tree = this.#prove();
      return this.#unsettled ? undefined : tree;
    } catch (stop) {
      if (stop instanceof Stop) return undefined;
      throw stop;
    }
  }

  #prove(): ProofTree {
    this.#setting.budget.node();
    const { statement, candidate, reference } = this.#goal;
    const matches = statementTruth(statement, this.#assumed);
    if (matches === -1 || anyTruth(candidate.denies, this.#assumed) === 1) return { kind: 'not-allowed' };
    if (sideTruth(reference, this.#assumed) === 1) return { kind: 'covered' };
    if (matches === 1 && !this.#focusKnown) {
      this.#focusKnown = true;
      const focus = coveringStatement(reference.allows, this.#assumed, (literal) => this.#isImplied(literal));
      if (focus === undefined && reference.allows.length > MANY_STATEMENTS) this.#dive();
      const tree = this.#proveWithFocus(focus);
      this.#focusKnown = false;
      return tree;
    }
    const literal = splitLiteral(this.#goal, this.#assumed, this.#focus);
    return literal === undefined ? this.#close() : this.#split(literal);
  }

  /**
   * Looks for a request straight away, each statement of the reference refused in turn, before a proof is begun that
   * would be as deep as there are statements. Nothing is proved here.
   */
  #dive(): void {
    const { reference } = this.#goal;
    const unsettled = this.#unsettled;
    const added: Literal[] = [];
    const refuse = (statement: EncodedStatement): boolean => {
      while (statementTruth(statement, this.#assumed) === 0) {
        const literal = openLiteral(statement, this.#assumed);
        const next =
          literal === undefined
            ? undefined
            : [negate(literal), literal].find((each) => this.#conflict(each, true) === undefined);
        if (next === undefined) return false;
        this.#assume(next);
        added.push(next);
      }
      return statementTruth(statement, this.#assumed) === -1;
    };
    const isOpen = [...reference.allows, ...this.#goal.candidate.denies].every(refuse);
    if (isOpen) this.#close();
    for (const literal of added.reverse()) this.#retract(literal);
    this.#unsettled = unsettled;
  }

  #proveWithFocus(focus: EncodedStatement | undefined): ProofTree {
    this.#focus = focus;
    const tree = this.#prove();
    this.#focus = undefined;
    return tree;
  }

  /** The literal's negation first: that is the way to a request which the reference does not allow. */
  #split(literal: Literal): ProofTree {
    const against = this.#branch(negate(literal));
    const along = this.#branch(literal);
    const negated = isNegative(literal);
    return {
      kind: 'split',
      atom: atomOf(literal),
      yes: negated ? against : along,
      no: negated ? along : against,
    };
  }

  #branch(literal: Literal): ProofTree {
    const conflict = this.#conflict(literal);
    if (conflict !== undefined) return { kind: 'contradiction', literals: conflict, facts: [] };
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new BudgetExceeded('budget-nodes');
    this.#assume(literal);
    const tree = this.#prove();
    this.#retract(literal);
    this.#depth -= 1;
    return tree;
  }

  #assume(literal: Literal): void {
    this.#assumed[atomOf(literal)] = isNegative(literal) ? -1 : 1;
    const field = this.#fieldOf(literal);
    if (field === undefined) return;
    const list = this.#byField.get(field);
    if (list === undefined) this.#byField.set(field, [literal]);
    else list.push(literal);
  }

  #retract(literal: Literal): void {
    this.#assumed[atomOf(literal)] = 0;
    const field = this.#fieldOf(literal);
    if (field !== undefined) this.#byField.get(field)?.pop();
  }

  #fieldOf(literal: Literal): Field | undefined {
    const atom = this.#setting.table.atoms[atomOf(literal)];
    return atom === undefined || atom.kind === 'reading' ? undefined : atom.field;
  }

  #isImplied(literal: Literal): boolean {
    return this.#conflict(negate(literal), true) !== undefined;
  }

  /** Literals of the same field that contradict this one: alone, one other, or (when that is cheap) all. */
  #conflict(literal: Literal, pairsOnly = false): readonly Literal[] | undefined {
    const field = this.#fieldOf(literal);
    if (field === undefined) return undefined;
    const { theory } = this.#setting;
    const isAlone =
      !theory.isPlainlyOpen(field, [literal]) && theory.decide(field, [literal]).kind === 'none';
    if (isAlone) return [literal];
    const others = this.#byField.get(field) ?? [];
    for (const other of others) {
      // Two things that a value is not hardly ever leave nothing; the look at all of them finds the cases that do.
      if (isNegative(other) && isNegative(literal)) continue;
      if (isNegative(other) && others.length > MANY_LITERALS) continue;
      if (theory.isPlainlyOpen(field, [other, literal])) continue;
      if (theory.decide(field, [other, literal]).kind === 'none') return [other, literal];
    }
    if (pairsOnly || others.length < 2) return undefined;
    const all = [...others, literal];
    // Long chains are only looked at as a whole whenever they have doubled.
    const isTime = (all.length & (all.length - 1)) === 0;
    const most = isTime ? EAGER_PATTERNS_AT_TIMES : EAGER_PATTERNS;
    if (all.reduce((sum, each) => sum + this.#size(each), 0) > most) return undefined;
    return theory.decide(field, all).kind === 'none' ? all : undefined;
  }

  #size(literal: Literal): number {
    const atom = this.#setting.table.atoms[atomOf(literal)];
    if (atom?.kind !== 'in' && atom?.kind !== 'some') return 1;
    const { language } = atom;
    return language.theory === 'text' ? language.union.patterns.length : language.union.ranges.length;
  }

  /** Everything is decided: the theory of each field as a whole, then known facts, then a concrete request. */
  #close(): ProofTree {
    const { theory, openCase } = this.#setting;
    for (const [field, literals] of this.#byField) {
      if (theory.decide(field, literals).kind === 'none') {
        return { kind: 'contradiction', literals: [...literals], facts: [] };
      }
    }
    const answer = openCase([...this.#literals()]);
    if (answer.kind === 'contradiction') return answer;
    if (answer.kind === 'refuted') throw new Stop();
    this.#unsettled = true;
    return { kind: 'not-allowed' };
  }

  *#literals(): Generator<Literal> {
    for (const [index, value] of this.#assumed.entries()) {
      if (value !== 0) yield value === 1 ? index * 2 : index * 2 + 1;
    }
  }
}
