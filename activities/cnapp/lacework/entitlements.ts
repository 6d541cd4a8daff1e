import type { Log } from '../../adapter.js';
import type { Http } from '../../http.js';
import type { Evidence } from '../record-map.js';
import { gatherPrincipal } from './evidence.js';
import { askLql, lqlText } from './wire.js';

/** Rows that one query may give; there are no pages. */
export const LQL_ROWS = 5000;
/** Days that a query over configuration looks back: sources of configuration need more than one. */
export const LQL_DAYS = 2;
/** Principals that one query names, so that the rows of all of them fit. */
const PRINCIPALS = 20;

const IDENTITY_COLUMNS =
  'PRINCIPAL_ID, PROVIDER_TYPE, NAME, DOMAIN_ID, CREATED_TIME, LAST_USED_TIME, METRICS, ACCESS_KEYS, TAGS';
const ENTITLEMENT_COLUMNS =
  'PRINCIPAL_ID, SERVICE, RESOURCE_TYPE, RESOURCE_ID, POLICY_ID, ACTION, LAST_USED_TIME';

/** Identities, all or those named. */
export function identitiesQuery(principals?: readonly string[]): string {
  const filter =
    principals === undefined ? '' : ` filter { PRINCIPAL_ID IN (${principals.map(lqlText).join(', ')}) }`;
  return `{ source { LW_CE_IDENTITIES }${filter} return distinct { ${IDENTITY_COLUMNS} } }`;
}

/** Entitlements where a column has one of the values. */
export function entitlementsQuery(column: 'PRINCIPAL_ID' | 'RESOURCE_ID', values: readonly string[]): string {
  return `{ source { LW_CE_ENTITLEMENTS } filter { ${column} IN (${values.map(lqlText).join(', ')}) } return distinct { ${ENTITLEMENT_COLUMNS} } }`;
}

/**
 * What Lacework knows about principals: their risks, keys and entitlements. Data events are not kept there, so what looks
 * unused may be used.
 */
export async function evidenceOfPrincipals(
  http: Http,
  principals: readonly string[],
  given: { nowMs: number; log: Log; signal?: AbortSignal },
): Promise<Evidence> {
  const evidence: Evidence = new Map();
  const all = [...new Set(principals)];
  for (let i = 0; i < all.length; i += PRINCIPALS) {
    const some = all.slice(i, i + PRINCIPALS);
    for (const queryText of [identitiesQuery(some), entitlementsQuery('PRINCIPAL_ID', some)]) {
      const rows = await askLql(http, {
        doing: 'asking for entitlements',
        queryText,
        limit: LQL_ROWS,
        days: LQL_DAYS,
        nowMs: given.nowMs,
        ...(given.signal !== undefined && { signal: given.signal }),
      });
      for (const row of rows) gatherPrincipal(row, evidence);
      if (rows.length >= LQL_ROWS)
        given.log('warn', 'more entitlements than one query gives; the rest is not evidence', {
          vendor: 'lacework',
        });
    }
  }
  return evidence;
}
