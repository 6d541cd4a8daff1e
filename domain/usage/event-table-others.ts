import type { EventRow } from './event-row.js';

/**
 * KMS: a cryptographic call names its key in the record's `resources`; re-encryption authorises two actions.
 * Source: https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html.
 */
export const KMS_EVENTS: readonly EventRow[] = [
  ['Decrypt', 'kms:Decrypt@key'],
  ['Encrypt', 'kms:Encrypt@key'],
  ['GenerateDataKey', 'kms:GenerateDataKey@key'],
  ['GenerateDataKeyWithoutPlaintext', 'kms:GenerateDataKeyWithoutPlaintext@key'],
  ['GenerateDataKeyPair', 'kms:GenerateDataKeyPair@key'],
  ['ReEncrypt', 'kms:ReEncryptFrom@sourceKey', 'kms:ReEncryptTo@destinationKey'],
  ['DescribeKey', 'kms:DescribeKey@key'],
  ['Sign', 'kms:Sign@key'],
  ['Verify', 'kms:Verify@key'],
  ['CreateGrant', 'kms:CreateGrant@key'],
  ['UpdatePrimaryRegion', 'kms:UpdatePrimaryRegion'],
];

/**
 * SQS: batches authorise as the single action.
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html.
 */
export const SQS_EVENTS: readonly EventRow[] = [
  ['SendMessage', 'sqs:SendMessage@queue'],
  ['SendMessageBatch', 'sqs:SendMessage@queue'],
  ['ReceiveMessage', 'sqs:ReceiveMessage@queue'],
  ['DeleteMessage', 'sqs:DeleteMessage@queue'],
  ['DeleteMessageBatch', 'sqs:DeleteMessage@queue'],
  ['ChangeMessageVisibility', 'sqs:ChangeMessageVisibility@queue'],
  ['ChangeMessageVisibilityBatch', 'sqs:ChangeMessageVisibility@queue'],
  ['GetQueueAttributes', 'sqs:GetQueueAttributes@queue'],
  ['SetQueueAttributes', 'sqs:SetQueueAttributes@queue'],
  ['PurgeQueue', 'sqs:PurgeQueue@queue'],
  ['DeleteQueue', 'sqs:DeleteQueue@queue'],
  ['ListMessageMoveTasks', 'sqs:ListMessageMoveTasks'],
];

/**
 * Everything else whose record names something else than the action, or whose resource can be read from the
 * request. One group per event source's prefix; names from the services' API and authorisation references
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/).
 */
export const OTHER_EVENTS: Readonly<Record<string, readonly EventRow[]>> = {
  sns: [
    ['Publish', 'sns:Publish@topic'],
    ['PublishBatch', 'sns:Publish@topic'],
    ['Subscribe', 'sns:Subscribe@topic'],
  ],
  sts: [
    ['AssumeRole', 'sts:AssumeRole@roleArn'],
    ['AssumeRoleWithSAML', 'sts:AssumeRoleWithSAML@roleArn'],
    ['AssumeRoleWithWebIdentity', 'sts:AssumeRoleWithWebIdentity@roleArn'],
  ],
  secretsmanager: [
    ['GetSecretValue', 'secretsmanager:GetSecretValue@secret'],
    ['DescribeSecret', 'secretsmanager:DescribeSecret@secret'],
    ['PutSecretValue', 'secretsmanager:PutSecretValue@secret'],
    [
      'BatchGetSecretValue',
      'secretsmanager:BatchGetSecretValue',
      'secretsmanager:GetSecretValue',
      'secretsmanager:ListSecrets',
    ],
  ],
  ssm: [
    ['GetParameter', 'ssm:GetParameter@parameter'],
    ['GetParameters', 'ssm:GetParameters@parameters'],
    ['PutParameter', 'ssm:PutParameter@parameter'],
    ['DeleteParameter', 'ssm:DeleteParameter@parameter'],
  ],
  ecr: [
    ['BatchGetImage', 'ecr:BatchGetImage@repository'],
    ['GetDownloadUrlForLayer', 'ecr:GetDownloadUrlForLayer@repository'],
    ['BatchCheckLayerAvailability', 'ecr:BatchCheckLayerAvailability@repository'],
    ['PutImage', 'ecr:PutImage@repository'],
  ],
  kinesis: [
    ['PutRecord', 'kinesis:PutRecord@stream'],
    ['PutRecords', 'kinesis:PutRecords@stream'],
    ['GetRecords', 'kinesis:GetRecords'],
    ['GetShardIterator', 'kinesis:GetShardIterator@stream'],
    ['DescribeStream', 'kinesis:DescribeStream@stream'],
    ['DescribeStreamSummary', 'kinesis:DescribeStreamSummary@stream'],
    ['ListShards', 'kinesis:ListShards@stream'],
  ],
  firehose: [
    ['PutRecord', 'firehose:PutRecord@deliveryStream'],
    ['PutRecordBatch', 'firehose:PutRecordBatch@deliveryStream'],
  ],
  athena: [
    [
      'StartQueryExecution',
      'athena:StartQueryExecution@workgroup?workGroup',
      'athena:StartQueryExecution!workGroup',
    ],
  ],
  rds: [
    ['StartDBInstance', 'rds:StartDBInstance@database'],
    ['StopDBInstance', 'rds:StopDBInstance@database'],
    ['RebootDBInstance', 'rds:RebootDBInstance@database'],
    ['DeleteDBInstance', 'rds:DeleteDBInstance@database'],
  ],
  ses: [
    ['SendEmail', 'ses:SendEmail', 'ses:SendRawEmail'],
    ['SendBulkEmail', 'ses:SendBulkTemplatedEmail', 'ses:SendEmail'],
  ],
  'bedrock-runtime': [['InvokeModel', 'bedrock:InvokeModel']],
  bedrock: [
    ['Converse', 'bedrock:InvokeModel'],
    ['ConverseStream', 'bedrock:InvokeModelWithResponseStream'],
  ],
  logs: [['DescribeLogGroups', 'logs:DescribeLogGroups']],
  apigateway: [
    ['ImportRestApi', 'apigateway:POST'],
    ['PutRestApi', 'apigateway:PUT'],
    ['TestInvokeMethod', 'apigateway:POST'],
    ['FlushStageCache', 'apigateway:DELETE'],
  ],
  cloudwatch: [['GetMetricWidgetImage', 'cloudwatch:GetMetricWidgetImage']],
};
