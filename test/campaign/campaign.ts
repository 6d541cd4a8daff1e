import { requestContext } from '../../domain/iam/context.js';
import {
  type PolicyDocument,
  PolicyError,
  type PolicyType,
  type Request,
} from '../../domain/iam/document.js';
import { decideDocuments } from '../../domain/iam/evaluate.js';
import { parsePolicy } from '../../domain/iam/parse.js';
import { checkSubset, type SubsetAnswer } from '../../domain/iam/subset/check.js';
import { checkCertificate } from '../../domain/verify/certificate.js';
import { neighbour } from './mutations.js';
import { randomPolicy, type WrittenPolicy, type WrittenStatement } from './policies.js';
import { Chance } from './random.js';
import { Neighbourhood } from './requests.js';

/** Every type of policy that a check takes. */
export const POLICY_TYPES: readonly PolicyType[] = [
  ...(['identity', 'resource', 'trust', 'boundary', 'scp', 'rcp', 'endpoint', 'session'] as const),
];

/** A contradiction between two parts of the engine, with all that is needed to have it again. */
export interface Contradiction {
  what: string;
  policyType: PolicyType;
  candidate: WrittenPolicy;
  reference: WrittenPolicy;
  request?: Request;
  detail?: unknown;
}

/** What a campaign tried and found. */
export interface Outcome {
  seed: number;
  pairs: number;
  verdicts: Record<string, number>;
  /** Reason codes of UNKNOWN. */
  unknown: Record<string, number>;
  /** Requests on which both sides of a PASS were asked. */
  requests: number;
  contradictions: Contradiction[];
}

/** How long a campaign is, and from which seed. */
export interface CampaignOptions {
  seed: number;
  /** How many requests are tried against PASS verdicts. */
  requests: number;
  requestsPerPair?: number;
  /** Ends at the first so many contradictions. */
  most?: number;
}

/**
 * Random pairs of policies of every type, near each other. No request near their constants may contradict a PASS; a
 * FAIL's witness must be one; the verifier must accept every certificate.
 */
export function campaign({ seed, requests, requestsPerPair = 40, most = 5 }: CampaignOptions): Outcome {
  const chance = new Chance(seed);
  const outcome: Outcome = { seed, pairs: 0, verdicts: {}, unknown: {}, requests: 0, contradictions: [] };
  while (outcome.requests < requests && outcome.contradictions.length < most) {
    const policyType = chance.pick(POLICY_TYPES);
    const [one, other] = pairOf(chance, policyType);
    outcome.pairs += 1;
    const answer = checkPair(one, other, policyType);
    count(outcome.verdicts, answer.verdict);
    if (answer.verdict === 'UNKNOWN') count(outcome.unknown, answer.reasonCode);
    const pair: Pair = { policyType, candidate: one, reference: other };
    outcome.contradictions.push(
      ...judge(pair, answer),
      ...(answer.verdict === 'PASS' ? tryRequests(pair, chance, requestsPerPair) : []),
    );
    if (answer.verdict === 'PASS') outcome.requests += requestsPerPair;
  }
  return outcome;
}

type Pair = Pick<Contradiction, 'policyType' | 'candidate' | 'reference'>;

/** Candidate and reference: a policy and its neighbour, either way round, or now and then two strangers. */
export function pairOf(chance: Chance, policyType: PolicyType): readonly [WrittenPolicy, WrittenPolicy] {
  for (;;) {
    const one = randomPolicy(chance, policyType);
    const other = chance.once(6) ? randomPolicy(chance, policyType) : neighbour(one, chance, policyType);
    if (isPolicy(one, policyType) && isPolicy(other, policyType))
      return chance.once(2) ? [one, other] : [other, one];
  }
}

/** Not every type takes every part: a resource policy refuses an ARN that is not whole. */
function isPolicy(written: WrittenPolicy, policyType: PolicyType): boolean {
  try {
    parsePolicy(written, policyType);
    return true;
  } catch (error) {
    if (error instanceof PolicyError) return false;
    throw error;
  }
}

