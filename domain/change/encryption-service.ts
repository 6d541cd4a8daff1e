import type { CloudFormationFragment } from './handler.js';
import type { HclBlock } from './render/hcl.js';
import { adopted, created, label, logicalId, removed, text } from './render/terraform.js';
import { bucketName, lastName, regionOption, splitArn } from './resource-name.js';

/** A state of encryption: with AWS's own key, or with one of KMS (the service's default key when none is named). */
export interface Encryption {
  algorithm: 'AES256' | 'aws:kms';
  kmsKey?: string;
}

/** How one service is told to encrypt. */
export interface EncryptionService {
  terraform(arn: string, encryption: Encryption, isNew: boolean): readonly HclBlock[];
  cloudformation(arn: string, encryption: Encryption): CloudFormationFragment;
  put(arn: string, encryption: Encryption): readonly string[];
  /** Back to what the service does when nothing is said. */
  off: { terraform(arn: string): readonly HclBlock[]; remove(arn: string): readonly string[] };
}

const S3_RULE = 'aws_s3_bucket_server_side_encryption_configuration';

const s3: EncryptionService = {
  terraform(arn, encryption, isNew) {
    const name = bucketName(arn);
    const byDefault: HclBlock = {
      type: 'apply_server_side_encryption_by_default',
      labels: [],
      arguments: [
        ['sse_algorithm', text(encryption.algorithm)],
        ...(encryption.kmsKey === undefined
          ? []
          : ([['kms_master_key_id', text(encryption.kmsKey)]] as const)),
      ],
    };
    const type = S3_RULE;
    const members = [['bucket', text(name)]] as const;
    const rule: HclBlock = { type: 'rule', labels: [], blocks: [byDefault] };
    return isNew
      ? [created(type, label(name), members, [rule])]
      : adopted(type, label(name), name, members, [rule]);
  },
  cloudformation(arn, { algorithm, kmsKey }) {
    const byDefault = { SSEAlgorithm: algorithm, ...(kmsKey !== undefined && { KMSMasterKeyID: kmsKey }) };
    return {
      resources: {
        [logicalId(bucketName(arn))]: {
          Type: 'AWS::S3::Bucket',
          Properties: {
            BucketName: bucketName(arn),
            BucketEncryption: {
              ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: byDefault }],
            },
          },
        },
      },
      note: 'Set this property in the template that makes the bucket; the others stay.',
    };
  },
  put(arn, { algorithm, kmsKey }) {
    const byDefault = { SSEAlgorithm: algorithm, ...(kmsKey !== undefined && { KMSMasterKeyID: kmsKey }) };
    const configuration = JSON.stringify({ Rules: [{ ApplyServerSideEncryptionByDefault: byDefault }] });
    const bucket = ['--bucket', bucketName(arn)];
    return [
      'aws',
      's3api',
      'put-bucket-encryption',
      ...bucket,
      '--server-side-encryption-configuration',
      configuration,
    ];
  },
  off: {
    terraform: (arn) =>
      removed(
        S3_RULE,
        label(bucketName(arn)),
        bucketName(arn),
        `The encryption rule of ${bucketName(arn)} goes`,
      ),
    remove: (arn) => ['aws', 's3api', 'delete-bucket-encryption', '--bucket', bucketName(arn)],
  },
};

const dynamodb: EncryptionService = {
  terraform(arn, { kmsKey }) {
    const key = kmsKey === undefined ? [] : ([['kms_key_arn', text(kmsKey)]] as const);
    return table(arn, [['enabled', { literal: true }], ...key]);
  },
  cloudformation(arn, { kmsKey }) {
    const specification = {
      SSEEnabled: true,
      SSEType: 'KMS',
      ...(kmsKey !== undefined && { KMSMasterKeyId: kmsKey }),
    };
    return {
      resources: {
        [logicalId(lastName(arn))]: {
          Type: 'AWS::DynamoDB::Table',
          Properties: { TableName: lastName(arn), SSESpecification: specification },
        },
      },
      note: 'Set this property in the template that makes the table; the others stay.',
    };
  },
  put(arn, { kmsKey }) {
    const specification = `Enabled=true,SSEType=KMS${kmsKey === undefined ? '' : `,KMSMasterKeyId=${kmsKey}`}`;
    const table = ['--table-name', lastName(arn), '--sse-specification', specification];
    return ['aws', 'dynamodb', 'update-table', ...table, ...regionOption(arn)];
  },
  off: {
    terraform: (arn) => table(arn, [['enabled', { literal: false }]]),
    remove: (arn) => [
      'aws',
      'dynamodb',
      'update-table',
      '--table-name',
      lastName(arn),
      '--sse-specification',
      'Enabled=false',
      ...regionOption(arn),
    ],
  },
};

function table(arn: string, members: NonNullable<HclBlock['arguments']>): readonly HclBlock[] {
  const name = lastName(arn);
  const block: HclBlock = { type: 'server_side_encryption', labels: [], arguments: members };
  const comments = ['Of the existing table only this block changes; keep the others.'];
  return adopted('aws_dynamodb_table', label(name), name, [['name', text(name)]], [block], comments);
}

const SERVICES = new Map<string, EncryptionService>(Object.entries({ s3, dynamodb }));

/** The service that an ARN belongs to; undefined when its encryption cannot be switched on in place. */
export function encryptionService(arn: string): EncryptionService | undefined {
  return SERVICES.get(splitArn(arn).service);
}

/** Services that can be told to encrypt what exists, for messages. */
export const ENCRYPTION_SERVICES: readonly string[] = [...SERVICES.keys()];
