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
  MaybeId,
  MaybeText,
  ownerHints,
  parseRecord,
  plainText,
  RecordError,
  readIso,
  translate,
  typeByArn,
} from '../finding-parts.js';
import { kindByWords, subjectByWords } from '../kind-words.js';
import {
  type Evidence,
  evidenceOf,
  type Given,
  type PlatformMap,
  type PrincipalEvidence,
} from '../record-map.js';
import { complianceFinding } from './compliance.js';
import { gatherPrincipal } from './evidence.js';
import { identityFinding } from './identity.js';
import { laceworkRow } from './row.js';

const SEVERITY: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  high: 'high',
  medium: 'medium',
  low: 'low',
  info: 'info',
  informational: 'info',
};
const STATUS: Readonly<Record<string, Finding['status']>> = {
  open: 'open',
  inprogress: 'in-progress',
  'in progress': 'in-progress',
  closed: 'resolved',
};

const EntityRow = z.object({
  KEY: z.record(z.string(), z.unknown()).nullish().catch(undefined),
  PROPS: z.record(z.string(), z.unknown()).nullish().catch(undefined),
});

/** Only the fields that are read of an alert. The real key is `sub_category`, whatever the schema says. */
const Alert = z.object({
  alertId: Id,
  alertName: MaybeText,
  alertType: MaybeText,
  severity: z.string(),
  status: MaybeText,
  startTime: MaybeText,
  endTime: MaybeText,
  policyId: MaybeId,
  derivedFields: z
    .object({ category: MaybeText, sub_category: MaybeText, subCategory: MaybeText, source: MaybeText })
    .nullish()
    .catch(undefined),
  alertInfo: z.object({ subject: MaybeText, description: MaybeText }).nullish().catch(undefined),
  entityMap: z.record(z.string(), z.array(EntityRow)).nullish().catch(undefined),
});
type Alert = z.output<typeof Alert>;

/**
 * A Lacework alert, a compliance evaluation, or an identity of `LW_CE_IDENTITIES` that no alert names, as finding.
 * Identities and entitlements are evidence for alerts about the same principal. Fields: Lacework API v2, go-sdk.
 * @throws RecordError
 */
export function toFinding(record: unknown, given: Given): Finding {
  if (!isRecord(record)) throw new RecordError('lacework: the record is no object');
  if ('PRINCIPAL_ID' in record) return identityFinding(record, given);
  if ('evalType' in record || ('reason' in record && 'section' in record))
    return complianceFinding(record, given);
  if ('event_id' in record) {
    throw new RecordError(
      'lacework: a webhook notification only names its alert; it is read again through the API',
    );
  }
  const alert = parseRecord(Alert, record, 'lacework');
  const entity = entityOf(alert);
  const own = given.evidence.get(entity.id ?? '');
  const name = firstText(alert.alertName, alert.alertInfo?.subject, alert.alertType) ?? 'Lacework alert';
  const subject = subjectOf(alert, entity, own, name);
  const kind = kindOf(alert, subject, name, own);
  const tags = own?.tags ?? {};
  return {
    source: 'lacework',
    sourceId: alert.alertId,
    canonicalKey: canonicalKey({
      source: 'lacework',
      kind,
      subject,
      rule: alert.policyId ?? alert.alertType ?? name,
    }),
    kind,
    title: plainText(name) ?? 'Lacework alert',
    severity: translate(SEVERITY, alert.severity.toLowerCase(), 'medium', () =>
      given.warn(`lacework severity ${plainText(alert.severity, 60) ?? 'empty'}`),
    ),
    status: translate(STATUS, (alert.status ?? 'Open').toLowerCase(), 'open', () =>
      given.warn(`lacework status ${plainText(alert.status, 60) ?? 'empty'}`),
    ),
    cloud: cloudOf(alert.derivedFields?.source, subject.id),
    subject,
    resources: [],
    evidence: evidenceFor(alert, own, subject),
    labels: [],
    tags,
    ownerHints: ownerHints(tags),
    compliance: boundedTexts([alert.policyId]),
    ...defined({
      account: plainText(entity.account) ?? arnParts(subject.id).account ?? own?.account,
      observationDays: daysStated(name) ?? riskDays(own),
      firstSeenIso: readIso(alert.startTime),
      seenIso: readIso(alert.endTime),
    }),
  };
}

