import type { Json } from '../../domain/json.js';
import { arn, DEVELOPMENT, PAYMENTS, PRODUCTION, REGION, WEB_ROLES } from './names.js';
import { DEV_RECORDS } from './others.js';

/** An API call that a workload makes, as the trail shows it. */
export interface Call {
  account: string;
  principal: string;
  /** IAM's action, for the sample scanner and workload. */
  action: string;
  eventSource: string;
  eventName: string;
  resource: string;
  requestParameters: Json;
  /** What CloudTrail lists as the record's resources. */
  resources?: readonly { type: string; ARN: string }[];
  /** A data event; management events otherwise. */
  isDataEvent?: boolean;
  readOnly: boolean;
  /** How often: so many a day, or on these days before the base. */
  perDay?: number;
  onDays?: readonly number[];
  /** Seasonal: the workload makes it only when asked to. */
  seasonal?: 'quarterly';
}

type Extra = Pick<Call, 'perDay' | 'onDays' | 'seasonal'>;

function s3(
  account: string,
  role: string,
  name: 'GetObject' | 'PutObject',
  bucket: string,
  key: string,
  extra: Extra,
): Call {
  return {
    account,
    principal: arn.role(account, role),
    action: `s3:${name}`,
    eventSource: 's3.amazonaws.com',
    eventName: name,
    resource: `${arn.bucket(bucket)}/${key}`,
    requestParameters: { bucketName: bucket, key, Host: `${bucket}.s3.${REGION}.amazonaws.com` },
    resources: [
      { type: 'AWS::S3::Object', ARN: `${arn.bucket(bucket)}/${key}` },
      { type: 'AWS::S3::Bucket', ARN: arn.bucket(bucket) },
    ],
    isDataEvent: true,
    readOnly: name === 'GetObject',
    ...extra,
  };
}

function dynamodb(role: string, name: 'PutItem' | 'GetItem' | 'Query', table: string, extra: Extra): Call {
  const resource = arn.regional('dynamodb', PRODUCTION, `table/${table}`);
  return {
    account: PRODUCTION,
    principal: arn.role(PRODUCTION, role),
    action: `dynamodb:${name}`,
    eventSource: 'dynamodb.amazonaws.com',
    eventName: name,
    resource,
    requestParameters: { tableName: table },
    resources: [{ type: 'AWS::DynamoDB::Table', ARN: resource }],
    isDataEvent: true,
    readOnly: name !== 'PutItem',
    ...extra,
  };
}

function sqs(
  role: string,
  name: 'ReceiveMessage' | 'DeleteMessage' | 'SendMessage',
  queue: string,
  extra: Extra,
): Call {
  const resource = arn.regional('sqs', PRODUCTION, queue);
  return {
    account: PRODUCTION,
    principal: arn.role(PRODUCTION, role),
    action: `sqs:${name}`,
    eventSource: 'sqs.amazonaws.com',
    eventName: name,
    resource,
    requestParameters: { queueUrl: `https://sqs.${REGION}.amazonaws.com/${PRODUCTION}/${queue}` },
    resources: [{ type: 'AWS::SQS::Queue', ARN: resource }],
    isDataEvent: true,
    readOnly: false,
    ...extra,
  };
}

function sns(role: string, topic: string, extra: Extra): Call {
  const resource = arn.regional('sns', PRODUCTION, topic);
  return {
    account: PRODUCTION,
    principal: arn.role(PRODUCTION, role),
    action: 'sns:Publish',
    eventSource: 'sns.amazonaws.com',
    eventName: 'Publish',
    resource,
    requestParameters: { topicArn: resource },
    resources: [{ type: 'AWS::SNS::Topic', ARN: resource }],
    isDataEvent: true,
    readOnly: false,
    ...extra,
  };
}

function management(
  account: string,
  role: string,
  action: string,
  event: Pick<Call, 'eventSource' | 'eventName' | 'requestParameters' | 'readOnly'> & { resource?: string },
  extra: Extra,
): Call {
  return { account, principal: arn.role(account, role), action, resource: '*', ...event, ...extra };
}

