import { z } from 'zod';
import { Failure, FailureType } from '../../../domain/failure.js';
import type { Finding } from '../../../domain/finding/finding.js';
import { isRecord } from '../../../domain/json.js';
import type { Http } from '../../http.js';
import { boundedTexts, ownerHints, plainText, readTags } from '../finding-parts.js';
import type { SourceContext } from '../port.js';
import { queryRows } from './wire.js';

const Links = z.object({
  data: z
    .object({ links: z.array(z.object({ relation_key: z.string(), count: z.number() })).nullish() })
    .nullish(),
});

/**
 * What Orca knows around an asset: its exposure, whether it is a crown jewel, and how many objects it is linked with.
 * The serving layer names relations by model, and the models are not documented, so neighbours are counted, not named.
 */
export async function orcaContext(http: Http, finding: Finding): Promise<SourceContext> {
  try {
    return await around(http, finding);
  } catch (error) {
    if (!(error instanceof Failure) || error.type !== FailureType.VendorRejected) throw error;
    return { reaches: [], reachedBy: [], notes: [`Orca does not answer about this asset: ${error.message}`] };
  }
}

async function around(http: Http, finding: Finding): Promise<SourceContext> {
  const { id } = finding.subject;
  const page = await queryRows(http, {
    doing: 'looking an asset up',
    model: 'Inventory',
    conditions: [
      { key: id.startsWith('arn:') ? 'Arn' : 'AssetUniqueId', type: 'str', operator: 'in', values: [id] },
    ],
    limit: 1,
    index: 0,
  });
  const asset = page.rows.find(isRecord);
  if (asset === undefined)
    return { reaches: [], reachedBy: [], notes: ['Orca does not have this asset in its inventory.'] };
  const field = (name: string): unknown => {
    const value = isRecord(asset['data']) ? asset['data'][name] : undefined;
    return isRecord(value) && Object.hasOwn(value, 'value') ? value['value'] : value;
  };
  const tags = { ...readTags(field('Tags')), ...readTags(field('ModelTags')) };
  const [owner] = ownerHints(tags);
  const links = await linked(http, String(asset['type'] ?? 'Inventory'), asset['id']);
  return {
    reaches: [],
    reachedBy: [],
    ...(owner !== undefined && { owner }),
    notes: boundedTexts([
      field('IsInternetFacing') === true ? 'Reachable from the internet, says Orca.' : undefined,
      typeof field('Exposure') === 'string' && field('Exposure') !== 'N/A'
        ? `Exposure: ${plainText(field('Exposure'), 60)}.`
        : undefined,
      field('IsCrownJewel') === true
        ? `Crown jewel, says Orca: ${plainText(field('DetectedCrownJewelReason'), 150) ?? 'no reason is given'}.`
        : undefined,
      ...links,
    ]),
  };
}

/** Alerts come under two names and are the same, so they are left out. */
async function linked(http: Http, model: string, baseId: unknown): Promise<string[]> {
  if (typeof baseId !== 'string') return [];
  const { body } = await http.send({
    doing: 'counting linked objects',
    method: 'POST',
    path: '/api/serving-layer/linked_entities_count',
    body: { model, base_id: baseId },
    answer: Links,
  });
  return (body.data?.links ?? [])
    .filter(({ relation_key: name, count }) => count > 0 && !/alert/i.test(name))
    .slice(0, 20)
    .map(({ relation_key: name, count }) => `${plainText(name, 80) ?? 'relation'}: ${count}.`);
}
