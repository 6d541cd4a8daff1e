import { z } from 'zod';
import type { Change } from '../../../domain/change/change.js';
import { claimedAccount } from '../../../domain/draft/claimed-account.js';
import { draftFix } from '../../../domain/draft/draft.js';
import { type DraftExplanation, explainDraft } from '../../../domain/draft/explain.js';
import type { DraftInput } from '../../../domain/draft/model.js';
import { FINDING_KINDS, FINDING_SOURCES, type Finding, SEVERITIES } from '../../../domain/finding/finding.js';
import type { AccountInput } from '../../../domain/graph/account.js';
import { PolicyError } from '../../../domain/iam/document.js';
import type { Confidence, Draft, Proof } from '../../../domain/proof/proof.js';
import { readUsage } from '../../../domain/usage/log.js';
import { DEFAULT_LOGGING } from '../../../domain/usage/logging.js';
import { windowOf } from '../../../domain/usage/window.js';
import { sha256 } from './digest.js';
import { at, checkShape } from './input.js';
import { LoggingShape, WindowShape } from './policy-rightsize.js';

const FindingShape = z.looseObject({
  source: z.enum(FINDING_SOURCES).default('generic'),
  sourceId: z.string().default(''),
  canonicalKey: z.string().default(''),
  kind: z.enum(FINDING_KINDS),
  title: z.string().default('Finding'),
  severity: z.enum(SEVERITIES).default('medium'),
  status: z.enum(['open', 'in-progress', 'resolved', 'ignored']).default('open'),
  cloud: z.enum(['aws', 'azure', 'gcp', 'kubernetes', 'other']).default('aws'),
  subject: z.looseObject({
    type: z.enum(['identity', 'store', 'credential', 'other']),
    id: z.string().min(1),
    name: z.string().default(''),
  }),
  resources: z.array(z.looseObject({ id: z.string() })).default([]),
  evidence: z
    .looseObject({
      permissions: z.array(z.string()).optional(),
      unusedPermissions: z.array(z.string()).optional(),
      usage: z
        .array(z.looseObject({ action: z.string(), count: z.number(), lastUsedIso: z.string().optional() }))
        .optional(),
      lastUsedIso: z.string().optional(),
    })
    .default({}),
  labels: z.array(z.string()).default([]),
  tags: z.record(z.string(), z.string()).default({}),
  ownerHints: z.array(z.string()).default([]),
  compliance: z.array(z.string()).default([]),
});

const LineShape = z.object({
  finding: FindingShape,
  account: z.record(z.string(), z.unknown()).default({}),
  usage: z.array(z.unknown()).default([]),
  window: WindowShape.nullish(),
  logging: LoggingShape.nullish(),
  resources: z.enum(['leave', 'exact', 'prefix']).nullish(),
  usageScope: z.enum(['account', 'principal']).nullish(),
  keepActions: z.array(z.string()).nullish(),
  keepReason: z.string().nullish(),
});

const EXPECTED = '{"finding": as finding normalise gives it, "account": …, "usage"?: […]}';

/** What `curtail draft` answers. Without a draft `change` and `proof` are null and `outcome` says why. */
export interface DraftAnswer {
  outcome: 'draft' | 'no-change' | 'refused';
  reason?: string;
  reasonCode?: string;
  /** The change; a list when it takes several. */
  change: Change | readonly Change[] | null;
  proof: Proof | null;
  explanation: DraftExplanation;
  confidence: Confidence | null;
  removed?: Draft['removed'];
  kept?: Draft['kept'];
  justification?: Draft['justification'];
  usedHighRisk?: Draft['usedHighRisk'];
  riskBefore?: Draft['riskBefore'];
  riskAfter?: Draft['riskAfter'];
}

/**
 * `curtail draft`: the proved fix for a finding. An identity that the account lacks is taken as the finding describes it.
 * @throws PolicyError pointing into the line
 */
export function draft(line: unknown): DraftAnswer {
  const input = draftInputOf(line);
  const { finding } = input;
  // Where the finding stands for what the account lacks, its documents are the ones that may be malformed.
  const result = at(input.gaps?.length === 0 ? '/account' : '/finding/evidence', () => draftFix(input));
  const explanation = explainDraft(result, finding.title);
  if (result.kind !== 'draft') {
    const { kind, reason, reasonCode } = result;
    return { outcome: kind, reason, reasonCode, change: null, proof: null, explanation, confidence: null };
  }
  const { changes, proof, confidence, removed, kept, justification, usedHighRisk, riskBefore, riskAfter } =
    result.draft;
  const [only, ...more] = changes;
  if (only === undefined)
    throw new PolicyError('InvalidInput', '', 'a draft without a change; report it with the input');
  return {
    outcome: 'draft',
    change: more.length === 0 ? only : changes,
    proof,
    explanation,
    confidence,
    removed,
    kept,
    justification,
    usedHighRisk,
    riskBefore,
    riskAfter,
  };
}

/**
 * What a line asks to have drafted. Without a window, `window` counts, and without that the one that its usage shows.
 * @throws PolicyError pointing into the line
 */
export function draftInputOf(line: unknown, window?: DraftInput['window']): DraftInput {
  const shape = checkShape(LineShape, line, EXPECTED);
  const finding = shape.finding as unknown as Finding;
  const claimed = at('/account', () => claimedAccount(finding, shape.account as AccountInput));
  const evidence = readUsage(shape.usage.length > 0 ? shape.usage : evidenceRows(finding));
  const gaps = claimed?.blindSpot === undefined ? [] : [claimed.blindSpot];
  return {
    finding,
    account: claimed?.account ?? (shape.account as AccountInput),
    usage: shape.usage,
    window:
      shape.window == null
        ? (window ?? windowOf(evidence, Date.now(), finding.observationDays))
        : { fromIso: shape.window.from, toIso: shape.window.to },
    logging: shape.logging ?? DEFAULT_LOGGING,
    gaps,
    ...(shape.resources == null ? {} : { resources: shape.resources }),
    ...(shape.usageScope == null ? {} : { usageScope: shape.usageScope }),
    ...(shape.keepActions == null
      ? {}
      : { ownerOptions: { keepActions: shape.keepActions, keepReason: shape.keepReason ?? '' } }),
    now: () => performance.now(),
    digest: sha256,
  };
}

function evidenceRows(finding: Finding): readonly unknown[] {
  return (finding.evidence.usage ?? []).map(({ action, count, lastUsedIso }) => ({
    action,
    count,
    ...(lastUsedIso === undefined ? {} : { lastUsed: lastUsedIso }),
  }));
}
