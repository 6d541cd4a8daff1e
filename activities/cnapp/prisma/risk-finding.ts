import { z } from 'zod';
import type { Finding, Severity } from '../../../domain/finding/finding.js';
import {
  Anything,
  bodyText,
  boundedTexts,
  canonicalKey,
  cloudOf,
  defined,
  Id,
  MaybeText,
  MaybeTexts,
  ownerHints,
  parseRecord,
  plainText,
  readIso,
  readTags,
  translate,
} from '../finding-parts.js';
import { kindByWords, labelsByWords } from '../kind-words.js';
import type { Given } from '../record-map.js';

const SEVERITY: Readonly<Record<string, Severity>> = { HIGH: 'high', MEDIUM: 'medium', LOW: 'low' };
const STATUS: Readonly<Record<string, Finding['status']>> = {
  OPEN: 'open',
  INVESTIGATING: 'in-progress',
  CLOSED: 'resolved',
  HANDLED: 'resolved',
  WRONG: 'ignored',
  UNIMPORTANT: 'ignored',
};

const RiskFinding = z.object({
  id: Id,
  ruleName: z.string().min(1),
  severity: z.string(),
  status: z.string(),
  projectId: MaybeText,
  cloudProvider: MaybeText,
  firstDiscovered: Anything,
  description: MaybeText,
  complianceStandards: Anything,
  asset: z.object({
    name: MaybeText,
    assetId: MaybeText,
    service: MaybeText,
    cloudTags: Anything,
    dspmTags: Anything,
    dataTypes: MaybeTexts,
    assetLabels: MaybeTexts,
  }),
});

/** A risk finding of Prisma Cloud DSPM (`GET /v1/risk-findings`, dspm.json). @throws RecordError */
export function riskFinding(record: unknown, given: Pick<Given, 'warn'>): Finding {
  const risk = parseRecord(RiskFinding, record, 'prisma');
  const { asset } = risk;
  const id = plainText(asset.assetId, 2048) ?? plainText(asset.name) ?? risk.id;
  const subject = {
    type: 'store' as const,
    id,
    name: plainText(asset.name) ?? id,
    ...defined({ nativeType: plainText(asset.service) }),
  };
  const kind = kindByWords([risk.ruleName], 'store');
  const tags = { ...readTags(asset.cloudTags), ...readTags(asset.dspmTags) };
  return {
    source: 'prisma',
    // The DSPM module has ids of its own: the prefix tells them from alerts when one is asked for again.
    sourceId: `dspm:${risk.id}`,
    canonicalKey: canonicalKey({ source: 'prisma', kind, subject, rule: risk.ruleName }),
    kind,
    title: plainText(risk.ruleName) ?? 'Risk finding',
    severity: translate(SEVERITY, risk.severity.toUpperCase(), 'medium', () =>
      given.warn(`prisma dspm severity ${plainText(risk.severity, 60) ?? 'empty'}`),
    ),
    status: translate(STATUS, risk.status.toUpperCase(), 'open', () =>
      given.warn(`prisma dspm status ${plainText(risk.status, 60) ?? 'empty'}`),
    ),
    cloud: cloudOf(risk.cloudProvider, id),
    subject,
    resources: [],
    evidence: defined({ text: bodyText(risk.description) }),
    labels: labelsByWords([...asset.dataTypes, ...asset.assetLabels]),
    tags,
    ownerHints: ownerHints(tags),
    compliance: boundedTexts(complianceOf(risk.complianceStandards), 256, 50),
    ...defined({ account: plainText(risk.projectId), firstSeenIso: readIso(risk.firstDiscovered) }),
  };
}

function complianceOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}
