import {
  type Account,
  type AccountPrincipal,
  type AccountResource,
  resolvePrincipal,
} from '../graph/account.js';
import { findPaths, type PathAnswer } from '../graph/paths.js';
import type { PolicyDocument, Statement } from '../iam/document.js';
import { parsePolicy } from '../iam/parse.js';
import type { Json } from '../json.js';
import { grantedActions, overPermissionOf } from './over-permission.js';
import type { Exposure, RiskContext, RiskInput } from './score.js';

/** What the account itself does not say. */
export interface RiskFacts {
  /** Labels of the data at stake, e.g. from the finding or the classifier. */
  labels?: readonly string[];
  /** Names of the actions that were used in the window; absent when use is not known. */
  usedActions?: readonly string[];
  context?: RiskContext;
  /** An earlier answer about the identity, so that the search is not run twice. */
  paths?: PathAnswer;
}

/** What the score of a user or role is computed from; undefined when it is not in the account. */
export function identityRiskInput(
  account: Account,
  arn: string,
  facts: RiskFacts = {},
): RiskInput | undefined {
  const principal = resolvePrincipal(account, arn);
  if (principal === undefined) return undefined;
  const answer = facts.paths ?? findPaths(account, { from: [principal.arn] });
  const documents = principal.documents.map(({ document }) => parsePolicy(document, 'identity'));
  // What everybody reaches says nothing about this identity.
  const reached = answer.reach.filter(
    ({ from, resource }) => from === principal.arn && account.resources.get(resource)?.public !== true,
  );
  const open = answer.escalations.filter(({ from, status }) => from === principal.arn && status === 'open');
  return {
    subject: 'identity',
    grants: documents.flatMap(grantsOf),
    administrator: answer.admins.includes(principal.arn),
    labels: [
      ...(facts.labels ?? []),
      ...reached.flatMap(({ resource }) => account.resources.get(resource)?.sensitivity ?? []),
    ],
    sensitive: reached.length > 0,
    exposure: identityExposure(account, principal),
    reach: {
      sensitiveStores: reached.length,
      openEscalations: open.length,
      toAdministrator: open.some(({ gain }) => gain === 'administrator'),
    },
    ...useOf(documents, facts.usedActions),
    context: { role: principal.kind === 'user' ? 'person' : 'workload', ...facts.context },
  };
}

/** What the score of a store is computed from; undefined when it is not in the account. */
export function storeRiskInput(account: Account, arn: string, facts: RiskFacts = {}): RiskInput | undefined {
  const store = account.resources.get(arn);
  if (store === undefined) return undefined;
  const documents = store.policy === undefined ? [] : [parsePolicy(store.policy, 'resource')];
  const exposure = storeExposure(store, documents);
  return {
    subject: 'store',
    grants: documents.flatMap(grantsOf),
    administrator: false,
    labels: [...(facts.labels ?? []), ...(store.sensitivity === undefined ? [] : [store.sensitivity])],
    sensitive: store.sensitive,
    exposure,
    reach: {
      sensitiveStores: store.sensitive || (facts.labels ?? []).length > 0 ? 1 : 0,
      openEscalations: 0,
      toAdministrator: false,
    },
    ...(facts.usedActions === undefined ? {} : useOf(documents, facts.usedActions)),
    context: facts.context ?? {},
  };
}

function grantsOf({ statements }: PolicyDocument): { action: string; resource: string }[] {
  return statements
    .filter(({ effect }) => effect === 'Allow')
    .flatMap((statement) => {
      const actions = statement.action.negated ? ['*'] : statement.action.patterns;
      const resources =
        statement.resource === undefined || statement.resource.negated ? ['*'] : statement.resource.patterns;
      return actions.flatMap((action) => resources.map((resource) => ({ action, resource })));
    });
}

function useOf(
  documents: readonly PolicyDocument[],
  used: readonly string[] | undefined,
): Pick<RiskInput, 'use'> {
  if (used === undefined) return {};
  const { granted, unused } = overPermissionOf(grantedActions(documents), used);
  return { use: { granted, unused } };
}

function identityExposure(account: Account, principal: AccountPrincipal): Exposure {
  const keys = account.credentials.get(principal.arn)?.accessKeys ?? 0;
  const trust = principal.trust === null ? undefined : parsePolicy(principal.trust, 'trust');
  return {
    ...exposureOf(trust?.statements ?? [], principal.account),
    ...(keys > 0 ? { longLivedKey: true } : {}),
  };
}

function storeExposure(store: AccountResource, documents: readonly PolicyDocument[]): Exposure {
  const stated = exposureOf(
    documents.flatMap(({ statements }) => statements),
    store.account,
  );
  return { ...stated, ...(store.public ? { public: true } : {}) };
}

function exposureOf(statements: readonly Statement[], own: string): Exposure {
  const allowing = statements.filter(
    ({ effect, principal }) => effect === 'Allow' && principal !== undefined,
  );
  const accounts = new Set<string>();
  let any = false;
  for (const { principal, conditions } of allowing) {
    if (principal === undefined) continue;
    const everyone = principal.everyone || principal.negated || principal.aws.includes('*');
    // A condition such as the organisation's id keeps the public out.
    if (everyone && conditions.length === 0) any = true;
    for (const name of principal.aws) {
      const account = /^\d{12}$/.test(name) ? name : (name.split(':')[4] ?? '');
      if (account !== '' && account !== own) accounts.add(account);
    }
  }
  return {
    ...(any ? { otherAccounts: 'any' as const } : accounts.size > 0 ? { otherAccounts: accounts.size } : {}),
    ...(allowing.some(({ principal }) => (principal?.federated.length ?? 0) > 0) ? { federated: true } : {}),
    ...(allowing.some(({ principal }) => (principal?.service.length ?? 0) > 0) ? { service: true } : {}),
  };
}

/** Over-permission of every user and role of an account whose use is known, by ARN. */
export function overPermissionByIdentity(
  account: Account,
  usedBy: ReadonlyMap<string, readonly string[]>,
): Map<string, ReturnType<typeof overPermissionOf>> {
  const parsed = new Map<Json, PolicyDocument>();
  const documentOf = (document: Json): PolicyDocument => {
    const known = parsed.get(document) ?? parsePolicy(document, 'identity');
    parsed.set(document, known);
    return known;
  };
  return new Map(
    [...account.principals.values()].map((principal) => {
      const granted = grantedActions(principal.documents.map(({ document }) => documentOf(document)));
      return [principal.arn, overPermissionOf(granted, usedBy.get(principal.arn) ?? [])];
    }),
  );
}
