import type { Json } from '../json.js';
import type { HclValue } from './render/hcl.js';
import { label, logicalId, text } from './render/terraform.js';
import { bucketName, lastName, regionOption, splitArn } from './resource-name.js';

/** How one service takes a resource policy in each form. */
export interface ResourcePolicyService {
  terraform: {
    type: string;
    id(arn: string): string;
    members(arn: string): readonly (readonly [string, HclValue])[];
  };
  cloudformation(arn: string, document: Json): Readonly<Record<string, Json>>;
  put(arn: string, document: string): readonly string[];
  /** Undefined when the service cannot be without a policy. */
  remove?(arn: string): readonly string[];
}

function queueUrl(arn: string): string {
  const { region, account, rest } = splitArn(arn);
  return `https://sqs.${region}.amazonaws.com/${account}/${rest}`;
}

const s3: ResourcePolicyService = {
  terraform: {
    type: 'aws_s3_bucket_policy',
    id: bucketName,
    members: (arn) => [['bucket', text(bucketName(arn))]],
  },
  cloudformation: (arn, document) => ({
    [logicalId(bucketName(arn), 'policy')]: {
      Type: 'AWS::S3::BucketPolicy',
      Properties: { Bucket: bucketName(arn), PolicyDocument: document },
    },
  }),
  put: (arn, document) => [
    'aws',
    's3api',
    'put-bucket-policy',
    '--bucket',
    bucketName(arn),
    '--policy',
    document,
  ],
  remove: (arn) => ['aws', 's3api', 'delete-bucket-policy', '--bucket', bucketName(arn)],
};

const sqs: ResourcePolicyService = {
  terraform: {
    type: 'aws_sqs_queue_policy',
    id: queueUrl,
    members: (arn) => [['queue_url', text(queueUrl(arn))]],
  },
  cloudformation: (arn, document) => ({
    [logicalId(lastName(arn), 'policy')]: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: { Queues: [queueUrl(arn)], PolicyDocument: document },
    },
  }),
  put: (arn, document) => attributes(arn, document),
  remove: (arn) => attributes(arn, ''),
};

function attributes(arn: string, document: string): readonly string[] {
  const value = JSON.stringify({ Policy: document });
  return [
    'aws',
    'sqs',
    'set-queue-attributes',
    '--queue-url',
    queueUrl(arn),
    '--attributes',
    value,
    ...regionOption(arn),
  ];
}

const sns: ResourcePolicyService = {
  terraform: { type: 'aws_sns_topic_policy', id: (arn) => arn, members: (arn) => [['arn', text(arn)]] },
  cloudformation: (arn, document) => ({
    [logicalId(lastName(arn), 'policy')]: {
      Type: 'AWS::SNS::TopicPolicy',
      Properties: { Topics: [arn], PolicyDocument: document },
    },
  }),
  put: (arn, document) => [
    'aws',
    'sns',
    'set-topic-attributes',
    '--topic-arn',
    arn,
    '--attribute-name',
    'Policy',
    '--attribute-value',
    document,
    ...regionOption(arn),
  ],
};

const kms: ResourcePolicyService = {
  terraform: {
    type: 'aws_kms_key_policy',
    id: lastName,
    members: (arn) => [['key_id', text(lastName(arn))]],
  },
  cloudformation: (arn, document) => ({
    [logicalId('key', lastName(arn))]: { Type: 'AWS::KMS::Key', Properties: { KeyPolicy: document } },
  }),
  put: (arn, document) => [
    'aws',
    'kms',
    'put-key-policy',
    '--key-id',
    arn,
    '--policy-name',
    'default',
    '--policy',
    document,
    ...regionOption(arn),
  ],
};

const secretsmanager: ResourcePolicyService = {
  terraform: {
    type: 'aws_secretsmanager_secret_policy',
    id: (arn) => arn,
    members: (arn) => [['secret_arn', text(arn)]],
  },
  cloudformation: (arn, document) => ({
    [logicalId(lastName(arn), 'policy')]: {
      Type: 'AWS::SecretsManager::ResourcePolicy',
      Properties: { SecretId: arn, ResourcePolicy: document },
    },
  }),
  put: (arn, document) => [
    'aws',
    'secretsmanager',
    'put-resource-policy',
    '--secret-id',
    arn,
    '--resource-policy',
    document,
    ...regionOption(arn),
  ],
  remove: (arn) => [
    'aws',
    'secretsmanager',
    'delete-resource-policy',
    '--secret-id',
    arn,
    ...regionOption(arn),
  ],
};

const dynamodb: ResourcePolicyService = {
  terraform: {
    type: 'aws_dynamodb_resource_policy',
    id: (arn) => arn,
    members: (arn) => [['resource_arn', text(arn)]],
  },
  cloudformation: (arn, document) => ({
    [logicalId(lastName(arn))]: {
      Type: 'AWS::DynamoDB::Table',
      Properties: { TableName: lastName(arn), ResourcePolicy: { PolicyDocument: document } },
    },
  }),
  put: (arn, document) => [
    'aws',
    'dynamodb',
    'put-resource-policy',
    '--resource-arn',
    arn,
    '--policy',
    document,
    ...regionOption(arn),
  ],
  remove: (arn) => ['aws', 'dynamodb', 'delete-resource-policy', '--resource-arn', arn, ...regionOption(arn)],
};

const SERVICES = new Map<string, ResourcePolicyService>(
  Object.entries({ s3, sqs, sns, kms, secretsmanager, dynamodb }),
);

/** The service that an ARN belongs to, or undefined when its resource policies are not ours to write. */
export function resourcePolicyService(arn: string): ResourcePolicyService | undefined {
  return SERVICES.get(splitArn(arn).service);
}

/** Services whose resource policies can be written, for messages. */
export const POLICY_SERVICES: readonly string[] = [...SERVICES.keys()];

/** A block's name for a resource of any service. */
export function policyLabel(arn: string): string {
  return label(lastName(arn));
}

/** Arguments of the service's Terraform resource with the document. */
export function policyMembers(
  service: ResourcePolicyService,
  arn: string,
  document: Json,
): readonly (readonly [string, HclValue])[] {
  return [...service.terraform.members(arn), ['policy', { document }]];
}
