import type { AccountResource } from './account.js';
import { arnAt, documentValue, type Located, memberOf, optionalTextAt, tagsAt } from './account-value.js';

/** ARNs of an account's roles: by name, and by ARN and name of their instance profiles. */
export interface RoleIndex {
  byName: ReadonlyMap<string, string>;
  byProfile: ReadonlyMap<string, string>;
}

/** Words that say a resource is not sensitive; anything else that is written there says it is. */
const NOT_SENSITIVE = new Set(['none', 'low', 'public', 'no', 'false', 'unclassified', 'internal']);

/** Reads one resource of the inventory. @throws PolicyError */
export function readResource(input: Located, account: string, roles: RoleIndex): AccountResource {
  const arn = arnAt(input, 'arn');
  const role = roleOf(input, roles);
  const policy = memberOf(input, 'policy');
  const kmsKey = optionalTextAt(input, 'kmsKey');
  const sensitivity = optionalTextAt(input, 'sensitivity');
  const owner = arn.split(':')[4] ?? '';
  return {
    arn,
    type: optionalTextAt(input, 'type') ?? '',
    account: owner === '' ? account : owner,
    ...(role === undefined ? {} : { role }),
    ...(policy === undefined || policy === null
      ? {}
      : { policy: documentValue(policy, `${input.pointer}/policy`) }),
    ...(kmsKey === undefined ? {} : { kmsKey }),
    ...(sensitivity === undefined ? {} : { sensitivity }),
    sensitive: sensitivity !== undefined && !NOT_SENSITIVE.has(sensitivity.toLowerCase()),
    public: memberOf(input, 'public') === true,
    tags: tagsAt(input, 'tags'),
  };
}

function roleOf(input: Located, roles: RoleIndex): string | undefined {
  const role = optionalTextAt(input, 'role');
  if (role !== undefined) {
    if (role.includes(':instance-profile/')) return roleOfProfile(role, roles);
    return role.startsWith('arn:') ? role : (roles.byName.get(role) ?? role);
  }
  const profile = optionalTextAt(input, 'instanceProfile');
  return profile === undefined ? undefined : roleOfProfile(profile, roles);
}

// The console names a profile as its role, which helps with inputs that do not list profiles.
function roleOfProfile(profile: string, roles: RoleIndex): string | undefined {
  const name = profile.slice(profile.lastIndexOf('/') + 1);
  return roles.byProfile.get(profile) ?? roles.byProfile.get(name) ?? roles.byName.get(name);
}
