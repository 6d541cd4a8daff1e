import { z } from 'zod';
import type { Http } from '../../http.js';
import type { Part, PartPage } from '../paged.js';
import type { SourceRecord } from '../port.js';
import { mapRecord } from '../record-map.js';
import type { Warnings } from '../warnings.js';
import type { PrismaConfig } from './config.js';
import { principalOf, prismaMap } from './map.js';
import type { Permissions } from './permissions.js';

const Alerts = z.object({ items: z.array(z.unknown()), nextPageToken: z.string().nullish() });

/** What the lists are read through. */
export interface PrismaApi {
  http: Http;
  dspm: Http | undefined;
  permissions: Permissions | undefined;
  warnings: Warnings;
}

/** The alerts, and the risk findings of the DSPM module where it is configured. */
export function prismaParts(config: PrismaConfig, api: PrismaApi, now: () => number): Part[] {
  const { dspm } = api;
  const alerts: Part = {
    name: 'alerts',
    needs: 'an access key whose role may view alerts',
    read: async ({ state, sinceIso, signal }) => {
      const { body } = await api.http.send({
        doing: 'listing alerts',
        method: 'POST',
        path: '/v2/alert?detailed=true',
        body: {
          detailed: true,
          timeRange:
            sinceIso === undefined
              ? { type: 'to_now', value: 'epoch' }
              : { type: 'absolute', value: { startTime: Date.parse(sinceIso), endTime: now() } },
          filters: filtersOf(config, sinceIso !== undefined),
          sortBy: ['id:asc'],
          limit: config.pageSize,
          ...(state !== undefined && { pageToken: state }),
        },
        answer: Alerts,
        ...(signal !== undefined && { signal }),
      });
      const records = await mapAlerts(api, body.items);
      return {
        records,
        ...(body.nextPageToken != null && body.nextPageToken !== '' && { next: body.nextPageToken }),
      };
    },
  };
  return dspm === undefined
    ? [alerts]
    : [
        alerts,
        {
          name: 'risk findings',
          needs: "a key of the data-security host's own",
          fullOnly: true,
          read: (input) => readRisks(dspm, api.warnings, input),
        },
      ];
}

/** The same name given several times means any of them, other names narrow further. */
function filtersOf(
  config: PrismaConfig,
  isIncremental: boolean,
): { name: string; operator: '='; value: string }[] {
  const statuses = isIncremental
    ? ['open', 'dismissed', 'snoozed', 'resolved', 'pending_resolution']
    : ['open', 'pending_resolution'];
  return [
    ...statuses.map((value) => ({ name: 'alert.status', operator: '=' as const, value })),
    ...config.policyTypes.map((value) => ({ name: 'policy.type', operator: '=' as const, value })),
    ...(isIncremental
      ? [{ name: 'timeRange.type', operator: '=' as const, value: 'ALERT_STATUS_UPDATED' }]
      : []),
  ];
}

/** Alerts with the permissions of their principals: one search for the page, not one for each alert. */
export async function mapAlerts(api: PrismaApi, items: readonly unknown[]): Promise<SourceRecord[]> {
  const principals = items.map(principalOf).filter((id) => id !== undefined);
  const evidence = principals.length === 0 ? undefined : await api.permissions?.evidence(principals);
  return items.map((item) =>
    mapRecord(prismaMap, item, { evidence: evidence ?? new Map(), warn: api.warnings.warn }),
  );
}

const RISKS_PAGE = 50;
const Risks = z.array(z.unknown());
const Named = z.object({ id: z.union([z.string(), z.number()]) });

/** Pages are numbered, so rows move when others go: a total that changes under way makes the scan incomplete. */
async function readRisks(
  dspm: Http,
  warnings: Warnings,
  input: { state?: string; signal?: AbortSignal },
): Promise<PartPage> {
  const [pageText = '0', totalBefore] = (input.state ?? '0').split('/');
  const page = Number(pageText);
  const answer = await dspm.send({
    doing: 'listing risk findings',
    method: 'GET',
    path: `/v1/risk-findings?page=${page}&size=${RISKS_PAGE}`,
    answer: Risks,
    ...(input.signal !== undefined && { signal: input.signal }),
  });
  const total = answer.headers.get('x-total-count') ?? '';
  const records: SourceRecord[] = [];
  for (const each of answer.body) records.push(await detailed(dspm, warnings, each));
  const moved = totalBefore !== undefined && totalBefore !== '' && total !== totalBefore;
  const isLast = answer.body.length < RISKS_PAGE;
  return {
    records,
    ...(moved && { fault: `the number of findings changed from ${totalBefore} to ${total} under way` }),
    ...(!isLast && { next: `${page + 1}/${total}` }),
  };
}

/** Data types and tags are in the details only. */
async function detailed(dspm: Http, warnings: Warnings, each: unknown): Promise<SourceRecord> {
  const named = Named.safeParse(each);
  const detail = named.success ? await readRisk(dspm, String(named.data.id)) : undefined;
  return mapRecord(prismaMap, detail ?? each, { evidence: new Map(), warn: warnings.warn });
}

/** One risk finding with its details; undefined when it is gone. */
export async function readRisk(dspm: Http, id: string): Promise<unknown> {
  const { status, body } = await dspm.send({
    doing: 'reading a risk finding',
    method: 'GET',
    path: `/v1/risk-findings/id/${encodeURIComponent(id)}`,
    answer: z.unknown(),
    alsoGood: [404],
  });
  return status === 404 ? undefined : body;
}
