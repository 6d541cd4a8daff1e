import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Secret } from '../../runtime/secret.js';
import { sameText } from './sessions.js';

/** The bytes that arrived and the headers they came with. */
export interface Signed {
  headers: IncomingHttpHeaders;
  body: Buffer;
}
/** Why these bytes are not believed to be from the sender and from just now, or undefined if they are. */
export type SignatureCheck = (signed: Signed, nowMs: number) => string | undefined;

/** How far a sender's timestamp may be from our clock, either way. */
const DEFAULT_WINDOW_MS = 5 * 60_000;
const NO_SIGNATURE = 'there is no signature';
const WRONG_SIGNATURE = 'the signature does not match';

/**
 * HMAC-SHA256 in hex over the body, or over `<timestamp>.<body>` when the sender states a timestamp.
 * A leading `sha256=` is allowed, as several products write it.
 */
export function hmacSha256(options: {
  secret: Secret;
  header: string;
  /** Header with seconds since the epoch; then it is signed too, and old deliveries are refused. */
  timestampHeader?: string;
  windowMs?: number;
}): SignatureCheck {
  return ({ headers, body }, nowMs) => {
    const offered = headerOf(headers, options.header);
    if (offered === undefined) return NO_SIGNATURE;
    const mac = createHmac('sha256', options.secret.reveal());
    if (options.timestampHeader !== undefined) {
      const timestamp = headerOf(headers, options.timestampHeader);
      const objection = staleness(timestamp, nowMs, options.windowMs);
      if (objection !== undefined) return objection;
      mac.update(`${timestamp}.`);
    }
    return sameBytes(mac.update(body).digest(), fromHex(offered.replace(/^sha256=/, '')))
      ? undefined
      : WRONG_SIGNATURE;
  };
}

/** Slack's request signing, version 0. https://docs.slack.dev/authentication/verifying-requests-from-slack */
export function slackV0(options: { secret: Secret; windowMs?: number }): SignatureCheck {
  return ({ headers, body }, nowMs) => {
    const offered = headerOf(headers, 'x-slack-signature');
    if (offered?.startsWith('v0=') !== true) return NO_SIGNATURE;
    const timestamp = headerOf(headers, 'x-slack-request-timestamp');
    const objection = staleness(timestamp, nowMs, options.windowMs);
    if (objection !== undefined) return objection;
    const mac = createHmac('sha256', options.secret.reveal()).update(`v0:${timestamp}:`).update(body);
    return sameBytes(mac.digest(), fromHex(offered.slice(3))) ? undefined : WRONG_SIGNATURE;
  };
}

/**
 * Standard Webhooks, symmetric. Several signatures may stand in the header while a secret is rotated.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function standardWebhooks(options: { secrets: readonly Secret[]; windowMs?: number }): SignatureCheck {
  return ({ headers, body }, nowMs) => {
    const id = headerOf(headers, 'webhook-id');
    const offered = headerOf(headers, 'webhook-signature');
    if (id === undefined || offered === undefined) return NO_SIGNATURE;
    const timestamp = headerOf(headers, 'webhook-timestamp');
    const objection = staleness(timestamp, nowMs, options.windowMs);
    if (objection !== undefined) return objection;
    const signatures = offered
      .split(' ')
      .slice(0, 8)
      .filter((each) => each.startsWith('v1,'));
    const matches = options.secrets.some((secret) => {
      const key = Buffer.from(secret.reveal().replace(/^whsec_/, ''), 'base64');
      const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
      return signatures.some((each) => sameBytes(expected, Buffer.from(each.slice(3), 'base64')));
    });
    return matches ? undefined : WRONG_SIGNATURE;
  };
}

/** A shared secret in a header, for senders that cannot sign. It proves the sender, not the bytes or the time. */
export function secretHeader(options: { secret: Secret; header: string; scheme?: string }): SignatureCheck {
  return ({ headers }) => {
    const offered = headerOf(headers, options.header);
    if (offered === undefined) return NO_SIGNATURE;
    const prefix = options.scheme === undefined ? '' : `${options.scheme} `;
    return sameText(offered, prefix + options.secret.reveal()) ? undefined : 'the secret does not match';
  };
}

/** Basic authentication (RFC 7617). It proves the sender, not the bytes or the time. */
export function basicAuth(options: { user: string; password: Secret }): SignatureCheck {
  return ({ headers }) => {
    const offered = headerOf(headers, 'authorization');
    if (offered === undefined) return NO_SIGNATURE;
    const pair = Buffer.from(`${options.user}:${options.password.reveal()}`).toString('base64');
    return sameText(offered, `Basic ${pair}`) ? undefined : 'the credentials do not match';
  };
}

/** Believes what one of the checks believes: two secrets while one is being replaced. None believes nothing. */
export function anyCheck(checks: readonly SignatureCheck[]): SignatureCheck {
  return (signed, nowMs) => {
    let objection: string | undefined = NO_SIGNATURE;
    for (const check of checks) {
      objection = check(signed, nowMs);
      if (objection === undefined) return undefined;
    }
    return objection;
  };
}

/** Believes what all of the checks believe. None believes nothing. */
export function everyCheck(checks: readonly SignatureCheck[]): SignatureCheck {
  return (signed, nowMs) => {
    if (checks.length === 0) return NO_SIGNATURE;
    for (const check of checks) {
      const objection = check(signed, nowMs);
      if (objection !== undefined) return objection;
    }
    return undefined;
  };
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name.toLowerCase()];
  return typeof value === 'string' && value !== '' && value.length <= 2_048 ? value : undefined;
}

function staleness(
  timestamp: string | undefined,
  nowMs: number,
  windowMs = DEFAULT_WINDOW_MS,
): string | undefined {
  if (timestamp === undefined || !/^\d{1,13}$/.test(timestamp)) return 'there is no timestamp';
  return Math.abs(nowMs - Number(timestamp) * 1000) <= windowMs
    ? undefined
    : 'the delivery is too old, or the clocks differ';
}

function fromHex(text: string): Buffer {
  return /^[0-9a-f]*$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.alloc(0);
}

function sameBytes(expected: Buffer, offered: Buffer): boolean {
  return offered.length === expected.length && timingSafeEqual(offered, expected);
}
