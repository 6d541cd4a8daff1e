import { z } from 'zod';
import type { Finding, FindingKind, FindingSubject, Severity } from '../../../domain/finding/finding.js';
import { isRecord } from '../../../domain/json.js';
import {
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
  type Warn,
  webAddress,
} from '../finding-parts.js';
import { kindByWords, labelsByWords } from '../kind-words.js';
import type { Given, PlatformMap } from '../record-map.js';
import { wizRow } from './row.js';

const SEVERITY: Readonly<Record<string, Severity>> = {
  CRITICAL: 'critical',
  HIGH: 'high',
  MEDIUM: 'medium',
  LOW: 'low',
  INFORMATIONAL: 'info',
  NONE: 'info',
};
const STATUS: Readonly<Record<string, Finding['status']>> = {
  OPEN: 'open',
  IN_PROGRESS: 'in-progress',
  RESOLVED: 'resolved',
  REJECTED: 'ignored',
  IGNORED: 'ignored',
};
const IDENTITIES = new Set([
  'USER_ACCOUNT',
  'SERVICE_ACCOUNT',
  'GROUP',
  'IDENTITY',
  'ACCESS_ROLE',
  'ACCESS_ROLE_BINDING',
  'ACCESS_ROLE_PERMISSION',
  'IAM_BINDING',
  'RAW_ACCESS_POLICY',
]);
const STORES = new Set([
  'BUCKET',
  'DATABASE',
  'DB_SERVER',
  'DATA_STORE',
  'DATA_FINDING',
  'DATA_INVENTORY',
  'FILE_SYSTEM_SERVICE',
  'VIRTUAL_DRIVE',
  'AI_DATASET',
]);

const SubCategories = z
  .array(
    z.object({
      id: MaybeText,
      title: MaybeText,
      externalId: MaybeText,
      category: z
        .object({ name: MaybeText, framework: z.object({ name: MaybeText }).nullish().catch(undefined) })
        .nullish()
        .catch(undefined),
    }),
  )
  .nullish()
  .catch(undefined);

const Rule = z
  .object({
    id: MaybeText,
    shortId: MaybeText,
    name: MaybeText,
    description: MaybeText,
    controlDescription: MaybeText,
    cloudEventRuleDescription: MaybeText,
    cloudConfigurationRuleDescription: MaybeText,
    securitySubCategories: SubCategories,
  })
  .nullish()
  .catch(undefined);

const Entity = z.object({
  id: MaybeText,
  type: MaybeText,
  nativeType: MaybeText,
  name: MaybeText,
  cloudPlatform: MaybeText,
  providerId: MaybeText,
  externalId: MaybeText,
  region: MaybeText,
  subscriptionExternalId: MaybeText,
  tags: z.unknown(),
});

const Project = z
  .array(
    z.object({
      name: MaybeText,
      projectOwners: z
        .array(z.object({ email: MaybeText }))
        .nullish()
        .catch(undefined),
    }),
  )
  .nullish()
  .catch(undefined);

/** Only the fields that are read. A field that is ignored cannot break anything. */
const Issue = z.object({
  id: Id,
  type: MaybeText,
  status: z.string(),
  severity: z.string(),
  createdAt: MaybeText,
  updatedAt: MaybeText,
  statusChangedAt: MaybeText,
  description: MaybeText,
  url: MaybeText,
  sourceRule: Rule,
  projects: Project,
  entitySnapshot: Entity,
});

const GraphEntity = z.object({
  id: MaybeText,
  name: MaybeText,
  type: MaybeText,
  properties: z.record(z.string(), z.unknown()).nullish().catch(undefined),
});
const CloudAccount = z
  .object({ externalId: MaybeText.or(z.number().transform(String)), cloudProvider: MaybeText })
  .nullish()
  .catch(undefined);

const ExcessiveAccess = z.object({
  id: Id,
  name: MaybeText,
  status: z.string(),
  severity: z.string(),
  remediationType: MaybeText,
  excessiveServices: MaybeTexts,
  hasUnusedAdminPermissions: z.boolean().nullish().catch(undefined),
  hasUnusedHighPermissions: z.boolean().nullish().catch(undefined),
  hasUnusedDataPermissions: z.boolean().nullish().catch(undefined),
  description: MaybeText,
  createdAt: MaybeText,
  updatedAt: MaybeText,
  projects: Project,
  principal: z.object({ graphEntity: GraphEntity, cloudAccount: CloudAccount }),
});

