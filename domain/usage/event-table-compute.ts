import type { EventRow } from './event-row.js';

/**
 * Lambda: the date suffix of the API's version is taken off before the look-up (`CreateFunction20150331`).
 * Source: https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html and
 * https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html.
 */
export const LAMBDA_EVENTS: readonly EventRow[] = [
  ['Invoke', 'lambda:InvokeFunction@function'],
  ['InvokeWithResponseStream', 'lambda:InvokeFunction@function'],
  ['InvokeAsync', 'lambda:InvokeAsync@function', 'lambda:InvokeFunction@function'],
  ['InvokeFunctionUrl', 'lambda:InvokeFunctionUrl@function'],
  ['CreateFunction', 'lambda:CreateFunction@function', 'iam:PassRole@role?role'],
  ['UpdateFunctionConfiguration', 'lambda:UpdateFunctionConfiguration@function', 'iam:PassRole@role?role'],
  ['UpdateFunctionCode', 'lambda:UpdateFunctionCode@function'],
  ['DeleteFunction', 'lambda:DeleteFunction@function'],
  ['GetFunction', 'lambda:GetFunction@function'],
  ['GetFunctionConfiguration', 'lambda:GetFunctionConfiguration@function'],
  ['AddPermission', 'lambda:AddPermission@function'],
  ['RemovePermission', 'lambda:RemovePermission@function'],
  ['GetPolicy', 'lambda:GetPolicy@function'],
  ['PublishVersion', 'lambda:PublishVersion@function'],
];

/**
 * EC2: one call is authorised on every kind of resource that it touches.
 * Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html (RunInstances) and
 * the service authorisation reference for EC2.
 */
export const EC2_EVENTS: readonly EventRow[] = [
  [
    'RunInstances',
    'ec2:RunInstances@image',
    'ec2:RunInstances@newInstance',
    'ec2:RunInstances@newVolume',
    'ec2:RunInstances@newInterface',
    'ec2:RunInstances@requestSubnet',
    'ec2:RunInstances@requestSecurityGroups',
    'ec2:RunInstances@requestKeyPair?instancesSet.items[].keyName',
    'ec2:RunInstances@launchTemplate?launchTemplate.launchTemplateId',
    'ec2:CreateTags@newInstance?tagSpecificationSet',
    'iam:PassRole?iamInstanceProfile',
  ],
  ['StartInstances', 'ec2:StartInstances@instances'],
  ['StopInstances', 'ec2:StopInstances@instances'],
  ['RebootInstances', 'ec2:RebootInstances@instances'],
  ['TerminateInstances', 'ec2:TerminateInstances@instances'],
  ['AssociateIamInstanceProfile', 'ec2:AssociateIamInstanceProfile@instance', 'iam:PassRole'],
  ['ReplaceIamInstanceProfileAssociation', 'ec2:ReplaceIamInstanceProfileAssociation', 'iam:PassRole'],
  ['AttachVolume', 'ec2:AttachVolume@instance', 'ec2:AttachVolume@volume'],
  ['DetachVolume', 'ec2:DetachVolume@instance?instanceId', 'ec2:DetachVolume@volume'],
  ['DeleteVolume', 'ec2:DeleteVolume@volume'],
  ['CreateSnapshot', 'ec2:CreateSnapshot@volume', 'ec2:CreateSnapshot@newSnapshot'],
  ['DeleteSnapshot', 'ec2:DeleteSnapshot@snapshot'],
  [
    'CreateNetworkInterface',
    'ec2:CreateNetworkInterface@subnet',
    'ec2:CreateNetworkInterface@createdInterface',
    'ec2:CreateNetworkInterface@requestGroups?groupSet',
  ],
  ['RequestSpotInstances', 'ec2:RequestSpotInstances', 'iam:PassRole?launchSpecification.iamInstanceProfile'],
];

/**
 * Calls that hand a role to a service: `iam:PassRole` is authorised with them and is in no record of its own.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html.
 */