/** The clock stands still, so that no answer depends on the machine. */
export function checkPair(
  candidate: WrittenPolicy,
  reference: WrittenPolicy,
  policyType: PolicyType,
): SubsetAnswer {
  return checkSubset({
    candidate: [parsePolicy(candidate, policyType)],
    reference: [parsePolicy(reference, policyType)],
    policyType,
    options: { nodes: 5_000 },
    now: () => 0,
  });
}

function judge(pair: Pair, answer: SubsetAnswer): Contradiction[] {
  const { policyType, candidate, reference } = pair;
  if (answer.verdict === 'PASS') {
    try {
      checkCertificate(answer.certificate, { candidate, reference, policyType });
      return [];
    } catch (error) {
      return [{ ...pair, what: 'the verifier refuses a certificate', detail: String(error) }];
    }
  }
  if (answer.verdict !== 'FAIL') return [];
  const { witness } = answer;
  if (witness === undefined) return [{ ...pair, what: 'a FAIL without a witness' }];
  const isOne =
    isAllowed(witness, parsePolicy(candidate, policyType), policyType) &&
    !isAllowed(witness, parsePolicy(reference, policyType), policyType);
  return isOne ? [] : [{ ...pair, what: 'the witness is none', request: witness }];
}

function tryRequests(pair: Pair, chance: Chance, times: number): Contradiction[] {
  const { policyType } = pair;
  const candidate = parsePolicy(pair.candidate, policyType);
  const reference = parsePolicy(pair.reference, policyType);
  const near = new Neighbourhood([candidate, reference], policyType, chance);
  for (let i = 0; i < times; i += 1) {
    const request = near.request();
    if (!isAllowed(request, candidate, policyType) || isAllowed(request, reference, policyType)) continue;
    return [{ ...pair, what: 'a request contradicts a PASS', request }];
  }
  return [];
}

/** Whether the evaluator says that the document allows the request. */
export function isAllowed(request: Request, document: PolicyDocument, policyType: PolicyType): boolean {
  return decideDocuments(request, [document], policyType).decision === 'Allowed';
}

/**
 * The policy that allows exactly one request, as far as the keys go that other policies ask. The engine must put it
 * within a policy exactly when the evaluator says that the policy allows the request.
 */
export function pointOf(request: Request, near: Neighbourhood): WrittenPolicy {
  const context = requestContext(request);
  const tests = near.keys.map((key): readonly [string, string, string[]][] => {
    const values = context.values(key);
    if (values === undefined) return [['Null', key, ['true']]];
    const plain = values.map((value) => literal(value, /\$/g));
    if (!near.isSet(key)) return [['StringEquals', key, plain]];
    return [
      ['ForAllValues:StringEquals', key, plain],
      ...plain.map((value): [string, string, string[]] => ['ForAnyValue:StringEquals', key, [value]]),
    ];
  });
  const points = tests.flat();
  // A JSON object has each operator and key once, so that one more value of a set is asked in another way.
  const Condition: WrittenStatement['Condition'] = {};
  const more: WrittenStatement[] = [];
  for (const [operator, key, values] of points) {
    if (Condition[operator]?.[key] === undefined)
      Condition[operator] = { ...Condition[operator], [key]: values };
    else more.push(without(operator, key, values));
  }
  const Statement: WrittenStatement[] = [
    {
      Effect: 'Allow',
      Action: [request.action],
      Resource: [request.resource === '*' ? '*' : literal(request.resource, /[*?$]/g)],
      Condition,
    },
    ...more,
  ];
  return { Version: '2012-10-17', Statement };
}

/** A text as a pattern that means only itself. */
function literal(text: string, units: RegExp): string {
  return text.replaceAll(units, (unit) => `\${${unit}}`);
}

/** Denies where the set lacks the value. */
function without(operator: string, key: string, values: string[]): WrittenStatement {
  const none = operator.replace('ForAnyValue:StringEquals', 'ForAllValues:StringNotEquals');
  return { Effect: 'Deny', Action: ['*'], Resource: ['*'], Condition: { [none]: { [key]: values } } };
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
