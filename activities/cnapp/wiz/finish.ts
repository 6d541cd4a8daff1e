import type { z } from 'zod';
import type { Finding, FindingKind, FindingSubject, Severity } from '../../../domain/finding/finding.js';
import {
  accessKeyId,
  arnParts,
  boundedTexts,
  canonicalKey,
  cloudOf,
  defined,
  firstText,
  ownerHints,
  plainText,
  readIso,
  translate,
  typeByArn,
  type Warn,
  webAddress,
} from '../finding-parts.js';
import type { Entity } from './shape.js';

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

/** What each kind of record contributes. */
export interface Parts {
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

/** The finding, from its parts. */
export function finish(parts: Parts): Finding {
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

/** What an entity of Wiz is as a subject. */
export function subjectOf(
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

/** The cloud's id among an entity's properties. */
export function idIn(properties: Readonly<Record<string, unknown>>): string | undefined {
  return firstText(properties['providerUniqueId'], properties['externalId']);
}