export const PASS_ROLE_EVENTS: Readonly<Record<string, readonly EventRow[]>> = {
  ecs: [
    [
      'RegisterTaskDefinition',
      'ecs:RegisterTaskDefinition',
      'iam:PassRole@taskRole?taskRoleArn',
      'iam:PassRole@executionRole?executionRoleArn',
    ],
    [
      'RunTask',
      'ecs:RunTask',
      'iam:PassRole@overrideTaskRole?overrides.taskRoleArn',
      'iam:PassRole@overrideExecutionRole?overrides.executionRoleArn',
      'iam:PassRole!overrides.taskRoleArn',
    ],
    ['StartTask', 'ecs:StartTask', 'iam:PassRole'],
    ['CreateService', 'ecs:CreateService', 'iam:PassRole@role?role'],
    ['UpdateService', 'ecs:UpdateService', 'iam:PassRole'],
  ],
  states: [
    ['CreateStateMachine', 'states:CreateStateMachine', 'iam:PassRole@roleArn?roleArn'],
    ['UpdateStateMachine', 'states:UpdateStateMachine@stateMachine', 'iam:PassRole@roleArn?roleArn'],
    ['StartExecution', 'states:StartExecution@stateMachine'],
  ],
  glue: [
    ['CreateJob', 'glue:CreateJob', 'iam:PassRole@role?role'],
    ['UpdateJob', 'glue:UpdateJob', 'iam:PassRole@jobUpdateRole?jobUpdate.role'],
    ['CreateCrawler', 'glue:CreateCrawler', 'iam:PassRole@role?role'],
    ['CreateDevEndpoint', 'glue:CreateDevEndpoint', 'iam:PassRole@roleArn?roleArn'],
  ],
  cloudformation: [
    ['CreateStack', 'cloudformation:CreateStack', 'iam:PassRole@roleARN?roleARN'],
    ['UpdateStack', 'cloudformation:UpdateStack', 'iam:PassRole@roleARN?roleARN'],
    ['DeleteStack', 'cloudformation:DeleteStack', 'iam:PassRole@roleARN?roleARN'],
    ['CreateChangeSet', 'cloudformation:CreateChangeSet', 'iam:PassRole@roleARN?roleARN'],
  ],
  codebuild: [
    ['CreateProject', 'codebuild:CreateProject', 'iam:PassRole@serviceRole?serviceRole'],
    ['UpdateProject', 'codebuild:UpdateProject', 'iam:PassRole@serviceRole?serviceRole'],
    ['BatchGetProjects', 'codebuild:BatchGetProjects'],
  ],
  codepipeline: [
    ['CreatePipeline', 'codepipeline:CreatePipeline', 'iam:PassRole@pipelineRole?pipeline.roleArn'],
    ['UpdatePipeline', 'codepipeline:UpdatePipeline', 'iam:PassRole@pipelineRole?pipeline.roleArn'],
  ],
  sagemaker: [
    ['CreateNotebookInstance', 'sagemaker:CreateNotebookInstance', 'iam:PassRole@roleArn?roleArn'],
    ['CreateTrainingJob', 'sagemaker:CreateTrainingJob', 'iam:PassRole@roleArn?roleArn'],
    ['CreateProcessingJob', 'sagemaker:CreateProcessingJob', 'iam:PassRole@roleArn?roleArn'],
    ['CreateModel', 'sagemaker:CreateModel', 'iam:PassRole@executionRole?executionRoleArn'],
  ],
  events: [
    ['PutTargets', 'events:PutTargets', 'iam:PassRole@targetRoles?targets[].roleArn'],
    ['PutRule', 'events:PutRule', 'iam:PassRole@roleArn?roleArn'],
  ],
  scheduler: [
    ['CreateSchedule', 'scheduler:CreateSchedule', 'iam:PassRole@scheduleRole?target.roleArn'],
    ['UpdateSchedule', 'scheduler:UpdateSchedule', 'iam:PassRole@scheduleRole?target.roleArn'],
  ],
};
