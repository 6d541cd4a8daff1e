import { z } from 'zod';
import { Failure, FailureType } from '../../../domain/failure.js';
import { Secret } from '../../../runtime/secret.js';
import type { AdapterDeps } from '../../adapter.js';
import { platformHttp } from '../platform-http.js';
import { type Tokens, tokenCache } from '../tokens.js';
import type { WizConfig } from './config.js';

/** How long before its expiry a token is renewed. Wiz says `expires_in`; 24 hours is what it documents. */
const MARGIN_MS = 5 * 60_000;
const ADVICE =
  'check tokenUrl, audience, clientId and clientSecret: commercial, government and older tenants sign in at different addresses';

const TokenAnswer = z.object({
  access_token: z.string().min(1).optional(),
  expires_in: z.number().positive().default(3600),
  error: z.string().optional(),
  error_description: z.string().optional(),
});

/** Tokens of a Wiz service account: OAuth 2.0 client credentials with an audience. */
export function wizTokens(config: WizConfig, deps: AdapterDeps): Tokens {
  const url = new URL(config.tokenUrl);
  const http = platformHttp({
    vendor: 'wiz',
    baseUrl: url.origin,
    deps,
    hints: { address: ADVICE, auth: ADVICE },
  });
  return tokenCache({
    now: deps.now,
    marginMs: MARGIN_MS,
    issue: async () => {
      const secret = await deps.resolveSecret(config.clientSecret);
      const askedAtMs = deps.now();
      const { body } = await http.send({
        doing: 'signing in',
        method: 'POST',
        path: url.pathname,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: config.clientId,
          client_secret: secret.reveal(),
          audience: config.audience,
        }),
        answer: TokenAnswer,
        alsoGood: [400],
      });
      if (body.access_token === undefined) {
        const why = (body.error_description ?? body.error ?? 'no token').slice(0, 200);
        throw new Failure(FailureType.VendorAuth, `wiz: signing in: ${why}; ${ADVICE}`);
      }
      return { token: new Secret(body.access_token), expiresAtMs: askedAtMs + body.expires_in * 1000 };
    },
  });
}
