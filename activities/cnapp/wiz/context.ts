import { z } from 'zod';
import { Failure, FailureType } from '../../../domain/failure.js';
import type { Finding } from '../../../domain/finding/finding.js';
import { boundedTexts, MaybeText, MaybeTexts, plainText } from '../finding-parts.js';
import { labelsByWords } from '../kind-words.js';
import type { SourceContext } from '../port.js';
import type { WizConfig } from './config.js';
import { EFFECTIVE_ACCESS, GRAPH } from './queries.js';
import type { WizApi } from './wire.js';

/** Neighbours that are asked for. */
const NEIGHBOURS = 100;

const Entity = z.object({
  id: z.string(),
  name: MaybeText,
  type: z.string(),
  providerUniqueId: MaybeText,
  properties: z.record(z.string(), z.unknown()).nullish().catch(undefined),
});
type Entity = z.output<typeof Entity>;
const Graph = z.object({
  nodes: z.array(z.object({ entities: z.array(z.unknown()).nullish() })).nullish(),
});
const Access = z.object({
  nodes: z
    .array(z.object({ grantedEntity: Entity.nullish().catch(undefined), permissions: MaybeTexts }))
    .nullish(),
});

/**
 * What the security graph knows around a subject: from an identity the stores that it reaches, with the data found in
 * them; for a store who can reach it. A leg that does not match is null in the answer.
 */
export async function wizContext(config: WizConfig, api: WizApi, finding: Finding): Promise<SourceContext> {
  try {
    return finding.subject.type === 'store'
      ? await aroundStore(config, api, finding)
      : await aroundIdentity(config, api, finding);
  } catch (error) {
    if (!(error instanceof Failure) || !isRefusal(error)) throw error;
    return {
      reaches: [],
      reachedBy: [],
      notes: [`Wiz does not answer questions to its graph: ${error.message}`],
    };
  }
}

function isRefusal(error: Failure): boolean {
  return error.type === FailureType.VendorRejected || error.type === FailureType.VendorShape;
}

async function aroundIdentity(config: WizConfig, api: WizApi, finding: Finding): Promise<SourceContext> {
  const query = {
    type: ['CLOUD_RESOURCE'],
    select: true,
    where: { providerUniqueId: { EQUALS: [finding.subject.id] } },
    relationships: [
      {
        type: [{ type: 'ALLOWS_ACCESS_TO' }],
        optional: true,
        with: {
          type: ['BUCKET', 'DATABASE', 'DB_SERVER', 'DATA_STORE'],
          select: true,
          relationships: [
            {
              type: [{ type: 'HAS_DATA_FINDING' }],
              optional: true,
              with: { type: ['DATA_FINDING'], select: true },
            },
          ],
        },
      },
    ],
  };
  const rows = await search(config, api, query);
  const reaches = new Map<string, { id: string; type: string; labels: Set<string> }>();
  for (const [, store, data] of rows) {
    if (store === undefined) continue;
    const id = idOf(store);
    const known = reaches.get(id) ?? {
      id,
      type: plainText(store.type) ?? 'store',
      labels: new Set<string>(),
    };
    for (const label of labelsByWords([data?.name, data?.properties?.['dataCategory']]))
      known.labels.add(label);
    reaches.set(id, known);
  }
  return {
    reaches: [...reaches.values()].map(({ labels, ...each }) => ({ ...each, labels: [...labels] })),
    reachedBy: [],
    notes: notesOf(rows[0]?.[0]),
  };
}

async function aroundStore(config: WizConfig, api: WizApi, finding: Finding): Promise<SourceContext> {
  const rows = await search(config, api, {
    type: ['CLOUD_RESOURCE'],
    select: true,
    where: { providerUniqueId: { EQUALS: [finding.subject.id] } },
  });
  const store = rows[0]?.[0];
  if (store === undefined)
    return { reaches: [], reachedBy: [], notes: ['Wiz does not have this resource in its graph.'] };
  const data = await api.ask({
    doing: 'asking who reaches a resource',
    query: EFFECTIVE_ACCESS,
    variables: { filterBy: { resource: { id: { equals: [store.id] } } }, first: NEIGHBOURS },
  });
  const access = Access.parse(data['entityEffectiveAccessEntries'] ?? { nodes: [] });
  const reachedBy = (access.nodes ?? []).flatMap(({ grantedEntity: entity }) =>
    entity == null ? [] : [{ id: idOf(entity), type: plainText(entity.type) ?? 'identity' }],
  );
  return { reaches: [], reachedBy, notes: notesOf(store) };
}

async function search(config: WizConfig, api: WizApi, query: unknown): Promise<(Entity | undefined)[][]> {
  const [project] = config.projects;
  const data = await api.ask({
    doing: 'asking the security graph',
    query: GRAPH,
    variables: { query, projectId: project ?? '*', first: NEIGHBOURS },
  });
  const graph = Graph.parse(data['graphSearch'] ?? { nodes: [] });
  return (graph.nodes ?? []).map((node) =>
    (node.entities ?? []).map((entity) => {
      const parsed = Entity.safeParse(entity);
      return parsed.success ? parsed.data : undefined;
    }),
  );
}

function idOf(entity: Entity): string {
  return plainText(entity.providerUniqueId, 2048) ?? entity.id;
}

function notesOf(entity: Entity | undefined): string[] {
  const properties = entity?.properties ?? {};
  return boundedTexts([
    properties['accessibleFrom.internet'] === true ? 'Reachable from the internet, says Wiz.' : undefined,
    properties['hasAdminPrivileges'] === true ? 'Has administrative privileges, says Wiz.' : undefined,
    properties['hasSensitiveData'] === true ? 'Holds sensitive data, says Wiz.' : undefined,
  ]);
}
