import type { Witness } from '../../proof/proof.js';
import type { PolicyDocument, PolicyType } from '../document.js';
import { BudgetExceeded, startBudget } from './budget.js';
import type { Certificate } from './certificate.js';
import { type Decided, decide } from './decide.js';
import { knownOfRequest, type PartialRequest } from './known.js';
import { literalPattern } from './pattern-language.js';
import { type Known, NotModelled } from './question.js';

/** A subset question: is every request that `candidate` allows (some Allow and no Deny) allowed by `reference`? */
export interface SubsetQuestion {
  reference: readonly PolicyDocument[];
  candidate: readonly PolicyDocument[];
  policyType: PolicyType;
  /** The account that owns the resources, where it is known. */
  resourceAccount?: string;
  options?: SubsetOptions;
  /** A clock in milliseconds; only differences matter. */
  now: () => number;
}
/** The readings and budgets of one subset question. */
export interface SubsetOptions {
  /** `typed` (default): the six fields of an ARN match apart. `string`: a resource is plain text. */
  arns?: 'typed' | 'string';
  /** Time allowance in milliseconds; 1,700 unless given. */
  budgetMs?: number;
  /** Allowance of split nodes; 200,000 unless given. */
  nodes?: number;
}

/**
 * PASS is proved under every open reading; FAIL has a witness that the evaluator confirmed; all else is UNKNOWN, its
 * reason code one of `budget-time`, `budget-nodes`, `open-reading`, `not-confirmed`,
 * `certificate-limit`, `variable-of-set`.
 */
export interface SubsetAnswer {
  verdict: 'PASS' | 'FAIL' | 'UNKNOWN';
  witness?: Witness;
  reasonCode: string;
  reason: string;
  /** Facts about AWS, beyond the policies' own text, that the proof rests on. */
  assumptions: string[];
  /** With PASS: the proof as data, for `curtail proof verify`. */
  certificate?: Certificate;
}

const DEFAULT_BUDGET_MS = 1_700;
const DEFAULT_NODES = 200_000;

/** Decides a subset question symbolically. */
export function checkSubset(question: SubsetQuestion): SubsetAnswer {
  const { resourceAccount } = question;
  return answer(question, resourceAccount === undefined ? [] : [accountKnown(resourceAccount)]);
}

function accountKnown(account: string): Known {
  return { kind: 'value', field: 'aws:resourceaccount', patterns: [literalPattern(account)] };
}

/** The usage question: is every completion of an observed request that `before` allows allowed by `after`? */
export interface UsageQuestion {
  request: PartialRequest;
  before: readonly PolicyDocument[];
  after: readonly PolicyDocument[];
  policyType: PolicyType;
  now: () => number;
  options?: SubsetOptions;
}

/** The same decision with the sides exchanged and the observed parts of the request fixed. */
export function checkUsagePreserved(question: UsageQuestion): SubsetAnswer {
  const { request, before, after, policyType, now, options } = question;
  const known = knownOfRequest(request, [...before, ...after]);
  return answer({ reference: after, candidate: before, policyType, now, ...(options && { options }) }, known);
}

function answer(question: SubsetQuestion, known: readonly Known[]): SubsetAnswer {
  const { options = {}, now } = question;
  const budget = startBudget(options.budgetMs ?? DEFAULT_BUDGET_MS, options.nodes ?? DEFAULT_NODES, now);
  try {
    return said(decide({ ...question, arns: options.arns ?? 'typed', known, budget }));
  } catch (error) {
    if (error instanceof BudgetExceeded)
      return unknown(error.code, `${error.message}; raise it or split the policies`);
    if (error instanceof NotModelled) return unknown(error.code, error.message);
    throw error;
  }
}

function unknown(reasonCode: string, reason: string): SubsetAnswer {
  return { verdict: 'UNKNOWN', reasonCode, reason, assumptions: [] };
}

function said(decided: Decided): SubsetAnswer {
  switch (decided.kind) {
    case 'proved':
      return {
        verdict: 'PASS',
        reasonCode: 'subset',
        reason: 'everything that the candidate allows, the reference allows',
        assumptions: [...decided.assumptions],
        ...(decided.certificate !== undefined && { certificate: decided.certificate }),
      };
    case 'refuted': {
      const { witness } = decided;
      const guess = witness.hypothetical ? ' (no catalogue knows this action)' : '';
      const reason = `the candidate allows ${witness.action} on ${witness.resource}${guess}, the reference does not`;
      return {
        verdict: 'FAIL',
        witness,
        reasonCode: 'witness',
        reason,
        assumptions: [...decided.assumptions],
      };
    }
    case 'open-reading': {
      const names = decided.readings.join(', ');
      return unknown(
        'open-reading',
        `the answer depends on what AWS's documents leave open: ${names} (docs/proof.md)`,
      );
    }
    case 'certificate-limit':
      return unknown(
        'certificate-limit',
        'the proof is longer than a certificate may be; split the policies',
      );
    case 'not-confirmed':
      return unknown('not-confirmed', 'neither a proof nor a request that the evaluator confirms was found');
  }
}