/** What Larkfield's workloads do on an ordinary day. */
export const CALLS: readonly Call[] = [
  s3(PRODUCTION, 'ProdLambdaExecutionRole', 'GetObject', 'orders-inbound', 'batch/orders.csv', {
    perDay: 12,
  }),
  dynamodb('ProdLambdaExecutionRole', 'PutItem', 'orders', { perDay: 10 }),
  sqs('ProdLambdaExecutionRole', 'ReceiveMessage', 'order-events', { perDay: 8 }),
  sqs('ProdLambdaExecutionRole', 'DeleteMessage', 'order-events', { perDay: 6 }),
  s3(PRODUCTION, 'ecs-app-role', 'GetObject', 'app-bucket', 'assets/catalogue.json', { perDay: 16 }),
  s3(PRODUCTION, 'ecs-app-role', 'PutObject', 'app-bucket', 'uploads/label.pdf', { perDay: 1 }),
  dynamodb('MonthEndClosingRole', 'Query', 'orders', { perDay: 2 }),
  // Twice in 90 days' three months: the platform's window of 30 days did not see it.
  sns('MonthEndClosingRole', 'month-end', { onDays: [32, 62] }),
  dynamodb('OrderSyncRole', 'GetItem', 'orders', { perDay: 6 }),
  dynamodb('OrderSyncRole', 'Query', 'orders', { perDay: 4 }),
  sns('OrderSyncRole', 'order-escalations', { seasonal: 'quarterly' }),
  s3(PRODUCTION, 'AnalyticsNotebookRole', 'GetObject', 'larkfield-invoices', 'sample/2026.parquet', {
    perDay: 2,
  }),
  s3(PRODUCTION, 'reporting-etl', 'GetObject', 'larkfield-invoices', 'daily/totals.csv', { perDay: 3 }),
  s3(PRODUCTION, 'reporting-etl', 'PutObject', 'larkfield-invoices', 'daily/report.csv', { perDay: 1 }),
  management(
    PRODUCTION,
    'CiDeployRole',
    'lambda:UpdateFunctionCode',
    {
      eventSource: 'lambda.amazonaws.com',
      eventName: 'UpdateFunctionCode20150331v2',
      readOnly: false,
      resource: arn.regional('lambda', PRODUCTION, 'function:data-processor'),
      requestParameters: { functionName: 'data-processor' },
    },
    { perDay: 1 },
  ),
  s3(PRODUCTION, 'CiDeployRole', 'GetObject', 'larkfield-artifacts', 'data-processor.zip', { perDay: 1 }),
  ...WEB_ROLES.flatMap((name, index) => webCalls(name, index)),
  s3(DEVELOPMENT, 'dev-prescription-tests', 'GetObject', DEV_RECORDS, 'sample/records.json', { perDay: 4 }),
  s3(DEVELOPMENT, 'dev-prescription-tests', 'PutObject', DEV_RECORDS, 'sample/result.json', { perDay: 2 }),
  management(
    DEVELOPMENT,
    'dev-sandbox',
    's3:ListAllMyBuckets',
    {
      eventSource: 's3.amazonaws.com',
      eventName: 'ListBuckets',
      readOnly: true,
      requestParameters: { Host: 's3.amazonaws.com' },
    },
    { perDay: 1 },
  ),
  management(
    PAYMENTS,
    'settlement',
    'sts:GetCallerIdentity',
    {
      eventSource: 'sts.amazonaws.com',
      eventName: 'GetCallerIdentity',
      readOnly: true,
      requestParameters: null,
    },
    { perDay: 1 },
  ),
];

function webCalls(name: string, index: number): Call[] {
  const parameters: Json = { name: `/web/${name}/config`, withDecryption: true };
  return [
    s3(PRODUCTION, name, 'GetObject', 'app-bucket', `static/${name}.json`, { perDay: 3 }),
    sqs(name, 'SendMessage', 'order-events', { perDay: 1 + (index % 2) }),
    management(
      PRODUCTION,
      name,
      'ssm:GetParameter',
      {
        eventSource: 'ssm.amazonaws.com',
        eventName: 'GetParameter',
        readOnly: true,
        requestParameters: parameters,
        resource: arn.regional('ssm', PRODUCTION, `parameter/web/${name}/config`),
      },
      { perDay: 1 },
    ),
    management(
      PRODUCTION,
      name,
      'cloudwatch:PutMetricData',
      {
        eventSource: 'monitoring.amazonaws.com',
        eventName: 'PutMetricData',
        readOnly: false,
        requestParameters: { namespace: 'Larkfield/Web' },
      },
      { perDay: 1 },
    ),
    management(
      PRODUCTION,
      name,
      'ec2:DescribeInstances',
      {
        eventSource: 'ec2.amazonaws.com',
        eventName: 'DescribeInstances',
        readOnly: true,
        requestParameters: { instancesSet: {}, filterSet: {} },
      },
      { perDay: 1 },
    ),
  ];
}
