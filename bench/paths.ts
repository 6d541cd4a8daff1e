import { parseAccount } from '../domain/graph/account.js';
import { findPaths } from '../domain/graph/paths.js';

/**
 * Measures the path search on a made-up account: `npx tsx bench/paths.ts [principals] [resources]`.
 * The account is the same at every run.
 */
const principals = Number(process.argv[2] ?? 5_000);
const resources = Number(process.argv[3] ?? 100_000);
const ID = '111122223333';

let state = 42;
function below(limit: number): number {
  state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
  return Math.floor((state / 2_147_483_648) * limit);
}
function pick<Value>(values: readonly Value[]): Value | undefined {
  return values[below(values.length)];
}

const SERVICES = ['lambda', 'ec2', 'ecs-tasks', 'glue', 'codebuild', 'cloudformation', 'states'];
const READS = [
  ['s3:GetObject', 's3:ListBucket'],
  ['dynamodb:GetItem', 'dynamodb:Query'],
  ['sqs:*'],
  ['ec2:Describe*'],
  ['logs:*'],
  ['s3:*'],
];
const POWERS = [
  ['lambda:*', 'iam:PassRole'],
  ['ec2:*', 'iam:PassRole'],
  ['sts:AssumeRole'],
  ['iam:CreatePolicyVersion'],
  ['iam:CreateAccessKey'],
  ['ssm:*'],
  ['lambda:UpdateFunctionCode'],
];

function statementsOf(index: number): unknown[] {
  const statements: unknown[] = [
    {
      Effect: 'Allow',
      Action: pick(READS),
      Resource: below(3) === 0 ? '*' : `arn:aws:s3:::bucket-${below(resources)}*`,
    },
  ];
  if (index % 10 === 0) {
    const scope = below(3) === 0 ? '*' : `arn:aws:iam::${ID}:role/role-${below(principals)}`;
    statements.push({
      Effect: 'Allow',
      Action: pick(POWERS),
      Resource: scope,
      ...(below(4) === 0 ? { Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } } } : {}),
    });
  }
  if (index % 100 === 1) statements.push({ Effect: 'Allow', Action: '*', Resource: '*' });
  if (index % 7 === 0) statements.push({ Effect: 'Deny', Action: 's3:DeleteBucket', Resource: '*' });
  return statements;
}

function policyOf(index: number): unknown {
  return { Version: '2012-10-17', Statement: statementsOf(index) };
}

function roleOf(index: number): unknown {
  const service = `${pick(SERVICES)}.amazonaws.com`;
  const principal =
    index % 5 === 0
      ? {
          AWS:
            index % 2 === 0 ? `arn:aws:iam::${ID}:root` : `arn:aws:iam::${ID}:role/role-${below(principals)}`,
        }
      : { Service: service };
  return {
    Arn: `arn:aws:iam::${ID}:role/role-${index}`,
    RoleName: `role-${index}`,
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' }],
    },
    RolePolicyList: [{ PolicyName: 'p', PolicyDocument: policyOf(index) }],
  };
}

function resourceOf(index: number): unknown {
  const arn =
    index % 3 === 0 ? `arn:aws:lambda:eu-west-1:${ID}:function:f-${index}` : `arn:aws:s3:::bucket-${index}`;
  const role = `arn:aws:iam::${ID}:role/role-${below(principals)}`;
  const statement = {
    Effect: index % 4 === 0 ? 'Deny' : 'Allow',
    Principal: { AWS: role },
    Action: index % 3 === 0 ? 'lambda:InvokeFunction' : 's3:GetObject',
    Resource: index % 3 === 0 ? arn : `${arn}/*`,
  };
  return {
    arn,
    ...(index % 3 === 0 ? { role } : {}),
    policy: { Version: '2012-10-17', Statement: [statement] },
    ...(index % 100 === 1 ? { sensitivity: 'PII' } : {}),
  };
}

const input = {
  RoleDetailList: Array.from({ length: principals }, (_, index) => roleOf(index)),
  resources: Array.from({ length: resources }, (_, index) => resourceOf(index)),
};
const startedMs = performance.now();
const account = parseAccount(input);
const parsedMs = performance.now();
const answer = findPaths(account);
const doneMs = performance.now();
console.log(
  JSON.stringify({
    principals,
    resources,
    readMs: Math.round(parsedMs - startedMs),
    searchMs: Math.round(doneMs - parsedMs),
    escalations: answer.escalations.length,
    admins: answer.admins.length,
    reach: answer.reach.length,
    memoryMb: Math.round(process.memoryUsage().rss / 1_000_000),
  }),
);
