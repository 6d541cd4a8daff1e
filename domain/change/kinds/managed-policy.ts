import type { AccountInput } from '../../graph/account.js';
import type { Json } from '../../json.js';
import {
  addEntry,
  asDocument,
  type Entity,
  editList,
  entries,
  nameOf,
  records,
  required,
} from '../entity.js';
import type { ChangeState } from '../handler.js';

/** AWS keeps at most this many versions of a managed policy: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const MAX_POLICY_VERSIONS = 5;

/** The customer-managed policy with this ARN, or undefined. */
export function findPolicy(account: AccountInput, arn: string): Entity | undefined {
  return entries(account, 'Policies').find((policy) => policy['Arn'] === arn);
}

/** The default version of a customer-managed policy; `null` removes the policy. */
export const managedPolicyState: ChangeState = {
  read(account, target) {
    const policy = findPolicy(account, required(target.arn, 'arn', 'managed-policy'));
    if (policy === undefined) return null;
    const version = records(policy['PolicyVersionList']).find((each) => isDefault(policy, each));
    return asDocument(version?.['Document']);
  },
  write(account, target, state) {
    const arn = required(target.arn, 'arn', 'managed-policy');
    const matches = (policy: Entity): boolean => policy['Arn'] === arn;
    if (state === null) return editList(account, 'Policies', matches, () => null);
    if (findPolicy(account, arn) === undefined) return addEntry(account, 'Policies', newPolicy(arn, state));
    return editList(account, 'Policies', matches, (policy) => withNewVersion(policy, state));
  },
};

function isDefault(policy: Entity, version: Entity): boolean {
  if (version['IsDefaultVersion'] === true) return true;
  return policy['DefaultVersionId'] !== undefined && version['VersionId'] === policy['DefaultVersionId'];
}

function newPolicy(arn: string, document: Json): Entity {
  return {
    PolicyName: nameOf(arn),
    Arn: arn,
    DefaultVersionId: 'v1',
    PolicyVersionList: [{ VersionId: 'v1', IsDefaultVersion: true, Document: document }],
  };
}

// As CreatePolicyVersion with --set-as-default does; of five versions the oldest that is not the default makes room.
function withNewVersion(policy: Entity, document: Json): Entity {
  const versions = records(policy['PolicyVersionList']);
  const id = `v${Math.max(0, ...versions.map(numberOf)) + 1}`;
  const oldest = versions
    .filter((version) => !isDefault(policy, version))
    .sort((a, b) => numberOf(a) - numberOf(b))[0];
  const kept =
    versions.length < MAX_POLICY_VERSIONS ? versions : versions.filter((version) => version !== oldest);
  const next = { VersionId: id, IsDefaultVersion: true, Document: document };
  return {
    ...policy,
    DefaultVersionId: id,
    PolicyVersionList: [next, ...kept.map((version) => ({ ...version, IsDefaultVersion: false }))],
  };
}

function numberOf(version: Entity): number {
  const number = Number(String(version['VersionId'] ?? '').slice(1));
  return Number.isInteger(number) ? number : 0;
}
