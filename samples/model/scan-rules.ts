import { isRecord } from '../../domain/json.js';
import type { Check } from './finding.js';

/** An account's listing as raw JSON, as a scanner of its own would read it. */
export type RawAccount = Readonly<Record<string, unknown>>;

/**
 * Whether a problem is still there, judged from the account's JSON alone. Written apart from Curtail's own engine on
 * purpose: a scanner that shared its code would share its mistakes.
 */
export function isStillTrue(account: RawAccount, check: Check): boolean {
  switch (check.type) {
    case 'allows':
      return check.actions.some((action) => allows(account, check.principal, action));
    case 'allows-all':
      return check.actions.every((action) => allows(account, check.principal, action));
    case 'role-usable':
      return (
        find(account, 'RoleDetailList', check.principal) !== undefined &&
        !isDeniedEverything(account, check.principal)
      );
    case 'key-active':
      return list(find(account, 'UserDetailList', check.principal)?.['AccessKeyMetadata']).some(
        (key) => key['AccessKeyId'] === check.key && key['Status'] === 'Active',
      );
    case 'public':
      return resource(account, check.resource)?.['public'] === true;
    case 'unencrypted':
      return !isRecord(resource(account, check.resource)?.['encryption']);
    case 'unlogged':
      return !isRecord(resource(account, check.resource)?.['logging']);
    case 'always':
      return true;
  }
}

/** Whether the identity's own policies allow an action on some resource (or on this one); conditions are ignored. */
export function allows(account: RawAccount, principal: string, action: string, target?: string): boolean {
  const statements = documentsOf(account, principal).flatMap((document) => list(document['Statement']));
  const hits = statements.filter(
    (statement) =>
      matchesAny(statement['Action'], action, true) &&
      (target === undefined || matchesAny(statement['Resource'], target, false)),
  );
  if (hits.some((statement) => statement['Effect'] === 'Deny')) return false;
  return hits.some((statement) => statement['Effect'] === 'Allow');
}

/** The resource with this ARN, or undefined. */
function resource(account: RawAccount, arn: string): RawAccount | undefined {
  return list(account['resources']).find((each) => each['arn'] === arn);
}

/** Tags of a role, user or resource. */
export function tagsOf(account: RawAccount, arn: string): Record<string, string> {
  const principal = find(account, 'RoleDetailList', arn) ?? find(account, 'UserDetailList', arn);
  if (principal !== undefined) {
    return Object.fromEntries(
      list(principal['Tags']).map((tag) => [String(tag['Key']), String(tag['Value'])]),
    );
  }
  const tags = resource(account, arn)?.['tags'];
  return isRecord(tags)
    ? Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, String(value)]))
    : {};
}

function isDeniedEverything(account: RawAccount, principal: string): boolean {
  return documentsOf(account, principal).some((document) =>
    list(document['Statement']).some(
      (statement) =>
        statement['Effect'] === 'Deny' &&
        matchesAny(statement['Action'], 'curtail:anything', true) &&
        statement['Resource'] === '*',
    ),
  );
}

function documentsOf(account: RawAccount, principal: string): RawAccount[] {
  const isUser = principal.includes(':user/');
  const entity = find(account, isUser ? 'UserDetailList' : 'RoleDetailList', principal);
  const inline = list(entity?.[isUser ? 'UserPolicyList' : 'RolePolicyList']).map(
    (policy) => policy['PolicyDocument'],
  );
  const attached = list(entity?.['AttachedManagedPolicies']).map((policy) =>
    defaultVersion(account, String(policy['PolicyArn'])),
  );
  return [...inline, ...attached].map(decoded).filter(isRecord);
}

function defaultVersion(account: RawAccount, arn: string): unknown {
  const versions = list(find(account, 'Policies', arn)?.['PolicyVersionList']);
  return versions.find((version) => version['IsDefaultVersion'] === true)?.['Document'];
}

function decoded(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return JSON.parse(value.startsWith('%') ? decodeURIComponent(value) : value);
}

function find(account: RawAccount, key: string, arn: string): RawAccount | undefined {
  return list(account[key]).find((entry) => entry['Arn'] === arn);
}

function list(value: unknown): RawAccount[] {
  if (Array.isArray(value)) return value.filter(isRecord);
  return isRecord(value) ? [value] : [];
}

function matchesAny(patterns: unknown, text: string, ignoreCase: boolean): boolean {
  const all = Array.isArray(patterns) ? patterns : [patterns];
  return all.some((pattern) => typeof pattern === 'string' && wildcard(pattern, ignoreCase).test(text));
}

function wildcard(pattern: string, ignoreCase: boolean): RegExp {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, ignoreCase ? 'is' : 's');
}
