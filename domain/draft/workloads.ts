import type { Account } from '../graph/account.js';
import type { WorkloadNote } from '../proof/proof.js';
import { principalKey } from '../usage/principal.js';

/** What a kind of workload asks of its role without the program saying so. */
interface Platform {
  words: string;
  needs: readonly (readonly [actions: readonly string[], why: string])[];
}

const LOGS = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'];
const TRACES = [
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
];
const INTERFACES = [
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/**
 * Needs of the platforms, by CloudFormation type. Sources: AWS's managed policies for these platforms
 * (AWSLambdaBasicExecutionRole, AWSLambdaVPCAccessExecutionRole, AmazonECSTaskExecutionRolePolicy,
 * AmazonSSMManagedInstanceCore), https://docs.aws.amazon.com/aws-managed-policy/latest/reference/.
 */
const PLATFORMS: ReadonlyMap<string, Platform> = new Map([
  [
    'AWS::Lambda::Function',
    {
      words: 'The function runs with this role on its next invocation.',
      needs: [
        [LOGS, 'The attached Lambda function writes its log with it.'],
        [TRACES, 'The attached Lambda function sends traces with it when tracing is on.'],
        [INTERFACES, 'Lambda needs it to connect the attached function to its network.'],
        [
          [
            'sqs:ReceiveMessage',
            'sqs:DeleteMessage',
            'sqs:GetQueueAttributes',
            'sqs:ChangeMessageVisibility',
          ],
          'Lambda polls a queue for the attached function with it.',
        ],
        [
          [
            'kinesis:GetRecords',
            'kinesis:GetShardIterator',
            'kinesis:DescribeStream',
            'kinesis:ListShards',
            'kinesis:DescribeStreamSummary',
          ],
          'Lambda reads a stream for the attached function with it.',
        ],
        [
          [
            'dynamodb:GetRecords',
            'dynamodb:GetShardIterator',
            'dynamodb:DescribeStream',
            'dynamodb:ListStreams',
          ],
          'Lambda reads a table’s stream for the attached function with it.',
        ],
      ],
    },
  ],
  [
    'AWS::ECS::TaskDefinition',
    {
      words: 'Tasks get the new permissions with their next request.',
      needs: [
        [
          [
            'ecr:GetAuthorizationToken',
            'ecr:BatchCheckLayerAvailability',
            'ecr:GetDownloadUrlForLayer',
            'ecr:BatchGetImage',
          ],
          'The container platform pulls the task’s image with it.',
        ],
        [LOGS, 'The container platform writes the task’s log with it.'],
        [
          [
            'ssmmessages:CreateControlChannel',
            'ssmmessages:CreateDataChannel',
            'ssmmessages:OpenControlChannel',
            'ssmmessages:OpenDataChannel',
          ],
          'ECS Exec reaches the task with it.',
        ],
      ],
    },
  ],
  [
    'AWS::EC2::Instance',
    {
      words: 'The instance gets the new permissions with its next request; credentials need not be renewed.',
      needs: [
        [
          [
            'ssm:UpdateInstanceInformation',
            'ssm:ListInstanceAssociations',
            'ssm:GetDocument',
            'ssm:DescribeAssociation',
            'ssmmessages:CreateControlChannel',
            'ssmmessages:CreateDataChannel',
            'ssmmessages:OpenControlChannel',
            'ssmmessages:OpenDataChannel',
            'ec2messages:GetMessages',
            'ec2messages:AcknowledgeMessage',
            'ec2messages:SendReply',
            'ec2messages:FailMessage',
            'ec2messages:GetEndpoint',
            'ec2messages:DeleteMessage',
          ],
          'The Systems Manager agent of the attached instance calls it.',
        ],
      ],
    },
  ],
]);

/** Types that run on the same platform. */
const SAME_PLATFORM: ReadonlyMap<string, string> = new Map([
  ['AWS::ECS::Service', 'AWS::ECS::TaskDefinition'],
  ['AWS::ECS::Task', 'AWS::ECS::TaskDefinition'],
]);

/** A workload that runs with an identity. */
export interface Workload {
  arn: string;
  type: string;
}

/** What runs with the role: the account's resources, and those that the finding names beside its subject. */
export function workloadsOf(
  account: Account,
  principal: string,
  named: readonly { id: string; type?: string }[] = [],
): Workload[] {
  const key = principalKey(principal);
  const found = new Map<string, Workload>();
  for (const resource of account.resources.values()) {
    if (resource.role === undefined || principalKey(resource.role) !== key) continue;
    found.set(resource.arn, { arn: resource.arn, type: resource.type });
  }
  for (const { id, type } of named) {
    const inferred = type ?? typeOfArn(id);
    if (!found.has(id) && inferred !== undefined && platformOf(inferred) !== undefined)
      found.set(id, { arn: id, type: inferred });
  }
  return [...found.values()];
}

function typeOfArn(arn: string): string | undefined {
  const [, , service, , , kind = ''] = arn.split(':');
  if (service === 'lambda' && kind === 'function') return 'AWS::Lambda::Function';
  if (service === 'ecs') return 'AWS::ECS::TaskDefinition';
  return service === 'ec2' && kind.startsWith('instance/') ? 'AWS::EC2::Instance' : undefined;
}

function platformOf(type: string): Platform | undefined {
  return PLATFORMS.get(SAME_PLATFORM.get(type) ?? type);
}

/** One note per workload for the person who decides. */
export function workloadNotes(workloads: readonly Workload[]): WorkloadNote[] {
  return workloads.map(({ arn, type }) => ({
    arn,
    type,
    note:
      platformOf(type)?.words ?? 'It uses this identity and gets the new permissions with its next request.',
  }));
}

/** Actions that the platforms of the workloads need (lower case), each with the reason. */
export function serviceNeedsOf(workloads: readonly Workload[]): Map<string, string> {
  const needs = new Map<string, string>();
  for (const { type } of workloads) {
    for (const [actions, why] of platformOf(type)?.needs ?? []) {
      for (const action of actions) needs.set(action.toLowerCase(), why);
    }
  }
  return needs;
}
