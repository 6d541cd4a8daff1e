import { z } from 'zod';
import { Failure, FailureType } from '../../../domain/failure.js';
import { defined } from '../finding-parts.js';
import type { Part, PartPage } from '../paged.js';
import type { SourceRecord } from '../port.js';
import { mapRecord } from '../record-map.js';
import type { Warnings } from '../warnings.js';
import type { WizConfig, WizList } from './config.js';
import { wizMap } from './map.js';
import { DATA_FINDINGS, EXCESSIVE_ACCESS, ISSUES } from './queries.js';
import type { GraphQlAnswer, WizApi } from './wire.js';

const Page = z.object({
  nodes: z.array(z.unknown()).nullish(),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }),
});

/** Entities that an entitlement or a data finding is about: issues about anything else are not asked for. */
const ENTITY_TYPES = [
  'USER_ACCOUNT',
  'SERVICE_ACCOUNT',
  'GROUP',
  'ACCESS_ROLE',
  'ACCESS_ROLE_BINDING',
  'ACCESS_KEY',
  'RAW_ACCESS_POLICY',
  'BUCKET',
  'DATABASE',
  'DB_SERVER',
  'DATA_STORE',
  'DATA_FINDING',
  'EXCESSIVE_ACCESS_FINDING',
];

interface Listing {
  query: string;
  filter(config: WizConfig, input: { sinceIso?: string; ids?: readonly string[] }): Record<string, unknown>;
}

/** The shapes of filters differ from list to list (plain lists, operator objects, bare values), so nothing is shared. */
const LISTINGS: Readonly<Record<WizList, Listing>> = {
  issues: {
    query: ISSUES,
    filter: ({ projects }, { sinceIso }) => ({
      relatedEntity: { type: ENTITY_TYPES },
      status:
        sinceIso === undefined ? ['OPEN', 'IN_PROGRESS'] : ['OPEN', 'IN_PROGRESS', 'RESOLVED', 'REJECTED'],
      ...(sinceIso !== undefined && { statusChangedAt: { after: sinceIso } }),
      ...(projects.length > 0 && { project: projects }),
    }),
  },
  'excessive-access': {
    query: EXCESSIVE_ACCESS,
    filter: ({ projects }, { ids }) => ({
      ...(ids === undefined ? { status: { equals: ['OPEN'] } } : { id: { equals: ids } }),
      ...(projects.length > 0 && { project: projects }),
    }),
  },
  'data-findings': {
    query: DATA_FINDINGS,
    filter: ({ projects }, { ids }) => ({
      ...(ids === undefined ? { status: { equals: ['OPEN'] } } : { id: { equals: ids } }),
      ...(projects.length > 0 && { projectId: projects }),
    }),
  },
};

/** The scope that each list needs. */
const NEEDS: Readonly<Record<WizList, string>> = {
  issues: 'read:issues',
  'excessive-access': 'read:excessive_access_findings',
  'data-findings': 'read:data_findings',
};

/** The lists that the configuration names. */
export function wizParts(config: WizConfig, api: WizApi, warnings: Warnings): Part[] {
  return config.read.map((name) => ({
    name,
    needs: NEEDS[name],
    fullOnly: name !== 'issues',
    read: ({ state, sinceIso, signal }) =>
      readPage(api, name, warnings, {
        filterBy: LISTINGS[name].filter(config, defined({ sinceIso })),
        first: config.pageSize,
        after: state,
        signal,
      }),
  }));
}

/** The findings of a list by their id. The `id` filter of these two lists is not documented; a tenant may refuse it. */
export async function findById(
  config: WizConfig,
  api: WizApi,
  warnings: Warnings,
  asked: { list: Exclude<WizList, 'issues'>; id: string },
): Promise<SourceRecord | undefined> {
  const page = await readPage(api, asked.list, warnings, {
    filterBy: LISTINGS[asked.list].filter(config, { ids: [asked.id] }),
    first: 1,
    after: undefined,
    signal: undefined,
  });
  return page.records.find((record) => record.ok && record.finding.sourceId === asked.id);
}

async function readPage(
  api: WizApi,
  name: WizList,
  warnings: Warnings,
  asked: { filterBy: unknown; first: number; after: string | undefined; signal: AbortSignal | undefined },
): Promise<PartPage> {
  const { filterBy, first, after, signal } = asked;
  const answer = await api.askPartly({
    doing: `listing ${name}`,
    query: LISTINGS[name].query,
    variables: { filterBy, first, ...defined({ after }) },
    ...(signal !== undefined && { signal }),
  });
  const page = Page.safeParse(answer.data['page']);
  if (!page.success) throw noPage(name, answer);
  const nodes = page.data.nodes ?? [];
  const fault = faultOf(answer, nodes);
  const { hasNextPage, endCursor } = page.data.pageInfo;
  if (hasNextPage && endCursor == null) {
    throw new Failure(
      FailureType.VendorShape,
      `wiz: listing ${name}: there is another page but no cursor to it`,
    );
  }
  return {
    records: nodes.map((node, i) => toRecord(node, answer, i, warnings)),
    ...defined({ fault, next: hasNextPage ? (endCursor ?? undefined) : undefined }),
  };
}

function toRecord(node: unknown, answer: GraphQlAnswer, index: number, warnings: Warnings): SourceRecord {
  if (node !== null) return mapRecord(wizMap, node, { evidence: new Map(), warn: warnings.warn });
  const error = answer.errors.find((each) => each.path?.includes(index));
  return {
    ok: false,
    reason: `wiz: the node is null: ${error?.message.slice(0, 200) ?? 'no reason is given'}`,
    original: answer.errors,
  };
}

/** Errors beside data: records that are there are taken, but the list is not complete. */
function faultOf(answer: GraphQlAnswer, nodes: readonly unknown[]): string | undefined {
  const missing = nodes.filter((node) => node === null).length;
  if (missing > 0) return `${missing} nodes are null`;
  const outside = answer.errors.find((error) => !error.path?.includes('nodes'));
  return outside === undefined ? undefined : outside.message.slice(0, 200);
}

function noPage(name: WizList, { errors }: GraphQlAnswer): Failure {
  const [first] = errors;
  if (first === undefined) {
    return new Failure(
      FailureType.VendorShape,
      `wiz: listing ${name}: unexpected answer: no nodes or pageInfo`,
    );
  }
  return new Failure(FailureType.VendorUnavailable, `wiz: listing ${name}: ${first.message.slice(0, 200)}`);
}
