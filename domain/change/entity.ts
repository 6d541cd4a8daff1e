import type { AccountInput } from '../graph/account.js';
import { isRecord, type Json } from '../json.js';
import { ChangeError } from './error.js';

/** A user, role or group of an account as `get-account-authorization-details` lists it. */
export type Entity = Readonly<Record<string, unknown>>;
export type PrincipalType = 'user' | 'role' | 'group';

/** Where each type of principal and its inline policies stand in the listing. */
const LISTS = {
  user: { list: 'UserDetailList', inline: 'UserPolicyList', name: 'UserName' },
  role: { list: 'RoleDetailList', inline: 'RolePolicyList', name: 'RoleName' },
  group: { list: 'GroupDetailList', inline: 'GroupPolicyList', name: 'GroupName' },
} as const satisfies Record<PrincipalType, { list: string; inline: string; name: string }>;

/** The type of principal that an ARN names. @throws ChangeError `Malformed` when it names none. */
export function principalType(arn: string): PrincipalType {
  const match = /^arn:[a-z-]+:iam::\d{12}:(user|role|group)\//.exec(arn);
  const type = match?.[1];
  if (type === 'user' || type === 'role' || type === 'group') return type;
  throw new ChangeError('Malformed', `${arn} names no user, role or group; use the ARN that IAM shows`);
}

/** The last part of an IAM ARN: the name without its path. */
export function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** The principal, or undefined when the account does not have it. */
export function findPrincipal(account: AccountInput, arn: string): Entity | undefined {
  return entries(account, LISTS[principalType(arn)].list).find((entry) => entry['Arn'] === arn);
}

/** The principal. @throws ChangeError `UnknownEntity`. */
export function principalOf(account: AccountInput, arn: string): Entity {
  const found = findPrincipal(account, arn);
  if (found === undefined) {
    throw new ChangeError(
      'UnknownEntity',
      `reading ${arn}: the account has no such principal; read the account again`,
    );
  }
  return found;
}

/** The account with one principal replaced, or removed when `edit` gives null. */
export function editPrincipal(
  account: AccountInput,
  arn: string,
  edit: (entity: Entity) => Entity | null,
): AccountInput {
  principalOf(account, arn);
  return editList(account, LISTS[principalType(arn)].list, (entry) => entry['Arn'] === arn, edit);
}

/** Inline policies of a principal by name, in the listing's order. */
export function inlinePolicies(
  entity: Entity,
  type: PrincipalType,
): readonly { name: string; document: Json }[] {
  return records(entity[LISTS[type].inline]).map((policy) => ({
    name: String(policy['PolicyName']),
    document: asDocument(policy['PolicyDocument']),
  }));
}

/** The principal with one inline policy set, or removed when the document is null. Its place in the list stays. */
export function withInlinePolicy(entity: Entity, type: PrincipalType, name: string, document: Json): Entity {
  const key = LISTS[type].inline;
  const policies = records(entity[key]);
  if (document === null) {
    return { ...entity, [key]: policies.filter((policy) => policy['PolicyName'] !== name) };
  }
  const next = { PolicyName: name, PolicyDocument: document };
  const known = policies.some((policy) => policy['PolicyName'] === name);
  return {
    ...entity,
    [key]: known
      ? policies.map((policy) => (policy['PolicyName'] === name ? next : policy))
      : [...policies, next],
  };
}

/** ARNs of the managed policies attached to a principal. */
export function attachedPolicies(entity: Entity): readonly string[] {
  return records(entity['AttachedManagedPolicies']).map((policy) => String(policy['PolicyArn']));
}

/** The principal with a managed policy attached or detached. */
export function withAttachment(entity: Entity, policyArn: string, attached: boolean): Entity {
  const others = records(entity['AttachedManagedPolicies']).filter(
    (policy) => policy['PolicyArn'] !== policyArn,
  );
  if (!attached) return { ...entity, AttachedManagedPolicies: others };
  if (attachedPolicies(entity).includes(policyArn)) return entity;
  return {
    ...entity,
    AttachedManagedPolicies: [...others, { PolicyName: nameOf(policyArn), PolicyArn: policyArn }],
  };
}

/** Members of one of the account's lists; a missing list is empty. */
export function entries(account: AccountInput, list: string): readonly Entity[] {
  return records((account as unknown as Record<string, unknown>)[list]);
}

/** The account with the matching members of one list replaced, or removed when `edit` gives null. */
export function editList(
  account: AccountInput,
  list: string,
  matches: (entry: Entity) => boolean,
  edit: (entry: Entity) => Entity | null,
): AccountInput {
  const next = entries(account, list).flatMap((entry) => {
    if (!matches(entry)) return [entry];
    const edited = edit(entry);
    return edited === null ? [] : [edited];
  });
  return { ...account, [list]: next } as AccountInput;
}

/** The account with one more member in a list. */
export function addEntry(account: AccountInput, list: string, entry: Entity): AccountInput {
  return { ...account, [list]: [...entries(account, list), entry] } as AccountInput;
}

/** The resource with this ARN. @throws ChangeError `UnknownEntity`. */
export function resourceOf(account: AccountInput, arn: string): Entity {
  const found = entries(account, 'resources').find((resource) => resource['arn'] === arn);
  if (found === undefined) {
    throw new ChangeError(
      'UnknownEntity',
      `reading ${arn}: the account lists no such resource; read the account again`,
    );
  }
  return found;
}

/** The account with one resource replaced. */
export function editResource(
  account: AccountInput,
  arn: string,
  edit: (resource: Entity) => Entity,
): AccountInput {
  resourceOf(account, arn);
  return editList(account, 'resources', (resource) => resource['arn'] === arn, edit);
}

/** A copy without some members. */
export function without(entity: Entity, ...keys: readonly string[]): Entity {
  return Object.fromEntries(Object.entries(entity).filter(([key]) => !keys.includes(key)));
}

/**
 * A policy document as JSON: the command line of AWS prints it decoded, the API sends it percent-encoded (RFC 3986),
 * exports may hold it as text.
 */
export function asDocument(value: unknown): Json {
  if (typeof value !== 'string') return (value ?? null) as Json;
  try {
    return JSON.parse(value.startsWith('%') ? decodeURIComponent(value) : value) as Json;
  } catch {
    throw new ChangeError('Malformed', 'reading a policy document: its text is no JSON');
  }
}

/** A list of JSON objects; anything else in it is left out. */
export function records(value: unknown): readonly Entity[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** A member of the target that the kind needs. @throws ChangeError `Malformed`. */
export function required(value: string | undefined, member: string, kind: string): string {
  if (value !== undefined && value !== '') return value;
  throw new ChangeError('Malformed', `a change of kind ${kind} needs target.${member}`);
}