function kindOf(
  alert: Alert,
  subject: FindingSubject,
  name: string,
  own: PrincipalEvidence | undefined,
): FindingKind {
  const kind = kindByWords([name, ...(own?.risks ?? [])], subject.type);
  const isIdentityPolicy = /^LW_AWS_IAM_/.test(alert.policyId ?? '');
  return kind === 'other' && isIdentityPolicy && subject.type === 'identity' ? 'excessive-permissions' : kind;
}

interface AlertEntity {
  id?: string;
  type?: string;
  name?: string;
  account?: string;
  keyId?: string;
}

/** The first entity with an ARN, else the first with any id: what the alert is about. */
function entityOf(alert: Alert): AlertEntity {
  const entities = Object.entries(alert.entityMap ?? {}).flatMap(([type, rows]) =>
    rows.map((row): AlertEntity => {
      const key = row.KEY ?? {};
      const props = row.PROPS ?? {};
      return defined({
        type,
        id: firstText(key['arn'], props['arn'], key['username'], key['resource_id'], key['name']),
        name: firstText(props['name'], key['name'], key['username']),
        account: firstText(props['account'], props['account_id'], key['account']),
        keyId: firstText(props['access_key_id'], key['access_key_id']),
      });
    }),
  );
  return (
    entities.find((each) => each.id?.startsWith('arn:') === true) ??
    entities.find((each) => each.id !== undefined) ??
    {}
  );
}

function subjectOf(
  alert: Alert,
  entity: AlertEntity,
  own: PrincipalEvidence | undefined,
  name: string,
): FindingSubject {
  const id = plainText(entity.id, 2048) ?? alert.alertId;
  const isKey = /access key|credential/i.test(name);
  // With several keys and none named, the platform does not say which one it means.
  const only = own?.keys.length === 1 ? own.keys[0]?.id : undefined;
  const credentialId = isKey
    ? (accessKeyId(entity.keyId) ?? accessKeyId(alert.alertInfo?.description) ?? only)
    : undefined;
  return {
    type: credentialId !== undefined ? 'credential' : typeOf(id, entity.type),
    id,
    name: plainText(entity.name) ?? id.slice(id.lastIndexOf('/') + 1),
    ...defined({ nativeType: own?.nativeType ?? plainText(entity.type), credentialId }),
  };
}

function typeOf(id: string, type: string | undefined): FindingSubject['type'] {
  const byArn = typeByArn(id);
  return byArn === 'other' ? subjectByWords(type ?? '') : byArn;
}

function evidenceFor(
  alert: Alert,
  own: PrincipalEvidence | undefined,
  subject: FindingSubject,
): Finding['evidence'] {
  const key = own?.keys.find((each) => each.id === subject.credentialId);
  return defined({
    text: bodyText(alert.alertInfo?.description),
    permissions:
      own === undefined || own.permissions.size === 0 ? undefined : boundedTexts([...own.permissions].sort()),
    unusedPermissions:
      own === undefined || own.unused.size === 0 ? undefined : boundedTexts([...own.unused].sort()),
    lastUsedIso: key?.lastUsedIso ?? own?.lastUsedIso,
  });
}

function riskDays(own: PrincipalEvidence | undefined): number | undefined {
  return own?.risks.some((risk) => risk.includes('180DAYS')) === true ? 180 : undefined;
}

function gather(record: unknown, evidence: Evidence): void {
  if (!isRecord(record)) return;
  if ('PRINCIPAL_ID' in record) {
    gatherPrincipal(record, evidence);
    return;
  }
  const id = principalOf(record);
  if (id !== undefined) evidenceOf(evidence, id).isReported = true;
}

/** The principal that an alert is about, when it says so by an ARN. */
export function principalOf(record: unknown): string | undefined {
  const alert = Alert.safeParse(record);
  const id = alert.success ? entityOf(alert.data).id : undefined;
  return id?.startsWith('arn:') === true ? id : undefined;
}

/** Entitlements always; an identity where an alert tells of the same principal, so that it is not told twice. */
function isEvidence(record: unknown, evidence: Evidence): boolean {
  if (!isRecord(record) || typeof record['PRINCIPAL_ID'] !== 'string') return false;
  return 'ACTION' in record || evidence.get(record['PRINCIPAL_ID'])?.isReported === true;
}

/** Lacework's records: where they lie in its answers and what they mean. */
export const laceworkMap: PlatformMap = {
  recordLists: [['data']],
  gather,
  isEvidence,
  toFinding,
  fromRow: laceworkRow,
};
