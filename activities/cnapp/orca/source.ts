import { z } from 'zod';
import { Failure, FailureType } from '../../../domain/failure.js';
import type { Finding } from '../../../domain/finding/finding.js';
import { isRecord } from '../../../domain/json.js';
import { type AdapterDeps, adapter } from '../../adapter.js';
import type { Http } from '../../http.js';
import { pagedList, probeParts } from '../paged.js';
import type { CnappSource, CnappTraits, FindingHint } from '../port.js';
import { mapRecord } from '../record-map.js';
import { countWarnings, type Warnings } from '../warnings.js';
import { OrcaConfig } from './config.js';
import { orcaContext } from './context.js';
import { orcaParts } from './lists.js';
import { orcaMap } from './map.js';
import { alertFields } from './shape.js';
import { orcaHttp, queryRows } from './wire.js';
import { orcaWriter } from './write.js';

/** What Orca offers. */
export const orcaTraits: CnappTraits = {
  vendor: 'orca',
  listsAreComplete: true,
  incremental: true,
  comments: 'api',
  status: 'api',
  assetTags: 'api',
  graph: true,
  rescan: 'api',
  notifications: 'names',
  webhookVerification: ['secret header'],
};

/** Findings of an Orca organisation. */
export const orca = adapter(OrcaConfig, createOrcaSource);

function createOrcaSource(config: OrcaConfig, deps: AdapterDeps): CnappSource {
  const http = orcaHttp(config, deps);
  const warnings = countWarnings('orca', deps.log);
  const parts = orcaParts(config, http, warnings);
  return {
    traits: orcaTraits,
    list: pagedList({
      vendor: 'orca',
      parts,
      overlapMinutes: config.overlapMinutes,
      warnings,
    }),
    get: (sourceId) => getFinding(http, warnings, sourceId),
    parseWebhook,
    probe: () => probeParts(parts),
    context: (finding) => orcaContext(http, finding),
    ...orcaWriter(http, deps.now),
  };
}

/** Asked of the serving layer and not of the alert API, whose answer has another shape and fewer ids. */
async function getFinding(http: Http, warnings: Warnings, sourceId: string): Promise<Finding | undefined> {
  const { rows } = await queryRows(http, {
    doing: 'reading an alert',
    model: 'Alert',
    conditions: [
      { key: 'AlertId', type: 'str', operator: 'in', values: [sourceId, sourceId.replace(/^orca-/, '')] },
    ],
    limit: 10,
    index: 0,
  });
  for (const row of rows) {
    const record = mapRecord(orcaMap, row, { evidence: new Map(), warn: warnings.warn });
    if (record.ok && record.finding.sourceId === sourceId) return record.finding;
    if (!record.ok) throw new Failure(FailureType.VendorShape, `orca: reading a finding: ${record.reason}`);
  }
  return undefined;
}

const Named = z.object({
  sourceId: z.string().min(1).max(512),
  Category: z.string().optional().catch(undefined),
});

/**
 * The alert that a notification of Orca names: the older shape, or the fields that the customer chose. Nobody signs it,
 * so the alert is read again through the API. Empty when it names none.
 */
export function parseWebhook(payload: unknown): FindingHint[] {
  if (!isRecord(payload)) return [];
  const whole = Named.safeParse(alertFields(payload));
  const chosen = Named.safeParse({
    sourceId: payload['alert_id'] ?? payload['AlertId'],
    Category: payload['category'],
  });
  const named = whole.success ? whole : chosen;
  return named.success
    ? [{ sourceId: named.data.sourceId, kind: (named.data.Category ?? 'alert').slice(0, 50) }]
    : [];
}
