import { z } from 'zod';
import { isRecord } from '../../../domain/json.js';
import {
  Anything,
  boundedTexts,
  defined,
  MaybeId,
  MaybeText,
  MaybeTexts,
  readIso,
  readTags,
} from '../finding-parts.js';
import { type Evidence, evidenceOf } from '../record-map.js';

const Entitlement = z.object({
  PRINCIPAL_ID: z.string().min(1),
  ACTION: z.string().min(1),
  LAST_USED_TIME: Anything,
});

/** Only the columns that are read of a row of `LW_CE_IDENTITIES`. */
export const Identity = z.object({
  PRINCIPAL_ID: z.string().min(1),
  PROVIDER_TYPE: MaybeText,
  NAME: MaybeText,
  DOMAIN_ID: MaybeId,
  CREATED_TIME: Anything,
  LAST_USED_TIME: Anything,
  METRICS: z.object({ risks: MaybeTexts, risk_severity: MaybeText }).nullish().catch(undefined),
  ACCESS_KEYS: z.record(z.string(), z.unknown()).nullish().catch(undefined),
  TAGS: Anything,
});

/**
 * Takes what a row of `LW_CE_IDENTITIES` or `LW_CE_ENTITLEMENTS` says about its principal. Lacework keeps no data events
 * of CloudTrail, so an action without a last use is what it did not see, not what was not done.
 */
export function gatherPrincipal(record: unknown, evidence: Evidence): void {
  if (!isRecord(record)) return;
  if ('ACTION' in record) {
    entitlement(record, evidence);
    return;
  }
  const row = Identity.safeParse(record);
  if (!row.success) return;
  const own = evidenceOf(evidence, row.data.PRINCIPAL_ID);
  const lastUsedIso = readIso(row.data.LAST_USED_TIME);
  Object.assign(
    own,
    {
      risks: boundedTexts(row.data.METRICS?.risks ?? [], 100, 100),
      tags: readTags(row.data.TAGS),
      keys: keysOf(row.data.ACCESS_KEYS),
    },
    defined({
      account: row.data.DOMAIN_ID ?? undefined,
      nativeType: row.data.PROVIDER_TYPE ?? undefined,
      lastUsedIso,
    }),
  );
}

function entitlement(record: unknown, evidence: Evidence): void {
  const row = Entitlement.safeParse(record);
  if (!row.success) return;
  const own = evidenceOf(evidence, row.data.PRINCIPAL_ID);
  const { ACTION: action } = row.data;
  const isUsed = readIso(row.data.LAST_USED_TIME) !== undefined;
  // The same action on two resources: used on one is used.
  if (!isUsed && !own.permissions.has(action)) own.unused.add(action);
  if (isUsed) own.unused.delete(action);
  own.permissions.add(action);
}

function keysOf(keys: Record<string, unknown> | null | undefined): { id: string; lastUsedIso?: string }[] {
  return Object.entries(keys ?? {})
    .slice(0, 20)
    .map(([id, key]) => ({
      id: id.slice(0, 128),
      ...defined({ lastUsedIso: readIso(isRecord(key) ? key['last_used_time'] : undefined) }),
    }));
}
