import type {
  DecidingStatement,
  Decision,
  PolicyDocument,
  PolicySet,
  PolicyType,
  Request,
} from './document.js';
import { askedResource } from './match.js';
import type { PrincipalFacts, PrincipalMatch } from './principals.js';
import { RCP_EXEMPT_ACTIONS, RCP_SERVICES } from './rcp-services.js';
import { type Applying, type Asked, applying, ask, deciding } from './statement.js';

/**
 * Decides a request as AWS does: an explicit Deny anywhere wins; then every layer that applies must allow.
 * Within one account a resource policy that names the caller suffices; across accounts both sides must allow.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
 *
 * The request's resource is concrete (or `*`); for patterns see `evaluatePattern`.
 * @throws PolicyError when the request's principal is none.
 */
export function evaluate(request: Request, policies: PolicySet): Decision {
  const boundaries = policies.boundaries ?? [];
  const asked = ask(request, boundaries.length > 0);
  // Nobody can be denied to learn who they are: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
  if (asked.action === 'sts:getcalleridentity' && asked.context.principal.inAccount)
    return { decision: 'Allowed', by: [] };
  const layers = readLayers(request, policies, asked);
  const denying = layers.flatMap((layer) => layer.deny);
  if (denying.length > 0) return { decision: 'ExplicitlyDenied', by: denying };
  const by = allowedBy(layers, asked);
  return by === undefined ? { decision: 'ImplicitlyDenied', by: [] } : { decision: 'Allowed', by };
}

/**
 * Whether the documents, taken alone, allow the request: some Allow applies and no Deny does. No account rules, no
 * other layers: what a right-sized policy must keep for the requests that were seen.
 * @throws PolicyError when the request's principal is none.
 */
export function decideDocuments(
  request: Request,
  documents: readonly PolicyDocument[],
  policyType: PolicyType,
): Decision {
  const layer = readLayer(policyType, documents, ask(request));
  if (layer.deny.length > 0) return { decision: 'ExplicitlyDenied', by: layer.deny };
  return layer.allow.length > 0
    ? { decision: 'Allowed', by: layer.allow }
    : { decision: 'ImplicitlyDenied', by: [] };
}

/** What one policy type (one level of it, one boundary) says about a request. */
interface Layer {
  readonly type: PolicyType;
  readonly allow: readonly DecidingStatement[];
  readonly deny: readonly DecidingStatement[];
  /** How the allowing statements of a resource policy cover the caller. */
  readonly grants: readonly PrincipalMatch[];
}

function readLayer(
  type: PolicyType,
  documents: readonly PolicyDocument[],
  asked: Asked,
  level?: number,
): Layer {
  const found = applying(documents, type, asked);
  if (found.length === 0) return { type, allow: [], deny: [], grants: [] };
  const allows = found.filter(({ statement }) => statement.effect === 'Allow');
  const denies = found.filter(({ statement }) => statement.effect === 'Deny');
  const name = (applies: Applying): DecidingStatement => deciding(type, applies, level);
  const grants = allows.flatMap(({ by }) => (by === undefined ? [] : [by]));
  return { type, allow: allows.map(name), deny: denies.map(name), grants };
}

function readLayers(request: Request, policies: PolicySet, asked: Asked): readonly Layer[] {
  const { principal } = asked.context;
  const layers: Layer[] = [];
  if (principal.inAccount) {
    layers.push(readLayer('identity', policies.identity, asked));
    if (principal.kind !== 'root') {
      layers.push(...readBoundaries(policies.boundaries ?? [], asked));
    }
    if (policies.session !== undefined && policies.session.length > 0)
      layers.push(readLayer('session', policies.session, asked));
  }
  if (policies.resource !== undefined) {
    layers.push(readLayer(isTrust(asked) ? 'trust' : 'resource', [policies.resource], asked));
  }
  if (policies.endpoint !== undefined && policies.endpoint.length > 0)
    layers.push(readLayer('endpoint', policies.endpoint, asked));
  if (isUnderScps(request, principal)) {
    for (const [level, documents] of (policies.scps ?? []).entries())
      layers.push(readLayer('scp', documents, asked, level));
  }
  if (isUnderRcps(request, asked)) {
    for (const [level, documents] of (policies.rcps ?? []).entries())
      layers.push(readLayer('rcp', documents, asked, level));
  }
  return layers;
}

/** Each boundary is a layer of its own: all must allow. */
function readBoundaries(boundaries: readonly PolicyDocument[], asked: Asked): readonly Layer[] {
  return boundaries.map((boundary, policy) => {
    const layer = readLayer('boundary', [boundary], asked);
    const renumber = (by: DecidingStatement): DecidingStatement => ({ ...by, policy });
    return { ...layer, allow: layer.allow.map(renumber), deny: layer.deny.map(renumber) };
  });
}

