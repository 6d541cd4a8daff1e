/** How the catalogue groups its techniques. */
export type TechniqueCategory = 'new-passrole' | 'existing-passrole' | 'principal-access' | 'self-escalation';

/**
 * What a technique is aimed at, and so what is tried for each principal:
 * - `passed-role`: a role that `services` may assume, handed to something new;
 * - `workload`: an existing resource that runs with a role;
 * - `own-…`: what the principal itself is or holds;
 * - `other-…`: somebody else in the same account (`assumable-role`: in any account).
 */
export type TechniqueTarget =
  | 'passed-role'
  | 'workload'
  | 'own-policy'
  | 'own-user'
  | 'own-role'
  | 'own-group'
  | 'other-group'
  | 'other-user'
  | 'other-role'
  | 'policy-of-other-role'
  | 'assumable-role';

/**
 * A permission that the technique needs, and what AWS authorises it on. In `on`, `{role}`, `{user}`, `{group}`,
 * `{policy}` and `{workload}` stand for the target's ARN, `{account}` for the account id; `*` elsewhere is the
 * attacker's choice. Resource types are those that the service authorisation reference marks as required.
 */
export interface Need {
  action: string;
  on: readonly string[];
}

/** An existing thing that a technique works on. */
export interface Workload {
  /** What its ARN looks like, `{account}` for the account id. */
  arns: readonly string[];
  /** In words, with article: `a Lambda function`. */
  noun: string;
}

/** One known way to gain another identity's permissions. */
export interface Technique {
  id: string;
  title: string;
  category: TechniqueCategory;
  target: TechniqueTarget;
  needs: readonly Need[];
  /** Services to one of which the role is passed; the role must trust it. */
  services?: readonly string[];
  workload?: Workload;
  /** Something that must exist besides, when the inventory does not show it: becomes an assumption. */
  besides?: Workload;
  /** The target becomes an administrator on the way: a policy is written or attached. */
  elevates?: boolean;
  /** The last step assumes the role: with the trust policy as it is, or after it was rewritten. */
  assume?: 'as-is' | 'rewritten';
  /** What the user must (not) have; from the credential report. */
  credential?: 'free-key-slot' | 'no-free-key-slot' | 'no-password' | 'password';
  /** A standing assumption of the technique. */
  assumption?: string;
}
