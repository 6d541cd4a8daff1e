import type { ChangeRow } from '../ledger/port.js';

/** Why a change may be undone, in the ledger's words; or why not. */
export type UndoAuthority = { ok: true; reason: string } | { ok: false; reason: string };

/**
 * Whether a change may be undone. Trusts no caller: it must be applied, and the ledger must hold that its verification
 * failed, which `verify` writes after looking for itself. An undo that has begun by that word is finished by it.
 */
export function undoAuthority(row: ChangeRow): UndoAuthority {
  const reason = row.note ?? 'its verification failed';
  if (row.appliedAtMs === undefined)
    return { ok: false, reason: `the change is ${row.status}, so there is nothing of ours to undo` };
  if (row.status === 'failed' || row.status === 'rolling-back') return { ok: true, reason };
  return {
    ok: false,
    reason: `the change is ${row.status}, and the ledger holds no failed verification of it`,
  };
}
