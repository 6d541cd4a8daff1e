import { accountOfArn } from '../iam/arn.js';
import { evaluate } from '../iam/evaluate.js';
import { type Account, type AccountPrincipal, resolvePrincipal } from './account.js';
import type { CompiledDocument, CompiledStatement } from './compiled.js';
import { type Assignment, openKeys, search } from './completions.js';

/** Roles by whom their trust policies name. */
export interface TrustIndex {
  /** By a user's, role's or session's ARN, or a unique id. */
  byName: ReadonlyMap<string, readonly AccountPrincipal[]>;
  byAccountId: ReadonlyMap<string, readonly AccountPrincipal[]>;
  /** Those that trust everybody, or everybody but some. */
  anyone: readonly AccountPrincipal[];
}

/** Indexes the Allows of all trust policies. */
export function indexTrust(
  account: Account,
  roles: readonly AccountPrincipal[],
  trustOf: (role: AccountPrincipal) => CompiledDocument | undefined,
): TrustIndex {
  const byName = new Map<string, AccountPrincipal[]>();
  const byAccountId = new Map<string, AccountPrincipal[]>();
  const anyone: AccountPrincipal[] = [];
  for (const role of roles) {
    const names = (trustOf(role)?.statementsOn('sts:AssumeRole') ?? []).flatMap(namesIn);
    for (const name of new Set(names)) {
      const id = accountNamed(name);
      if (name === '*') anyone.push(role);
      else if (id !== undefined) append(byAccountId, id, role);
      else append(byName, roleOfSession(account, name), role);
    }
  }
  return { byName, byAccountId, anyone };
}

function accountNamed(name: string): string | undefined {
  if (/^\d{12}$/.test(name)) return name;
  return name.endsWith(':root') ? accountOfArn(name) : undefined;
}

function roleOfSession(account: Account, name: string): string {
  return name.includes(':assumed-role/') ? (resolvePrincipal(account, name)?.arn ?? name) : name;
}

/** AWS principals whom an Allow names; `*` for anybody and for everybody but some. */
export function namesIn({ statement: { effect, principal } }: CompiledStatement): readonly string[] {
  if (effect !== 'Allow' || principal === undefined) return [];
  return principal.everyone || principal.negated ? ['*'] : principal.aws;
}

/** The caller makes the resource that the service acts for, so its ARN is the caller's choice. */
const SERVICE_CALL = {
  fixed: new Set<string>(),
  open: new Set(['aws:sourcearn']),
  protectedToo: true,
  tagsKnown: true,
};

/** Whether a service may assume the role on behalf of something that the role's own account makes. */
export function trustsService(role: AccountPrincipal, trust: CompiledDocument, service: string): boolean {
  const statements = trust.statementsOn('sts:AssumeRole').map(({ statement }) => statement);
  const named = statements.some(
    ({ principal }) =>
      principal !== undefined &&
      (principal.everyone || principal.negated || principal.service.includes(service)),
  );
  if (!named) return false;
  const base = { 'aws:SourceAccount': role.account, 'aws:PrincipalIsAWSService': 'true' };
  const allowed = (extra: Assignment): boolean =>
    evaluate(
      {
        principal: service,
        action: 'sts:AssumeRole',
        resource: role.arn,
        resourceAccount: role.account,
        context: { ...base, ...Object.fromEntries(extra) },
      },
      { identity: [], resource: trust.policy },
    ).decision === 'Allowed';
  if (allowed(new Map())) return true;
  const tests = statements.flatMap(({ conditions }) => conditions);
  return search(openKeys(tests, SERVICE_CALL), [tests], allowed) !== undefined;
}

/** Adds a value to a map of lists. */
export function append<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
