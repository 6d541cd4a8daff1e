import type { Need, Technique, Workload } from './technique.js';

const ACCOUNT = '{account}';

function inAccount(service: string, resource: string): string {
  return `arn:aws:${service}:*:${ACCOUNT}:${resource}`;
}
function need(action: string, ...on: readonly string[]): Need {
  return { action, on: on.length === 0 ? ['*'] : on };
}

const PASS_ROLE = need('iam:PassRole', '{role}');
const WORKLOAD = '{workload}';

const FUNCTION = inAccount('lambda', 'function:*');
const STACK = inAccount('cloudformation', 'stack/*/*');
const STACK_SET = inAccount('cloudformation', 'stackset/*:*');
const PROJECT = inAccount('codebuild', 'project/*');
const INSTANCE = inAccount('ec2', 'instance/*');
const IMAGE = 'arn:aws:ec2:*::image/*';
const CLUSTER = inAccount('ecs', 'cluster/*');
const TASK_DEFINITION = inAccount('ecs', 'task-definition/*:*');
const ECS_SERVICE = inAccount('ecs', 'service/*/*');
const PIPELINE = inAccount('datapipeline', 'pipeline/*');
const LAUNCH = [
  IMAGE,
  ...['instance/*', 'network-interface/*', 'security-group/*', 'subnet/*', 'volume/*'].map((type) =>
    inAccount('ec2', type),
  ),
];

const LAMBDA: Workload = { arns: [FUNCTION], noun: 'a Lambda function' };
const EC2: Workload = { arns: [INSTANCE], noun: 'an EC2 instance' };
const MANAGED: Workload = { arns: [INSTANCE, inAccount('ssm', 'managed-instance/*')], noun: 'an instance' };
const CODEBUILD: Workload = { arns: [PROJECT], noun: 'a CodeBuild project' };
const CFN_STACK: Workload = { arns: [STACK], noun: 'a CloudFormation stack' };
const ECS_CLUSTER: Workload = { arns: [CLUSTER], noun: 'an ECS cluster' };

function passes(
  id: string,
  title: string,
  services: readonly string[],
  needs: readonly Need[],
  besides?: Workload,
): Technique {
  return {
    id,
    title,
    category: 'new-passrole',
    target: 'passed-role',
    services,
    needs: [PASS_ROLE, ...needs],
    ...(besides === undefined ? {} : { besides }),
  };
}
function takesOver(
  id: string,
  title: string,
  workload: Workload,
  needs: readonly Need[],
  assumption?: string,
): Technique {
  return {
    id,
    title,
    category: 'existing-passrole',
    target: 'workload',
    workload,
    needs,
    ...(assumption === undefined ? {} : { assumption }),
  };
}

const REGISTER = need('ecs:RegisterTaskDefinition', TASK_DEFINITION);
const SSM_AGENT = 'the instance runs the SSM agent and its role lets it register';

