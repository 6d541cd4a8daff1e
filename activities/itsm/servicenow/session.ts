import { z } from 'zod';
import type { AdapterDeps } from '../../adapter.js';
import { createHttp } from '../../http.js';
import type { ServiceNowConfig } from './config.js';

const Token = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().positive().max(86_400).default(1_800),
});
/** A token is replaced this long before it ends. */
const MARGIN_MS = 60_000;

/** The authorization header of an account, kept as long as it is good. */
export interface Session {
  header(): Promise<string>;
  /** Another header after this one was refused; undefined when there is none to be had. */
  renewed(refused: string): Promise<string | undefined>;
}

/** Signs in with what the configuration names: client credentials (OAuth 2.0), or a user's password. */
export async function openSession(config: ServiceNowConfig, deps: AdapterDeps): Promise<Session> {
  const { auth } = config;
  if (auth.kind === 'basic') {
    const password = await deps.resolveSecret(auth.password);
    const header = async () => `Basic ${Buffer.from(`${auth.user}:${password.reveal()}`).toString('base64')}`;
    return { header, renewed: async () => undefined };
  }
  const secret = await deps.resolveSecret(auth.clientSecret);
  const http = createHttp({ vendor: 'servicenow', baseUrl: config.url, fetch: deps.fetch, now: deps.now });
  let kept: { header: string; goodUntilMs: number } | undefined;

  async function fetchToken(): Promise<string> {
    const form = {
      grant_type: 'client_credentials',
      client_id: auth.kind === 'oauth' ? auth.clientId : '',
      client_secret: secret.reveal(),
    };
    const { body } = await http.send({
      doing: 'signing in',
      method: 'POST',
      path: 'oauth_token.do',
      body: new URLSearchParams(form),
      answer: Token,
      timeoutMs: config.timeoutMs,
    });
    kept = {
      header: `Bearer ${body.access_token}`,
      goodUntilMs: deps.now() + body.expires_in * 1_000 - MARGIN_MS,
    };
    return kept.header;
  }
  return {
    header: async () =>
      kept !== undefined && deps.now() < kept.goodUntilMs ? kept.header : await fetchToken(),
    async renewed(refused) {
      if (kept !== undefined && kept.header !== refused) return kept.header;
      const next = await fetchToken();
      return next === refused ? undefined : next;
    },
  };
}
