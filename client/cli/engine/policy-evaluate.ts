import { z } from 'zod';
import { splitArn } from '../../../domain/iam/arn.js';
import { type Decision, PolicyError, type PolicySet, type Request } from '../../../domain/iam/document.js';
import { evaluate, isTrustRequest } from '../../../domain/iam/evaluate.js';
import { evaluatePattern } from '../../../domain/iam/evaluate-pattern.js';
import { at, checkShape, type Defined, policiesAt, policyAt } from './input.js';

const ContextText = z.string().max(65_536);
const ContextValue = z.union([
  ContextText,
  z.array(ContextText).max(10_000),
  z.null(),
  z.boolean().transform(String),
  z.number().transform(String),
]);

const RequestShape = z.strictObject({
  principal: z.union([
    z.string().max(2048),
    z.strictObject({
      type: z.enum(['Anonymous', 'Federated', 'CanonicalUser']),
      id: z.string().max(2048).optional(),
    }),
  ]),
  action: z.string().max(256),
  resource: z.string().max(4096),
  resourceAccount: z
    .string()
    .regex(/^\d{12}$/, 'a 12-digit account id')
    .nullish(),
  context: z.record(z.string(), ContextValue).nullish(),
  principalIsServiceLinked: z.boolean().nullish(),
  principalInManagementAccount: z.boolean().nullish(),
  resourcePattern: z.boolean().nullish(),
});

const PoliciesShape = z.strictObject({
  identity: z.unknown().optional(),
  resource: z.unknown().optional(),
  boundaries: z.unknown().optional(),
  session: z.unknown().optional(),
  endpoint: z.unknown().optional(),
  scps: z.array(z.unknown()).nullish(),
  rcps: z.array(z.unknown()).nullish(),
});

const LineShape = z.object({
  request: z.unknown(),
  policies: z.unknown().optional(),
  use: z.string().optional(),
});

const EXPECTED = '{"request": {principal, action, resource, context}, "policies": {identity, resource?, …}}';

/**
 * `curtail policy evaluate`: decides one request under a set of policies.
 * @throws PolicyError pointing into the line
 */
export function policyEvaluate(line: unknown, defined: Defined = new Map()): Decision {
  const shape = checkShape(LineShape, line, EXPECTED);
  const request = readRequest(shape.request);
  const policies = policiesFor(shape, isTrustRequest(request), defined);
  return at('/request', () =>
    (request.resourcePattern === true ? evaluatePattern : evaluate)(request, policies),
  );
}

function policiesFor(shape: z.output<typeof LineShape>, trust: boolean, defined: Defined): PolicySet {
  const named = shape.policies === undefined && shape.use !== undefined ? defined.get(shape.use) : undefined;
  if (named === undefined) return readPolicies(shape.policies ?? {}, trust);
  const key = trust ? 'evaluate/trust' : 'evaluate';
  const known = named.parsed.get(key);
  if (known !== undefined) return known as PolicySet;
  const made = readPolicies(named.policies, trust);
  named.parsed.set(key, made);
  return made;
}

function readRequest(value: unknown): Request {
  const shape = at('/request', () => checkShape(RequestShape, value, EXPECTED));
  const {
    principal,
    action,
    resource,
    resourceAccount,
    principalIsServiceLinked,
    principalInManagementAccount,
  } = shape;
  refuseWildcards(action, resource, shape.resourcePattern === true);
  return {
    principal:
      typeof principal === 'string'
        ? principal
        : { type: principal.type, ...(principal.id !== undefined && { id: principal.id }) },
    action,
    resource,
    context: readContext(shape.context ?? {}),
    ...(resourceAccount != null && { resourceAccount }),
    ...(principalIsServiceLinked != null && { principalIsServiceLinked }),
    ...(principalInManagementAccount != null && { principalInManagementAccount }),
    ...(shape.resourcePattern === true && { resourcePattern: true }),
  };
}

function refuseWildcards(action: string, resource: string, isPattern: boolean): void {
  if (/[*?]/.test(action)) {
    throw new PolicyError(
      'WildcardRequest',
      '/request/action',
      'a request is for one action; name it without wildcards',
    );
  }
  if (!/^[A-Za-z0-9-]+:[A-Za-z0-9._-]+$/.test(action)) {
    throw new PolicyError(
      'InvalidAction',
      '/request/action',
      'an action is "service:Name" in ASCII; write it so',
    );
  }
  if (resource === '*') return;
  if (splitArn(resource) === undefined) {
    const mend = 'pass the ARN of the resource, or "*" for an action without resource types';
    throw new PolicyError('InvalidResource', '/request/resource', mend);
  }
  if (isPattern || !/[*?]/.test(resource)) return;
  const mend =
    'the resource has wildcards: name one resource, or set resourcePattern to ask whether any match is allowed';
  throw new PolicyError('WildcardRequest', '/request/resource', mend);
}

function readContext(context: Record<string, string | string[] | null>): Request['context'] {
  const seen = new Set<string>();
  for (const name of Object.keys(context)) {
    if (!seen.has(name.toLowerCase())) {
      seen.add(name.toLowerCase());
      continue;
    }
    const mend = `the key ${JSON.stringify(name)} is there twice, in two cases; keep one`;
    throw new PolicyError('DuplicateKey', '/request/context', mend);
  }
  return context;
}

function readPolicies(value: unknown, trust: boolean): PolicySet {
  const shape = at('/policies', () => checkShape(PoliciesShape, value, EXPECTED));
  return {
    identity: shape.identity == null ? [] : policiesAt(shape.identity, 'identity', '/policies/identity'),
    ...(shape.resource != null && {
      resource: policyAt(shape.resource, trust ? 'trust' : 'resource', '/policies/resource'),
    }),
    ...(shape.boundaries != null && {
      boundaries: policiesAt(shape.boundaries, 'boundary', '/policies/boundaries'),
    }),
    ...(shape.session != null && { session: policiesAt(shape.session, 'session', '/policies/session') }),
    ...(shape.endpoint != null && { endpoint: policiesAt(shape.endpoint, 'endpoint', '/policies/endpoint') }),
    ...(shape.scps != null && {
      scps: shape.scps.map((level, i) => policiesAt(level, 'scp', `/policies/scps/${i}`)),
    }),
    ...(shape.rcps != null && {
      rcps: shape.rcps.map((level, i) => policiesAt(level, 'rcp', `/policies/rcps/${i}`)),
    }),
  };
}
