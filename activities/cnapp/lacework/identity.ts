import type { Finding, FindingKind, FindingSubject, Severity } from '../../../domain/finding/finding.js';
import {
  arnParts,
  boundedTexts,
  canonicalKey,
  cloudOf,
  defined,
  ownerHints,
  parseRecord,
  plainText,
  readIso,
  readTags,
  translate,
} from '../finding-parts.js';
import { kindByWords } from '../kind-words.js';
import type { Given } from '../record-map.js';
import { Identity } from './evidence.js';

const SEVERITY: Readonly<Record<string, Severity>> = {
  CRITICAL: 'critical',
  HIGH: 'high',
  MEDIUM: 'medium',
  LOW: 'low',
  INFO: 'info',
};

/** Risk words that tell a kind, the gravest first. The set is open: what is not here is told by its words. */
const RISKS: readonly (readonly [RegExp, FindingKind])[] = [
  [/ACTIVE_ACCESS_KEY|INACTIVE_ACCESS_KEY|ROOT_USER_ACCESS_KEY|HARDCODED_.*ACCESS_KEY/, 'unused-credential'],
  [/ALLOWS_PRIVILEGE_PASSING/, 'escalation-path'],
  [/^EXPOSURE_/, 'external-access'],
  [/^UNUSED_180DAYS_USER/, 'unused-identity'],
  [/FULL_ADMIN|IAM_WRITE|^ALLOWS_|EXCESSIVE/, 'excessive-permissions'],
];

/** An identity with risks as a finding of its own: its principal is its id. @throws RecordError */
export function identityFinding(record: unknown, given: Given): Finding {
  const row = parseRecord(Identity, record, 'lacework');
  const risks = boundedTexts(row.METRICS?.risks ?? [], 100, 100);
  const own = given.evidence.get(row.PRINCIPAL_ID);
  const keyId = own?.keys.length === 1 ? own.keys[0]?.id : undefined;
  const kind = kindOf(risks, keyId);
  const id = plainText(row.PRINCIPAL_ID, 2048) ?? 'identity';
  const subject: FindingSubject = {
    type: kind === 'unused-credential' ? 'credential' : 'identity',
    id,
    name: plainText(row.NAME) ?? id,
    ...defined({
      nativeType: plainText(row.PROVIDER_TYPE),
      credentialId: kind === 'unused-credential' ? keyId : undefined,
    }),
  };
  const tags = readTags(row.TAGS);
  return {
    source: 'lacework',
    sourceId: id,
    canonicalKey: canonicalKey({ source: 'lacework', kind, subject, rule: 'identity-risk' }),
    kind,
    title: plainText(`Identity risks: ${risks.join(', ') || 'none'}`) ?? 'Identity risks',
    severity: translate(SEVERITY, (row.METRICS?.risk_severity ?? 'INFO').toUpperCase(), 'medium', () =>
      given.warn(`lacework risk severity ${plainText(row.METRICS?.risk_severity, 60) ?? 'empty'}`),
    ),
    status: risks.length === 0 ? 'resolved' : 'open',
    cloud: cloudOf(row.PROVIDER_TYPE?.split('_')[0], id),
    subject,
    resources: [],
    evidence: defined({
      permissions:
        own === undefined || own.permissions.size === 0
          ? undefined
          : boundedTexts([...own.permissions].sort()),
      unusedPermissions:
        own === undefined || own.unused.size === 0 ? undefined : boundedTexts([...own.unused].sort()),
      lastUsedIso: readIso(row.LAST_USED_TIME),
    }),
    labels: [],
    tags,
    ownerHints: ownerHints(tags),
    compliance: risks,
    ...defined({
      account: plainText(row.DOMAIN_ID) ?? arnParts(id).account,
      observationDays: risks.some((risk) => risk.includes('180DAYS')) ? 180 : undefined,
      firstSeenIso: readIso(row.CREATED_TIME),
    }),
  };
}

function kindOf(risks: readonly string[], keyId: string | undefined): FindingKind {
  for (const [pattern, kind] of RISKS) {
    if (kind === 'unused-credential' && keyId === undefined) continue;
    if (risks.some((risk) => pattern.test(risk))) return kind;
  }
  return kindByWords(risks, 'identity');
}