const DataFinding = z.object({
  id: Id,
  name: MaybeText,
  severity: z.string(),
  status: z.string().nullish(),
  firstSeenAt: MaybeText,
  updatedAt: MaybeText,
  totalMatchCount: z.number().nullish().catch(undefined),
  isEntityPublic: z.boolean().nullish().catch(undefined),
  dataClassifier: z
    .object({ id: MaybeText, name: MaybeText, category: MaybeText, securitySubCategories: SubCategories })
    .nullish()
    .catch(undefined),
  cloudAccount: CloudAccount,
  graphEntity: GraphEntity,
});

const Configuration = z.object({
  id: Id,
  name: MaybeText,
  severity: z.string(),
  result: MaybeText,
  status: z.string().nullish(),
  firstSeenAt: MaybeText,
  analyzedAt: MaybeText,
  rule: Rule,
  securitySubCategories: SubCategories,
  resource: Entity.extend({ subscription: CloudAccount }),
});

/**
 * A Wiz record as finding: an issue, an excessive access finding, a data finding or a configuration finding, told apart
 * by their members. Fields: Wiz's own integrations (`issuesV2`, `excessiveAccessFindings`, `dataFindingsV2`,
 * `configurationFindings`).
 * @throws RecordError
 */
export function toFinding(record: unknown, given: Given): Finding {
  if (!isRecord(record)) throw new RecordError('wiz: the record is no object');
  if ('trigger' in record && 'issue' in record) {
    throw new RecordError(
      'wiz: a webhook notification only names its issue; it is read again through the API',
    );
  }
  if ('principal' in record) return excessiveAccess(parseRecord(ExcessiveAccess, record, 'wiz'), given.warn);
  if ('dataClassifier' in record || 'isEntityPublic' in record) {
    return dataFinding(parseRecord(DataFinding, record, 'wiz'), given.warn);
  }
  if ('rule' in record && 'resource' in record) {
    return configuration(parseRecord(Configuration, record, 'wiz'), given.warn);
  }
  return issue(parseRecord(Issue, record, 'wiz'), given.warn);
}

function issue(record: z.output<typeof Issue>, warn: Warn): Finding {
  const { entitySnapshot: entity, sourceRule: rule } = record;
  const subject = subjectOf(entity, record.id, rule?.name);
  const tags = readTags(entity.tags);
  const name = firstText(rule?.name, record.description) ?? 'Wiz issue';
  return finish({
    sourceId: record.id,
    kind: issueKind(record, subject),
    rule: rule?.id ?? name,
    subject,
    title: name,
    severity: record.severity,
    status: record.status,
    warn,
    cloud: entity.cloudPlatform,
    account: firstText(entity.subscriptionExternalId),
    region: firstText(entity.region),
    tags,
    hints: ownersOf(record.projects),
    compliance: complianceOf(rule),
    text: bodyText(record.description, ruleText(rule)),
    days: daysStated(rule?.name ?? undefined),
    url: record.url,
    firstSeen: record.createdAt,
    seen: record.updatedAt,
  });
}

/** The platform's own type decides only where the rule's words do not. */
function issueKind(record: z.output<typeof Issue>, subject: FindingSubject): FindingKind {
  const titles = (record.sourceRule?.securitySubCategories ?? []).map((each) => each.title);
  const kind = kindByWords([record.sourceRule?.name, ...titles], subject.type);
  if (record.type === 'TOXIC_COMBINATION' && kind !== 'escalation-path' && subject.type !== 'store') {
    return 'toxic-combination';
  }
  return kind;
}

