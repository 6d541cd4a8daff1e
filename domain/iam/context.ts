import { accountOfArn } from './arn.js';
import type { Request } from './document.js';
import { type PrincipalFacts, readPrincipal } from './principals.js';

/** The condition keys of one request: those given, and those that follow from its principal and resource. */
export interface RequestContext {
  readonly principal: PrincipalFacts;
  /** The account that owns the resource, where it can be known. */
  readonly resourceAccount: string | undefined;
  /** The values of a key, by its lower-case name; undefined when the key is missing. */
  values(key: string): readonly string[] | undefined;
  /** The value of a single-valued key, by any case: what a policy variable may stand for. */
  single(key: string): string | undefined;
}

/**
 * Makes the context of a request.
 *
 * A key given as `null`, or as an empty list, is missing. Keys that follow from the principal and the resource are
 * filled in unless given: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 * and, for `aws:username`, `aws:userid` and `aws:PrincipalType`, the table of principal key values in
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 *
 * @throws PolicyError when the principal is none.
 */
export function requestContext(request: Request): RequestContext {
  const principal = readPrincipal(request.principal);
  const resourceAccount = request.resourceAccount ?? accountOfArn(request.resource);
  const given = new Map<string, string | readonly string[] | null>();
  for (const name of Object.keys(request.context)) {
    const value = request.context[name];
    if (value !== undefined) given.set(name.toLowerCase(), value);
  }
  return {
    principal,
    resourceAccount,
    values(key) {
      const value = given.get(key);
      if (value === undefined) {
        const followed = derived(key, principal, request, resourceAccount);
        return followed === undefined ? undefined : [followed];
      }
      if (value === null) return undefined;
      if (typeof value === 'string') return [value];
      return value.length === 0 ? undefined : value;
    },
    single(key) {
      const name = key.toLowerCase();
      const value = given.get(name);
      if (value === undefined) return derived(name, principal, request, resourceAccount);
      return typeof value === 'string' ? value : undefined;
    },
  };
}

function derived(
  key: string,
  principal: PrincipalFacts,
  request: Request,
  account: string | undefined,
): string | undefined {
  switch (key) {
    case 'aws:principalarn':
      return principalArn(principal);
    case 'aws:principalaccount':
      return principal.account;
    case 'aws:principaltype':
      return principalType(principal);
    case 'aws:username':
      return principal.kind === 'user'
        ? principal.name.slice(principal.name.lastIndexOf('/') + 1)
        : undefined;
    case 'aws:userid':
      return userId(principal);
    case 'aws:principalisawsservice':
      // Present for every signed request, so that anonymous ones lack it.
      return principal.kind === 'service' ? 'true' : principal.inAccount ? 'false' : undefined;
    case 'aws:principalservicename':
      return principal.kind === 'service' ? principal.name : undefined;
    case 'aws:resourceaccount':
      return account;
    case 's3:resourceaccount':
      return /^s3:/i.test(request.action) ? account : undefined;
    case 'kms:calleraccount':
      return /^kms:/i.test(request.action) ? principal.account : undefined;
    default:
      return undefined;
  }
}

/** For a session, the ARN of its role (without the path, which a session ARN does not tell). */
function principalArn(principal: PrincipalFacts): string | undefined {
  if (principal.kind === 'session')
    return `arn:${principal.partition}:iam::${principal.account}:role/${principal.roleName}`;
  return principal.inAccount ? principal.name : undefined;
}

function principalType(principal: PrincipalFacts): string | undefined {
  switch (principal.kind) {
    case 'root':
      return 'Account';
    case 'user':
      return 'User';
    case 'role':
    case 'session':
      return 'AssumedRole';
    case 'federated-user':
      return 'FederatedUser';
    case 'anonymous':
      return 'Anonymous';
    default:
      return undefined;
  }
}

function userId(principal: PrincipalFacts): string | undefined {
  if (principal.kind === 'root') return principal.account;
  if (principal.kind === 'anonymous') return 'anonymous';
  if (principal.kind !== 'federated-user') return undefined;
  return `${principal.account}:${principal.name.slice(principal.name.indexOf('federated-user/') + 15)}`;
}
