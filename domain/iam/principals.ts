import { splitArn } from './arn.js';
import { PolicyError, type Principal, type PrincipalElement } from './document.js';

/** What a principal is; decides which policies speak about it. */
export type PrincipalKind =
  | 'root'
  | 'user'
  | 'role'
  | 'session'
  | 'federated-user'
  | 'service'
  | 'anonymous'
  | 'federated'
  | 'canonical';

/** A principal taken apart once for a request. */
export interface PrincipalFacts {
  kind: PrincipalKind;
  /** The ARN, service name or id as given; empty for anonymous callers without one. */
  name: string;
  account?: string;
  partition?: string;
  /** Name of the role behind a role or session ARN, without its path: unique in its account. */
  roleName?: string;
  /** Whether IAM policies can be attached to it or to the role or user behind it. */
  inAccount: boolean;
  /** A role under `/aws-service-role/`. */
  serviceLinked: boolean;
}

/**
 * Takes a principal apart.
 * @throws PolicyError `InvalidPrincipal`
 */
export function readPrincipal(principal: Principal): PrincipalFacts {
  const outside = { inAccount: false, serviceLinked: false };
  if (typeof principal !== 'string') {
    const kind =
      principal.type === 'Anonymous'
        ? 'anonymous'
        : principal.type === 'Federated'
          ? 'federated'
          : 'canonical';
    return { kind, name: principal.id ?? '', ...outside };
  }
  if (!principal.startsWith('arn:')) {
    if (/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(principal))
      return { kind: 'service', name: principal, ...outside };
    throw invalid(principal);
  }
  const fields = splitArn(principal);
  // A distribution's identity belongs to no account: only a policy that names it speaks about it.
  if (/^arn:[a-z-]+:iam::cloudfront:user\/./.test(principal))
    return { kind: 'canonical', name: principal, ...outside };
  if (fields === undefined || !/^\d{12}$/.test(fields[4])) throw invalid(principal);
  const [, partition, service, , account, resource] = fields;
  const kind = kindOf(service, resource);
  if (kind === undefined) throw invalid(principal);
  const path = resource.split('/');
  const roleName = kind === 'role' ? path.at(-1) : kind === 'session' ? path[1] : undefined;
  return {
    kind,
    name: principal,
    account,
    partition,
    ...(roleName !== undefined && { roleName }),
    inAccount: true,
    serviceLinked: kind === 'role' && resource.startsWith('role/aws-service-role/'),
  };
}

function kindOf(service: string, resource: string): PrincipalKind | undefined {
  if (service === 'iam') {
    if (resource === 'root') return 'root';
    if (/^user\/./.test(resource)) return 'user';
    if (/^role\/./.test(resource)) return 'role';
  }
  if (service === 'sts') {
    if (/^assumed-role\/[^/]+\/./.test(resource)) return 'session';
    if (/^federated-user\/./.test(resource)) return 'federated-user';
  }
  return undefined;
}

function invalid(principal: string): PolicyError {
  const shown = JSON.stringify(principal.slice(0, 120));
  const mend =
    'pass the ARN of a user, role, assumed role, federated user or root, or a service name such as lambda.amazonaws.com';
  return new PolicyError('InvalidPrincipal', '/principal', `${shown} is no principal: ${mend}`);
}

/**
 * How a `Principal` element covers a caller.
 * `everyone`: by `*`; `exact`: by its own ARN, id or name; `role`: by the ARN of the role behind a session;
 * `account`: by the account it belongs to, which in an Allow only delegates to that account's own policies;
 * `excepted-from`: by a `NotPrincipal` that does not list it.
 */
export type PrincipalMatch = 'everyone' | 'exact' | 'role' | 'account' | 'excepted-from';

/** What else is known about the caller. */
export interface PrincipalAids {
  /** `aws:userid`, whose part before the colon is the unique id (AIDA…, AROA…). */
  userId?: string | undefined;
  /** `aws:PrincipalArn`: for a session, the ARN of its role with the path that the session ARN lacks. */
  principalArn?: string | undefined;
}

/**
 * Whether and how the element covers the caller; undefined when it does not.
 *
 * Under `NotPrincipal`, an account does not except the users and roles in it, only its root: AWS's own example
 * lists the account beside the user and says that only that user is excepted.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
export function principalMatches(
  element: PrincipalElement,
  principal: PrincipalFacts,
  aids: PrincipalAids = {},
): PrincipalMatch | undefined {
  const match = listedAs(element, principal, aids);
  if (!element.negated) return match;
  const excepted = match !== undefined && !(match === 'account' && principal.kind !== 'root');
  return excepted ? undefined : 'excepted-from';
}

function listedAs(
  element: PrincipalElement,
  principal: PrincipalFacts,
  aids: PrincipalAids,
): PrincipalMatch | undefined {
  if (principal.kind === 'service' && element.service.some((name) => sameService(name, principal.name)))
    return 'exact';
  if (principal.kind === 'federated' && element.federated.includes(principal.name)) return 'exact';
  if (principal.kind === 'canonical' && [...element.canonicalUser, ...element.aws].includes(principal.name))
    return 'exact';
  let best: PrincipalMatch | undefined = element.everyone ? 'everyone' : undefined;
  if (!principal.inAccount) return best;
  for (const name of element.aws) {
    const match = awsMatch(name, principal, aids);
    if (match === 'exact') return match;
    if (match !== undefined && (best === undefined || best === 'account')) best = match;
  }
  return best;
}

function sameService(pattern: string, name: string): boolean {
  return pattern === '*' || pattern.toLowerCase() === name.toLowerCase();
}

function awsMatch(name: string, principal: PrincipalFacts, aids: PrincipalAids): PrincipalMatch | undefined {
  // A role stands for its sessions here, so that its ARN limits and is limited as theirs.
  if (name === principal.name) return principal.kind === 'role' ? 'role' : 'exact';
  if (/^\d{12}$/.test(name)) return name === principal.account ? accountMatch(principal) : undefined;
  if (!name.startsWith('arn:')) return uniqueIdMatch(name, principal, aids);
  const fields = splitArn(name);
  if (fields === undefined || fields[4] !== principal.account || fields[1] !== principal.partition)
    return undefined;
  if (fields[2] !== 'iam') return undefined;
  if (fields[5] === 'root') return accountMatch(principal);
  return principal.kind === 'session' && isRoleBehind(name, fields[5], principal, aids) ? 'role' : undefined;
}

function accountMatch(principal: PrincipalFacts): PrincipalMatch {
  return principal.kind === 'root' ? 'exact' : 'account';
}

/** Role names are unique in an account whatever their path, and a session ARN has no path. */
function isRoleBehind(
  roleArn: string,
  resource: string,
  principal: PrincipalFacts,
  aids: PrincipalAids,
): boolean {
  if (!resource.startsWith('role/')) return false;
  if (resource.slice(resource.lastIndexOf('/') + 1) !== principal.roleName) return false;
  const told = aids.principalArn;
  return told === undefined || !/:role\/.+\//.test(told) || told === roleArn;
}

/** `AIDA…` names a user, `AROA…` a role and its sessions, `AROA…:session` one session. */
function uniqueIdMatch(
  id: string,
  principal: PrincipalFacts,
  aids: PrincipalAids,
): PrincipalMatch | undefined {
  if (aids.userId === undefined) return undefined;
  if (aids.userId === id) return principal.kind === 'role' ? 'role' : 'exact';
  const [before] = aids.userId.split(':');
  return principal.kind === 'session' && before === id ? 'role' : undefined;
}
