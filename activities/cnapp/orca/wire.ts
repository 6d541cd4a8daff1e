import { z } from 'zod';
import { Secret } from '../../../runtime/secret.js';
import type { AdapterDeps } from '../../adapter.js';
import type { Http } from '../../http.js';
import { defined } from '../finding-parts.js';
import { platformHttp } from '../platform-http.js';
import { tokenCache } from '../tokens.js';
import type { OrcaConfig } from './config.js';

/** How long a token is kept before it is read again from where it lies. Orca has no call that renews one. */
const TOKEN_LIFE_MS = 10 * 60_000;

/** The API of an organisation. Tokens lose blanks and line ends, which copying adds. */
export function orcaHttp(config: OrcaConfig, deps: AdapterDeps): Http {
  return platformHttp({
    vendor: 'orca',
    baseUrl: config.apiUrl,
    deps,
    tokens: tokenCache({
      now: deps.now,
      marginMs: 0,
      issue: async () => ({
        token: new Secret((await deps.resolveSecret(config.token)).reveal().replace(/\s+/g, '')),
        expiresAtMs: deps.now() + TOKEN_LIFE_MS,
      }),
    }),
    authorise: (token) => ({ authorization: `Token ${token.reveal()}` }),
    hints: {
      address: 'check apiUrl: each region has its own address',
      auth: 'check the token and its region; a token that was copied without its trailing = is not known',
    },
  });
}

const Rows = z.object({
  data: z.array(z.unknown()),
  next_page_token: z.union([z.string(), z.number()]).nullish(),
});

/** One condition of a query. */
export interface Condition {
  key: string;
  type: 'str' | 'datetime';
  operator: 'in' | 'eq' | 'date_gte';
  values: readonly string[];
}

/** Rows of a serving-layer query. */
export interface RowsPage {
  rows: readonly unknown[];
  nextIndex?: number;
}

/** Asks the serving layer for objects of a model that meet all conditions. */
export async function queryRows(
  http: Http,
  asked: {
    doing: string;
    model: string;
    conditions: readonly Condition[];
    limit: number;
    index: number;
    orderBy?: string;
    signal?: AbortSignal;
  },
): Promise<RowsPage> {
  const { body } = await http.send({
    doing: asked.doing,
    method: 'POST',
    path: '/api/serving-layer/query',
    body: {
      query: {
        models: [asked.model],
        type: 'object_set',
        with: { type: 'operation', operator: 'and', values: asked.conditions },
      },
      limit: asked.limit,
      start_at_index: asked.index,
      get_results_and_count: false,
      ...(asked.orderBy !== undefined && { 'order_by[]': [asked.orderBy] }),
    },
    answer: Rows,
    ...(asked.signal !== undefined && { signal: asked.signal }),
  });
  const given = body.next_page_token == null ? Number.NaN : Number(body.next_page_token);
  // The token's value is the next index; without one the rows are counted.
  const next = Number.isInteger(given) ? given : asked.index + body.data.length;
  const isLast = body.data.length < asked.limit && !Number.isInteger(given);
  return { rows: body.data, ...defined({ nextIndex: isLast || body.data.length === 0 ? undefined : next }) };
}
