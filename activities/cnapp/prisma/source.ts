import { z } from 'zod';
import { Failure, FailureType } from '../../../domain/failure.js';
import type { Finding } from '../../../domain/finding/finding.js';
import { type AdapterDeps, adapter } from '../../adapter.js';
import { pagedList, probeParts } from '../paged.js';
import type { CnappSource, CnappTraits, FindingHint, SourceRecord } from '../port.js';
import { mapRecord } from '../record-map.js';
import { countWarnings } from '../warnings.js';
import { PrismaConfig } from './config.js';
import { prismaContext } from './context.js';
import { mapAlerts, type PrismaApi, prismaParts, readRisk } from './lists.js';
import { prismaMap } from './map.js';
import { permissionSearch } from './permissions.js';
import { dspmHttp, prismaHttp } from './wire.js';
import { prismaWriter } from './write.js';

/** What Prisma Cloud offers. */
export const prismaTraits: CnappTraits = {
  vendor: 'prisma',
  listsAreComplete: true,
  incremental: true,
  comments: 'none',
  status: 'api',
  assetTags: 'none',
  graph: true,
  rescan: 'wait',
  notifications: 'names',
  webhookVerification: ['secret header', 'secret in the path'],
};

/** Findings of a Prisma Cloud tenant. */
export const prisma = adapter(PrismaConfig, createPrismaSource);

function createPrismaSource(config: PrismaConfig, deps: AdapterDeps): CnappSource {
  const http = prismaHttp(config, deps);
  const api: PrismaApi = {
    http,
    dspm: config.dspm === undefined ? undefined : dspmHttp(config.dspm, deps),
    permissions: config.permissions ? permissionSearch(http, deps.log) : undefined,
    warnings: countWarnings('prisma', deps.log),
  };
  const parts = prismaParts(config, api, deps.now);
  return {
    traits: prismaTraits,
    list: pagedList({
      vendor: 'prisma',
      parts,
      overlapMinutes: config.overlapMinutes,
      warnings: api.warnings,
    }),
    get: (sourceId) => getFinding(api, sourceId),
    parseWebhook,
    probe: () => probeParts(parts),
    context: (finding) => prismaContext(api.permissions, finding),
    ...prismaWriter(api, deps.now),
  };
}

async function getFinding(api: PrismaApi, sourceId: string): Promise<Finding | undefined> {
  if (sourceId.startsWith('dspm:')) {
    if (api.dspm === undefined) return undefined;
    const risk = await readRisk(api.dspm, sourceId.slice('dspm:'.length));
    return risk === undefined
      ? undefined
      : foundIn(mapRecord(prismaMap, risk, { evidence: new Map(), warn: api.warnings.warn }));
  }
  const { status, body } = await api.http.send({
    doing: 'reading an alert',
    method: 'GET',
    path: `/alert/${encodeURIComponent(sourceId)}?detailed=true`,
    answer: z.unknown(),
    alsoGood: [404],
  });
  if (status === 404) return undefined;
  const [record] = await mapAlerts(api, [body]);
  return record === undefined ? undefined : foundIn(record);
}

function foundIn(record: SourceRecord): Finding {
  if (record.ok) return record.finding;
  throw new Failure(FailureType.VendorShape, `prisma: reading a finding: ${record.reason}`);
}

const Notice = z.object({
  alertId: z.string().min(1).max(512),
  policyType: z.string().optional().catch(undefined),
});

/**
 * The alerts that a notification of Prisma Cloud names. It is a list, and nobody signs it: each alert is read again
 * through the API. What names no alert is passed over.
 */
export function parseWebhook(payload: unknown): FindingHint[] {
  const list = Array.isArray(payload) ? payload : [payload];
  return list.slice(0, 1000).flatMap((each) => {
    const notice = Notice.safeParse(each);
    return notice.success
      ? [{ sourceId: notice.data.alertId, kind: (notice.data.policyType ?? 'alert').slice(0, 50) }]
      : [];
  });
}
