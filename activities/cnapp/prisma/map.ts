import { z } from 'zod';
import type { Finding, FindingKind, FindingSubject, Severity } from '../../../domain/finding/finding.js';
import { isRecord } from '../../../domain/json.js';
import {
  Anything,
  accessKeyId,
  arnParts,
  bodyText,
  boundedTexts,
  canonicalKey,
  cloudOf,
  daysStated,
  defined,
  firstText,
  Id,
  MaybeText,
  MaybeTexts,
  ownerHints,
  parseRecord,
  plainText,
  RecordError,
  readIso,
  readTags,
  translate,
  typeByArn,
} from '../finding-parts.js';
import { kindByWords, labelsByWords, subjectByWords } from '../kind-words.js';
import { type Evidence, evidenceOf, type Given, type PlatformMap } from '../record-map.js';
import { riskFinding } from './risk-finding.js';
import { prismaRow } from './row.js';

const SEVERITY: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  high: 'high',
  medium: 'medium',
  low: 'low',
  informational: 'info',
};
const STATUS: Readonly<Record<string, Finding['status']>> = {
  open: 'open',
  pending_resolution: 'in-progress',
  dismissed: 'ignored',
  snoozed: 'ignored',
  resolved: 'resolved',
};

const Policy = z.object({
  policyId: MaybeText,
  name: MaybeText,
  policyType: MaybeText,
  severity: MaybeText,
  description: MaybeText,
  recommendation: MaybeText,
  complianceMetadata: z
    .array(z.object({ complianceId: MaybeText, standardName: MaybeText, sectionId: MaybeText }))
    .nullish()
    .catch(undefined),
});

const Resource = z.object({
  rrn: MaybeText,
  id: MaybeText,
  name: MaybeText,
  accountId: MaybeText,
  cloudAccountOwners: MaybeTexts,
  regionId: MaybeText,
  region: MaybeText,
  resourceType: MaybeText,
  resourceApiName: MaybeText,
  cloudServiceName: MaybeText,
  cloudType: MaybeText,
  data: z.record(z.string(), z.unknown()).nullish().catch(undefined),
  resourceTags: Anything,
});

/** Only the fields that are read of an item of `POST /v2/alert?detailed=true`. */
const Alert = z.object({
  id: Id,
  status: z.string(),
  firstSeen: Anything,
  alertTime: Anything,
  lastSeen: Anything,
  lastUpdated: Anything,
  policyId: MaybeText,
  policy: Policy,
  resource: Resource,
  metadata: z.record(z.string(), z.unknown()).nullish().catch(undefined),
});
type Alert = z.output<typeof Alert>;

const Permission = z.object({
  sourceResourceId: z.string().min(1),
  sourceResourceType: MaybeText,
  sourceIdpEmail: MaybeText,
  effectiveActionName: z.string().min(1),
  lastAccessDate: Anything,
  lastAccessStatus: MaybeText,
  grantedByCloudPolicyId: MaybeText,
  exceptions: z
    .array(z.object({ messageCode: MaybeText }))
    .nullish()
    .catch(undefined),
});

/**
 * A Prisma Cloud alert, or a risk finding of its DSPM module, as finding. Permission rows of the IAM module are
 * evidence for alerts of the same principal. Fields: Alerts.json, IAMV2MicroService.json and dspm.json of pan.dev.
 * @throws RecordError
 */
export function toFinding(record: unknown, given: Given): Finding {
  if (!isRecord(record)) throw new RecordError('prisma: the record is no object');
  if ('ruleName' in record && 'asset' in record) return riskFinding(record, given);
  if ('alertId' in record && !('id' in record)) {
    throw new RecordError(
      'prisma: a webhook notification only names its alert; it is read again through the API',
    );
  }
  const alert = parseRecord(Alert, record, 'prisma');
  const { policy, resource } = alert;
  const subject = subjectOf(alert);
  const kind = kindOf(alert, subject);
  const tags = { ...readTags(resource.data?.['tags']), ...readTags(resource.resourceTags) };
  const rule = alert.policyId ?? policy.policyId ?? policy.name ?? 'policy';
  return {
    source: 'prisma',
    sourceId: alert.id,
    canonicalKey: canonicalKey({ source: 'prisma', kind, subject, rule }),
    kind,
    title: plainText(policy.name) ?? 'Prisma Cloud alert',
    severity: translate(SEVERITY, (policy.severity ?? '').toLowerCase(), 'medium', () =>
      given.warn(`prisma severity ${plainText(policy.severity, 60) ?? 'absent'}`),
    ),
    status: translate(STATUS, alert.status.toLowerCase(), 'open', () =>
      given.warn(`prisma status ${plainText(alert.status, 60) ?? 'empty'}`),
    ),
    cloud: cloudOf(resource.cloudType, subject.id),
    subject,
    resources: [],
    evidence: evidenceFor(alert, given.evidence),
    labels: labelsByWords(dataWords(alert)),
    tags,
    ownerHints: ownerHints(tags, ...resource.cloudAccountOwners, alert.metadata?.['owner']),
    compliance: boundedTexts(
      (policy.complianceMetadata ?? []).map((each) => each.complianceId),
      256,
      50,
    ),
    ...defined({
      account: plainText(resource.accountId) ?? arnParts(subject.id).account,
      region: plainText(resource.regionId) ?? plainText(resource.region),
      observationDays: daysStated(policy.name ?? undefined),
      firstSeenIso: readIso(alert.firstSeen) ?? readIso(alert.alertTime),
      seenIso: readIso(alert.lastSeen) ?? readIso(alert.lastUpdated),
    }),
  };
}

