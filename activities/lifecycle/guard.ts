import type { Change } from '../../domain/change/change.js';
import type { Finding } from '../../domain/finding/finding.js';
import type { BusinessContext } from '../../domain/lifecycle/context.js';
import type { Phase, Route } from '../../domain/lifecycle/stage.js';
import type { Draft } from '../../domain/proof/proof.js';
import type { GuardrailInput } from '../guardrail/port.js';
import { isHighPrivilege } from './authorise.js';

/** What the organisation's policies are asked about a draft: features, never free text of outsiders. */
export function guardrailInput(on: {
  finding: Finding;
  context: BusinessContext;
  draft: Draft;
  phase: Phase;
  route: Route;
  nowMs: number;
}): GuardrailInput {
  const { finding, context, draft } = on;
  return {
    environment: context.environment,
    ...(context.account !== undefined && { account: context.account }),
    phase: on.phase,
    route: on.route,
    finding: { kind: finding.kind, severity: finding.severity, source: finding.source },
    identity: {
      arn: finding.subject.id,
      name: finding.subject.name,
      tags: { ...context.tags },
      neverTouch: context.neverTouch,
      highPrivilege: isHighPrivilege({ draft, context }),
    },
    changes: draft.changes.map((change) => features(change, draft)),
    proof: {
      verdict: draft.proof.verdict,
      newlyDenied: draft.proof.usage?.newlyDenied.length ?? 0,
      notes: draft.proof.blindSpots,
    },
    risk: draft.riskBefore.value,
    confidence: draft.confidence.value,
    freeze: context.freeze,
    nowIso: new Date(on.nowMs).toISOString(),
  };
}

function features(change: Change, draft: Draft): GuardrailInput['changes'][number] {
  const { principal, arn, name } = change.target;
  const policyKinds = [
    'inline-policy',
    'managed-policy',
    'policy-attachment',
    'trust-policy',
    'resource-policy',
  ];
  return {
    kind: change.kind,
    target: { principal, arn, name },
    removes: policyKinds.includes(change.kind) ? draft.removed.map((removed) => removed.action) : [],
    deletes: change.after === null,
  };
}
