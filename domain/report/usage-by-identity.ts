import { rowsOf } from '../usage/log.js';
import { principalKey } from '../usage/principal.js';
import type { UsageLog, UsageRow } from '../usage/usage.js';

/** What one identity did in the window. */
export interface IdentityUse {
  /** Names of the actions that it used; refused calls are no use. */
  actions: readonly string[];
  calls: number;
  lastIso?: string;
  /** Its part of the log, as rows that a draft is computed from. */
  rows: readonly UsageRow[];
}

interface OpenUse {
  actions: Set<string>;
  calls: number;
  lastIso?: string;
  rows: UsageRow[];
}

const NOTHING: IdentityUse = { actions: [], calls: 0, rows: [] };

/** Splits a log by identity; keys are those of `principalKey`. */
export function useByIdentity(log: UsageLog): (arn: string) => IdentityUse {
  const open = new Map<string, OpenUse>();
  const rows = rowsOf(log);
  for (const [i, call] of log.calls.entries()) {
    if (call.service || call.principal === undefined) continue;
    const key = principalKey(call.principal);
    const own = open.get(key) ?? { actions: new Set<string>(), calls: 0, rows: [] };
    open.set(key, own);
    const row = rows[i];
    if (row !== undefined) own.rows.push(row);
    if (call.outcome === 'denied') continue;
    own.calls += call.count;
    if (call.lastIso !== undefined && call.lastIso > (own.lastIso ?? '')) own.lastIso = call.lastIso;
    for (const { action } of call.pairs) own.actions.add(action);
  }
  const closed = new Map<string, IdentityUse>();
  for (const [key, own] of open) closed.set(key, { ...own, actions: [...own.actions] });
  return (arn) => closed.get(principalKey(arn)) ?? NOTHING;
}
