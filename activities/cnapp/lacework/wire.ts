import { z } from 'zod';
import { Secret } from '../../../runtime/secret.js';
import type { AdapterDeps } from '../../adapter.js';
import type { Http } from '../../http.js';
import { plainText } from '../finding-parts.js';
import { mended, platformHttp } from '../platform-http.js';
import { tokenCache } from '../tokens.js';
import type { LaceworkConfig } from './config.js';

/** Asked for; at most a day is given. */
const TOKEN_LIFE_S = 3600;
const MARGIN_MS = 5 * 60_000;
const ADVICE =
  'check account or apiUrl, keyId and secretKey; keys of service users take neither subAccount nor organisation';

const TokenAnswer = z.object({ token: z.string().min(1), expiresAt: z.string() });

/** The API of an account: tokens from a key, and the headers that choose a sub-account or the whole organisation. */
export function laceworkHttp(config: LaceworkConfig, deps: AdapterDeps): Http {
  const baseUrl = config.apiUrl ?? `https://${config.account}.lacework.net`;
  const hints = { address: ADVICE, auth: ADVICE };
  const signIn = platformHttp({ vendor: 'lacework', baseUrl, deps, mend: mendAnswer, hints });
  const tokens = tokenCache({
    now: deps.now,
    marginMs: MARGIN_MS,
    issue: async () => {
      const secret = await deps.resolveSecret(config.secretKey);
      const askedAtMs = deps.now();
      const { body } = await signIn.send({
        doing: 'signing in',
        method: 'POST',
        path: '/api/v2/access/tokens',
        headers: { 'x-lw-uaks': secret.reveal() },
        body: { keyId: config.keyId, expiryTime: TOKEN_LIFE_S },
        answer: TokenAnswer,
      });
      const saidMs = Date.parse(body.expiresAt);
      // Their clock may differ from ours: never longer than what was asked for.
      const latestMs = askedAtMs + TOKEN_LIFE_S * 1000;
      const expiresAtMs = Number.isNaN(saidMs) || saidMs <= askedAtMs ? latestMs : Math.min(saidMs, latestMs);
      return { token: new Secret(body.token), expiresAtMs };
    },
  });
  return platformHttp({
    vendor: 'lacework',
    baseUrl,
    deps,
    tokens,
    authorise: (token) => ({ authorization: `Bearer ${token.reveal()}` }),
    headers: {
      ...(config.subAccount !== undefined && { 'account-name': config.subAccount }),
      ...(config.organisation && { 'org-access': 'true' }),
    },
    mend: mendAnswer,
    hints,
  });
}

/** 480 calls an hour and function: how long to wait stands in `RateLimit-Reset`, in seconds. */
function mendAnswer(response: Response): Response {
  const reset = Number(response.headers.get('ratelimit-reset'));
  return response.status === 429 && reset > 0 ? mended(response, { retryAfterSeconds: reset }) : response;
}

const Rows = z.object({ data: z.array(z.unknown()).nullish() }).optional();

/** A question in Lacework's query language over the last days. No data is 204 with an empty body. */
export async function askLql(
  http: Http,
  asked: {
    doing: string;
    queryText: string;
    limit: number;
    days: number;
    nowMs: number;
    signal?: AbortSignal;
  },
): Promise<readonly unknown[]> {
  const { body } = await http.send({
    doing: asked.doing,
    method: 'POST',
    path: '/api/v2/Queries/execute',
    body: {
      query: { queryText: asked.queryText },
      options: { limit: asked.limit },
      arguments: [
        { name: 'StartTimeRange', value: isoSeconds(asked.nowMs - asked.days * 86_400_000) },
        { name: 'EndTimeRange', value: isoSeconds(asked.nowMs) },
      ],
    },
    answer: Rows,
    ...(asked.signal !== undefined && { signal: asked.signal }),
  });
  return body?.data ?? [];
}

/** A value as text of LQL: quotes are doubled, and what cannot be in an identifier is taken out. */
export function lqlText(value: string): string {
  // Cut first: a cut between two doubled quotes would end the text early.
  const plain = (plainText(value, 2048) ?? '').replaceAll('\\', '');
  return `'${plain.replaceAll("'", "''")}'`;
}

/** A time without milliseconds, as the API wants it. */
export function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
