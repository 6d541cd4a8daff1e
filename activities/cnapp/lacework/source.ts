import { z } from 'zod';
import { Failure, FailureType } from '../../../domain/failure.js';
import type { Finding } from '../../../domain/finding/finding.js';
import { isRecord } from '../../../domain/json.js';
import { type AdapterDeps, adapter } from '../../adapter.js';
import { pagedList, probeParts } from '../paged.js';
import type { CnappSource, CnappTraits, FindingHint, SourceRecord } from '../port.js';
import { mapRecord } from '../record-map.js';
import { countWarnings } from '../warnings.js';
import { LaceworkConfig } from './config.js';
import { laceworkContext } from './context.js';
import { evidenceOfPrincipals, identitiesQuery, LQL_DAYS } from './entitlements.js';
import { type LaceworkApi, laceworkParts, mapAlerts } from './lists.js';
import { laceworkMap } from './map.js';
import { askLql, isoSeconds, laceworkHttp } from './wire.js';
import { isAlert, laceworkWriter, readAlert } from './write.js';

/** What Lacework offers. Alerts beyond the look-back are not listed, so an absence proves nothing; closed ones are listed. */
export const laceworkTraits: CnappTraits = {
  vendor: 'lacework',
  listsAreComplete: false,
  incremental: true,
  comments: 'api',
  status: 'api',
  assetTags: 'none',
  graph: true,
  rescan: 'wait',
  notifications: 'names',
  webhookVerification: ['secret header', 'secret in the path'],
};

/** Findings of a Lacework account. */
export const lacework = adapter(LaceworkConfig, createLaceworkSource);

function createLaceworkSource(config: LaceworkConfig, deps: AdapterDeps): CnappSource {
  const http = laceworkHttp(config, deps);
  const warnings = countWarnings('lacework', deps.log);
  const api: LaceworkApi = { http, config, warnings, now: deps.now, log: deps.log, reported: new Set() };
  const parts = laceworkParts(api);
  return {
    traits: laceworkTraits,
    list: pagedList({
      vendor: 'lacework',
      parts,
      overlapMinutes: config.overlapMinutes,
      warnings,
    }),
    get: (sourceId) => getFinding(api, sourceId),
    parseWebhook,
    probe: () => probeParts(parts),
    context: (finding) => laceworkContext(http, finding, deps.now()),
    ...laceworkWriter(http),
  };
}

async function getFinding(api: LaceworkApi, sourceId: string): Promise<Finding | undefined> {
  if (isAlert(sourceId)) return getAlert(api, sourceId);
  if (sourceId.includes('|')) return getEvaluation(api, sourceId);
  const [row] = await askLql(api.http, {
    doing: 'reading an identity',
    queryText: identitiesQuery([sourceId]),
    limit: 1,
    days: LQL_DAYS,
    nowMs: api.now(),
  });
  if (row === undefined) return undefined;
  const evidence = await evidenceOfPrincipals(api.http, [sourceId], { nowMs: api.now(), log: api.log });
  return foundIn(mapRecord(laceworkMap, row, { evidence, warn: api.warnings.warn }));
}

async function getAlert(api: LaceworkApi, id: string): Promise<Finding | undefined> {
  const body = await readAlert(api.http, id, 'Details');
  if (body === undefined) return undefined;
  const [record] = await mapAlerts(api, [isRecord(body) ? body['data'] : body]);
  return record === undefined ? undefined : foundIn(record);
}

const Found = z.object({ data: z.array(z.unknown()).nullish() }).optional();

/** An evaluation is named by its policy and its resource. */
async function getEvaluation(api: LaceworkApi, sourceId: string): Promise<Finding | undefined> {
  const cut = sourceId.indexOf('|');
  const dataset = /^lw_azure|azure/i.test(sourceId)
    ? 'AzureCompliance'
    : /^lw_gcp|googleapis/i.test(sourceId)
      ? 'GcpCompliance'
      : 'AwsCompliance';
  const nowMs = api.now();
  const { body } = await api.http.send({
    doing: 'reading a compliance evaluation',
    method: 'POST',
    path: '/api/v2/Configs/ComplianceEvaluations/search',
    body: {
      timeFilter: { startTime: isoSeconds(nowMs - LQL_DAYS * 86_400_000), endTime: isoSeconds(nowMs) },
      dataset,
      filters: [
        { field: 'id', expression: 'eq', value: sourceId.slice(0, cut) },
        { field: 'resource', expression: 'eq', value: sourceId.slice(cut + 1) },
      ],
    },
    answer: Found,
  });
  for (const row of body?.data ?? []) {
    const record = mapRecord(laceworkMap, row, { evidence: new Map(), warn: api.warnings.warn });
    if (record.ok && record.finding.sourceId === sourceId) return record.finding;
  }
  return undefined;
}

function foundIn(record: SourceRecord): Finding {
  if (record.ok) return record.finding;
  throw new Failure(FailureType.VendorShape, `lacework: reading a finding: ${record.reason}`);
}

const Notice = z.object({
  event_id: z.union([z.string(), z.number()]),
  event_type: z.string().optional().catch(undefined),
});

/** The alert that a notification of Lacework names. Nobody signs it, so the alert is read again through the API. */
export function parseWebhook(payload: unknown): FindingHint[] {
  const notice = Notice.safeParse(payload);
  if (!notice.success || !isAlert(String(notice.data.event_id))) return [];
  return [{ sourceId: String(notice.data.event_id), kind: (notice.data.event_type ?? 'alert').slice(0, 50) }];
}
