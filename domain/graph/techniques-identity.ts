import type { Need, Technique, TechniqueTarget } from './technique.js';

function need(action: string, on: string): Need {
  return { action, on: [on] };
}

function self(
  id: string,
  title: string,
  target: TechniqueTarget,
  permission: Need,
  elevates = true,
): Technique {
  return { id, title, category: 'self-escalation', target, needs: [permission], elevates };
}
function access(
  id: string,
  title: string,
  target: TechniqueTarget,
  needs: readonly Need[],
  more: Partial<Technique> = {},
): Technique {
  return { id, title, category: 'principal-access', target, needs, ...more };
}

const NEW_KEY = need('iam:CreateAccessKey', '{user}');
const ASSUME = need('sts:AssumeRole', '{role}');
const REWRITE = need('iam:UpdateAssumeRolePolicy', '{role}');
const VERSION = need('iam:CreatePolicyVersion', '{policy}');
const ATTACH = need('iam:AttachRolePolicy', '{role}');
const PUT = need('iam:PutRolePolicy', '{role}');

/** Techniques over IAM and STS themselves. Ids and permissions: pathfinding.cloud. */
export const IDENTITY_TECHNIQUES: readonly Technique[] = [
  self('iam-001', 'Write a new default version of a policy that it holds', 'own-policy', VERSION),
  access('iam-002', 'Make an access key for another user', 'other-user', [NEW_KEY], {
    credential: 'free-key-slot',
  }),
  access(
    'iam-003',
    'Replace an access key of another user',
    'other-user',
    [NEW_KEY, need('iam:DeleteAccessKey', '{user}')],
    { credential: 'no-free-key-slot' },
  ),
  access(
    'iam-004',
    'Set a first console password for another user',
    'other-user',
    [need('iam:CreateLoginProfile', '{user}')],
    { credential: 'no-password' },
  ),
  self('iam-005', 'Write an inline policy on itself (role)', 'own-role', PUT),
  access(
    'iam-006',
    'Reset the console password of another user',
    'other-user',
    [need('iam:UpdateLoginProfile', '{user}')],
    { credential: 'password' },
  ),
  self('iam-007', 'Write an inline policy on itself (user)', 'own-user', need('iam:PutUserPolicy', '{user}')),
  self('iam-008', 'Attach a policy to itself (user)', 'own-user', need('iam:AttachUserPolicy', '{user}')),
  self('iam-009', 'Attach a policy to itself (role)', 'own-role', ATTACH),
  self('iam-010', 'Attach a policy to its group', 'own-group', need('iam:AttachGroupPolicy', '{group}')),
  self('iam-011', 'Write an inline policy on its group', 'own-group', need('iam:PutGroupPolicy', '{group}')),
  access('iam-012', 'Rewrite a role’s trust policy and assume it', 'other-role', [REWRITE], {
    assume: 'rewritten',
  }),
  self('iam-013', 'Join a group', 'other-group', need('iam:AddUserToGroup', '{group}'), false),
  access('iam-014', 'Attach a policy to a role and assume it', 'other-role', [ATTACH, ASSUME], {
    elevates: true,
    assume: 'as-is',
  }),
  access(
    'iam-015',
    'Attach a policy to another user and make an access key',
    'other-user',
    [need('iam:AttachUserPolicy', '{user}'), NEW_KEY],
    { elevates: true, credential: 'free-key-slot' },
  ),
  access(
    'iam-016',
    'Write a new version of a role’s policy and assume the role',
    'policy-of-other-role',
    [VERSION, ASSUME],
    { elevates: true, assume: 'as-is' },
  ),
  access('iam-017', 'Write an inline policy on a role and assume it', 'other-role', [PUT, ASSUME], {
    elevates: true,
    assume: 'as-is',
  }),
  access(
    'iam-018',
    'Write an inline policy on another user and make an access key',
    'other-user',
    [need('iam:PutUserPolicy', '{user}'), NEW_KEY],
    { elevates: true, credential: 'free-key-slot' },
  ),
  access(
    'iam-019',
    'Attach a policy to a role and rewrite its trust policy',
    'other-role',
    [ATTACH, REWRITE],
    { elevates: true, assume: 'rewritten' },
  ),
  access(
    'iam-020',
    'Write a new version of a role’s policy and rewrite its trust policy',
    'policy-of-other-role',
    [VERSION, REWRITE],
    { elevates: true, assume: 'rewritten' },
  ),
  access(
    'iam-021',
    'Write an inline policy on a role and rewrite its trust policy',
    'other-role',
    [PUT, REWRITE],
    { elevates: true, assume: 'rewritten' },
  ),
  access('sts-001', 'Assume a role', 'assumable-role', [ASSUME], { assume: 'as-is' }),
];
