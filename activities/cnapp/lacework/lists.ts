import { z } from 'zod';
import type { Log } from '../../adapter.js';
import type { Http } from '../../http.js';
import type { Part, PartPage } from '../paged.js';
import type { SourceRecord } from '../port.js';
import { type Evidence, mapRecord } from '../record-map.js';
import type { Warnings } from '../warnings.js';
import type { LaceworkConfig } from './config.js';
import { evidenceOfPrincipals, identitiesQuery, LQL_DAYS, LQL_ROWS } from './entitlements.js';
import { gatherPrincipal } from './evidence.js';
import { laceworkMap, principalOf } from './map.js';
import { askLql, isoSeconds } from './wire.js';

const DAY_MS = 86_400_000;
/** Longest span that one question about alerts may have. */
const WINDOW_MS = 7 * DAY_MS;

/** What the lists are read through. */
export interface LaceworkApi {
  http: Http;
  config: LaceworkConfig;
  warnings: Warnings;
  now: () => number;
  log: Log;
  /** Principals that alerts were about in this process: an identity is not told twice. */
  reported: Set<string>;
}

/** A page; nothing at all (204) when there are no data. */
const Page = z
  .object({
    data: z.array(z.unknown()).nullish(),
    paging: z.object({ urls: z.object({ nextPage: z.string().nullish() }).nullish() }).nullish(),
  })
  .optional();

const State = z.strictObject({
  /** Milliseconds since the epoch: the window that is being read, and where all of them end. */
  fromMs: z.number(),
  endMs: z.number(),
  /** Path of the next page inside the window. */
  page: z.string().optional(),
});
type State = z.output<typeof State>;

/** The lists that the configuration names. */
export function laceworkParts(api: LaceworkApi): Part[] {
  const parts: Readonly<Record<LaceworkConfig['read'][number], Part>> = {
    alerts: {
      name: 'alerts',
      needs: 'an API key that may read alerts',
      read: (input) => readAlerts(api, input),
    },
    identities: {
      name: 'identities',
      needs: 'an API key that may run queries (LQL)',
      fullOnly: true,
      read: (input) => readIdentities(api, input),
    },
    compliance: {
      name: 'compliance evaluations',
      needs: 'an API key that may search configurations',
      fullOnly: true,
      read: (input) => readCompliance(api, input),
    },
  };
  return api.config.read.map((name) => parts[name]);
}

/** Alerts, window by window of at most seven days. Closed ones too: that is how Lacework says that a risk is gone. */
async function readAlerts(api: LaceworkApi, input: Parameters<Part['read']>[0]): Promise<PartPage> {
  const at =
    input.state === undefined ? beginning(api, input.sinceIso) : State.parse(JSON.parse(input.state));
  const toMs = Math.min(at.fromMs + WINDOW_MS, at.endMs);
  const query = new URLSearchParams({ startTime: isoSeconds(at.fromMs), endTime: isoSeconds(toMs) });
  const { body } = await api.http.send({
    doing: 'listing alerts',
    method: 'GET',
    path: at.page ?? `/api/v2/Alerts?${query}`,
    answer: Page,
    ...(input.signal !== undefined && { signal: input.signal }),
  });
  const records = await mapAlerts(api, body?.data ?? [], input.signal);
  const next = nextState(at, toMs, body?.paging?.urls?.nextPage ?? undefined);
  return { records, ...(next !== undefined && { next: JSON.stringify(next) }) };
}

function beginning({ config, now }: LaceworkApi, sinceIso: string | undefined): State {
  const endMs = now();
  const fromMs =
    sinceIso === undefined
      ? endMs - config.lookBackDays * DAY_MS
      : Math.min(Date.parse(sinceIso), endMs - 60_000);
  return { fromMs, endMs };
}

function nextState(at: State, toMs: number, page: string | undefined): State | undefined {
  if (page !== undefined) return { fromMs: at.fromMs, endMs: at.endMs, page };
  return toMs < at.endMs ? { fromMs: toMs, endMs: at.endMs } : undefined;
}

/** Alerts with what is known about their principals: two questions for a page, not two for each alert. */
export async function mapAlerts(
  api: LaceworkApi,
  alerts: readonly unknown[],
  signal?: AbortSignal,
): Promise<SourceRecord[]> {
  const principals = alerts.map(principalOf).filter((id) => id !== undefined);
  for (const id of principals) api.reported.add(id);
  const evidence: Evidence =
    api.config.entitlements && principals.length > 0
      ? await evidenceOfPrincipals(api.http, principals, {
          nowMs: api.now(),
          log: api.log,
          ...(signal !== undefined && { signal }),
        })
      : new Map();
  return alerts.map((alert) => mapRecord(laceworkMap, alert, { evidence, warn: api.warnings.warn }));
}

/** Identities with risks. One question gives all there are, or as many as there may be. */
async function readIdentities(api: LaceworkApi, input: Parameters<Part['read']>[0]): Promise<PartPage> {
  const rows = await askLql(api.http, {
    doing: 'listing identities',
    queryText: identitiesQuery(),
    limit: LQL_ROWS,
    days: LQL_DAYS,
    nowMs: api.now(),
    ...(input.signal !== undefined && { signal: input.signal }),
  });
  const records: SourceRecord[] = [];
  for (const row of rows) {
    const evidence: Evidence = new Map();
    gatherPrincipal(row, evidence);
    const [id] = evidence.keys();
    if (id !== undefined && api.reported.has(id)) continue;
    if (id !== undefined && evidence.get(id)?.risks.length === 0) continue;
    records.push(mapRecord(laceworkMap, row, { evidence, warn: api.warnings.warn }));
  }
  if (rows.length < LQL_ROWS) return { records };
  return { records, fault: `there are more identities than the ${LQL_ROWS} that one query gives` };
}

const DATASETS = ['AwsCompliance', 'AzureCompliance', 'GcpCompliance'] as const;

/** What does not comply, data set by data set: without one named the API refuses. */
async function readCompliance(api: LaceworkApi, input: Parameters<Part['read']>[0]): Promise<PartPage> {
  const [index = '0', ...path] = (input.state ?? '0').split(' ');
  const page = path.join(' ');
  const dataset = DATASETS[Number(index)];
  const now = api.now();
  const { body } = await api.http.send({
    doing: 'listing compliance evaluations',
    method: page === '' ? 'POST' : 'GET',
    path: page === '' ? '/api/v2/Configs/ComplianceEvaluations/search' : page,
    ...(page === '' && {
      body: {
        timeFilter: { startTime: isoSeconds(now - LQL_DAYS * DAY_MS), endTime: isoSeconds(now) },
        dataset,
        filters: [{ field: 'status', expression: 'eq', value: 'NonCompliant' }],
      },
    }),
    answer: Page,
    ...(input.signal !== undefined && { signal: input.signal }),
  });
  const records = (body?.data ?? []).map((row) =>
    mapRecord(laceworkMap, row, { evidence: new Map(), warn: api.warnings.warn }),
  );
  const nextPage = body?.paging?.urls?.nextPage ?? undefined;
  const nextSet = Number(index) + 1;
  const next =
    nextPage !== undefined ? `${index} ${nextPage}` : nextSet < DATASETS.length ? String(nextSet) : undefined;
  return { records, ...(next !== undefined && { next }) };
}
