/** How a store is read and written: any one of the actions suffices. `on` is authorised on the store's ARN, plus a suffix. */
export interface DataAccess {
  read: readonly DataAction[];
  write: readonly DataAction[];
}
/** An action that reads or writes the data of a resource type. */
export interface DataAction {
  action: string;
  suffix: string;
}

function on(action: string, suffix = ''): DataAction {
  return { action, suffix };
}

/**
 * Actions that reach the content of a store, by the service in its ARN.
 * Source: the service authorisation reference, resource types of each action.
 */
export const DATA_ACCESS: ReadonlyMap<string, DataAccess> = new Map<string, DataAccess>([
  [
    's3',
    {
      read: [on('s3:GetObject', '/*')],
      write: [on('s3:PutObject', '/*'), on('s3:DeleteObject', '/*'), on('s3:PutBucketPolicy')],
    },
  ],
  [
    'dynamodb',
    {
      read: [
        on('dynamodb:GetItem'),
        on('dynamodb:Query'),
        on('dynamodb:Scan'),
        on('dynamodb:BatchGetItem'),
        on('dynamodb:PartiQLSelect'),
      ],
      write: [
        on('dynamodb:PutItem'),
        on('dynamodb:UpdateItem'),
        on('dynamodb:DeleteItem'),
        on('dynamodb:BatchWriteItem'),
      ],
    },
  ],
  [
    'secretsmanager',
    {
      read: [on('secretsmanager:GetSecretValue')],
      write: [
        on('secretsmanager:PutSecretValue'),
        on('secretsmanager:UpdateSecret'),
        on('secretsmanager:DeleteSecret'),
      ],
    },
  ],
  [
    'ssm',
    {
      read: [on('ssm:GetParameter'), on('ssm:GetParameters')],
      write: [on('ssm:PutParameter'), on('ssm:DeleteParameter')],
    },
  ],
  [
    'kms',
    {
      read: [on('kms:Decrypt')],
      write: [on('kms:PutKeyPolicy'), on('kms:ScheduleKeyDeletion'), on('kms:CreateGrant')],
    },
  ],
  [
    'sqs',
    {
      read: [on('sqs:ReceiveMessage')],
      write: [on('sqs:SendMessage'), on('sqs:DeleteMessage'), on('sqs:PurgeQueue')],
    },
  ],
  ['sns', { read: [on('sns:Subscribe')], write: [on('sns:Publish')] }],
  [
    'kinesis',
    { read: [on('kinesis:GetRecords')], write: [on('kinesis:PutRecord'), on('kinesis:PutRecords')] },
  ],
  [
    'rds',
    {
      read: [
        on('rds-data:ExecuteStatement'),
        on('rds:CreateDBSnapshot'),
        on('rds:CreateDBClusterSnapshot'),
        on('rds:DownloadDBLogFilePortion'),
      ],
      write: [
        on('rds:ModifyDBInstance'),
        on('rds:ModifyDBCluster'),
        on('rds:DeleteDBInstance'),
        on('rds:DeleteDBCluster'),
      ],
    },
  ],
  [
    'redshift',
    {
      read: [
        on('redshift:GetClusterCredentials'),
        on('redshift-data:ExecuteStatement'),
        on('redshift:CreateClusterSnapshot'),
      ],
      write: [on('redshift:ModifyCluster'), on('redshift:DeleteCluster')],
    },
  ],
  ['es', { read: [on('es:ESHttpGet', '/*')], write: [on('es:ESHttpPut', '/*'), on('es:ESHttpPost', '/*')] }],
  ['ecr', { read: [on('ecr:BatchGetImage')], write: [on('ecr:PutImage')] }],
  [
    'elasticfilesystem',
    { read: [on('elasticfilesystem:ClientMount')], write: [on('elasticfilesystem:ClientWrite')] },
  ],
  [
    'ec2',
    {
      read: [
        on('ec2:CreateVolume'),
        on('ec2:ModifySnapshotAttribute'),
        on('ec2:CreateSnapshot'),
        on('ebs:GetSnapshotBlock'),
      ],
      write: [on('ec2:DeleteSnapshot'), on('ec2:DeleteVolume')],
    },
  ],
  [
    'logs',
    {
      read: [on('logs:GetLogEvents', ':*'), on('logs:FilterLogEvents'), on('logs:StartQuery')],
      write: [on('logs:DeleteLogGroup')],
    },
  ],
  ['lambda', { read: [on('lambda:GetFunction')], write: [on('lambda:UpdateFunctionCode')] }],
  ['glue', { read: [on('glue:GetTable')], write: [on('glue:UpdateTable'), on('glue:DeleteTable')] }],
  ['backup', { read: [on('backup:StartRestoreJob')], write: [on('backup:DeleteRecoveryPoint')] }],
]);
