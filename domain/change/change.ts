import type { Json } from '../json.js';

/** Kinds of change that Curtail can render, apply, read back and reverse. */
export const CHANGE_KINDS = [
  /** An inline policy of a user, role or group: principal + name. States are documents. */
  'inline-policy',
  /** The default version of a customer-managed policy: arn. States are documents. */
  'managed-policy',
  /** A managed policy attached to a principal: principal + arn. States are `{"attached": true}` or null. */
  'policy-attachment',
  /** A role's trust policy: principal. States are documents. */
  'trust-policy',
  /** A user's access key: principal + name (key id). States are `{"status": "Active"|"Inactive"}` or null (deleted). */
  'access-key',
  /** A role: principal. States are `{"disabled": boolean}`, or null (deleted). */
  'role',
  /** A bucket's public access block: arn. States are the four booleans of S3. */
  'public-access-block',
  /** A resource's policy: arn. States are documents. */
  'resource-policy',
  /** A store's encryption at rest: arn. States are `{"algorithm": "AES256"|"aws:kms", "kmsKey"?}` or null. */
  'encryption',
  /** A store's access log: arn. States are `{"target": string}` or null. */
  'access-logging',
  /** A database's public endpoint: arn. States are `{"public": boolean}`. */
  'database-public-access',
] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** What a change touches. Which members are set follows from the kind. */
export interface ChangeTarget {
  principal?: string;
  arn?: string;
  name?: string;
}

/** A change as data: what is there, and what shall be there. `null` is absent. Reversing swaps the two. */
export interface Change {
  kind: ChangeKind;
  target: ChangeTarget;
  before: Json;
  after: Json;
}

/** The same change backwards. */
export function reverseChange(change: Change): Change {
  return { kind: change.kind, target: change.target, before: change.after, after: change.before };
}

/** The account id that a change touches, from its target's ARN; undefined for account-less ARNs (buckets). */
export function accountOfTarget(target: ChangeTarget): string | undefined {
  const arn = target.principal ?? target.arn;
  const account = arn?.split(':')[4];
  return account === undefined || account === '' || account === 'aws' ? accountOf(target.principal) : account;
}

function accountOf(arn: string | undefined): string | undefined {
  const account = arn?.split(':')[4];
  return account === '' ? undefined : account;
}
