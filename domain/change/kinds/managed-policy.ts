import type { AccountInput } from '../../graph/account.js';
import type { Json } from '../../json.js';
import type { Change } from '../change.js';
import {
  addEntry,
  asDocument,
  attachedPolicies,
  type Entity,
  editList,
  entries,
  nameOf,
  records,
  required,
} from '../entity.js';
import type { ChangeHandler } from '../handler.js';
import { documentFault, MAX_MANAGED, policyLength } from '../limits.js';
import { adopted, created, label, logicalId, removed, text } from '../render/terraform.js';

/** AWS keeps at most this many versions of a managed policy: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MAX_POLICY_VERSIONS = 5;

/** The customer-managed policy with this ARN, or undefined. */
export function findPolicy(account: AccountInput, arn: string): Entity | undefined {
  return entries(account, 'Policies').find((policy) => policy['Arn'] === arn);
}

/** The default version of a customer-managed policy; `null` removes the policy. */
export const managedPolicy: ChangeHandler = {
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
  refusal(account, change) {
    const arn = arnOf(change);
    if (arn.split(':')[4] === 'aws') return `${arn} belongs to AWS and cannot be changed; detach it instead`;
    if (change.after === null) return attachmentConflict(account, arn);
    const fault = documentFault(change.after, 'identity');
    if (fault !== undefined) return `${arn}: ${fault}`;
    const length = policyLength(change.after);
    if (length <= MAX_MANAGED) return undefined;
    return `${arn}: the policy would have ${length} characters, IAM allows ${MAX_MANAGED}; split it`;
  },
  summary(change) {
    const name = nameOf(arnOf(change));
    if (change.after === null) return `Delete the managed policy ${name}.`;
    if (change.before === null) return `Create the managed policy ${name}.`;
    return `Give the managed policy ${name} a new default version; it applies to everything it is attached to.`;
  },
  terraform(change) {
    const arn = arnOf(change);
    const name = label(nameOf(arn));
    if (change.after === null) return removed('aws_iam_policy', name, arn, `The managed policy ${arn} goes`);
    const members = [
      ['name', text(nameOf(arn))],
      ['path', text(pathOf(arn))],
      ['policy', { document: change.after }],
    ] as const;
    if (change.before === null) return [created('aws_iam_policy', name, members)];
    return adopted('aws_iam_policy', name, arn, members);
  },
  cloudformation(change) {
    const arn = arnOf(change);
    if (change.after === null)
      return { resources: {}, note: 'Remove the policy from the template that makes it.' };
    return {
      resources: {
        [logicalId(nameOf(arn))]: {
          Type: 'AWS::IAM::ManagedPolicy',
          Properties: { ManagedPolicyName: nameOf(arn), Path: pathOf(arn), PolicyDocument: change.after },
        },
      },
    };
  },
  cli(change) {
    const arn = arnOf(change);
    if (change.after === null) return [['aws', 'iam', 'delete-policy', '--policy-arn', arn]];
    const document = ['--policy-document', JSON.stringify(change.after)];
    if (change.before === null) {
      return [
        ['aws', 'iam', 'create-policy', '--policy-name', nameOf(arn), '--path', pathOf(arn), ...document],
      ];
    }
    return [['aws', 'iam', 'create-policy-version', '--policy-arn', arn, ...document, '--set-as-default']];
  },
};

function arnOf(change: Change): string {
  return required(change.target.arn, 'arn', 'managed-policy');
}

function pathOf(arn: string): string {
  const resource = arn.split(':').slice(5).join(':');
  return resource.slice('policy'.length, resource.lastIndexOf('/') + 1) || '/';
}

// DeletePolicy answers DeleteConflict while anything holds the policy, as attachment or as boundary.
function attachmentConflict(account: AccountInput, arn: string): string | undefined {
  const lists = ['UserDetailList', 'RoleDetailList', 'GroupDetailList'];
  const holders = lists
    .flatMap((list) => entries(account, list))
    .filter((entity) => attachedPolicies(entity).includes(arn) || boundaryOf(entity) === arn);
  if (holders.length === 0) return undefined;
  return `${arn} is still attached to ${holders.length} principals (${String(holders[0]?.['Arn'])}, …); detach it from all first`;
}

function boundaryOf(entity: Entity): unknown {
  return records([entity['PermissionsBoundary']])[0]?.['PermissionsBoundaryArn'];
}

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
