import type { z } from 'zod';
import type { Finding, FindingKind, FindingSubject } from '../../../domain/finding/finding.js';
import { isRecord } from '../../../domain/json.js';
import {
  bodyText,
  boundedTexts,
  daysStated,
  firstText,
  parseRecord,
  plainText,
  RecordError,
  readTags,
  type Warn,
} from '../finding-parts.js';
import { kindByWords, labelsByWords } from '../kind-words.js';
import type { Given, PlatformMap } from '../record-map.js';
import { finish, idIn, subjectOf } from './finish.js';
import { wizRow } from './row.js';
import { Configuration, DataFinding, ExcessiveAccess, Issue, type Project, type Rule } from './shape.js';

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
  // Titles of other frameworks speak of attacks, such as "Exploit Public-Facing Application".
  const titles = (record.sourceRule?.securitySubCategories ?? [])
    .filter((each) => each.category?.framework?.name?.startsWith('Wiz') === true)
    .map((each) => each.title);
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