function excessiveAccess(record: z.output<typeof ExcessiveAccess>, warn: Warn): Finding {
  const { graphEntity: entity, cloudAccount } = record.principal;
  const properties = entity.properties ?? {};
  const subject = subjectOf(
    { ...entity, providerId: idIn(properties), nativeType: plainText(properties['nativeType']) },
    record.id,
    undefined,
  );
  const services = boundedTexts(record.excessiveServices, 100, 200);
  const unused = [
    record.hasUnusedAdminPermissions === true ? 'administrative' : undefined,
    record.hasUnusedHighPermissions === true ? 'high' : undefined,
    record.hasUnusedDataPermissions === true ? 'data' : undefined,
  ].filter((word) => word !== undefined);
  const removes = /^(REMOVE|DELETE)_(IDENTITY|PRINCIPAL|USER|ROLE)/.test(record.remediationType ?? '');
  return finish({
    sourceId: record.id,
    kind: removes ? 'unused-identity' : 'excessive-permissions',
    rule: 'excessive-access',
    subject: subject.type === 'other' ? { ...subject, type: 'identity' } : subject,
    title: record.name ?? 'Excessive access',
    severity: record.severity,
    status: record.status,
    warn,
    cloud: cloudAccount?.cloudProvider,
    account: cloudAccount?.externalId,
    tags: readTags(properties['tags']),
    hints: ownersOf(record.projects),
    compliance: [],
    text: bodyText(
      record.description,
      services.length === 0 ? undefined : `Services with excessive access: ${services.join(', ')}.`,
      unused.length === 0 ? undefined : `Unused privileges: ${unused.join(', ')}.`,
    ),
    lastUsed: properties['lastSeen'],
    firstSeen: record.createdAt,
    seen: record.updatedAt,
  });
}

function dataFinding(record: z.output<typeof DataFinding>, warn: Warn): Finding {
  const { graphEntity: entity, dataClassifier: classifier, cloudAccount } = record;
  const properties = entity.properties ?? {};
  const subject = subjectOf(
    { ...entity, providerId: idIn(properties), nativeType: plainText(properties['nativeType']) },
    record.id,
    undefined,
  );
  const named = kindByWords([record.name], 'store');
  return finish({
    sourceId: record.id,
    kind: record.isEntityPublic === true ? 'public-data' : named,
    rule: classifier?.id ?? classifier?.name ?? 'data',
    subject: { ...subject, type: 'store' },
    title: record.name ?? classifier?.name ?? 'Data finding',
    severity: record.severity,
    status: record.status ?? 'OPEN',
    warn,
    cloud: cloudAccount?.cloudProvider,
    account: cloudAccount?.externalId,
    region: plainText(properties['region']),
    labels: labelsByWords([classifier?.category, classifier?.name]),
    tags: readTags(properties['tags']),
    hints: [],
    compliance: (classifier?.securitySubCategories ?? []).map((each) => each.id),
    text: bodyText(
      classifier?.name == null ? undefined : `Classifier: ${classifier.name}.`,
      record.totalMatchCount == null ? undefined : `Matches: ${record.totalMatchCount}.`,
    ),
    firstSeen: record.firstSeenAt,
    seen: record.updatedAt,
  });
}

function configuration(record: z.output<typeof Configuration>, warn: Warn): Finding {
  const { resource, rule } = record;
  const subject = subjectOf(resource, record.id, rule?.name);
  const name = firstText(rule?.name, record.name) ?? 'Configuration finding';
  const fixed = record.result === 'PASS';
  return finish({
    sourceId: record.id,
    kind: kindByWords([name], subject.type),
    rule: rule?.shortId ?? rule?.id ?? name,
    subject,
    title: name,
    severity: record.severity,
    status: fixed ? 'RESOLVED' : (record.status ?? 'OPEN'),
    warn,
    cloud: resource.cloudPlatform ?? resource.subscription?.cloudProvider,
    account: firstText(resource.subscription?.externalId, resource.subscriptionExternalId),
    region: firstText(resource.region),
    tags: readTags(resource.tags),
    hints: [],
    compliance: (record.securitySubCategories ?? []).map((each) => each.externalId ?? each.id ?? each.title),
    text: bodyText(rule?.description),
    days: daysStated(name),
    firstSeen: record.firstSeenAt,
    seen: record.analyzedAt,
  });
}

interface Parts {
  sourceId: string;
  kind: FindingKind;
  rule: string;
  subject: FindingSubject;
  title: string;
  severity: string;
  status: string;
  warn: Warn;
  cloud: string | null | undefined;
  account: string | null | undefined;
  region?: string | undefined;
  labels?: readonly string[];
  tags: Record<string, string>;
  hints: readonly unknown[];
  compliance: readonly unknown[];
  text: string | undefined;
  days?: number | undefined;
  lastUsed?: unknown;
  url?: unknown;
  firstSeen: unknown;
  seen: unknown;
}

