import type { Json } from '../json.js';

/**
 * AWS-managed policies that decide whether somebody is an administrator, for inputs that were exported with
 * `--filter LocalManagedPolicy` and so lack them. Everything else that is missing counts as unknown.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AdministratorAccess.html and its siblings.
 */
export const WELL_KNOWN_POLICIES: ReadonlyMap<string, Json> = new Map<string, Json>([
  ['arn:aws:iam::aws:policy/AdministratorAccess', allow({ Action: '*' })],
  [
    'arn:aws:iam::aws:policy/IAMFullAccess',
    allow({
      Action: [
        'iam:*',
        'organizations:DescribeAccount',
        'organizations:DescribeOrganization',
        'organizations:DescribeOrganizationalUnit',
        'organizations:DescribePolicy',
        'organizations:ListChildren',
        'organizations:ListParents',
        'organizations:ListPoliciesForTarget',
        'organizations:ListRoots',
        'organizations:ListPolicies',
        'organizations:ListTargetsForPolicy',
      ],
    }),
  ],
]);

function allow(actions: { Action: Json }): Json {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...actions, Resource: '*' }] };
}
