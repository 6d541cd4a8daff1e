import type { IncomingHttpHeaders } from 'node:http';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Whether a form was sent from a page of ours. Browsers state the `Origin` of every form; one that leaves it out
 * must state a `Referer` of ours. On loopback, its three names are one place.
 */
export function isOwnOrigin(headers: IncomingHttpHeaders, publicUrl: string): boolean {
  const stated = headers.origin ?? headers.referer;
  if (stated === undefined || !URL.canParse(stated)) return false;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  const [from, own] = [new URL(stated), new URL(publicUrl)];
  if (from.origin === own.origin) return true;
  const bothLoopback = LOOPBACK.includes(from.hostname) && LOOPBACK.includes(own.hostname);
  return bothLoopback && from.port === own.port && from.protocol === own.protocol;
}
