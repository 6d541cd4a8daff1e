import { z } from 'zod';
import type { Finding, FindingKind, FindingSubject, Severity } from '../../../domain/finding/finding.js';
import { isRecord, type Json } from '../../../domain/json.js';
import {
  Anything,
  accessKeyId,
  arnParts,
  bodyText,
  boundedTexts,
  canonicalKey,
  cloudOf,
  defined,
  firstText,
  Id,
  jsonOrUndefined,
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
import type { Given, PlatformMap } from '../record-map.js';
import { orcaRow } from './row.js';
import { alertFields } from './shape.js';

const RISK: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  high: 'high',
  medium: 'medium',
  low: 'low',
  informational: 'info',
};
/** The older words, used only where the risk level is missing: the two disagree. */
const LEGACY: Readonly<Record<string, Severity>> = {
  compromised: 'critical',
  'imminent compromise': 'high',
  hazardous: 'medium',
  informational: 'info',
};
const STATUS: Readonly<Record<string, Finding['status']>> = {
  open: 'open',
  in_progress: 'in-progress',
  snoozed: 'ignored',
  dismissed: 'ignored',
  closed: 'resolved',
};
const TYPES: readonly (readonly [RegExp, FindingKind])[] = [
  [/with_unused_services$/, 'excessive-permissions'],
  [/admin_privileges$|global_administrator_permission$/, 'excessive-permissions'],
];

/** Only the fields that are read of an alert, values already unwrapped. */
const Alert = z.object({
  sourceId: Id,
  RuleType: MaybeText,
  RuleId: MaybeText,
  AlertType: MaybeText,
  Title: MaybeText,
  Details: MaybeText,
  Description: MaybeText,
  Recommendation: Anything,
  RecommendationType: MaybeText,
  Category: MaybeText,
  RiskLevel: MaybeText,
  Severity: MaybeText,
  Status: z.string(),
  CreatedAt: MaybeText,
  LastSeen: MaybeText,
  Labels: MaybeTexts,
  RelatedCompliances: z.array(z.unknown()).nullish().catch(undefined),
  RiskFindings: Anything,
  PolicyArn: MaybeText,
  UnusedPermissions: MaybeTexts,
  ObservationDays: z.number().nullish().catch(undefined),
  LastUsageTime: MaybeText,
  asset: z.object({
    asset_unique_id: MaybeText,
    asset_vendor_id: MaybeText,
    asset_arn: MaybeText,
    asset_name: MaybeText,
    asset_type: MaybeText,
    asset_category: MaybeText,
    asset_regions: MaybeTexts,
    asset_tags_info_list: Anything,
    custom_tags_info_list: Anything,
    cloud_provider: MaybeText,
    cloud_vendor_id: MaybeText,
    cloud_provider_id: MaybeText,
  }),
});
type Alert = z.output<typeof Alert>;

/**
 * An Orca alert as finding, in the serving layer's shape (`data.Field.value`) or the older one that webhooks and the
 * old alert API still write. The name (`orca-123`) is the id, since the alert API takes it.
 * @throws RecordError
 */
export function toFinding(record: unknown, given: Given): Finding {
  if (!isRecord(record)) throw new RecordError('orca: the record is no object');
  const alert = parseRecord(Alert, alertFields(record), 'orca');
  const { asset } = alert;
  const subject = subjectOf(alert);
  const kind = kindOf(alert, subject);
  const rule = firstText(alert.RuleType, alert.RuleId, alert.AlertType) ?? 'alert';
  const tags = { ...readTags(asset.asset_tags_info_list), ...readTags(asset.custom_tags_info_list) };
  const region = asset.asset_regions.find((each) => each !== 'global');
  return {
    source: 'orca',
    sourceId: alert.sourceId,
    canonicalKey: canonicalKey({ source: 'orca', kind, subject, rule }),
    kind,
    title: plainText(alert.Title) ?? plainText(alert.AlertType) ?? plainText(alert.RuleType) ?? 'Orca alert',
    severity: severityOf(alert, given),
    status: translate(STATUS, alert.Status.toLowerCase(), 'open', () =>
      given.warn(`orca status ${plainText(alert.Status, 60) ?? 'empty'}`),
    ),
    cloud: cloudOf(asset.cloud_provider, subject.id),
    subject,
    resources: [],
    evidence: evidenceOf(alert),
    labels: labelsByWords([...alert.Labels, ...dataLabels(alert.RiskFindings)]),
    tags,
    ownerHints: ownerHints(tags),
    compliance: boundedTexts((alert.RelatedCompliances ?? []).map(complianceName), 256, 50),
    ...defined({
      account:
        plainText(asset.cloud_vendor_id) ??
        plainText(asset.cloud_provider_id) ??
        arnParts(subject.id).account,
      region: plainText(region) ?? arnParts(subject.id).region,
      observationDays: alert.ObservationDays ?? undefined,
      firstSeenIso: readIso(alert.CreatedAt),
      seenIso: readIso(alert.LastSeen),
    }),
  };
}

