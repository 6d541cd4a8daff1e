import { currentState } from '../../domain/change/apply.js';
import type { Change } from '../../domain/change/change.js';
import { ChangeError } from '../../domain/change/error.js';
import { Failure, FailureType } from '../../domain/failure.js';
import { canonicalJson, type Json } from '../../domain/json.js';
import type { CloudWriter } from '../cloud/port.js';
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

/** What is there, `null` when the principal or resource itself is gone. */
export async function stateOf(writer: CloudWriter, account: string, change: Change): Promise<Json> {
  try {
    return await writer.current(account, change);
  } catch (error) {
    if (error instanceof Failure && error.type === FailureType.NotFound) return null;
    throw error;
  }
}
