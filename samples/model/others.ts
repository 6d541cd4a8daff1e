import { allow, document, role, type SampleAccount, trust, user } from './account-parts.js';
import { daysBefore } from './clock.js';
import { arn, DEVELOPMENT, PAYMENTS } from './names.js';
import type { Random } from './random.js';

/** The access key that nobody has used for 200 days. */
export const STALE_KEY = 'AKIALARKDEV000000001';
/** Health records that somebody copied to development. */
export const DEV_RECORDS = 'larkfield-dev-prescriptions-copy';

/** The development account: less traffic, looser habits. */
export function development(random: Random): SampleAccount {
  const tags = { env: 'development', team: 'pharmacy-systems', owner: 'aiko.tanaka@larkfield.example' };
  return {
    id: DEVELOPMENT,
    name: 'larkfield-development',
    details: {
      UserDetailList: [
        user(
          DEVELOPMENT,
          {
            name: 'svc-report-export',
            created: daysBefore(540),
            inline: { upload: document(allow('s3:PutObject', `${arn.bucket('larkfield-dev-reports')}/*`)) },
            keys: [{ id: STALE_KEY, created: daysBefore(540), lastUsed: daysBefore(200, 7) }],
            tags: { env: 'development', team: 'analytics', owner: 'victor.chen@larkfield.example' },
          },
          random,
        ),
      ],
      GroupDetailList: [],
      RoleDetailList: [
        role(
          DEVELOPMENT,
          {
            name: 'dev-prescription-tests',
            trust: trust({ Service: 'lambda.amazonaws.com' }),
            created: daysBefore(190),
            lastUsed: daysBefore(1, 14),
            inline: {
              tests: document(allow(['s3:GetObject', 's3:PutObject'], `${arn.bucket(DEV_RECORDS)}/*`)),
            },
            tags,
          },
          random,
        ),
        role(
          DEVELOPMENT,
          {
            name: 'dev-sandbox',
            trust: trust({ Service: 'lambda.amazonaws.com' }),
            created: daysBefore(300),
            lastUsed: daysBefore(3, 11),
            inline: { sandbox: document(allow(['logs:*', 's3:ListAllMyBuckets'])) },
            tags: { env: 'development', team: 'platform', owner: 'lena.fischer@larkfield.example' },
          },
          random,
        ),
      ],
      Policies: [],
      resources: [
        {
          arn: arn.bucket(DEV_RECORDS),
          type: 'AWS::S3::Bucket',
          public: false,
          sensitivity: 'PHI',
          tags: { ...tags, data: 'health' },
        },
        {
          arn: arn.bucket('larkfield-dev-access-logs'),
          type: 'AWS::S3::Bucket',
          public: false,
          tags: { env: 'development', team: 'security' },
        },
        {
          arn: arn.bucket('larkfield-dev-reports'),
          type: 'AWS::S3::Bucket',
          public: false,
          encryption: { algorithm: 'AES256' },
          tags: { env: 'development', team: 'analytics' },
        },
        {
          arn: arn.regional('lambda', DEVELOPMENT, 'function:prescription-tests'),
          type: 'AWS::Lambda::Function',
          role: arn.role(DEVELOPMENT, 'dev-prescription-tests'),
          tags,
        },
        {
          arn: arn.regional('lambda', DEVELOPMENT, 'function:sandbox'),
          type: 'AWS::Lambda::Function',
          role: arn.role(DEVELOPMENT, 'dev-sandbox'),
          tags: { env: 'development', team: 'platform' },
        },
      ],
    },
  };
}

/** The payments account: changes go there by ticket only. */
export function payments(random: Random): SampleAccount {
  const tags = { env: 'production', team: 'payments', owner: 'noor.haddad@larkfield.example' };
  return {
    id: PAYMENTS,
    name: 'larkfield-payments',
    details: {
      UserDetailList: [],
      GroupDetailList: [],
      RoleDetailList: [
        role(
          PAYMENTS,
          {
            name: 'settlement',
            trust: trust({ Service: 'lambda.amazonaws.com' }),
            created: daysBefore(420),
            lastUsed: daysBefore(1, 21),
            inline: {
              connect: document(
                allow('rds-db:connect', arn.regional('rds-db', PAYMENTS, 'dbuser:db-LARKLEDGER/settlement')),
              ),
            },
            tags,
          },
          random,
        ),
      ],
      Policies: [],
      resources: [
        {
          arn: arn.regional('rds', PAYMENTS, 'db:payments-ledger'),
          type: 'AWS::RDS::DBInstance',
          public: true,
          sensitivity: 'PCI',
          kmsKey: arn.regional('kms', PAYMENTS, 'key/7b1e6c55-8a7e-4d0b-b1b3-40f7d92f6a11'),
          tags: { ...tags, data: 'payment-card' },
        },
        {
          arn: arn.regional('lambda', PAYMENTS, 'function:settlement'),
          type: 'AWS::Lambda::Function',
          role: arn.role(PAYMENTS, 'settlement'),
          tags,
        },
      ],
    },
  };
}
