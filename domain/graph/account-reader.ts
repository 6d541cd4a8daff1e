import { PolicyError } from '../iam/document.js';
import type { Json } from '../json.js';
import type {
  Account,
  AccountGroup,
  AccountPolicy,
  AccountPrincipal,
  AccountResource,
  OrganisationPolicies,
  UserCredentials,
} from './account.js';
import { readCredentialReport } from './account-credentials.js';
import { knownDocument, nameOf, readHeld, readPolicies } from './account-policies.js';
import { type RoleIndex, readResource } from './account-resources.js';
import {
  arnAt,
  documentValue,
  type Located,
  listAt,
  memberOf,
  objectAt,
  objectsAt,
  optionalTextAt,
  tagsAt,
} from './account-value.js';

interface Draft {
  ids: string[];
  principals: Map<string, AccountPrincipal>;
  groups: Map<string, AccountGroup>;
  policies: Map<string, AccountPolicy>;
  resources: Map<string, AccountResource>;
  instanceProfiles: Map<string, string>;
  organisation: Map<string, OrganisationPolicies>;
  credentials: Map<string, UserCredentials>;
}

/** Reads the JSON of one or several accounts. The documented entry is `parseAccount`. */
export function readAccount(input: unknown): Account {
  const root = objectAt(input, '');
  const draft: Draft = {
    ids: [],
    principals: new Map(),
    groups: new Map(),
    policies: new Map(),
    resources: new Map(),
    instanceProfiles: new Map(),
    organisation: new Map(),
    credentials: new Map(),
  };
  const several = memberOf(root, 'accounts') !== undefined;
  for (const one of several ? objectsAt(root, 'accounts') : [root]) readOne(draft, one);
  return draft;
}

function readOne(draft: Draft, input: Located): void {
  const users = objectsAt(input, 'UserDetailList');
  const groups = objectsAt(input, 'GroupDetailList');
  const roles = objectsAt(input, 'RoleDetailList');
  const resources = objectsAt(input, 'resources');
  const id = accountId([...users, ...roles, ...groups], resources);
  draft.ids.push(id);
  for (const policy of readPolicies(input, id)) draft.policies.set(policy.arn, policy);
  const groupsByName = new Map(groups.map((group) => readGroup(draft, group, id)));
  for (const user of users) readUser(draft, user, id, groupsByName);
  for (const role of roles) readRole(draft, role, id);
  const index = roleIndex(draft, roles);
  for (const input of resources) {
    const resource = readResource(input, id, index);
    draft.resources.set(resource.arn, resource);
  }
  draft.organisation.set(id, readOrganisation(input));
  const report = memberOf(input, 'credentialReport');
  if (report === undefined || report === null) return;
  for (const [arn, held] of readCredentialReport(report, `${input.pointer}/credentialReport`)) {
    draft.credentials.set(arn, held);
  }
}

function roleIndex(draft: Draft, roles: readonly Located[]): RoleIndex {
  const byName = new Map<string, string>();
  const byProfile = new Map<string, string>();
  for (const input of roles) {
    const role = draft.principals.get(arnAt(input, 'Arn'));
    if (role === undefined) continue;
    byName.set(role.name, role.arn);
    for (const profile of objectsAt(input, 'InstanceProfileList')) {
      const arn = arnAt(profile, 'Arn');
      byProfile.set(arn, role.arn).set(arn.slice(arn.lastIndexOf('/') + 1), role.arn);
    }
  }
  return { byName, byProfile };
}

function accountId(holders: readonly Located[], resources: readonly Located[]): string {
  for (const [items, key] of [[holders, 'Arn'] as const, [resources, 'arn'] as const]) {
    for (const item of items) {
      const id = arnAt(item, key).split(':')[4] ?? '';
      if (/^\d{12}$/.test(id)) return id;
    }
  }
  return '';
}

/** A group while its members are being collected. */
type OpenGroup = AccountGroup & { members: string[] };

function readGroup(draft: Draft, input: Located, account: string): [string, OpenGroup] {
  const arn = arnAt(input, 'Arn');
  const name = nameOf(input, 'GroupName', arn);
  const group: OpenGroup = {
    arn,
    name,
    account,
    members: [],
    ...readHeld(draft.policies, input, 'GroupPolicyList'),
  };
  draft.groups.set(arn, group);
  return [name, group];
}

