import { matchesStars } from '../text/star-pattern.js';

/** An identity as far as the list looks at it. */
export interface NeverTouchSubject {
  arn: string;
  name: string;
  tags: Readonly<Record<string, string>>;
}

/** One reason to leave an identity alone. It holds when any of its patterns does; `*` stands for any text. */
export interface NeverTouchRule {
  /** In words, as people will read it: `break-glass identity`. */
  reason: string;
  names?: readonly string[];
  arns?: readonly string[];
  /** Tag key to value pattern. */
  tags?: Readonly<Record<string, string>>;
  /** The organisation cannot make an exception: the cloud itself refuses changes or undoes them. */
  fixed?: boolean;
}

/** The organisation's own rules, and its exceptions from the built-in ones. */
export interface NeverTouchList {
  rules: readonly NeverTouchRule[];
  except: readonly { arn: string; reason: string }[];
}

/** A list that names nobody; break-glass and the like are still recognised. */
export const EMPTY_NEVER_TOUCH: NeverTouchList = { rules: [], except: [] };

/**
 * What no organisation wants to be changed by a tool, known by the names that AWS and the security platforms
 * give (AWS IAM user guide, "Using service-linked roles"; IAM Identity Center user guide, "Permission sets").
 */
export const BUILT_IN_NEVER_TOUCH: readonly NeverTouchRule[] = [
  {
    reason: 'service-linked role: it belongs to the AWS service that made it',
    arns: ['arn:*:role/aws-service-role/*'],
    names: ['AWSServiceRoleFor*'],
    fixed: true,
  },
  {
    reason: 'role of IAM Identity Center: change its permission set instead',
    arns: ['arn:*:role/aws-reserved/sso.amazonaws.com/*'],
    names: ['AWSReservedSSO_*'],
    fixed: true,
  },
  { reason: 'the root user of an account', arns: ['arn:*:iam::*:root'], fixed: true },
  {
    reason: 'break-glass identity: it must work when everything else does not',
    names: ['*break-glass*', '*break_glass*', '*breakglass*', '*emergency*access*', '*firecall*'],
    tags: { 'break-glass': 'true' },
  },
  {
    reason: 'disaster-recovery identity: its use shows only in a disaster',
    names: [
      '*disaster-recovery*',
      '*disaster_recovery*',
      '*disasterrecovery*',
      'dr-failover*',
      '*-dr-failover*',
    ],
    tags: { purpose: 'disaster-recovery' },
  },
  {
    reason: "role of the organisation's management account",
    names: [
      'OrganizationAccountAccessRole',
      'AWSControlTowerExecution',
      'AWSControlTower*',
      'stacksets-exec-*',
    ],
  },
  {
    reason: 'role of a security platform: a smaller one makes it blind',
    names: ['*WizAccess*', '*PrismaCloud*', '*OrcaSecurity*', '*lacework*'],
    tags: { vendor: '*' },
  },
  { reason: 'role of Curtail itself', names: ['curtail-*'], tags: { 'managed-by': 'curtail' } },
];

/**
 * Why the identity may not be touched, or null if it may. Tags are the account's, never a finding's claim.
 * An exception lifts the rules that are not fixed; a rule of the organisation is never lifted by one.
 */
export function neverTouchReason(identity: NeverTouchSubject, list: NeverTouchList): string | null {
  const excepted = list.except.some((exception) => exception.arn === identity.arn);
  for (const rule of list.rules) if (holds(rule, identity)) return rule.reason;
  for (const rule of BUILT_IN_NEVER_TOUCH) {
    if (excepted && rule.fixed !== true) continue;
    if (holds(rule, identity)) return rule.reason;
  }
  return null;
}

function holds(rule: NeverTouchRule, identity: NeverTouchSubject): boolean {
  const tags = Object.entries(identity.tags).map(([key, value]) => [key.toLowerCase(), value] as const);
  return (
    (rule.names ?? []).some((pattern) => matchesStars(pattern, identity.name)) ||
    (rule.arns ?? []).some((pattern) => matchesStars(pattern, identity.arn)) ||
    Object.entries(rule.tags ?? {}).some(([key, pattern]) =>
      tags.some(([name, value]) => name === key.toLowerCase() && matchesStars(pattern, value)),
    )
  );
}
