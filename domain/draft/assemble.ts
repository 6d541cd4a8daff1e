import { applyChange, applyChanges, conflictOf, refusalOf } from '../change/apply.js';
import type { Change } from '../change/change.js';
import { ChangeError } from '../change/error.js';
import { type Account, parseAccount } from '../graph/account.js';
import { comparePaths } from '../graph/compare.js';
import { CATALOGUE_VERSION } from '../iam/catalogue.js';
import type { Json } from '../json.js';
import { blindSpotsOf } from '../proof/blind-spots.js';
import { ENGINE_VERSION } from '../proof/engine.js';
import { digestsOf, type ProofInputs, usageInput } from '../proof/inputs.js';
import {
  type DocumentPair,
  type Prover,
  proveNoNewAccess,
  proveUsage,
  verdictOf,
} from '../proof/obligations.js';
import type { Draft, NoNewAccess, Proof, UsageAccounting } from '../proof/proof.js';
import { confidenceOf } from '../risk/confidence.js';
import { principalKey } from '../usage/principal.js';
import type { Case, Plan } from './model.js';
import { documentPairs, principalPairs, settingObligations } from './obligations.js';
import { riskOf } from './risk.js';
import { proveStoreUsage } from './store-usage.js';
import { workloadNotes, workloadsOf } from './workloads.js';

/** Above so many principals, paths are searched only for changes of identities, from those that change. */
const MAX_PRINCIPALS_FOR_ALL_PATHS = 150;

/** Why AWS would refuse the changes in their order, or why they do not fit what is there; undefined when they do. */
export function cloudRefusal(the: Case, changes: readonly Change[]): string | undefined {
  let account = the.input.account;
  try {
    for (const change of changes) {
      const refusal = refusalOf(account, change);
      if (refusal !== undefined) return refusal;
      if (conflictOf(account, change) !== undefined) {
        return `what the change expects to find at ${change.target.arn ?? change.target.principal ?? 'its target'} is not what is there; draft again from the account as it is`;
      }
      account = applyChange(account, change);
    }
    return undefined;
  } catch (error) {
    if (error instanceof ChangeError) return error.message;
    throw error;
  }
}

/** A plan with its proof and its numbers: the draft, but for the guardrails, which are the caller's. */
export function assemble(the: Case, plan: Plan): Draft {
  const after = parseAccount(applyChanges(the.input.account, plan.changes));
  const proof = prove(the, plan, after);
  const { ownerOptions } = the.input;
  const risk = riskOf(the, after);
  return {
    draftedBy: ownerOptions?.by ?? 'engine',
    changes: plan.changes,
    proof,
    justification: [...plan.justification, ...nextSteps(the, plan)],
    removed: plan.removed,
    kept: plan.kept,
    usedHighRisk: plan.usedHighRisk,
    confidence: confidenceOf({
      proof,
      window: the.window,
      logging: the.logging,
      keptUnseen: plan.kept.filter((each) => each.reasonCode.endsWith('not-logged')).length,
      seasonal: plan.kept.filter((each) => each.reasonCode === 'used-seasonal').length,
    }),
    riskBefore: risk.before,
    riskAfter: risk.after,
    ...(ownerOptions?.keepActions === undefined
      ? {}
      : {
          edit: {
            by: ownerOptions.by ?? 'owner',
            keepActions: ownerOptions.keepActions,
            reason: ownerOptions.keepReason ?? '',
            previousDigest: ownerOptions.previousDigest ?? '',
          },
        }),
  };
}

function nextSteps(the: Case, plan: Plan): Draft['justification'] {
  return (plan.nextSteps ?? []).map((why) => ({
    policy: the.input.finding.subject.name,
    statement: 'next step',
    action: '*',
    why,
  }));
}

/** Proves all obligations from the accounts before and after; nothing of it rests on what the plan says. */
export function prove(the: Case, plan: Plan, after: Account): Proof {
  const { now, digest, keepCertificate } = the.input;
  const prover: Prover = { now, digest, ...(keepCertificate === undefined ? {} : { keepCertificate }) };
  const pairs = principalPairs(the.account, after);
  const noNewAccess: NoNewAccess[] = [
    ...proveNoNewAccess([...pairs, ...documentPairs(plan.changes, the.account)], prover),
    ...settingObligations(plan.changes),
  ];
  const usage = usageOf(the, plan, pairs, prover);
  const blindSpots = [
    ...the.blindSpots,
    ...(usage === null
      ? []
      : blindSpotsOf({ log: the.usage, logging: the.logging, window: the.window, kept: plan.kept, usage })),
    ...plan.blindSpots,
  ];
  const subject = the.input.finding.subject;
  return {
    verdict: noNewAccess.length === 0 ? 'unproven' : verdictOf(noNewAccess, usage, blindSpots),
    noNewAccess,
    usage,
    guardrails: null,
    paths: comparedPaths(
      the.account,
      after,
      pairs.map((pair) => pair.of),
    ),
    workloads:
      subject.type === 'identity'
        ? workloadNotes(workloadsOf(the.account, subject.id, the.input.finding.resources))
        : readersNotes(the.account, subject.id),
    blindSpots: [...new Set(blindSpots)],
    inputs: digestsOf(proofInputs(the, plan.changes), the.input.digest),
    engine: ENGINE_VERSION,
    catalogue: CATALOGUE_VERSION,
  };
}

function readersNotes(account: Account, store: string): Proof['workloads'] {
  const resource = account.resources.get(store);
  return resource === undefined
    ? []
    : [
        {
          arn: store,
          type: resource.type,
          note: 'Its readers and writers that were seen keep their access.',
        },
      ];
}

function usageOf(
  the: Case,
  plan: Plan,
  pairs: readonly DocumentPair[],
  prover: Prover,
): UsageAccounting | null {
  if (pairs.length > 0) {
    const documents = new Map(pairs.map((pair) => [principalKey(pair.of), pair]));
    const scope = {
      window: the.window,
      subject: principalKey(the.input.finding.subject.id),
      affected: new Set(documents.keys()),
    };
    return proveUsage(the.usage, scope, documents, prover);
  }
  const policyChange = plan.changes.find((change) => change.kind === 'resource-policy');
  return policyChange === undefined
    ? null
    : proveStoreUsage(the.usage, policyChange, the.account, the.window);
}

/** Paths closed and opened: from the principals that change, or all of them where a resource does. Null when there are too many. */
export function comparedPaths(before: Account, after: Account, changed: readonly string[]): Proof['paths'] {
  if (changed.length > 0) return comparePaths(before, after, { from: changed });
  if (before.principals.size > MAX_PRINCIPALS_FOR_ALL_PATHS) return null;
  return comparePaths(before, after);
}

/** What the proof of changes is computed from: with these, `verifyDraftProof` computes it again. */
export function proofInputs(the: Case, changes: readonly Change[]): ProofInputs {
  return {
    finding: the.input.finding as unknown as Json,
    account: the.input.account as unknown as Json,
    usage: usageInput(the.usage),
    window: { ...the.window, logging: the.logging as unknown as Json },
    changes: changes as unknown as Json,
  };
}