/** Techniques over Lambda, containers, CloudFormation, CodeBuild, EC2 and SSM. Ids and permissions: pathfinding.cloud. */
export const COMPUTE_TECHNIQUES: readonly Technique[] = [
  passes(
    'apprunner-001',
    'Create an App Runner service with the role',
    ['tasks.apprunner.amazonaws.com'],
    [need('apprunner:CreateService', inAccount('apprunner', 'service/*/*'))],
  ),
  takesOver(
    'apprunner-002',
    'Deploy other code to an App Runner service',
    { arns: [inAccount('apprunner', 'service/*/*')], noun: 'an App Runner service' },
    [need('apprunner:UpdateService', WORKLOAD)],
  ),
  passes(
    'cloudformation-001',
    'Create a stack that acts with the role',
    ['cloudformation.amazonaws.com'],
    [need('cloudformation:CreateStack', STACK)],
  ),
  takesOver('cloudformation-002', 'Update a stack that acts with its service role', CFN_STACK, [
    need('cloudformation:UpdateStack', WORKLOAD),
  ]),
  passes(
    'cloudformation-003',
    'Create a stack set that acts with the role',
    ['cloudformation.amazonaws.com'],
    [need('cloudformation:CreateStackSet'), need('cloudformation:CreateStackInstances', STACK_SET)],
  ),
  passes(
    'cloudformation-004',
    'Update a stack set so that it acts with the role',
    ['cloudformation.amazonaws.com'],
    [need('cloudformation:UpdateStackSet', STACK_SET)],
    { arns: [STACK_SET], noun: 'a stack set' },
  ),
  // The catalogue calls it new-passrole, but the change set acts with the role that the stack already has.
  {
    ...takesOver(
      'cloudformation-005',
      'Change a stack by a change set that acts with its service role',
      CFN_STACK,
      [need('cloudformation:CreateChangeSet', WORKLOAD), need('cloudformation:ExecuteChangeSet', WORKLOAD)],
    ),
    category: 'new-passrole',
  },
  passes(
    'codebuild-001',
    'Build a new CodeBuild project with the role',
    ['codebuild.amazonaws.com'],
    [need('codebuild:CreateProject', PROJECT), need('codebuild:StartBuild', PROJECT)],
  ),
  takesOver('codebuild-002', 'Start a build with another build specification', CODEBUILD, [
    need('codebuild:StartBuild', WORKLOAD),
  ]),
  takesOver('codebuild-003', 'Start a batch build with another build specification', CODEBUILD, [
    need('codebuild:StartBuildBatch', WORKLOAD),
  ]),
  passes(
    'codebuild-004',
    'Batch-build a new CodeBuild project with the role',
    ['codebuild.amazonaws.com'],
    [need('codebuild:CreateProject', PROJECT), need('codebuild:StartBuildBatch', PROJECT)],
  ),
  takesOver(
    'ec2instanceconnect-003',
    'Push an SSH key to an instance and use its role',
    EC2,
    [need('ec2-instance-connect:SendSSHPublicKey', WORKLOAD), need('ec2:DescribeInstances')],
    'the instance accepts SSH from where the caller is',
  ),
  passes(
    'ec2-001',
    'Launch an instance with the role',
    ['ec2.amazonaws.com'],
    [need('ec2:RunInstances', ...LAUNCH)],
  ),
  takesOver('ec2-002', 'Put a start script on a stopped instance and start it', EC2, [
    need('ec2:ModifyInstanceAttribute', WORKLOAD),
    need('ec2:StopInstances', WORKLOAD),
    need('ec2:StartInstances', WORKLOAD),
  ]),
  passes(
    'ec2-003',
    'Request a spot instance with the role',
    ['ec2.amazonaws.com'],
    [need('ec2:RequestSpotInstances', inAccount('ec2', 'spot-instances-request/*'))],
  ),
  takesOver(
    'ec2-004',
    'Make another start script the default of a launch template',
    { arns: [inAccount('ec2', 'launch-template/*')], noun: 'a launch template' },
    [need('ec2:CreateLaunchTemplateVersion', WORKLOAD), need('ec2:ModifyLaunchTemplate', WORKLOAD)],
    'something launches instances from the template’s default version',
  ),
  passes(
    'ecs-001',
    'Run a service with the task role in a new cluster',
    ['ecs-tasks.amazonaws.com'],
    [need('ecs:CreateCluster', CLUSTER), REGISTER, need('ecs:CreateService', ECS_SERVICE)],
  ),
  passes(
    'ecs-002',
    'Run a task with the task role in a new cluster',
    ['ecs-tasks.amazonaws.com'],
    [need('ecs:CreateCluster', CLUSTER), REGISTER, need('ecs:RunTask', TASK_DEFINITION)],
  ),
  passes(
    'ecs-003',
    'Run a service with the task role',
    ['ecs-tasks.amazonaws.com'],
    [REGISTER, need('ecs:CreateService', ECS_SERVICE)],
    ECS_CLUSTER,
  ),
  passes(
    'ecs-004',
    'Run a task with the task role',
    ['ecs-tasks.amazonaws.com'],
    [REGISTER, need('ecs:RunTask', TASK_DEFINITION)],
    ECS_CLUSTER,
  ),
  passes(
    'ecs-005',
    'Start a task with the task role on a container instance',
    ['ecs-tasks.amazonaws.com'],
    [REGISTER, need('ecs:StartTask', TASK_DEFINITION)],
    { arns: [inAccount('ecs', 'container-instance/*')], noun: 'a container instance' },
  ),
  passes(
    'lambda-001',
    'Create a Lambda function with the role and invoke it',
    ['lambda.amazonaws.com'],
    [need('lambda:CreateFunction', FUNCTION), need('lambda:InvokeFunction', FUNCTION)],
  ),
  passes(
    'lambda-002',
    'Create a Lambda function with the role and feed it from an event source',
    ['lambda.amazonaws.com'],
    [need('lambda:CreateFunction', FUNCTION), need('lambda:CreateEventSourceMapping')],
  ),
  takesOver(
    'lambda-003',
    'Replace the code of a Lambda function',
    LAMBDA,
    [need('lambda:UpdateFunctionCode', WORKLOAD)],
    'something invokes the function',
  ),
  takesOver('lambda-004', 'Replace the code of a Lambda function and invoke it', LAMBDA, [
    need('lambda:UpdateFunctionCode', WORKLOAD),
    need('lambda:InvokeFunction', WORKLOAD),
  ]),
  takesOver('lambda-005', 'Replace the code of a Lambda function and let somebody invoke it', LAMBDA, [
    need('lambda:UpdateFunctionCode', WORKLOAD),
    need('lambda:AddPermission', WORKLOAD),
  ]),
  passes(
    'lambda-006',
    'Create a Lambda function with the role and let somebody invoke it',
    ['lambda.amazonaws.com'],
    [need('lambda:CreateFunction', FUNCTION), need('lambda:AddPermission', FUNCTION)],
  ),
  takesOver(
    'ssm-001',
    'Open a session on an instance and use its role',
    MANAGED,
    [need('ssm:StartSession', WORKLOAD)],
    SSM_AGENT,
  ),
  takesOver(
    'ssm-002',
    'Run a command on an instance and use its role',
    MANAGED,
    [need('ssm:SendCommand', WORKLOAD, 'arn:aws:ssm:*:*:document/*')],
    SSM_AGENT,
  ),
  passes(
    'datapipeline-001',
    'Run a pipeline whose commands act with the role',
    ['datapipeline.amazonaws.com'],
    [
      need('datapipeline:CreatePipeline'),
      need('datapipeline:PutPipelineDefinition', PIPELINE),
      need('datapipeline:ActivatePipeline', PIPELINE),
    ],
  ),
];
