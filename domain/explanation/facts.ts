import type { Finding, FindingKind, Severity } from '../finding/finding.js';
import type { BusinessContext } from '../lifecycle/context.js';
import type { ActionReason, Draft, Proof } from '../proof/proof.js';
import { HIGH_RISK_ACTIONS } from '../risk/high-risk-actions.js';
import { daysBetween, safeName } from './words.js';

/** What an explanation is made from. */
export interface ExplanationInput {
  finding: Finding;
  /** Absent when there is none: then `outcome` says why. */
  draft?: Draft;
  outcome?: { kind: 'no-change' | 'refused' | 'never-touch'; reason: string };
  context?: BusinessContext;
}

/**
 * What the engine knows about a finding and its draft: counts, names and dates. No free text of the platform is in
 * it (titles, descriptions, tag values), so what is built on it cannot be steered by them.
 */
export interface ExplanationFacts {
  kind: FindingKind;
  severity: Severity;
  subjectType: string;
  subjectName: string;
  account?: string;
  accountName?: string;
  environment: string;
  criticality?: string;
  dataLabels: readonly string[];
  regulations: readonly string[];
  credentialId?: string;
  lastUsedIso?: string;
  grantedCount?: number;
  changes: readonly string[];
  removed: readonly ActionReason[];
  kept: readonly ActionReason[];
  usedHighRisk: readonly ActionReason[];
  /** Removed actions that hurt most, with what their holder could do. */
  dangers: readonly { action: string; words: string }[];
  window?: { fromIso: string; toIso: string; days: number };
  requests?: { total: number; replayed: number; newlyDenied: number };
  paths: {
    closed: readonly string[];
    opened: number;
    stores: readonly string[];
    reachableBefore: number;
    reachableAfter: number;
  };
  risk?: { before: number; after: number };
  confidence?: number;
  verdict?: Proof['verdict'];
  blindSpots: readonly string[];
  workloads: readonly string[];
  /** Why there is no draft. */
  noDraft?: { kind: 'no-change' | 'refused' | 'never-touch'; reason: string };
}

/** Gathers the facts of an explanation. */
export function factsOf({ finding, draft, outcome, context }: ExplanationInput): ExplanationFacts {
  const environment = context?.environment ?? 'unknown';
  const labels =
    context === undefined || context.dataLabels.length === 0 ? finding.labels : context.dataLabels;
  return {
    kind: finding.kind,
    severity: finding.severity,
    subjectType: subjectWord(finding),
    subjectName: safeName(finding.subject.name),
    ...(finding.account !== undefined && { account: safeName(finding.account) }),
    ...(context?.accountName !== undefined && { accountName: safeName(context.accountName) }),
    environment,
    ...(context?.criticality !== undefined && { criticality: context.criticality }),
    dataLabels: labels.map(safeName).slice(0, 10),
    regulations: (context?.regulations ?? [])
      // From our own table: `Article 32(1)` must keep its brackets, or it is another article.
      .map(({ regulation, citation }) => `${regulation} ${citation}`)
      .slice(0, 5),
    ...(finding.subject.credentialId !== undefined && {
      credentialId: safeName(finding.subject.credentialId),
    }),
    ...(finding.evidence.lastUsedIso !== undefined && { lastUsedIso: finding.evidence.lastUsedIso }),
    ...(finding.evidence.permissions !== undefined && { grantedCount: finding.evidence.permissions.length }),
    ...draftFacts(draft),
    workloads: (context?.workloads ?? [])
      .map(({ arn }) => safeName(arn.split(/[:/]/).at(-1) ?? arn))
      .slice(0, 10),
    ...(outcome !== undefined && { noDraft: { kind: outcome.kind, reason: outcome.reason.slice(0, 400) } }),
  };
}

type DraftFacts = Pick<
  ExplanationFacts,
  | 'changes'
  | 'removed'
  | 'kept'
  | 'usedHighRisk'
  | 'dangers'
  | 'paths'
  | 'blindSpots'
  | 'window'
  | 'requests'
  | 'risk'
  | 'confidence'
  | 'verdict'
