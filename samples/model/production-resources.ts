import type { ResourceInput } from '../../domain/graph/account.js';
import { document } from './account-parts.js';
import { arn, PRODUCTION, WEB_ROLES } from './names.js';

/** What runs and what is stored in the production account. */
export function productionResources(): ResourceInput[] {
  return [...workloads(), ...stores()];
}

function workloads(): ResourceInput[] {
  const lambda = (name: string, roleName: string): ResourceInput => ({
    arn: arn.regional('lambda', PRODUCTION, `function:${name}`),
    type: 'AWS::Lambda::Function',
    role: arn.role(PRODUCTION, roleName),
    tags: { env: 'production', service: name },
  });
  const instance = (name: string, index: number): ResourceInput => ({
    arn: arn.regional('ec2', PRODUCTION, `instance/i-0a1b2c3d4e5f6070${index}`),
    type: 'AWS::EC2::Instance',
    instanceProfile: arn.profile(PRODUCTION, name),
    tags: { env: 'production', service: name },
  });
  return [
    lambda('data-processor', 'ProdLambdaExecutionRole'),
    lambda('month-end-closing', 'MonthEndClosingRole'),
    lambda('order-sync', 'OrderSyncRole'),
    lambda('reporting-etl', 'reporting-etl'),
    lambda('platform-automation', 'PlatformLambdaAdminRole'),
    {
      arn: arn.regional('ecs', PRODUCTION, 'task-definition/storefront-app:42'),
      type: 'AWS::ECS::TaskDefinition',
      role: arn.role(PRODUCTION, 'ecs-app-role'),
      tags: { env: 'production', service: 'storefront-app' },
    },
    {
      arn: arn.regional('sagemaker', PRODUCTION, 'notebook-instance/exploration'),
      type: 'AWS::SageMaker::NotebookInstance',
      role: arn.role(PRODUCTION, 'AnalyticsNotebookRole'),
      tags: { env: 'production', service: 'notebooks' },
    },
    {
      arn: arn.regional('codebuild', PRODUCTION, 'project/deploy'),
      type: 'AWS::CodeBuild::Project',
      role: arn.role(PRODUCTION, 'CiDeployRole'),
      tags: { env: 'production', service: 'delivery' },
    },
    ...WEB_ROLES.map(instance),
  ];
}

const CUSTOMER_EXPORTS = arn.bucket('larkfield-customer-exports');

function stores(): ResourceInput[] {
  const kms = arn.regional('kms', PRODUCTION, 'key/0f6c2f4e-6d0a-4c1f-9b62-1d3f6a2b7c90');
  const encrypted = { encryption: { algorithm: 'aws:kms', kmsKey: kms }, kmsKey: kms };
  const bucket = (name: string, team: string, more: Partial<ResourceInput>): ResourceInput => ({
    arn: arn.bucket(name),
    type: 'AWS::S3::Bucket',
    public: false,
    ...encrypted,
    logging: { target: `larkfield-access-logs/${name}/` },
    tags: { env: 'production', team },
    ...more,
  });
  return [
    bucket('app-bucket', 'storefront', {}),
    bucket('larkfield-artifacts', 'platform', {}),
    bucket('larkfield-access-logs', 'security', {}),
    bucket('larkfield-invoices', 'finance-systems', { sensitivity: 'financial' }),
    bucket('orders-inbound', 'data-platform', { sensitivity: 'PII' }),
    bucket('larkfield-customer-exports', 'data-platform', {
      sensitivity: 'PII',
      public: true,
      policy: document(
        {
          Sid: 'PartnerDownload',
          Effect: 'Allow',
          Principal: '*',
          Action: 's3:GetObject',
          Resource: `${CUSTOMER_EXPORTS}/*`,
        },
        {
          Sid: 'Etl',
          Effect: 'Allow',
          Principal: { AWS: arn.role(PRODUCTION, 'ProdLambdaExecutionRole') },
          Action: ['s3:GetObject', 's3:PutObject'],
          Resource: `${CUSTOMER_EXPORTS}/*`,
        },
      ),
      tags: {
        env: 'production',
        team: 'data-platform',
        owner: 'priya.raman@larkfield.example',
        data: 'customer',
      },
    }),
    {
      arn: arn.regional('dynamodb', PRODUCTION, 'table/orders'),
      type: 'AWS::DynamoDB::Table',
      sensitivity: 'PII',
      ...encrypted,
      tags: { env: 'production', team: 'storefront' },
    },
    {
      arn: arn.regional('dynamodb', PRODUCTION, 'table/customers'),
      type: 'AWS::DynamoDB::Table',
      sensitivity: 'PII',
      ...encrypted,
      tags: { env: 'production', team: 'data-platform' },
    },
    {
      arn: arn.regional('sqs', PRODUCTION, 'order-events'),
      type: 'AWS::SQS::Queue',
      kmsKey: kms,
      tags: { env: 'production', team: 'data-platform' },
    },
    {
      arn: arn.regional('sns', PRODUCTION, 'month-end'),
      type: 'AWS::SNS::Topic',
      tags: { env: 'production', team: 'finance-systems' },
    },
    {
      arn: arn.regional('sns', PRODUCTION, 'order-escalations'),
      type: 'AWS::SNS::Topic',
      tags: { env: 'production', team: 'storefront' },
    },
    {
      arn: kms,
      type: 'AWS::KMS::Key',
      tags: { env: 'production', team: 'platform' },
      policy: document({
        Sid: 'Root',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${PRODUCTION}:root` },
        Action: 'kms:*',
        Resource: '*',
      }),
    },
  ];
}
