import { z } from 'zod';
import type { Finding, FindingSubject, Severity } from '../../../domain/finding/finding.js';
import {
  arnParts,
  bodyText,
  boundedTexts,
  canonicalKey,
  cloudOf,
  defined,
  firstText,
  MaybeText,
  parseRecord,
  plainText,
  readIso,
  translate,
  typeByArn,
} from '../finding-parts.js';
import { kindByWords, subjectByWords } from '../kind-words.js';
import type { Given } from '../record-map.js';

const SEVERITY: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  high: 'high',
  medium: 'medium',
  low: 'low',
  info: 'info',
};
const STATUS: Readonly<Record<string, Finding['status']>> = {
  noncompliant: 'open',
  compliant: 'resolved',
  exempt: 'ignored',
  suppressed: 'ignored',
};

/** Only the fields that are read of a compliance evaluation. `account` has malformed keys in the vendor's own example. */
const Evaluation = z.object({
  id: z.string().min(1),
  reason: MaybeText,
  recommendation: MaybeText,
  region: MaybeText,
  reportTime: MaybeText,
  resource: z.string().min(1),
  section: MaybeText,
  severity: z.string(),
  status: z.string(),
  evalType: MaybeText,
  account: z.record(z.string(), z.unknown()).nullish().catch(undefined),
});

/** A row of `Configs/ComplianceEvaluations`: one resource against one policy. @throws RecordError */
export function complianceFinding(record: unknown, given: Given): Finding {
  const row = parseRecord(Evaluation, record, 'lacework');
  const id = plainText(row.resource, 2048) ?? row.id;
  const title = firstText(row.reason, row.section) ?? row.id;
  const subject: FindingSubject = {
    type: typeOf(id, row.section),
    id,
    name: id.slice(id.lastIndexOf('/') + 1),
  };
  const kind = kindByWords([row.reason, row.recommendation, row.section], subject.type);
  const account = Object.entries(row.account ?? {}).find(([key]) => /^account_?id/i.test(key))?.[1];
  return {
    source: 'lacework',
    // An evaluation has no id of its own: policy and resource name it.
    sourceId: `${row.id}|${id}`,
    canonicalKey: canonicalKey({ source: 'lacework', kind, subject, rule: row.id }),
    kind,
    title: plainText(title) ?? row.id,
    severity: translate(SEVERITY, row.severity.toLowerCase(), 'medium', () =>
      given.warn(`lacework severity ${plainText(row.severity, 60) ?? 'empty'}`),
    ),
    status: translate(STATUS, row.status.toLowerCase().replace(/[^a-z]/g, ''), 'open', () =>
      given.warn(`lacework evaluation status ${plainText(row.status, 60) ?? 'empty'}`),
    ),
    cloud: cloudOf(row.evalType?.slice(0, row.evalType.search(/[A-Z][a-z]+$|_|$/)).replace(/^LW_/i, ''), id),
    subject,
    resources: [],
    evidence: defined({ text: bodyText(row.reason, row.recommendation) }),
    labels: [],
    tags: {},
    ownerHints: [],
    compliance: boundedTexts([row.id]),
    ...defined({
      account: plainText(account) ?? arnParts(id).account,
      region: plainText(row.region),
      seenIso: readIso(row.reportTime),
    }),
  };
}

function typeOf(id: string, section: string | null | undefined): FindingSubject['type'] {
  const byArn = typeByArn(id);
  return byArn === 'other' ? subjectByWords(section ?? '') : byArn;
}