function kindOf(alert: Alert, subject: FindingSubject): FindingKind {
  const { name, policyType } = alert.policy;
  const kind = kindByWords([name], subject.type);
  if (kind === 'other' && policyType === 'iam') return 'excessive-permissions';
  if (kind === 'other' && policyType === 'attack_path') return 'toxic-combination';
  if (kind === 'other' && policyType === 'data' && alert.metadata?.['objectExposure'] === 'public')
    return 'public-data';
  return kind;
}

function subjectOf(alert: Alert): FindingSubject {
  const { resource, policy } = alert;
  const data = resource.data ?? {};
  const id = firstText(arnIn(data), resource.id, resource.rrn) ?? alert.id;
  const type = `${resource.resourceType ?? ''} ${resource.cloudServiceName ?? ''} ${resource.resourceApiName ?? ''}`;
  const credentialId = /access key|credential/i.test(policy.name ?? '')
    ? accessKeyId(resource.id, resource.name, data['accessKeyId'])
    : undefined;
  return {
    type: credentialId !== undefined ? 'credential' : subjectType(policy.policyType, type, id),
    id: plainText(id, 2048) ?? alert.id,
    name: plainText(resource.name) ?? plainText(id) ?? alert.id,
    ...defined({ nativeType: plainText(resource.resourceType), credentialId }),
  };
}

function subjectType(
  policyType: string | null | undefined,
  type: string,
  id: string,
): FindingSubject['type'] {
  if (policyType === 'iam') return 'identity';
  if (policyType === 'data') return 'store';
  const byArn = typeByArn(id);
  return byArn === 'other' ? subjectByWords(type) : byArn;
}

/** The platform's own id of a bucket is its bare name; the resource's configuration knows the ARN. */
function arnIn(configuration: Readonly<Record<string, unknown>>): string | undefined {
  for (const name of ['arn', 'Arn', 'dbinstanceArn', 'bucketArn', 'userArn', 'roleArn']) {
    const value = Object.hasOwn(configuration, name) ? configuration[name] : undefined;
    if (typeof value === 'string' && value.startsWith('arn:')) return value;
  }
  return undefined;
}

function dataWords(alert: Alert): unknown[] {
  const { metadata } = alert;
  return ['classification', 'dataIdentifiers', 'dataProfiles', 'dataPatterns'].flatMap((name) => {
    const value = metadata?.[name];
    return Array.isArray(value) ? value : [value];
  });
}

function evidenceFor(alert: Alert, evidence: Evidence): Finding['evidence'] {
  const own = evidence.get(arnIn(alert.resource.data ?? {}) ?? '') ?? evidence.get(alert.resource.id ?? '');
  const [policyArn, ...others] = own?.policyArns ?? [];
  return defined({
    text: bodyText(alert.policy.description),
    permissions: own === undefined ? undefined : boundedTexts([...own.permissions].sort()),
    unusedPermissions: own === undefined ? undefined : boundedTexts([...own.unused].sort()),
    policyArn: others.length === 0 ? policyArn : undefined,
    lastUsedIso: own?.lastUsedIso,
  });
}

/**
 * A permission row is what the platform says one principal may do. What is limited by a deny is not counted as granted,
 * and an absent date means unknown: only the row's own status says unused.
 */
function gather(record: unknown, evidence: Evidence): void {
  if (!isPermission(record)) return;
  const row = Permission.safeParse(record);
  if (!row.success) return;
  const own = evidenceOf(evidence, row.data.sourceResourceId);
  const { effectiveActionName: action, grantedByCloudPolicyId: policy } = row.data;
  const isDenied =
    row.data.exceptions?.some((each) => each.messageCode === 'LIMITED_BY_DENY_STATEMENT') === true;
  if (isDenied) return;
  const accessed = readIso(row.data.lastAccessDate);
  const unused = row.data.lastAccessStatus === 'NOT_ACCESSED_IN_TRACKING_PERIOD';
  // The same action through two policies: used through one is used.
  if (unused && !own.permissions.has(action)) own.unused.add(action);
  if (!unused) own.unused.delete(action);
  own.permissions.add(action);
  if (policy != null && /^arn:[^:]+:iam::\d{12}:policy\//.test(policy)) own.policyArns.add(policy);
  if (accessed !== undefined && (own.lastUsedIso === undefined || accessed > own.lastUsedIso))
    own.lastUsedIso = accessed;
}

function isPermission(record: unknown): boolean {
  return isRecord(record) && 'effectiveActionName' in record;
}

/** The principal that an alert about permissions is about, for which permissions are worth searching. */
export function principalOf(record: unknown): string | undefined {
  const alert = Alert.safeParse(record);
  if (!alert.success || alert.data.policy.policyType !== 'iam') return undefined;
  return arnIn(alert.data.resource.data ?? {}) ?? alert.data.resource.id ?? undefined;
}

/** Prisma Cloud's records: where they lie in its answers and what they mean. */
export const prismaMap: PlatformMap = {
  recordLists: [['items'], ['data', 'items'], ['data']],
  gather,
  isEvidence: isPermission,
  toFinding,
  fromRow: prismaRow,
};
