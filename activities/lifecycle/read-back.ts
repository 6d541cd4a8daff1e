import { currentState } from '../../domain/change/apply.js';
import { ChangeError } from '../../domain/change/error.js';
import { canonicalJson } from '../../domain/json.js';
import type { ChangeRow } from '../ledger/port.js';
import type { LifecyclePorts } from './ports.js';

/** Whether everything that the change sets is there now, read with the reader's credentials. */
export async function fixStillHolds(ports: Pick<LifecyclePorts, 'cloud'>, row: ChangeRow): Promise<boolean> {
  if (row.account === undefined) return false;
  const account = await ports.cloud.readAccount(row.account);
  return row.changes.every((change) => {
    try {
      return canonicalJson(currentState(account, change)) === canonicalJson(change.after);
    } catch (error) {
      // The principal or resource itself is gone: that is what a deletion asked for, and nothing else.
      if (error instanceof ChangeError) return change.after === null;
      throw error;
    }
  });
}
