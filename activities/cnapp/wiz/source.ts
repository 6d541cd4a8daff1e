import { z } from 'zod';
import { Failure, FailureType } from '../../../domain/failure.js';
import type { Finding } from '../../../domain/finding/finding.js';
import { isRecord } from '../../../domain/json.js';
import { type AdapterDeps, adapter } from '../../adapter.js';
import { pagedList, probeParts } from '../paged.js';
import type { CnappSource, CnappTraits, FindingHint, SourceRecord } from '../port.js';
import { mapRecord } from '../record-map.js';
import { countWarnings, type Warnings } from '../warnings.js';
import { wizTokens } from './auth.js';
import { WizConfig } from './config.js';
import { wizContext } from './context.js';
import { findById, wizParts } from './lists.js';
import { wizMap } from './map.js';
import { ISSUE } from './queries.js';
import { type WizApi, wizApi } from './wire.js';
import { isUnknownIssue, wizWriter } from './write.js';

/** What Wiz offers. */
export const wizTraits: CnappTraits = {
  vendor: 'wiz',
  listsAreComplete: true,
  incremental: true,
  comments: 'api',
  status: 'api',
  assetTags: 'none',
  graph: true,
  rescan: 'wait',
  notifications: 'names',
  webhookVerification: ['basic', 'bearer token', 'secret header', 'mutual TLS'],
};

/** Findings of a Wiz tenant. */
export const wiz = adapter(WizConfig, createWizSource);

function createWizSource(config: WizConfig, deps: AdapterDeps): CnappSource {
  const api = wizApi(config, wizTokens(config, deps), deps);
  const warnings = countWarnings('wiz', deps.log);
  const parts = wizParts(config, api, warnings);
  return {
    traits: wizTraits,
    list: pagedList({
      vendor: 'wiz',
      parts,
      overlapMinutes: config.overlapMinutes,
      warnings,
    }),
    get: (sourceId) => getFinding(config, api, warnings, sourceId),
    parseWebhook,
    probe: () => probeParts(parts),
    context: (finding) => wizContext(config, api, finding),
    ...wizWriter(api),
  };
}

/** An id does not say which list it belongs to: issues first, which most are. */
async function getFinding(
  config: WizConfig,
  api: WizApi,
  warnings: Warnings,
  sourceId: string,
): Promise<Finding | undefined> {
  const issue = await readIssue(api, sourceId);
  if (issue !== undefined)
    return foundIn(mapRecord(wizMap, issue, { evidence: new Map(), warn: warnings.warn }));
  for (const list of ['excessive-access', 'data-findings'] as const) {
    if (!config.read.includes(list)) continue;
    const record = await findById(config, api, warnings, { list, id: sourceId });
    if (record !== undefined) return foundIn(record);
  }
  return undefined;
}

async function readIssue(api: WizApi, id: string): Promise<unknown> {
  try {
    const data = await api.ask({ doing: 'reading an issue', query: ISSUE, variables: { id } });
    return data['issue'] ?? undefined;
  } catch (error) {
    if (error instanceof Failure && isUnknownIssue(error)) return undefined;
    throw error;
  }
}

function foundIn(record: SourceRecord): Finding {
  if (record.ok) return record.finding;
  throw new Failure(FailureType.VendorShape, `wiz: reading a finding: ${record.reason}`);
}

const Webhook = z.object({
  trigger: z.object({ source: z.string() }).optional().catch(undefined),
  issue: z
    .object({ id: z.string().min(1).max(512) })
    .optional()
    .catch(undefined),
  issueId: z.string().min(1).max(512).optional().catch(undefined),
});

/**
 * What a notification of Wiz names. Its body is a template that the customer writes, and nobody signs it: it is a hint,
 * and the finding is read again through the API. Empty when it names no issue.
 */
export function parseWebhook(payload: unknown): FindingHint[] {
  if (!isRecord(payload)) return [];
  const parsed = Webhook.safeParse(payload);
  if (!parsed.success) return [];
  const { trigger, issue, issueId } = parsed.data;
  const sourceId = issue?.id ?? issueId;
  if (sourceId === undefined) return [];
  return [{ sourceId, kind: (trigger?.source ?? 'issue').toLowerCase().slice(0, 50) }];
}
