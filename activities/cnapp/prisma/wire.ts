import { z } from 'zod';
import { isRecord } from '../../../domain/json.js';
import { Secret } from '../../../runtime/secret.js';
import type { AdapterDeps } from '../../adapter.js';
import type { Http } from '../../http.js';
import { jsonOrUndefined } from '../finding-parts.js';
import { mended, platformHttp } from '../platform-http.js';
import { type Tokens, tokenCache } from '../tokens.js';
import type { PrismaConfig } from './config.js';

/** Prisma Cloud's tokens are good for ten minutes (pan.dev, cspm-api.md); other figures are not to be relied on. */
const TOKEN_LIFE_MS = 10 * 60_000;
const MARGIN_MS = 90_000;
const ADVICE =
  'check apiUrl (it belongs to the console: app2 is api2, app.eu is api.eu), accessKeyId, secretKey and prismaId';

const Login = z.object({ token: z.string().min(1) });

/** Signs in with an access key. Tokens are for one console only. */
export function prismaTokens(config: PrismaConfig, deps: AdapterDeps): Tokens {
  const http = platformHttp({
    vendor: 'prisma',
    baseUrl: config.apiUrl,
    deps,
    mend: mendAnswer,
    hints: { address: ADVICE, auth: ADVICE },
  });
  return tokenCache({
    now: deps.now,
    marginMs: MARGIN_MS,
    issue: async () => {
      const secret = await deps.resolveSecret(config.secretKey);
      const askedAtMs = deps.now();
      const { body } = await http.send({
        doing: 'signing in',
        method: 'POST',
        path: '/login',
        body: {
          username: config.accessKeyId,
          password: secret.reveal(),
          ...(config.prismaId !== undefined && { prismaId: config.prismaId }),
        },
        answer: Login,
      });
      return { token: new Secret(body.token), expiresAtMs: askedAtMs + TOKEN_LIFE_MS };
    },
  });
}

/** The API of a console. */
export function prismaHttp(config: PrismaConfig, deps: AdapterDeps): Http {
  return platformHttp({
    vendor: 'prisma',
    baseUrl: config.apiUrl,
    deps,
    tokens: prismaTokens(config, deps),
    authorise: (token) => ({ 'x-redlock-auth': token.reveal() }),
    mend: mendAnswer,
    hints: { address: ADVICE, auth: 'check the permission group of the access key (docs/vendors/prisma.md)' },
  });
}

/** How long a static key is kept before it is read again from where it lies. */
const KEY_LIFE_MS = 10 * 60_000;

/** The API of the DSPM module: another host, another key. */
export function dspmHttp(dspm: NonNullable<PrismaConfig['dspm']>, deps: AdapterDeps): Http {
  return platformHttp({
    vendor: 'prisma dspm',
    baseUrl: dspm.apiUrl,
    deps,
    tokens: tokenCache({
      now: deps.now,
      marginMs: 0,
      issue: async () => ({
        token: await deps.resolveSecret(dspm.apiKey),
        expiresAtMs: deps.now() + KEY_LIFE_MS,
      }),
    }),
    authorise: (token) => ({ 'dig-api-key': token.reveal() }),
    hints: {
      address:
        'check dspm.apiUrl: api.use1.dig.security for American consoles, api.dig.security for the others',
      auth: 'check dspm.apiKey: the DSPM module has keys of its own',
    },
  });
}

/**
 * What Prisma Cloud says in headers: errors as a JSON list in `x-redlock-status`, often with an empty body; and how long
 * to wait, as tokens asked for over tokens per second.
 */
export function mendAnswer(response: Response): Response {
  if (response.ok) return response;
  const status = response.headers.get('x-redlock-status');
  const requested = Number(response.headers.get('x-ratelimit-requested-tokens'));
  const rate = Number(response.headers.get('x-ratelimit-replenish-rate'));
  const wait =
    response.status === 429 && requested > 0 && rate > 0 ? Math.max(1, requested / rate) : undefined;
  if (status === null && wait === undefined) return response;
  return mended(response, {
    ...(status !== null && { body: `"${statusWords(status)}"` }),
    ...(wait !== undefined && { retryAfterSeconds: wait }),
  });
}

function statusWords(header: string): string {
  const list = jsonOrUndefined(header);
  const keys = Array.isArray(list)
    ? list.flatMap((each) => (isRecord(each) ? [each['i18nKey'], each['subject']] : []))
    : [];
  const words = keys.filter((each): each is string => typeof each === 'string').join(' ');
  return (words === '' ? header : words).replace(/[^\w .:/-]/g, ' ').slice(0, 200);
}
