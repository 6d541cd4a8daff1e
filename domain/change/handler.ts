import type { AccountInput } from '../graph/account.js';
import type { Json } from '../json.js';
import type { Change, ChangeTarget } from './change.js';
import type { HclBlock } from './render/hcl.js';

/** A fragment of a CloudFormation template. `note` says what the fragment leaves to the reader. */
export interface CloudFormationFragment {
  resources: Readonly<Record<string, Json>>;
  note?: string;
}

/** Everything that one kind of change knows. A new kind is one file with this shape. Everything is pure. */
export interface ChangeHandler {
  /** What is there now. @throws ChangeError `UnknownEntity` when what must exist does not. */
  read(account: AccountInput, target: ChangeTarget): Json;
  /** The account with the state set; `null` removes. The given account is untouched. @throws ChangeError */
  write(account: AccountInput, target: ChangeTarget, state: Json): AccountInput;
  /** Why AWS would refuse the change on this account, as a sentence; undefined when it would not. */
  refusal(account: AccountInput, change: Change): string | undefined;
  /** The change in one sentence for a person. */
  summary(change: Change): string;
  /** Terraform blocks for the AWS provider. https://registry.terraform.io/providers/hashicorp/aws/latest/docs */
  terraform(change: Change): readonly HclBlock[];
  cloudformation(change: Change): CloudFormationFragment;
  /** AWS command lines, one argument vector each. */
  cli(change: Change): readonly (readonly string[])[];
}