function severityOf(alert: Alert, given: Given): Severity {
  const level = alert.RiskLevel ?? undefined;
  if (level === undefined) {
    return translate(LEGACY, (alert.Severity ?? '').toLowerCase(), 'medium', () =>
      given.warn(`orca severity ${plainText(alert.Severity, 60) ?? 'absent'}`),
    );
  }
  return translate(RISK, level.toLowerCase(), 'medium', () =>
    given.warn(`orca risk level ${plainText(level, 60) ?? 'empty'}`),
  );
}

function kindOf(alert: Alert, subject: FindingSubject): FindingKind {
  if (alert.RecommendationType === 'Inactive') return 'unused-identity';
  const known = TYPES.find(([pattern]) => pattern.test(alert.RuleType ?? ''));
  if (known !== undefined) return known[1];
  const kind = kindByWords([alert.RuleType, alert.AlertType, alert.Title], subject.type);
  if (kind === 'other' && alert.Category === 'Lateral movement' && subject.type === 'identity')
    return 'escalation-path';
  return kind;
}

function subjectOf(alert: Alert): FindingSubject {
  const { asset } = alert;
  const id =
    firstText(
      asset.asset_arn,
      arnLike(asset.asset_vendor_id),
      asset.asset_unique_id,
      asset.asset_vendor_id,
    ) ?? alert.sourceId;
  const credentialId = /access.?key|credential/i.test(`${alert.RuleType ?? ''} ${alert.AlertType ?? ''}`)
    ? accessKeyId(asset.asset_vendor_id, asset.asset_name, alert.Details)
    : undefined;
  return {
    type: credentialId !== undefined ? 'credential' : subjectType(alert, id),
    id: plainText(id, 2048) ?? alert.sourceId,
    name: plainText(asset.asset_name) ?? plainText(id) ?? alert.sourceId,
    ...defined({ nativeType: plainText(asset.asset_type), credentialId }),
  };
}

function subjectType({ asset, Category }: Alert, id: string): FindingSubject['type'] {
  if (asset.asset_category === 'Users and Access') return 'identity';
  if (asset.asset_category === 'Storage' || asset.asset_category === 'Database') return 'store';
  const byArn = typeByArn(id);
  const type = byArn === 'other' ? subjectByWords(asset.asset_type ?? '') : byArn;
  return type === 'other' && Category === 'Data at risk' ? 'store' : type;
}

function arnLike(id: string | null | undefined): string | undefined {
  return id?.startsWith('arn:') === true ? id : undefined;
}

function evidenceOf(alert: Alert): Finding['evidence'] {
  const { Recommendation: recommendation } = alert;
  const words = typeof recommendation === 'string' ? recommendation : undefined;
  const arn = alert.PolicyArn ?? undefined;
  const policy = isRecord(recommendation) ? quotedPolicy(recommendation['current_policy']) : undefined;
  return defined({
    text: bodyText(alert.Details, alert.Description, words),
    unusedPermissions:
      alert.UnusedPermissions.length === 0 ? undefined : boundedTexts(alert.UnusedPermissions),
    policyArn: arn?.startsWith('arn:') === true ? plainText(arn, 2048) : undefined,
    policy,
    lastUsedIso: readIso(alert.LastUsageTime),
  });
}

function quotedPolicy(value: unknown): Json | undefined {
  const policy = typeof value === 'string' ? jsonOrUndefined(value) : value;
  return isRecord(policy) && JSON.stringify(policy).length <= 20_480 ? (policy as Json) : undefined;
}

function dataLabels(findings: unknown): unknown[] {
  const data = isRecord(findings) ? findings['data'] : undefined;
  const labels = isRecord(data) ? data['labels'] : undefined;
  return Array.isArray(labels) ? labels : [];
}

function complianceName(value: unknown): unknown {
  return isRecord(value) ? (value['name'] ?? value['framework']) : value;
}

/** Orca's records: where they lie in its answers and what they mean. */
export const orcaMap: PlatformMap = {
  recordLists: [['data'], ['items'], ['results']],
  toFinding,
  fromRow: orcaRow,
};