function readUser(
  draft: Draft,
  input: Located,
  account: string,
  groupsByName: ReadonlyMap<string, OpenGroup>,
): void {
  const arn = arnAt(input, 'Arn');
  const held = readHeld(draft.policies, input, 'UserPolicyList');
  const groups: string[] = [];
  for (const [index, groupName] of listAt(input, 'GroupList').entries()) {
    const group = typeof groupName === 'string' ? groupsByName.get(groupName) : undefined;
    if (group === undefined) {
      throw new PolicyError(
        'InvalidAccount',
        `${input.pointer}/GroupList/${index}`,
        `reading user ${arn}: its group is not in GroupDetailList; export groups too`,
      );
    }
    groups.push(group.arn);
    held.documents.push(...group.documents.map((document) => ({ ...document, group: group.arn })));
    held.unknownPolicies.push(...group.unknownPolicies);
    group.members.push(arn);
  }
  draft.principals.set(arn, {
    ...identity(draft, input, account, 'UserName'),
    kind: 'user',
    groups,
    trust: null,
    serviceLinked: false,
    ...held,
  });
}

function readRole(draft: Draft, input: Located, account: string): void {
  const arn = arnAt(input, 'Arn');
  const trust = memberOf(input, 'AssumeRolePolicyDocument');
  const lastUsed = memberOf(input, 'RoleLastUsed');
  const lastUsedIso =
    lastUsed === undefined || lastUsed === null
      ? undefined
      : optionalTextAt(objectAt(lastUsed, `${input.pointer}/RoleLastUsed`), 'LastUsedDate');
  draft.principals.set(arn, {
    ...identity(draft, input, account, 'RoleName'),
    kind: 'role',
    groups: [],
    trust:
      trust === undefined || trust === null
        ? null
        : documentValue(trust, `${input.pointer}/AssumeRolePolicyDocument`),
    serviceLinked: arn.includes(':role/aws-service-role/'),
    ...(lastUsedIso === undefined ? {} : { lastUsedIso }),
    ...readHeld(draft.policies, input, 'RolePolicyList'),
  });
  for (const profile of objectsAt(input, 'InstanceProfileList'))
    draft.instanceProfiles.set(arnAt(profile, 'Arn'), arn);
}

function identity(draft: Draft, input: Located, account: string, nameKey: string) {
  const arn = arnAt(input, 'Arn');
  const uniqueId = optionalTextAt(input, nameKey === 'UserName' ? 'UserId' : 'RoleId');
  const createdIso = optionalTextAt(input, 'CreateDate');
  const boundary = memberOf(input, 'PermissionsBoundary');
  const boundaryArn =
    boundary === undefined || boundary === null
      ? undefined
      : arnAt(objectAt(boundary, `${input.pointer}/PermissionsBoundary`), 'PermissionsBoundaryArn');
  return {
    arn,
    name: nameOf(input, nameKey, arn),
    account: arn.split(':')[4] ?? account,
    tags: tagsAt(input, 'Tags'),
    ...(uniqueId === undefined ? {} : { uniqueId }),
    ...(createdIso === undefined ? {} : { createdIso }),
    ...(boundaryArn === undefined
      ? {}
      : { boundary: { arn: boundaryArn, document: knownDocument(draft.policies, boundaryArn) ?? null } }),
  };
}

function readOrganisation(input: Located): OrganisationPolicies {
  const scps = levelsAt(input, 'scps');
  const rcps = levelsAt(input, 'rcps');
  return { ...(scps === undefined ? {} : { scps }), ...(rcps === undefined ? {} : { rcps }) };
}

function levelsAt(input: Located, key: string): Json[][] | undefined {
  const value = memberOf(input, key);
  if (value === undefined || value === null) return undefined;
  return listAt(input, key).map((level, i) => {
    const pointer = `${input.pointer}/${key}/${i}`;
    if (!Array.isArray(level)) {
      throw new PolicyError(
        'InvalidAccount',
        pointer,
        `reading ${key}: each level is a list of documents, from the root's to the account's`,
      );
    }
    return level.map((document: unknown, j) => documentValue(document, `${pointer}/${j}`));
  });
}
