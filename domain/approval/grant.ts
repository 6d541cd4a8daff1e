import type { DecisionVerdict } from './request.js';

/**
 * Claims of a grant: an EdDSA JWS (RFC 8037) minted by the gateway for a signed-in person.
 * Bound to one workflow, request, digest and verdict; `exp - iat` is 600 seconds.
 */
export interface GrantClaims {
  iss: 'curtail-gateway';
  aud: 'curtail-decision';
  /** The person's id in the directory. */
  sub: string;
  jti: string;
  /** Seconds since the epoch, as RFC 7519 has it. */
  iat: number;
  exp: number;
  workflowId: string;
  requestId: string;
  digest: string;
  verdict: DecisionVerdict;
  reason?: string;
  keepActions?: readonly string[];
  /** How the person came: `page`, `slack`, `teams`, `servicenow`, `jira`, `cli`. */
  via: string;
}

/** How long a grant can be offered after it was signed, in seconds. */
export const GRANT_TTL_SECONDS = 600;
/** Longest grant that is looked at; longer ones are refused unread. */
export const MAX_GRANT_LENGTH = 8_192;
