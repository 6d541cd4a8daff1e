import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GatewayConfig } from './deps.js';

const MAX_COOKIE_HEADER = 4_096;

/** Name of the session cookie. `__Host-` makes browsers insist on HTTPS, this host and path `/`. */
export function sessionCookieName(config: Pick<GatewayConfig, 'secureCookies'>): string {
  return config.secureCookies ? '__Host-curtail' : 'curtail';
}

/** The session's secret as the browser sent it; undefined when there is none or more than one. */
export function readSessionCookie(request: FastifyRequest, config: GatewayConfig): string | undefined {
  const header = request.headers.cookie;
  if (header === undefined || header.length > MAX_COOKIE_HEADER) return undefined;
  const prefix = `${sessionCookieName(config)}=`;
  const found = header.split(';').flatMap((part) => {
    const pair = part.trim();
    return pair.startsWith(prefix) ? [pair.slice(prefix.length)] : [];
  });
  return found.length === 1 ? found[0] : undefined;
}

/** Hands the secret to the browser, out of reach of scripts and of other sites. */
export function writeSessionCookie(
  reply: FastifyReply,
  config: GatewayConfig,
  secret: string,
  maxAgeSeconds: number,
): void {
  const parts = [
    `${sessionCookieName(config)}=${secret}`,
    'Path=/',
    'HttpOnly',
    'SameSite=Lax',
    `Max-Age=${maxAgeSeconds}`,
    ...(config.secureCookies ? ['Secure'] : []),
  ];
  reply.header('set-cookie', parts.join('; '));
}

/** Makes the browser forget the session. */
export function clearSessionCookie(reply: FastifyReply, config: GatewayConfig): void {
  writeSessionCookie(reply, config, '', 0);
}
