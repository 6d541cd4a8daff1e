import type { Json } from '../json.js';

/** Where findings come from. `generic` takes plain payloads that no platform wrote (`docs/vendors/generic.md`). */
export const FINDING_SOURCES = ['wiz', 'prisma', 'orca', 'lacework', 'generic'] as const;
export type FindingSource = (typeof FINDING_SOURCES)[number];

/** Severities, from the worst down. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What is wrong, in our words. The first six are about identities (CIEM), the next seven about data (DSPM). */
export const FINDING_KINDS = [
  'excessive-permissions',
  'unused-identity',
  'unused-credential',
  'escalation-path',
  'external-access',
  'toxic-combination',
  'public-data',
  'over-shared-data',
  'unencrypted-data',
  'unlogged-data',
  'misplaced-data',
  'unclassified-data',
  'stale-data',
  'other',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** The kinds that are about exposed data, not about an identity. */
export const DATA_KINDS: readonly FindingKind[] = [
  'public-data',
  'over-shared-data',
  'unencrypted-data',
  'unlogged-data',
  'misplaced-data',
  'unclassified-data',
  'stale-data',
];

/** A data label, dotted where finer (`PII.email`). */
export type DataLabel = string;

/** What a finding is about. */
export interface FindingSubject {
  type: 'identity' | 'store' | 'credential' | 'other';
  /** ARN or the cloud's own full id; for a credential the owning user's ARN. */
  id: string;
  name: string;
  /** The platform's own type name, as evidence. */
  nativeType?: string;
  /** For a credential: the access key id. */
  credentialId?: string;
}

/** A resource named by the finding beside its subject. */
export interface FindingResource {
  id: string;
  /** CloudFormation's type name where known (`AWS::S3::Bucket`). */
  type?: string;
  name?: string;
}

/** What the platform says it saw. Everything here is a claim of the source, not a fact of ours. */
export interface FindingEvidence {
  /** Permissions the platform lists as granted. Patterns are allowed (`s3:*`). */
  permissions?: readonly string[];
  /** Permissions the platform says were never used in its window. */
  unusedPermissions?: readonly string[];
  /** Plain counts, `count` uses in the platform's window. */
  usage?: readonly { action: string; count: number; lastUsedIso?: string }[];
  /** A policy document that the platform quotes. */
  policy?: Json;
  policyArn?: string;
  lastUsedIso?: string;
  /** Free text of the platform. Hostile: shown escaped, never followed. */
  text?: string;
}

/** One finding of a platform, normalised. Pure data: it travels through workflow histories. */
export interface Finding {
  source: FindingSource;
  /** The platform's own id. */
  sourceId: string;
  /** What makes two reports the same finding: source, kind, subject and rule, as canonical text. */
  canonicalKey: string;
  kind: FindingKind;
  title: string;
  severity: Severity;
  status: 'open' | 'in-progress' | 'resolved' | 'ignored';
  cloud: 'aws' | 'azure' | 'gcp' | 'kubernetes' | 'other';
  /** Account, subscription, project or cluster id. */
  account?: string;
  region?: string;
  subject: FindingSubject;
  resources: readonly FindingResource[];
  evidence: FindingEvidence;
  labels: readonly DataLabel[];
  tags: Readonly<Record<string, string>>;
  /** E-mail addresses, team names or user names that the platform suggests as owner. */
  ownerHints: readonly string[];
  /** The platform's window of observation in days, when it says one. Ours may differ: both are shown. */
  observationDays?: number;
  /** Ids of compliance policies or controls in the platform. */
  compliance: readonly string[];
  consoleUrl?: string;
  firstSeenIso?: string;
  /** When the platform last saw it. */
  seenIso?: string;
}

/** Whether the finding is about data rather than about an identity. */
export function isDataFinding(finding: Pick<Finding, 'kind'>): boolean {
  return DATA_KINDS.includes(finding.kind);
}
