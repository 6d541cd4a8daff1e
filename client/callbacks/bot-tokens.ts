import { createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify } from 'jose';
import { z } from 'zod';
import type { Log } from '../../activities/adapter.js';

/** What a call of the Bot Connector must prove. */
export interface BotTokenOptions {
  /** The bot's app id: the token's audience. */
  appId: string;
  /** The region that the bot works with: the token's `serviceurl`. */
  serviceUrl: string;
  /** Where the signing keys are named. */
  openIdUrl: string;
  fetch: typeof globalThis.fetch;
  log: Log;
}
/** Why a token does not prove that the Bot Connector is calling, or undefined when it does. */
export type BotTokenCheck = (authorization: string, nowMs: number) => Promise<string | undefined>;

const ISSUER = 'https://api.botframework.com';
const CHANNEL = 'msteams';
/** Keys are asked for again after a day, and for a key that is not known at most every five minutes. */
const FRESH_MS = 24 * 3_600_000;
const AGAIN_MS = 5 * 60_000;
const TIMEOUT_MS = 2_000;
const MAX_BYTES = 256 * 1024;

const OpenId = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) });
const Keys = z.object({
  keys: z
    .array(z.looseObject({ kty: z.string(), kid: z.string(), endorsements: z.array(z.string()).default([]) }))
    .max(200),
});
interface Known {
  keys: z.output<typeof Keys>['keys'];
  fetchedMs: number;
}

/**
 * Checks the token of a call: signature by a key that is endorsed for Teams, issuer, audience, service address, time. The token
 * does not cover the body; that is what TLS and the configured address are for.
 * https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
 */
export function botTokens(options: BotTokenOptions): BotTokenCheck {
  let known: Known | undefined;
  let asking: Promise<Known> | undefined;

  async function keysFor(kid: string, nowMs: number): Promise<Known> {
    const age = known === undefined ? Number.POSITIVE_INFINITY : nowMs - known.fetchedMs;
    const has = known?.keys.some((key) => key.kid === kid) === true;
    if (known !== undefined && age < (has ? FRESH_MS : AGAIN_MS)) return known;
    asking ??= fetchKeys(options, nowMs).finally(() => {
      asking = undefined;
    });
    known = await asking;
    return known;
  }

  return async (authorization, nowMs) => {
    const [, token] = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/.exec(authorization) ?? [];
    if (token === undefined) return 'there is no token';
    try {
      const { payload, protectedHeader } = await jwtVerify(
        token,
        async (header) => {
          const { keys } = await keysFor(header.kid ?? '', nowMs);
          const endorsed = keys.filter(({ endorsements }) => endorsements.includes(CHANNEL));
          return createLocalJWKSet({ keys: endorsed } as JSONWebKeySet)(header);
        },
        {
          algorithms: ['RS256'],
          issuer: ISSUER,
          audience: options.appId,
          requiredClaims: ['exp', 'serviceurl'],
          clockTolerance: 300,
          currentDate: new Date(nowMs),
        },
      );
      if (protectedHeader.kid === undefined) return 'the token names no key';
      return sameAddress(payload['serviceurl'], options.serviceUrl)
        ? undefined
        : 'the token is for another service address';
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) return 'the token is not believed';
      options.log('warn', 'teams: reading the keys of the Bot Connector', {
        reason: String(error).slice(0, 200),
      });
      throw error;
    }
  };
}

/** Whether two service addresses are one: they come with and without a slash at the end. */
export function sameAddress(a: unknown, b: string): boolean {
  return typeof a === 'string' && a.replace(/\/$/, '') === b.replace(/\/$/, '');
}

async function fetchKeys({ openIdUrl, fetch }: BotTokenOptions, nowMs: number): Promise<Known> {
  const { issuer, jwks_uri: keysUrl } = OpenId.parse(await readJson(fetch, openIdUrl));
  if (issuer !== ISSUER) throw new Error(`the keys are of another issuer: ${issuer.slice(0, 100)}`);
  return { keys: Keys.parse(await readJson(fetch, keysUrl)).keys, fetchedMs: nowMs };
}

async function readJson(fetch: typeof globalThis.fetch, url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' });
  const text = await response.text();
  if (!response.ok || text.length > MAX_BYTES) throw new Error(`HTTP ${response.status}`);
  return JSON.parse(text);
}
