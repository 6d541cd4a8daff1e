import { matchesPattern } from '../iam/pattern.js';

/** An action whose misuse hurts at once, and what its holder can do with it, as the rest of "Its holder can …". */
export interface HighRiskAction {
  action: string;
  level: 'critical' | 'high';
  words: string;
}

/** Actions that together do what none of them does alone. */
export interface RiskyCombination {
  all: readonly string[];
  words: string;
}

function critical(action: string, words: string): HighRiskAction {
  return { action, level: 'critical', words };
}
function high(action: string, words: string): HighRiskAction {
  return { action, level: 'high', words };
}

/** Meaning of each action: AWS's service authorisation reference; the choice is ours. */
export const HIGH_RISK_ACTIONS: readonly HighRiskAction[] = [
  critical(
    'iam:CreatePolicyVersion',
    'rewrite a managed policy, and with it the permissions of everybody who holds it',
  ),
  critical('iam:SetDefaultPolicyVersion', 'bring an older, wider version of a policy back into force'),
  critical('iam:AttachUserPolicy', 'give a user any policy, administrator included'),
  critical('iam:AttachRolePolicy', 'give a role any policy, administrator included'),
  critical('iam:AttachGroupPolicy', 'give all members of a group any policy'),
  critical('iam:PutUserPolicy', 'write any permissions onto a user'),
  critical('iam:PutRolePolicy', 'write any permissions onto a role'),
  critical('iam:PutGroupPolicy', 'write any permissions onto a group'),
  critical('iam:UpdateAssumeRolePolicy', 'decide who may become a role'),
  critical('iam:CreateAccessKey', 'make keys that work as another user'),
  critical('iam:CreateLoginProfile', 'set a console password for another user'),
  critical('iam:UpdateLoginProfile', 'change the console password of another user'),
  critical('iam:DeleteRolePermissionsBoundary', 'take the limit off a role'),
  critical('iam:DeleteUserPermissionsBoundary', 'take the limit off a user'),
  critical('organizations:DeletePolicy', 'remove the organisation’s own limits'),
  critical('organizations:DetachPolicy', 'lift the organisation’s limits from an account'),
  critical('organizations:LeaveOrganization', 'take the account out of the organisation’s limits'),
  critical('kms:ScheduleKeyDeletion', 'make everything that the key encrypts unreadable for good'),
  critical('kms:PutKeyPolicy', 'decide who may decrypt with a key'),
  critical('cloudtrail:StopLogging', 'stop the record of who did what'),
  critical('cloudtrail:DeleteTrail', 'delete the record of who did what'),
  high('iam:AddUserToGroup', 'give a user a group’s permissions'),
  high('iam:PassRole', 'hand a role to a service that then acts with it'),
  high('iam:CreateUser', 'make a new identity that outlives a clean-up'),
  high('iam:DeactivateMFADevice', 'remove a user’s second factor'),
  high('sts:AssumeRole', 'become every role that trusts it'),
  high('s3:PutBucketPolicy', 'open a bucket to anybody'),
  high('s3:PutBucketAcl', 'open a bucket to anybody'),
  high('s3:PutBucketPublicAccessBlock', 'switch off the guard against public buckets'),
  high('s3:PutAccountPublicAccessBlock', 'switch off the account’s guard against public buckets'),
  high('s3:DeleteBucket', 'delete a store'),
  high('s3:DeleteObject', 'delete stored objects'),
  high('secretsmanager:GetSecretValue', 'read passwords and keys'),
  high('ssm:GetParameter', 'read configuration in which secrets are kept'),
  high('ssm:SendCommand', 'run commands on machines as their administrator'),
  high('ssm:StartSession', 'open a shell on machines'),
  high('lambda:UpdateFunctionCode', 'run its own code with a function’s role'),
  high('lambda:AddPermission', 'let other accounts call a function'),
  high('ec2:ModifySnapshotAttribute', 'share a disk’s content with another account'),
  high('ec2:ModifyImageAttribute', 'share a machine image with another account'),
  high('ec2:AuthorizeSecurityGroupIngress', 'open machines to the network'),
  high('ec2:TerminateInstances', 'destroy running machines'),
  high('rds:ModifyDBSnapshotAttribute', 'share a database copy with another account'),
  high('rds:DeleteDBInstance', 'delete a database'),
  high('dynamodb:DeleteTable', 'delete a table'),
  high('kms:CreateGrant', 'hand out the use of a key'),
  high('kms:Decrypt', 'decrypt what the key protects'),
  high('logs:DeleteLogGroup', 'delete logs'),
  high('guardduty:DeleteDetector', 'switch threat detection off'),
  high('config:StopConfigurationRecorder', 'stop the record of configuration changes'),
  high('eks:CreateAccessEntry', 'let itself into a cluster'),
  high('codebuild:StartBuild', 'run its own commands with a build project’s role'),
  high('cloudformation:UpdateStack', 'change resources with a stack’s role'),
];

/** Combinations that a reviewer looks for beside the escalation catalogue. */
export const RISKY_COMBINATIONS: readonly RiskyCombination[] = [
  {
    all: ['iam:PassRole', 'lambda:CreateFunction'],
    words: 'run its own code with any role that it may pass to Lambda',
  },
  {
    all: ['iam:PassRole', 'ec2:RunInstances'],
    words: 'start a machine that acts with a role that it may pass',
  },
  {
    all: ['iam:PassRole', 'cloudformation:CreateStack'],
    words: 'create anything through a stack that acts with a passed role',
  },
  { all: ['iam:PassRole', 'ecs:RegisterTaskDefinition'], words: 'run containers with a passed role' },
  { all: ['iam:CreateUser', 'iam:AttachUserPolicy'], words: 'make a new administrator' },
  { all: ['iam:CreateRole', 'iam:AttachRolePolicy'], words: 'make a new administrator role' },
  {
    all: ['s3:GetObject', 'kms:Decrypt', 's3:PutBucketPolicy'],
    words: 'read encrypted objects and open the bucket to others',
  },
  { all: ['s3:GetObject', 's3:DeleteObject', 's3:PutObject'], words: 'take, alter and destroy stored data' },
  { all: ['ec2:CreateSnapshot', 'ec2:ModifySnapshotAttribute'], words: 'copy disks out of the account' },
  {
    all: ['rds:CreateDBSnapshot', 'rds:ModifyDBSnapshotAttribute'],
    words: 'copy databases out of the account',
  },
  {
    all: ['secretsmanager:ListSecrets', 'secretsmanager:GetSecretValue'],
    words: 'find and read every secret',
  },
  { all: ['cloudtrail:StopLogging', 'iam:CreateAccessKey'], words: 'make keys while nobody is watching' },
];

/** What a high-risk action lets its holder do; undefined for an ordinary action. */
export function highRiskWords(action: string): string | undefined {
  return HIGH_RISK_ACTIONS.find((each) => each.action.toLowerCase() === action.toLowerCase())?.words;
}

/** High-risk actions that some granted pattern covers, critical ones first. */
export function highRiskWithin(granted: readonly string[]): HighRiskAction[] {
  return HIGH_RISK_ACTIONS.filter(({ action }) => covers(granted, action));
}

/** Combinations of which every action is granted. */
export function combinationsWithin(granted: readonly string[]): RiskyCombination[] {
  return RISKY_COMBINATIONS.filter(({ all }) => all.every((action) => covers(granted, action)));
}

function covers(granted: readonly string[], action: string): boolean {
  return granted.some((pattern) => matchesPattern(pattern, action, { ignoreCase: true }));
}