/** The statements that allow together, or undefined when a layer that must allow does not. */
function allowedBy(layers: readonly Layer[], asked: Asked): readonly DecidingStatement[] | undefined {
  const gates = layers.filter(({ type }) => type === 'scp' || type === 'endpoint');
  if (gates.some(({ allow }) => allow.length === 0)) return undefined;
  const granting = isSameAccount(asked) ? grantedWithin(layers, asked) : grantedAcross(layers, asked);
  return granting === undefined ? undefined : [...granting, ...gates.flatMap(({ allow }) => allow)];
}

type Granting = readonly DecidingStatement[] | undefined;

/**
 * Within one account (and for callers outside every account, whom only the resource's side can allow).
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
 */
function grantedWithin(layers: readonly Layer[], asked: Asked): Granting {
  const { principal } = asked.context;
  const resource = resourceLayer(layers);
  const grants = resource?.grants ?? [];
  const trust = isTrust(asked);
  // https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html: not with the root user's credentials
  if (trust && principal.kind === 'root') return undefined;
  if (grants.some((grant) => grant !== 'account' && grant !== 'role')) return resource?.allow;
  if (!principal.inAccount) return undefined;
  // A role's ARN covers its sessions, but what limits the role limits that grant too.
  if (grants.includes('role')) {
    const limits = limitsAllow(layers);
    if (limits !== undefined) return [...(resource?.allow ?? []), ...limits];
  }
  const delegated = grants.includes('account');
  if ((trust || isKmsKey(asked)) && !delegated) return undefined;
  const own = identityAllows(layers, asked);
  if (own === undefined) return undefined;
  return delegated && (trust || isKmsKey(asked)) ? [...own, ...(resource?.allow ?? [])] : own;
}

/** Across accounts: the caller's side and the resource's side, each by itself. */
function grantedAcross(layers: readonly Layer[], asked: Asked): Granting {
  const resource = resourceLayer(layers);
  if (resource === undefined || resource.allow.length === 0) return undefined;
  if (isTrust(asked) && asked.context.principal.kind === 'root') return undefined;
  const own = identityAllows(layers, asked);
  return own === undefined ? undefined : [...own, ...resource.allow];
}

function resourceLayer(layers: readonly Layer[]): Layer | undefined {
  return layers.find(({ type }) => type === 'resource' || type === 'trust');
}

/** The caller's own side: identity policies, then what limits them. */
function identityAllows(layers: readonly Layer[], { context, action }: Asked): Granting {
  const { kind } = context.principal;
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getfederationtoken.html
  if (kind === 'federated-user' && !layers.some(({ type }) => type === 'session')) return undefined;
  const limits = limitsAllow(layers);
  if (limits === undefined) return undefined;
  if (kind === 'root') return limits;
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getsessiontoken.html
  if (kind === 'user' && action === 'sts:getsessiontoken') return limits;
  const identity = layers.find(({ type }) => type === 'identity')?.allow ?? [];
  return identity.length === 0 ? undefined : [...identity, ...limits];
}

/** The allowing statements of boundaries and session policies, or undefined when one of them does not allow. */
function limitsAllow(layers: readonly Layer[]): Granting {
  const limits = layers.filter(({ type }) => type === 'boundary' || type === 'session');
  return limits.some(({ allow }) => allow.length === 0) ? undefined : limits.flatMap(({ allow }) => allow);
}

/** Unknown accounts count as one: nothing then speaks for a boundary between them. */
function isSameAccount({ context: { principal, resourceAccount } }: Asked): boolean {
  return (
    principal.account === undefined || resourceAccount === undefined || principal.account === resourceAccount
  );
}

/** Whether a request is a call on a role, so that the resource's policy is the role's trust policy. */
export function isTrustRequest({ action, resource }: Pick<Request, 'action' | 'resource'>): boolean {
  return isTrust({ action: action.toLowerCase(), resource: askedResource(resource) });
}

/** A call on a role that its trust policy must allow. */
function isTrust({ action, resource: { fields } }: Pick<Asked, 'action' | 'resource'>): boolean {
  return action.startsWith('sts:') && fields?.[2] === 'iam' && fields[5].startsWith('role/');
}

/** A call on a key that its key policy must allow: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html */
function isKmsKey({ action, resource: { fields } }: Asked): boolean {
  return action.startsWith('kms:') && fields?.[2] === 'kms' && fields[5].startsWith('key/');
}

/** https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html#scp-effects-on-permissions */
function isUnderScps(request: Request, principal: PrincipalFacts): boolean {
  return (
    principal.inAccount &&
    !isServiceLinked(request, principal) &&
    request.principalInManagementAccount !== true
  );
}

/** https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#rcp-effects-on-permissions */
function isUnderRcps(request: Request, asked: Asked): boolean {
  const { principal, resourceAccount } = asked.context;
  if (isServiceLinked(request, principal) || RCP_EXEMPT_ACTIONS.has(asked.action)) return false;
  const ownManagement =
    request.principalInManagementAccount === true && principal.account === resourceAccount;
  return !ownManagement && RCP_SERVICES.has(asked.action.slice(0, asked.action.indexOf(':')));
}

function isServiceLinked(request: Request, principal: PrincipalFacts): boolean {
  return request.principalIsServiceLinked === true || principal.serviceLinked;
}
