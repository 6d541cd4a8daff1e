import type { AccountInput } from '../graph/account.js';
import type { Json } from '../json.js';
import type { ChangeTarget } from './change.js';

/** How one kind of change is read from an account and written to it. Everything is pure. */
export interface ChangeState {
  /** What is there now. @throws ChangeError `UnknownEntity` when what must exist does not. */
  read(account: AccountInput, target: ChangeTarget): Json;
  /** The account with the state set; `null` removes. The given account is untouched. @throws ChangeError */
  write(account: AccountInput, target: ChangeTarget, state: Json): AccountInput;
}
