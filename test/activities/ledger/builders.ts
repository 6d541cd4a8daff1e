import type { AuditEntry, ChangeRow, DraftRow, Ledger, RequestRow } from '../../../activities/ledger/port.js';
import type { Decision } from '../../../domain/approval/request.js';
import type { Finding } from '../../../domain/finding/finding.js';
import type { Draft } from '../../../domain/proof/proof.js';

export type Recorded = Parameters<Ledger['recordFindings']>[0]['records'][number];

/** A finding as a source reports it. */
export function finding(id: string, over: Partial<Finding> = {}): Finding {
  return {
    source: 'generic',
    sourceId: id,
    canonicalKey: `generic|${id}`,
    kind: 'excessive-permissions',
    title: `Role ${id} can do too much`,
    severity: 'high',
    status: 'open',
    cloud: 'aws',
    account: '123456789012',
    subject: { type: 'identity', id: `arn:aws:iam::123456789012:role/${id}`, name: id },
    resources: [],
    evidence: {},
    labels: [],
    tags: {},
    ownerHints: [],
    compliance: [],
    ...over,
  };
}

/** A record of a scan; `print` stands for what matters in it. */
export function record(id: string, print = 'f1', over: Partial<Finding> = {}): Recorded {
  return { key: id, fingerprint: print, finding: finding(id, over), original: { id, print } };
}

export function entry(id: string, over: Partial<AuditEntry> = {}): AuditEntry {
  return {
    id,
    stream: 'finding/k1',
    type: 'test.happened',
    actor: 'curtail',
    atMs: 1_000,
    fields: { n: 1 },
    ...over,
  };
}

export function request(
  id: string,
  over: Partial<RequestRow['request']> = {},
): Parameters<Ledger['openRequest']>[0] {
  return {
    request: {
      id,
      workflowId: 'finding/generic/k1',
      generation: 1,
      subject: 'change',
      digest: 'd1',
      severity: 'high',
      draftedBy: 'engine',
      provedReduction: true,
      highPrivilege: false,
      approverIds: ['ada'],
      fallbackRole: 'security',
      openedAtMs: 1_000,
      expiresAtMs: 9_000,
      ...over,
    },
    title: 'Remove what is unused',
    summary: 'Three actions were never used.',
    findingKeys: ['k1', 'k2'],
    riskScore: 71.5,
    environment: 'production',
  };
}

export function decision(jti: string, over: Partial<Decision> = {}): Decision {
  return {
    verdict: 'approve',
    personId: 'ada',
    requestId: 'r1',
    workflowId: 'finding/generic/k1',
    digest: 'd1',
    jti,
    issuedAtMs: 2_000,
    ...over,
  };
}

export function change(id: string): Omit<ChangeRow, 'status'> {
  const principal = 'arn:aws:iam::123456789012:role/k1';
  return {
    id,
    workflowId: 'finding/generic/k1',
    generation: 1,
    digest: 'd1',
    requestId: 'r1',
    findingKeys: ['k1'],
    account: '123456789012',
    changes: [
      { kind: 'inline-policy', target: { principal, name: 'p' }, before: { Statement: [] }, after: null },
    ],
    route: 'api',
  };
}

export function draftRow(digest: string): DraftRow {
  const risk = { value: 70, band: 'high', parts: [], weightsVersion: '1' } as const;
  const draft: Draft = {
    draftedBy: 'engine',
    changes: change('c1').changes,
    proof: {
      verdict: 'proved',
      noNewAccess: [],
      usage: null,
      guardrails: null,
      paths: null,
      workloads: [],
      blindSpots: [],
      inputs: {},
      engine: '1',
      catalogue: '1',
    },
    justification: [],
    removed: [],
    kept: [],
    usedHighRisk: [],
    confidence: { value: 0.9, parts: [] },
    riskBefore: risk,
    riskAfter: risk,
  };
  return {
    digest,
    workflowId: 'finding/generic/k1',
    generation: 1,
    draft,
    context: {
      environment: 'production',
      facts: [],
      dataLabels: [],
      regulations: [],
      internalPolicies: [],
      owner: { personIds: ['ada'], how: 'tag owner=ada', inferred: false },
      neverTouch: null,
      freeze: null,
      workloads: [],
      tags: {},
    },
    route: 'api',
    createdMs: 1_000,
  };
}