function finish(parts: Parts): Finding {
  const { kind, subject, warn } = parts;
  const arn = arnParts(subject.id);
  return {
    source: 'wiz',
    sourceId: parts.sourceId,
    canonicalKey: canonicalKey({ source: 'wiz', kind, subject, rule: parts.rule }),
    kind,
    title: plainText(parts.title) ?? 'Wiz finding',
    severity: translate(SEVERITY, parts.severity.toUpperCase(), 'medium', () =>
      warn(`wiz severity ${plainText(parts.severity, 60)}`),
    ),
    status: translate(STATUS, parts.status.toUpperCase(), 'open', () =>
      warn(`wiz status ${plainText(parts.status, 60)}`),
    ),
    cloud: cloudOf(parts.cloud, subject.id),
    subject,
    resources: [],
    evidence: defined({ text: parts.text, lastUsedIso: readIso(parts.lastUsed) }),
    labels: parts.labels ?? [],
    tags: parts.tags,
    ownerHints: ownerHints(parts.tags, ...parts.hints),
    compliance: boundedTexts(parts.compliance, 256, 50),
    ...defined({
      account: plainText(parts.account) ?? arn.account,
      region: plainText(parts.region) ?? arn.region,
      observationDays: parts.days,
      consoleUrl: webAddress(parts.url),
      firstSeenIso: readIso(parts.firstSeen),
      seenIso: readIso(parts.seen),
    }),
  };
}

function subjectOf(
  entity: Omit<
    z.output<typeof Entity>,
    'tags' | 'cloudPlatform' | 'region' | 'subscriptionExternalId' | 'externalId'
  > & {
    externalId?: string | null | undefined;
  },
  sourceId: string,
  ruleName: string | null | undefined,
): FindingSubject {
  const id = firstText(entity.providerId, entity.externalId, entity.id) ?? sourceId;
  const type = entity.type ?? '';
  const key =
    type === 'ACCESS_KEY' || /access key/i.test(ruleName ?? '') ? accessKeyId(id, entity.name) : undefined;
  const isCredential = type === 'ACCESS_KEY' || key !== undefined;
  return {
    type: isCredential
      ? 'credential'
      : IDENTITIES.has(type)
        ? 'identity'
        : STORES.has(type)
          ? 'store'
          : typeByArn(id),
    id: plainText(id, 2048) ?? sourceId,
    name: plainText(entity.name) ?? plainText(id) ?? sourceId,
    ...defined({ nativeType: plainText(entity.nativeType) ?? plainText(entity.type), credentialId: key }),
  };
}

function typeByArn(id: string): FindingSubject['type'] {
  if (/^arn:[^:]+:iam::\d{12}:(role|user|group|root)/.test(id)) return 'identity';
  return /^arn:[^:]+:(s3|rds|dynamodb|redshift|elasticfilesystem):/.test(id) ? 'store' : 'other';
}

function idIn(properties: Readonly<Record<string, unknown>>): string | undefined {
  return firstText(properties['providerUniqueId'], properties['externalId']);
}

function ownersOf(projects: z.output<typeof Project>): unknown[] {
  return (projects ?? []).flatMap((each) => (each.projectOwners ?? []).map((owner) => owner.email));
}

function ruleText(rule: z.output<typeof Rule>): string | null | undefined {
  return (
    rule?.controlDescription ??
    rule?.cloudConfigurationRuleDescription ??
    rule?.cloudEventRuleDescription ??
    rule?.description
  );
}

function complianceOf(rule: z.output<typeof Rule>): unknown[] {
  return (rule?.securitySubCategories ?? []).map((each) => {
    const framework = each.category?.framework?.name;
    const title = each.externalId ?? each.title;
    return framework == null || title == null ? title : `${framework}: ${title}`;
  });
}

/** Wiz's records: where they lie in its answers and what they mean. */
export const wizMap: PlatformMap = {
  recordLists: [['data', '*', 'nodes'], ['*', 'nodes'], ['nodes'], ['data']],
  toFinding,
  fromRow: wizRow,
};