>;

function draftFacts(draft: Draft | undefined): DraftFacts {
  if (draft === undefined) {
    const paths = { closed: [], opened: 0, stores: [], reachableBefore: 0, reachableAfter: 0 };
    return { changes: [], removed: [], kept: [], usedHighRisk: [], dangers: [], paths, blindSpots: [] };
  }
  const { proof, removed } = draft;
  const { usage } = proof;
  return {
    changes: draft.changes.map(changeWords),
    removed,
    kept: draft.kept,
    usedHighRisk: draft.usedHighRisk,
    dangers: dangersOf(removed),
    ...(usage !== null && {
      window: {
        fromIso: usage.fromIso,
        toIso: usage.toIso,
        days: daysBetween(usage.fromIso, usage.toIso) ?? 0,
      },
      requests: { total: usage.total, replayed: usage.replayed, newlyDenied: usage.newlyDenied.length },
    }),
    paths: {
      closed: (proof.paths?.closed ?? []).map(({ technique }) => technique),
      opened: proof.paths?.opened.length ?? 0,
      stores: (proof.paths?.storesNoLongerReachable ?? []).map((arn) =>
        safeName(arn.split(':').at(-1) ?? arn),
      ),
      reachableBefore: proof.paths?.reachableBefore ?? 0,
      reachableAfter: proof.paths?.reachableAfter ?? 0,
    },
    risk: { before: Math.round(draft.riskBefore.value), after: Math.round(draft.riskAfter.value) },
    confidence: draft.confidence.value,
    verdict: proof.verdict,
    blindSpots: proof.blindSpots,
  };
}

/** The removed actions that hurt most, worst first. */
function dangersOf(removed: readonly ActionReason[]): ExplanationFacts['dangers'] {
  const names = new Set(removed.map(({ action }) => action.toLowerCase()));
  return HIGH_RISK_ACTIONS.filter(({ action }) => names.has(action.toLowerCase()));
}

function subjectWord({ subject }: Finding): string {
  if (subject.type === 'credential') return 'access key';
  if (/:role\//.test(subject.id)) return 'role';
  if (/:user\//.test(subject.id)) return 'user';
  if (/:group\//.test(subject.id)) return 'group';
  if (/^arn:aws[a-z-]*:s3:/.test(subject.id)) return 'bucket';
  if (/^arn:aws[a-z-]*:rds:/.test(subject.id)) return 'database';
  return subject.type === 'other' ? 'resource' : subject.type;
}

/** A change in words, from its kind and target alone. */
function changeWords({ kind, target, after, before }: Draft['changes'][number]): string {
  const name = safeName(target.name ?? (target.arn ?? target.principal ?? '').split(/[:/]/).at(-1) ?? '');
  switch (kind) {
    case 'inline-policy':
      return after === null
        ? `the inline policy ${name} is removed`
        : `the inline policy ${name} is made smaller`;
    case 'managed-policy':
      return `the managed policy ${name} gets a smaller version`;
    case 'policy-attachment':
      return after === null ? `the policy ${name} is detached` : `the policy ${name} is attached`;
    case 'trust-policy':
      return `fewer principals may assume ${name}`;
    case 'access-key':
      return after === null ? `the access key ${name} is deleted` : `the access key ${name} is made inactive`;
    case 'role':
      return after === null ? `the role ${name} is deleted` : `the role ${name} is disabled`;
    case 'public-access-block':
      return `public access to ${name} is blocked`;
    case 'resource-policy':
      return after === null ? `the policy on ${name} is removed` : `the policy on ${name} is made smaller`;
    case 'encryption':
      return `${name} is encrypted at rest`;
    case 'access-logging':
      return `access to ${name} is logged`;
    case 'database-public-access':
      return before === null ? `${name} is kept off the internet` : `${name} is taken off the internet`;
  }
}
