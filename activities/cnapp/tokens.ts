import type { Secret } from '../../runtime/secret.js';

/** A token and until when it is good. */
export interface IssuedToken {
  token: Secret;
  /** Milliseconds since the epoch. */
  expiresAtMs: number;
}

/** Tokens of one sign-in: fetched once for all who ask at the same time, and renewed before they expire. */
export interface Tokens {
  get(): Promise<Secret>;
  /** Forgets this token, because the platform refused it. A newer one stays. */
  drop(token: Secret): void;
}

/** A token that is over at once by our clock was dated by another one: it is used for this long, or until it is refused. */
const UNSURE_LIFE_MS = 5 * 60_000;

/** @param marginMs how long before its expiry a token is no longer used; at most half of its life */
export function tokenCache(options: {
  issue: () => Promise<IssuedToken>;
  now: () => number;
  marginMs: number;
}): Tokens {
  let kept: { token: Secret; freshUntilMs: number } | undefined;
  let fetching: Promise<Secret> | undefined;
  async function fetchToken(): Promise<Secret> {
    const askedAtMs = options.now();
    const { token, expiresAtMs } = await options.issue();
    const life = expiresAtMs - askedAtMs;
    kept = {
      token,
      freshUntilMs:
        life > 0 ? expiresAtMs - Math.min(options.marginMs, life / 2) : askedAtMs + UNSURE_LIFE_MS,
    };
    return token;
  }
  return {
    get: () => {
      if (kept !== undefined && options.now() < kept.freshUntilMs) return Promise.resolve(kept.token);
      fetching ??= fetchToken().finally(() => {
        fetching = undefined;
      });
      return fetching;
    },
    drop: (token) => {
      if (kept?.token === token) kept = undefined;
    },
  };
}
